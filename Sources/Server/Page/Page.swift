import Foundation
import HTTPTypes
import Hummingbird
import SearchCore

/// The page at `/`: one file that is a part of the program.
enum Page {
    static let text = String(decoding: PackageResources.page_html, as: UTF8.self)

    /// What the page may do: run its own script and style, known by their hashes, and talk to
    /// this server. So nothing that a model writes can become a script, whatever else fails.
    static let policy: String = {
        let script = inner("script").map { "'sha256-\(hash($0))'" } ?? "'none'"
        let style = inner("style").map { "'sha256-\(hash($0))'" } ?? "'none'"
        return "default-src 'none'; script-src \(script); style-src \(style); connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()

    static func response() -> Response {
        var response = Response.text(text, type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = policy
        return response
    }

    /// What is between an element's tags.
    private static func inner(_ name: String) -> Substring? {
        guard let begin = text.range(of: "<\(name)>"), let end = text.range(of: "</\(name)>") else { return nil }
        return text[begin.upperBound..<end.lowerBound]
    }

    private static func hash(_ text: Substring) -> String {
        let hex = Array(SHA256.hex(Array(text.utf8)).utf8)
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16) }
        return Data(bytes).base64EncodedString()
    }
}
