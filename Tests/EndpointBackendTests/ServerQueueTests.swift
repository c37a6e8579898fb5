import Foundation
import LanguageModels
import Locking
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("Requests in flight follow the server's own queue")
struct ServerQueueTests {
    /// As vLLM writes it, with two engines; other figures begin with the same words.
    private static func metrics(running: Int, waiting: Int) -> String {
        """
        # HELP python_info Python platform information
        # TYPE python_info gauge
        python_info{implementation="CPython",major="3",minor="12",patchlevel="12",version="3.12.12"} 1.0
        # HELP vllm:num_requests_running Number of requests in model execution batches.
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running{engine="0",model_name="tiny {a} 9"} \(running - 1).0
        vllm:num_requests_running{engine="1",model_name="tiny {a} 9"} 1.0
        # HELP vllm:num_requests_waiting Number of requests waiting to be processed.
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting{engine="0",model_name="tiny {a} 9"} \(waiting).0
        vllm:num_requests_waiting{engine="1",model_name="tiny {a} 9"} 0.0
        # HELP vllm:num_requests_waiting_by_reason Number of waiting requests by reason.
        # TYPE vllm:num_requests_waiting_by_reason gauge
        vllm:num_requests_waiting_by_reason{engine="0",model_name="tiny {a} 9",reason="capacity"} \(waiting).0
        # HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.
        # TYPE vllm:kv_cache_usage_perc gauge
        vllm:kv_cache_usage_perc{engine="0",model_name="tiny {a} 9"} 0.03125

        """
    }

