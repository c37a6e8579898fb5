import AsyncHTTPClient
import SearchCore

/// The limits after which a request is abandoned.
struct EndpointLimits: Sendable {
    /// Seconds for one request, from the first byte sent to the last byte read.
    var timeout = 600.0
    /// The seconds during which a request that was lost, or temporarily refused, is sent again.
    var retrying = 30.0
    /// The largest size of an answer.
    var bodyBytes = 64 << 20
    /// The largest size of one streamed event.
    var eventBytes = 8 << 20
    /// The number of requests in flight to one server at first, and at most where no queue is looked for.
    var requests = 64
    /// The number that its queue may lead to (`ServerQueue`).
    var requestsMost = 64
    /// The slots of a server that keeps the tokens of each for itself, and takes a request for one of them by its number.
    var slots: Int?
    /// Seconds between two looks at its queue.
    var queueInterval = 0.25
}

/// One connection pool for one server. Requests may be made from any thread.
final class EndpointClient: Sendable {
    let address: EndpointAddress
    let limits: EndpointLimits
    private let key: EndpointKey?
    private let http: HTTPClient

    init(_ address: EndpointAddress, key: EndpointKey? = nil, limits: EndpointLimits = EndpointLimits()) {
        self.address = address
        self.key = key
        self.limits = limits
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout = .init(connect: .seconds(10), read: .milliseconds(Int64(limits.timeout * 1000)))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(
            1, limits.requests, limits.requestsMost)
        // A server that closes idle connections does so after 5 s (llama-server): close them before that.
        settings.connectionPool.idleTimeout = .seconds(3)
        settings.connectionPool.retryConnectionEstablishment = false
        settings.decompression = .disabled
        // Otherwise each request reads its address twice and describes itself, for a tracer that keeps nothing.
        settings.tracing.tracer = nil
        http = HTTPClient(eventLoopGroupProvider: .shared(EndpointExecutor.shared.loops), configuration: settings)
    }

    deinit { http.shutdown { _ in } }

    // MARK: Requests

    func get(_ route: Route) async throws(EndpointFailure) -> JSONValue {
        try await json(route, body: nil)
    }

    func post(_ route: Route, _ body: [UInt8]) async throws(EndpointFailure) -> JSONValue {
        try await json(route, body: body)
    }

    /// A short text that is not JSON.
    func text(_ route: Route, timeout: Double) async throws(EndpointFailure) -> [UInt8] {
        try await exchange(route, timeout: min(timeout, limits.timeout)) { response throws(EndpointFailure) in
            try await self.collect(response.body, most: 4 << 20)
        }
    }

    private func json(_ route: Route, body: [UInt8]?) async throws(EndpointFailure) -> JSONValue {
        try await exchange(route, body: body, timeout: limits.timeout) { response throws(EndpointFailure) in
            let bytes = try await self.collect(response.body, most: self.limits.bodyBytes)
            return try Self.parse(bytes[...])
        }
    }

    /// Sends `body` and passes on each event of the stream that comes back.
    /// - Parameters:
    ///   - closes: whether the server closes the connection after a stream, as llama-server does without saying so:
    ///     another request on it would be lost.
    ///   - take: throws if something is wrong.
    func stream(
        _ route: Route, _ body: [UInt8], closes: Bool = false,
        _ take: @Sendable @escaping (JSONValue) throws(EndpointFailure) -> Void
    ) async throws(EndpointFailure) {
        let eventMax = limits.eventBytes
        try await exchange(route, body: body, closes: closes, timeout: limits.timeout) {
            response throws(EndpointFailure) in
            let type = response.headers.first(name: "content-type") ?? "no type"
            guard type.lowercased().hasPrefix("text/event-stream") else {
                throw .nonsense("expected a stream of events, found \(Self.short(type))")
            }
            var events = EventStream()
            try await self.read(response.body) { bytes throws(EndpointFailure) in
                try events.feed(bytes) { event throws(EndpointFailure) in
                    switch event {
                    case .data(let data):
                        let value = try Self.parse(data)
                        if let error = value["error"], !error.isNull { throw self.refusal(in: error) }
                        try take(value)
                    case .error(let data): throw self.refusal(in: (try? JSONParser.parse(data)) ?? .null)
                    case .done: break
                    }
                }
                guard events.waiting <= eventMax else { throw .nonsense("one event of more than \(eventMax) bytes") }
            }
        }
    }

