import CBenchStrategies
import SearchCore

/// What `EndpointBackend` costs, beside a bare loop of async-http-client over the same bytes: those of a llama-server
/// that draws the same words each time, a token of every sample at once.
///
/// The server is a thread of this process, whose processor time is left out.
public struct EndpointBench {
    private let server: ReplayServer
    private let policy: ReplayedPolicy
    private static let inFlight = 32, many = 1000
    private static let short = 2, long = 90

    public init() throws(StratagemError) {
        server = try ReplayServer()
        policy = try ReplayedPolicy(port: server.port, inFlight: Self.many)
    }

    /// Microseconds.
    private struct Cost {
        var request = Double.infinity
        var event = Double.infinity
        /// Of one request of `long` tokens.
        var whole = Double.infinity

        /// The least of both: what the machine does beside us only adds.
        mutating func take(short: Double, long: Double) {
            whole = min(whole, long)
            request = min(request, short)
            event = (whole - request) / Double(EndpointBench.long - EndpointBench.short)
        }
    }

    public func figures() throws(StratagemError) -> [BenchFigure] {
        let memory = try growth()
        var (bare, ours) = (Cost(), Cost())
        for _ in 0..<4 {
            bare.take(short: try bareCost(Self.short, requests: 800), long: try bareCost(Self.long, requests: 320))
            ours.take(short: try ourCost(Self.short, requests: 800), long: try ourCost(Self.long, requests: 320))
        }
        func note(_ there: Double, _ here: Double) -> String { "\(spell(here)) against \(spell(there)) µs" }
        let setting = "of processor time, \(Self.inFlight) requests in flight"
        // A request without its events: the short ones have a few.
        let (bareRequest, ourRequest) = (
            bare.request - Double(Self.short) * bare.event, ours.request - Double(Self.short) * ours.event
        )
        return [
            BenchFigure(
                "a request through EndpointBackend, beyond a bare loop", ourRequest - bareRequest, "µs", atMost: 50,
                note: "\(note(bareRequest, ourRequest)) \(setting)"),
            BenchFigure(
                "a streamed event, beyond a bare loop", ours.event - bare.event, "µs", atMost: 10,
                note: "\(note(bare.event, ours.event)) \(setting)"),
            BenchFigure(
                "a sample of \(Self.long) tokens through EndpointBackend", ours.whole, "µs",
                note: "\(note(bare.whole, ours.whole)) \(setting)"),
        ] + memory
    }

    private func spell(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private func bareCost(_ tokens: Int, requests: Int) throws(StratagemError) -> Double {
        try cost(tokens, requests) { () throws(StratagemError) in
            try PlainClient.run(port: server.port, requests: requests, inFlight: Self.inFlight)
        }
    }

    private func ourCost(_ tokens: Int, requests: Int) throws(StratagemError) -> Double {
        try cost(tokens, requests) { () throws(StratagemError) in
            try policy.run(requests: requests, inFlight: Self.inFlight, tokens: tokens)
        }
    }

    /// Microseconds of processor time a request.
    private func cost(_ tokens: Int, _ requests: Int, _ work: () throws(StratagemError) -> Void) throws(StratagemError)
        -> Double
    {
        server.set(tokens: tokens, pause: 2)
        let before = server.clientSeconds
        try work()
        return (server.clientSeconds - before) / Double(requests) * 1e6
    }

    // MARK: Memory

    /// Over many requests, after a few to warm up.
    private func growth() throws(StratagemError) -> [BenchFigure] {
        server.set(tokens: 20, pause: 30)
        func settled(waves: Int) throws(StratagemError) -> (live: Int, resident: Int) {
            for _ in 0..<waves { try policy.run(requests: Self.many, inFlight: Self.many, tokens: 20) }
            let resident = residentBytes()
            stg_bench_trim()
            return (Int(stg_bench_live_bytes()), resident)
        }
        let idle = residentBytes()
        let before = try settled(waves: 3)
        let after = try settled(waves: 10)
        return [
            BenchFigure(
                "\(Self.many) requests in flight, resident memory", Double(before.resident - idle) / 1e6, "MB",
                note: "growth when they are first sent, the server's end of the connections included"),
            BenchFigure(
                "growth over \(10 * Self.many) requests more, allocated", Double(after.live - before.live) / 1e6, "MB",
                atMost: 0.1, note: "\(Self.many) in flight at once, in ten waves"),
            BenchFigure(
                "growth over \(10 * Self.many) requests more, resident",
                Double(after.resident - before.resident) / 1e6, "MB",
                note: "free memory that the allocator keeps is part of it"),
        ]
    }
}
