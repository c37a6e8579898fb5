import HTTPTypes
import Hummingbird
import Logging

/// The first to see a request and the last to see its answer: errors get their form here, and
/// every answer its headers and its line in the log.
struct FrontDesk: RouterMiddleware {
    let metrics: ServerMetrics
    let logger: Logger

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
            response = Self.refusal(error, request).response
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
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
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

    private static func refusal(_ error: HTTPError, _ request: Request) -> Refusal {
        switch error.status {
        case .notFound: .request("not_found", "there is nothing at this address", status: .notFound)
        case .methodNotAllowed:
            .request(
                "method_not_allowed", "this address does not take \(request.method.rawValue)", status: .methodNotAllowed
            )
        default: .request("bad_request", error.body ?? error.status.reasonPhrase, status: error.status)
        }
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

    func handle(_ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response)
        async throws -> Response
    {
        guard let authority = request.head.authority, !authority.isEmpty else {
            throw Refusal.request("bad_host", "the header Host is missing")
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
