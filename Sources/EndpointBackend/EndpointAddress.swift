import AsyncHTTPClient
import SearchCore

/// The address of a server that speaks OpenAI's HTTP interface.
public struct EndpointAddress: Sendable, Hashable, CustomStringConvertible {
    /// The prefix of the server's own routes: without `/v1`, and without a slash at the end.
    public let root: String

    /// The base of OpenAI's routes.
    public var base: String { root + "/v1" }
    public var description: String { base }

    /// - Parameter text: such as `http://localhost:8000/v1`; `/v1` may be left out.
    /// - Throws: origin user, if `text` is not an http or https address with a host, or if it contains a name and a
    ///   password.
    public init(parsing text: String) throws(StratagemError) {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), !text.contains("?"), !text.contains("#"),
            let request = try? HTTPClient.Request(url: text), !request.host.isEmpty
        else {
            throw StratagemError(
                .user, .badEndpoint,
                "'\(text)' is not the address of a server. Expected something like http://localhost:8000/v1")
        }
        guard request.url.user == nil, request.url.password == nil else {
            throw StratagemError(
                .user, .badEndpoint,
                "the address of \(request.host) contains a name or a password, but addresses are shown and stored. Put the key into an environment variable and name that as key_env in the bundle"
            )
        }
        var root = Substring(text)
        while root.hasSuffix("/") { root.removeLast() }
        if root.lowercased().hasSuffix("/v1") { root.removeLast(3) }
        while root.hasSuffix("/") { root.removeLast() }
        self.root = String(root)
    }

    /// The address of a request, below what the user typed.
    func url(of route: Route) -> String {
        switch route {
        case .openAI(let path): "\(base)/\(path)"
        case .native(let path): "\(root)/\(path)"
        }
    }
}

/// A request's place on a server.
enum Route: Sendable, Equatable {
    /// Below `/v1`: routes that OpenAI has too.
    case openAI(String)
    /// A route of the server's own.
    case native(String)

    /// For messages.
    var path: String {
        switch self {
        case .openAI(let name): "/v1/" + name
        case .native(let name): "/" + name
        }
    }
}
