import AsyncHTTPClient
import SearchCore

/// Why a request failed.
struct EndpointFailure: Error, Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// No connection could be made.
        case unreachable
        /// There is a connection, but the other side cannot be authenticated.
        case insecure
        /// The connection or the answer ended before the answer was complete.
        case lost
        /// The answer did not come, or not completely, within the time that a request may take.
        case late
        /// A status that does not mean success; `retryAfter` in seconds, if the server gave it.
        case status(Int, retryAfter: Double?)
        /// An answer that does not conform to this interface.
        case nonsense
        /// The caller has cancelled.
        case cancelled
    }

    var kind: Kind
    /// What was found, briefly, in the server's or the system's words.
    var detail: String

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    static func nonsense(_ detail: String) -> EndpointFailure { EndpointFailure(.nonsense, detail) }

    /// Whether the same request may succeed later, because nothing was wrong with it.
    var isPassing: Bool {
        switch kind {
        case .unreachable, .lost: true
        case .status(let code, _): code == 429 || code == 503
        case .insecure, .late, .nonsense, .cancelled: false
        }
    }

    /// Whether the cause is the server and not the request, so that another replica may succeed.
    var isOfTheServer: Bool {
        switch kind {
        case .unreachable, .lost, .late, .insecure: true
        case .status(let code, _): code == 503
        case .nonsense, .cancelled: false
        }
    }

    /// One sentence about what happened and one about what to do; they name the server and the request.
    func text(server: EndpointAddress, request: String) -> String {
        let place = "\(server.root): \(request)"
        switch kind {
        case .unreachable:
            return "\(place): no connection (\(detail)). Is the server running, and is this its address?"
        case .insecure:
            return "\(place): no secure connection (\(detail)). Check https against http, and the server's certificate"
        case .lost:
            return
                "\(place): the connection ended before the answer was complete (\(detail)). Look at the server's log; with eval, --resume goes on"
        case .late:
            return
                "\(place): \(detail). Is the server overloaded? Raise timeout in the bundle, or send fewer requests at once (requests = …)"
        case .status(let code, _):
            return "\(place): status \(code)\(detail.isEmpty ? "" : " (\(detail))"). \(Self.remedy(code))"
        case .nonsense:
            return
                "\(place): an unexpected answer (\(detail)). Is this an OpenAI-compatible server? Expected an address like http://localhost:8000/v1"
        case .cancelled:
            return "\(place): cancelled"
        }
    }

    private static func remedy(_ code: Int) -> String {
        switch code {
        case 300..<400:
            "Name the address that it points to: redirects are not followed, because the key would be sent there"
        case 400, 413, 422:
            "The server refuses the request: the prompt may be longer than its context, or it may not know a parameter"
        case 401, 403: "Put the server's key into an environment variable and name that as key_env in the bundle"
        case 404, 405: "The server has no such route or model: check the address (it often ends in /v1) and model = …"
        case 429: "The server says that it gets too many requests: lower requests = … in the bundle"
        case 503: "The server is not ready, or overloaded: wait until its model is loaded"
        case 500...: "The server failed: look at its log"
        default: "Check the address"
        }
    }

    /// The failure as an error of the host.
    func error(_ code: ErrorCode = .endpointFailed, server: EndpointAddress, request: String) -> StratagemError {
        let isUsers: Bool =
            switch kind {
            case .status(let status, _): status < 500 && status != 429
            case .unreachable, .insecure, .nonsense: true
            case .lost, .late, .cancelled: false
            }
        return StratagemError(isUsers ? .user : .model, code, text(server: server, request: request))
    }

    /// Classifies an error of the HTTP client.
    init(_ error: any Error, seconds: Double) {
        if let failure = error as? EndpointFailure { self = failure; return }
        let words = "\(error)"
        if error is CancellationError { self.init(.cancelled, ""); return }
        if let client = error as? HTTPClientError {
            switch client {
            case .cancelled: self.init(.cancelled, "")
            case .connectTimeout, .getConnectionFromPoolTimeout: self.init(.unreachable, "it took too long to connect")
            case .tlsHandshakeTimeout: self.init(.insecure, "the handshake took too long")
            case .readTimeout, .deadlineExceeded: self.init(.late, "no complete answer within \(Self.spell(seconds)) s")
            default: self.init(.lost, words)
            }
            return
        }
        // The errors below the client have types of packages that are not dependencies of ours.
        let type = String(reflecting: Swift.type(of: error))
        if type.contains("SSL") || words.contains("SSL") || words.contains("CERTIFICATE") {
            self.init(.insecure, String(words.prefix(200)))
        } else if type.contains("HTTPParserError"), words.contains("ended at an unexpected time") {
            self.init(.lost, "it was closed in the middle of the answer")
        } else if type.contains("HTTPParserError") || type.contains("HTTPDecoder") {
            self.init(.nonsense, "not readable as HTTP: \(words)")
        } else if type.contains("NIOConnectionError") || words.contains("refused") || words.contains("DNS") {
            self.init(.unreachable, Self.reason(words))
        } else {
            self.init(.lost, Self.reason(words))
        }
    }

    static func spell(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e9 ? "\(Int(seconds))" : "\(seconds)"
    }

    /// The system's message, without the layers around it.
    private static func reason(_ words: String) -> String {
        for known in [
            "Connection refused", "No route to host", "Network is unreachable", "Connection reset", "Broken pipe",
        ]
        where words.localizedCaseInsensitively(contains: known) { return known.lowercased() }
        if words.contains("dns") || words.contains("DNS") || words.contains("SocketAddressError.unknown") {
            return "the host's name is not known"
        }
        return String(words.prefix(200))
    }
}

extension String {
    fileprivate func localizedCaseInsensitively(contains other: String) -> Bool {
        lowercased().contains(other.lowercased())
    }
}
