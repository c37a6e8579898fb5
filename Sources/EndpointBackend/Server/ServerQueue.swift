import SearchCore

/// The requests that a vLLM has, by its `/metrics`. Those that wait there are not begun: more of them bring nothing,
/// but while none waits, the server may have room for more.
struct ServerQueue: Sendable, Equatable {
    /// Of all clients.
    var running = 0
    var waiting = 0

    enum Reading: Sendable {
        case shown(ServerQueue)
        /// The server has no such figures.
        case hidden
        /// Not this time.
        case failed
    }

    static func read(_ client: EndpointClient) async -> Reading {
        do {
            let text = try await client.text(.native("metrics"), timeout: 5)
            return ServerQueue(metrics: text).map(Reading.shown) ?? .hidden
        } catch {
            switch error.kind {
            case .status(let code, _): return code == 429 || code == 503 ? .failed : .hidden
            case .unreachable, .lost, .late, .cancelled: return .failed
            case .insecure, .nonsense: return .hidden
            }
        }
    }

    // MARK: Requests in flight

    /// So many may be in flight whatever the queue is: those that wait may be another client's, which takes no heed.
    static let least = 16
    /// So many are in flight to a server that does not show its queue.
    static let unseen = 256
    /// One look's increase.
    private static let step = 16

    /// How many requests may be in flight from now on: as many as the server works on and a few that wait, so that it
    /// never has to wait for us. At most half of them are taken away by one look, because the figures are from before.
    /// - Parameter now: how many may be in flight until now.
    func places(now: Int, inFlight: Int, most: Int) -> Int {
        let few = max(4, running / 8)
        if waiting > few {
            let used = inFlight - (waiting - few)
            return max(min(now, Self.least), now / 2, min(now, used))
        }
        // More are no use to somebody who does not need those that there are.
        return waiting == 0 && inFlight >= now ? max(now, min(most, now + Self.step)) : now
    }

    // MARK: Prometheus's text

    init(running: Int, waiting: Int) {
        self.running = running
        self.waiting = waiting
    }

    /// Sums over the engines of one server.
    /// - Returns: nil if the figures are not there.
    init?(metrics text: [UInt8]) {
        var running: Double?
        var waiting: Double?
        for line in text.split(separator: 0x0A) where line.starts(with: "vllm:num_requests_".utf8) {
            if let value = Self.value(of: line, named: "vllm:num_requests_running") {
                running = (running ?? 0) + value
            } else if let value = Self.value(of: line, named: "vllm:num_requests_waiting") {
                waiting = (waiting ?? 0) + value
            }
        }
        guard let running, let waiting, let whole = Int(exactly: running.rounded()),
            let rest = Int(exactly: waiting.rounded())
        else { return nil }
        self.init(running: whole, waiting: rest)
    }

    /// The value of `name{labels} value`: labels may hold anything in quotes, the value holds no brace.
    private static func value(of line: ArraySlice<UInt8>, named name: String) -> Double? {
        let rest = line.dropFirst(name.utf8.count)
        guard line.starts(with: name.utf8), rest.first == UInt8(ascii: "{") || rest.first == UInt8(ascii: " ") else {
            return nil
        }
        let values = rest.lastIndex(of: UInt8(ascii: "}")).map { rest[rest.index(after: $0)...] } ?? rest
        guard let first = values.split(separator: UInt8(ascii: " ")).first,
            let value = Double(String(decoding: first, as: UTF8.self)), value.isFinite, value >= 0
        else { return nil }
        return value
    }
}