    // MARK: Below them

    /// One request: its head is checked here, its body is read by `read`.
    private func exchange<Answer: Sendable>(
        _ route: Route, body: [UInt8]? = nil, closes: Bool = false, timeout: Double,
        _ read: (HTTPClientResponse) async throws(EndpointFailure) -> Answer
    ) async throws(EndpointFailure) -> Answer {
        var request = HTTPClientRequest(url: address.url(of: route))
        if let key { request.headers.add(name: "Authorization", value: key.header) }
        if closes { request.headers.add(name: "Connection", value: "close") }
        request.headers.add(name: "Accept", value: "application/json, text/event-stream, text/plain")
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: .milliseconds(Int64(timeout * 1000)))
        } catch {
            throw EndpointFailure(error, seconds: timeout)
        }
        guard response.status.code == 200 else { throw await refusal(response) }
        return try await read(response)
    }

    /// Reads a body to its end, within the time that a request may take.
    private func read(
        _ body: HTTPClientResponse.Body, _ take: ([UInt8]) throws(EndpointFailure) -> Void
    ) async throws(EndpointFailure) {
        let began = ContinuousClock.now
        let most = Duration.milliseconds(Int64(limits.timeout * 1000))
        do {
            for try await buffer in body {
                try take(Array(buffer.readableBytesView))
                if ContinuousClock.now - began > most {
                    throw EndpointFailure(.late, "no complete answer within \(EndpointFailure.spell(limits.timeout)) s")
                }
            }
        } catch {
            throw EndpointFailure(error, seconds: limits.timeout)
        }
        // The body of a cancelled task ends as if it were complete.
        if Task.isCancelled { throw EndpointFailure(.cancelled, "") }
    }

    private func collect(_ body: HTTPClientResponse.Body, most: Int) async throws(EndpointFailure) -> [UInt8] {
        var all: [UInt8] = []
        try await read(body) { bytes throws(EndpointFailure) in
            guard all.count + bytes.count <= most else { throw .nonsense("an answer of more than \(most) bytes") }
            all += bytes
        }
        return all
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) throws(EndpointFailure) -> JSONValue {
        do { return try JSONParser.parse(bytes) } catch {
            let start = short(String(decoding: bytes.prefix(60), as: UTF8.self))
            throw .nonsense("not JSON: \(error.what) at byte \(error.offset) of '\(start)…'")
        }
    }

    /// The meaning of a status other than 200.
    private func refusal(_ response: HTTPClientResponse) async -> EndpointFailure {
        let code = Int(response.status.code)
        let after = response.headers.first(name: "retry-after").flatMap(Double.init).flatMap {
            $0 >= 0 && $0.isFinite ? $0 : nil
        }
        if (300..<400).contains(code) {
            let target = response.headers.first(name: "location").map { "to \(Self.short($0))" } ?? ""
            return EndpointFailure(.status(code, retryAfter: nil), said(target))
        }
        let bytes = (try? await collect(response.body, most: 1 << 16)) ?? []
        let value = (try? JSONParser.parse(bytes[...])) ?? .null
        let words = Self.message(in: value) ?? Self.short(String(decoding: bytes.prefix(200), as: UTF8.self))
        return EndpointFailure(.status(code, retryAfter: after), said(words))
    }

    /// An error in the middle of a stream whose status was 200.
    private func refusal(in error: JSONValue) -> EndpointFailure {
        EndpointFailure(
            .status(error["code"]?.int ?? 500, retryAfter: nil),
            said(Self.message(in: error) ?? "an error without a message"))
    }

    /// A message in OpenAI's form, in FastAPI's, or as a plain string.
    private static func message(in value: JSONValue) -> String? {
        let text =
            value["error"]?["message"]?.string ?? value["error"]?.string ?? value["message"]?.string
            ?? value["detail"]?.string
        return text.map(short)
    }

    private func said(_ words: String) -> String { key?.hidden(in: words) ?? words }

    /// The text on one line, and not too long.
    static func short(_ text: String) -> String {
        let line = text.prefix(300).map { $0.isNewline || $0 == "\t" ? " " : $0 }
        return String(line).trimmed
    }
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