    @Test func itIsReadFromTheMetrics() {
        let queue = ServerQueue(metrics: Array(Self.metrics(running: 7, waiting: 12).utf8))
        #expect(queue == ServerQueue(running: 7, waiting: 12))
        let large = "vllm:num_requests_running 1e+03\nvllm:num_requests_waiting 2.5e+01\n"
        #expect(ServerQueue(metrics: Array(large.utf8)) == ServerQueue(running: 1000, waiting: 25))
        for text in [
            "", "<html>", "vllm:num_requests_running 3.0\n",
            "vllm:num_requests_running 3.0\nvllm:num_requests_waiting NaN",
            "vllm:num_requests_running 3.0\nvllm:num_requests_waiting -1",
            "vllm:num_requests_runningx 3\nvllm:num_requests_waitingx 3",
        ] { #expect(ServerQueue(metrics: Array(text.utf8)) == nil, "\(text)") }
    }

    @Test func placesGrowWhileNoneWaitsAndShrinkWhileManyDo() {
        func places(_ running: Int, _ waiting: Int, now: Int, inFlight: Int) -> Int {
            ServerQueue(running: running, waiting: waiting).places(now: now, inFlight: inFlight, most: 100)
        }
        #expect(places(64, 0, now: 64, inFlight: 64) == 80)
        #expect(places(95, 0, now: 95, inFlight: 95) == 100, "up to the limit")
        #expect(places(30, 0, now: 64, inFlight: 30) == 64, "those that there are suffice")
        #expect(places(64, 8, now: 72, inFlight: 72) == 72, "a few may wait")
        #expect(places(64, 36, now: 100, inFlight: 100) == 72, "what the server works on, and a few")
        #expect(places(20, 80, now: 100, inFlight: 100) == 50, "half at most")
        #expect(places(8, 500, now: 20, inFlight: 20) == 16, "those that wait may be another client's")
        #expect(places(1, 50, now: 3, inFlight: 3) == 3, "the user's own limit is below that")
    }

    /// Holds `count` requests in flight until `isReached`; for long, because other tests may hold all threads.
    private func hold(_ count: Int, on traffic: EndpointTraffic, until isReached: @escaping @Sendable () -> Bool)
        async
        throws
    {
        let end = ContinuousClock.now + .seconds(100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    while !isReached(), ContinuousClock.now < end {
                        _ = try await traffic.perform(root: 1, request: "test") { _ throws(EndpointFailure) in
                            try? await Task.sleep(for: .milliseconds(20))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func traffic(_ server: BadServer, requests: Int, most: Int) throws -> EndpointTraffic {
        var limits = EndpointLimits()
        limits.requests = requests
        limits.requestsMost = most
        limits.queueInterval = 0.01
        return EndpointTraffic([EndpointClient(try server.address, limits: limits)], watchesQueues: true)
    }

    @Test func inFlightFollowsIt() async throws {
        let waiting = Locked(30)
        let server = try BadServer { _ in
            [.send(BadServer.text(Self.metrics(running: 8, waiting: waiting.withLock { $0 })))]
        }
        defer { server.stop() }
        let traffic = try traffic(server, requests: 64, most: 72)
        #expect(traffic.requests == 64)
        try await hold(64, on: traffic) { traffic.requests < 64 }
        #expect(traffic.requests >= 16 && traffic.requests < 64, "\(traffic.requests)")
        waiting.withLock { $0 = 0 }
        try await hold(80, on: traffic) { traffic.requests == 72 }
        #expect(traffic.requests == 72, "up to the limit and not beyond")
    }

    @Test(arguments: ["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", BadServer.text("# nothing here\n")])
    func withoutMetricsTheirNumberIsFixed(_ answer: String) async throws {
        let server = try BadServer { _ in [.send(answer)] }
        defer { server.stop() }
        let traffic = try traffic(server, requests: 4, most: 72)
        #expect(traffic.requests == 4)
        try await hold(8, on: traffic) { !server.requests.isEmpty }
        // A hundred occasions to ask again.
        let rounds = Locked(100)
        try await hold(8, on: traffic) {
            rounds.withLock { left in
                left -= 1
                return left < 0
            }
        }
        #expect(traffic.requests == 72, "as many as the bundle allows, and no more than 256")
        #expect(server.requests.map(\.path) == ["/metrics"], "asked once")
        // What a refusal takes away comes back.
        let isRefused = Locked(true)
        _ = try await traffic.perform(root: 1, request: "test") { _ throws(EndpointFailure) in
            let refuses = isRefused.withLock { now in
                defer { now = false }
                return now
            }
            if refuses { throw EndpointFailure(.status(429, retryAfter: nil), "slow down") }
        }
        #expect(traffic.requests == 36)
        try await hold(40, on: traffic) { traffic.requests > 36 }
        #expect(traffic.requests > 36)
    }

    /// A policy's samples make it look; llama-server is not asked.
    @Test func onlyVLLMIsAsked() throws {
        let stream = BadServer.streamHead
        let event =
            #"data: {"choices":[{"index":0,"text":"7","token_ids":[55,0],"logprobs":{"tokens":["7",""],"token_logprobs":[-0.1,-0.2]},"finish_reason":"stop","stop_reason":null}]}"#
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}"#
        let vLLM = try BadServer.vLLM { request in
            request.path == "/metrics"
                ? [.send(BadServer.text(Self.metrics(running: 1, waiting: 0)))]
                : [stream, .send(event + "\n\n" + usage + "\n\ndata: [DONE]\n\n"), .close]
        }
        let llama = try BadServer.completing { _ in BadServer.good }
        defer { for server in [vLLM, llama] { server.stop() } }
        for server in [vLLM, llama] {
            let role = try EndpointRole(
                .init(urls: [try server.address.base]), of: RealServer.bundle(.endpoint(.init(urls: []))))
            let ready = DispatchSemaphore(value: 0)
            guard case .model(let model) = try role.make(for: LaneSeat(wake: { ready.signal() })) else {
                throw CocoaError(.coderInvalidValue)
            }
            let (root, _) = try model.makePrefix(parent: nil, text: RealServer.prompt("3 + 4?"))
            model.submit(SampleJob(id: 1, prefix: root, until: .end, maxTokens: 5, temperature: 1, seed: 1))
            var done: [SampleCompletion] = []
            while model.advance(into: &done) == .waiting { ready.wait() }
            #expect(done.first?.ending == .finished && done.first?.text == Array("7".utf8))
        }
        let end = Date(timeIntervalSinceNow: 10)
        while vLLM.requests("/metrics").isEmpty, Date() < end { usleep(10_000) }
        #expect(vLLM.requests("/metrics").count == 1)
        #expect(llama.requests("/metrics").isEmpty)
    }
}

extension BadServer {
    fileprivate static func text(_ words: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: \(words.utf8.count)\r\n\r\n\(words)"
    }
}
