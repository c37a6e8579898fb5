import HTTPTypes
import Hummingbird
import NIOHTTP1
import SearchCore

/// What a request is answered with that is refused or fails, in OpenAI's form.
struct Refusal: Error, Sendable {
    var status: HTTPResponse.Status
    /// OpenAI's kind of error.
    var type: String
    /// For programs; see docs/serve.md.
    var code: String
    var message: String
    /// The field of the request that is at fault.
    var param: String?
    /// Seconds after which it is worth another try.
    var retryAfter: Int?
    /// What the answer's headers say of it besides: which methods, which encodings.
    var headers: HTTPFields = [:]
    /// What was found all the same, as in an answer's `stratagem`.
    var report: JSON?
    /// The connection cannot carry another request, and the client is to know.
    var closes = false

    /// The same, and the connection ends with it.
    var closing: Refusal {
        var refusal = self
        refusal.closes = true
        return refusal
    }

    /// Something in the request cannot be done.
    static func request(
        _ code: String, _ message: String, param: String? = nil, status: HTTPResponse.Status = .badRequest,
        headers: HTTPFields = [:]
    ) -> Refusal {
        Refusal(
            status: status, type: "invalid_request_error", code: code, message: message, param: param, headers: headers)
    }

    /// What came is not HTTP, or HTTP that this server does not read. The connection ends with it: nobody knows where
    /// the next request begins.
    static func unreadable(_ error: HTTPParserError) -> Refusal {
        let what =
            switch error {
            case .headerOverflow: "its headers are too large. At most 100 are read, of 16 KiB each and 64 KiB in all"
            case .invalidMethod: "it begins with no method of HTTP. This server speaks plain HTTP/1.1, without TLS"
            case .invalidVersion, .invalidConstant:
                "its first line is not METHOD ADDRESS HTTP/1.1, ended by a carriage return and a line feed"
            case .paused: "this server speaks HTTP/1.1, and no HTTP/2"
            case .unknown: "Content-Length and Transfer-Encoding do not agree on where its body ends"
            case .invalidEOFState: "the connection was closed in the middle of it"
            default: error.debugDescription
            }
        let status: HTTPResponse.Status = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
        return .request("unreadable_request", "the request cannot be read: \(what)", status: status).closing
    }

    /// Not now.
    static func busy(_ code: String, _ message: String, retryAfter: Int) -> Refusal {
        Refusal(
            status: .tooManyRequests, type: "rate_limit_error", code: code, message: message,
            retryAfter: max(1, retryAfter))
    }

    static func server(_ code: String, _ message: String, status: HTTPResponse.Status) -> Refusal {
        Refusal(status: status, type: "server_error", code: code, message: message)
    }

    /// What the host says of a request's strategy, parameters or budget.
    static func of(_ error: StratagemError, param: String? = nil) -> Refusal {
        switch error.origin {
        case .user:
            let isUnknown = error.code == .unknownStrategy
            return .request(
                isUnknown ? "model_not_found" : error.code.rawValue, error.message, param: param,
                status: isUnknown ? .notFound : .badRequest)
        case .model, .verifier:
            return .server(
                error.code.rawValue, "the \(error.origin.rawValue) failed: \(error.message)", status: .badGateway)
        case .plugin:
            return .server(
                error.code.rawValue, "the strategy's plugin failed: \(error.message)", status: .internalServerError)
        case .host: return .server(error.code.rawValue, error.message, status: .internalServerError)
        }
    }

    var json: JSON {
        let error: JSON = [
            "message": .string(message), "type": .string(type), "param": JSON(param), "code": .string(code),
        ]
        return JSON.object([.init("error", error)] + (report.map { [.init("stratagem", $0)] } ?? []))
    }

    var response: Response {
        var response = Response.json(json, status: status)
        response.headers.append(contentsOf: headers)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if closes { response.headers[.connection] = "close" }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension Response {
    static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
        text(json.line, type: "application/json", status: status)
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok)
        -> Response
    {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
