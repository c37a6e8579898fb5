import AsyncHTTPClient
import SearchCore

/// Where a server that speaks OpenAI's HTTP interface is found.
public struct EndpointAddress: Sendable, Equatable {
    /// The base, such as `http://localhost:8000/v1`, without a slash at its end.
    public let base: String

    /// - Throws: origin user, if `text` is no http or https address with a host.
    public init(parsing text: String) throws(StratagemError) {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), let request = try? HTTPClient.Request(url: text), !request.host.isEmpty else {
            throw StratagemError(.user, "bad_endpoint", "'\(text)' is not the address of a server. Expected something like http://localhost:8000/v1")
        }
        base = text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
