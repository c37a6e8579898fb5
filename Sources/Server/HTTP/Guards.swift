import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import SearchCore

/// The first to see a request and the last to see its answer: errors get their form here, and
/// every answer its headers and its line in the log.
struct FrontDesk: RouterMiddleware {
    let metrics: ServerMetrics
    let logger: Logger
    let methods: Methods

    func handle(_ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response)
        async throws -> Response
    {
        let began = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch let refusal as Refusal {
            response = refusal.response
        } catch let error as HTTPError {
            response = refusal(error, request).response
        } catch let error as HTTPParserError {
            // In the middle of a body, such as a chunk of no size.
            response = Refusal.unreadable(error).response
        } catch is CancellationError {
            response =
                Refusal.server(
                    "client_gone", "the client has gone away",
                    status: .init(code: 499, reasonPhrase: "Client Closed Request")
                ).response
        } catch {
            logger.error("internal error", metadata: ["error": "\(error)"])
            response =
                Refusal.server(
                    "internal_error", "the server has made a mistake: its log says more", status: .internalServerError
                ).response
        }
        Self.complete(&response)
        // What a client takes for the next answer, if there is one.
        if request.method == .head { response = response.createHeadResponse() }
        let route = context.endpointPath ?? "none"
        metrics.answered(route: route, method: request.method.rawValue, status: response.status.code)
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)",
                "status": .stringConvertible(response.status.code),
                "seconds": .stringConvertible((ContinuousClock.now - began).seconds),
            ])
        return response
    }

    private func refusal(_ error: HTTPError, _ request: Request) -> Refusal {
        guard error.status == .notFound else {
            return .request("bad_request", error.body ?? error.status.reasonPhrase, status: error.status)
        }
        let allowed = methods.allowed(at: request.uri.path).joined(separator: ", ")
        guard !allowed.isEmpty else {
            return .request("not_found", "there is nothing at this address", status: .notFound)
        }
        return .request(
            "method_not_allowed", "this address takes \(allowed), found \(Plain.name(request.method.rawValue))",
            status: .methodNotAllowed, headers: [.allow: allowed])
    }

    /// What every answer has, whoever gives it.
    static func complete(_ response: inout Response) {
        for (name, value) in headers where response.headers[name] == nil { response.headers[name] = value }
    }

    /// Nothing is loaded from anywhere, framed, guessed or kept by others.
    private static let headers: [(HTTPField.Name, String)] = {
        var headers: [(HTTPField.Name, String)] = [
            (.cacheControl, "no-store"), (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
            (.xContentTypeOptions, "nosniff"),
        ]
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { headers.append((name, value)) }
        }
        return headers
    }()
}

/// Refuses requests that call the server by a foreign name, or that a foreign page makes.
struct HostGuard: RouterMiddleware {
    let rule: HostRule
    /// How a further name is made known.
    var remedy = "If it is, its operator says so: --allow-host NAME"

    private static let host = HTTPField.Name("Host")

    func handle(_ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response)
        async throws -> Response
    {
        guard let authority = request.head.authority, !authority.isEmpty else {
            throw Refusal.request("bad_host", "the header Host is missing. It says what the client calls this server")
        }
        // The first one is the authority, and no longer among the headers.
        guard Self.host.flatMap({ request.headers[$0] }) == nil else {
            throw Refusal.request("bad_host", "there is more than one header Host. Send one")
        }
        guard rule.takes(host: authority) else {
            throw Refusal.request(
                "foreign_host",
                "this server is not called '\(authority)'. \(remedy)",
                status: .misdirectedRequest)
        }
        if let origin = request.headers[.origin], !rule.takes(origin: origin, host: authority) {
            throw Refusal.request("foreign_origin", "pages of '\(origin)' may not use this server", status: .forbidden)
        }
        return try await next(request, context)
    }
}

/// Lets in who has a key, where there are keys.
struct KeyGuard: RouterMiddleware {
    let keys: KeyFile?

    func handle(_ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response)
        async throws -> Response
    {
        guard let keys else { return try await next(request, context) }
        let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer",
            let key = keys.key(for: words[1].trimmingPrefix(" ").description)
        else {
            throw Refusal(
                status: .unauthorized, type: "invalid_request_error", code: "invalid_api_key",
                message: words.isEmpty ? "a key is needed: Authorization: Bearer KEY" : "there is no such key",
                param: nil)
        }
        var context = context
        context.key = key
        return try await next(request, context)
    }
}
