import Foundation
import HTTPTypes
import Hashing
import Hummingbird
import SearchCore

/// The page at `/`: one document, of parts that are in the program.
enum Page {
    /// What it is for: `serve` asks and watches, `view` looks at what is over.
    enum Mode: String, CaseIterable { case serve, view }

    private static let style = "\n" + part(PackageResources.page_css)
    private static let script =
        "\n"
        + [
            PackageResources.start_js, PackageResources.tree_js, PackageResources.canvas_js, PackageResources.run_js,
            PackageResources.live_js,
            PackageResources.study_js,
        ].map(part).joined(separator: "\n")

    private static func part(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static let texts: [Mode: String] = Dictionary(
        uniqueKeysWithValues: Mode.allCases.map { mode in
            let text = part(PackageResources.page_html).replacing("<style></style>", with: "<style>\(style)</style>")
                .replacing("<script></script>", with: "<script>\(script)</script>").replacing(
                    "<body>", with: "<body data-mode=\"\(mode.rawValue)\">")
            return (mode, text)
        })

    /// What the page may do: run its own script and style, known by their hashes, and talk to
    /// this server. So nothing that a model writes can become a script, whatever else fails.
    static let policy =
        "default-src 'none'; script-src 'sha256-\(hash(script))'; style-src 'sha256-\(hash(style))'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func response(_ mode: Mode) -> Response {
        var response = Response.text(texts[mode] ?? "", type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = policy
        return response
    }

    private static func hash(_ text: String) -> String {
        let hex = Array(SHA256.hex(Array(text.utf8)).utf8)
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap {
            UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return Data(bytes).base64EncodedString()
    }
}
