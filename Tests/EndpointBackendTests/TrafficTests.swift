import Foundation
import LanguageModels
import Locking
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("Requests in flight follow what the server takes")
struct TrafficTests {
    private struct Seen {
        var now = 0
        var most = 0
        var refused: Set<Int> = []
    }

    /// The largest number at once among requests `from` and later; the first attempt of each below `refusing` is refused.
    private func most(of requests: Range<Int>, refusing: Int, on traffic: EndpointTraffic) async throws -> Int {
        let seen = Locked(Seen())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in requests {
                group.addTask {
                    _ = try await traffic.perform(root: 1, request: "test") { _ throws(EndpointFailure) in
                        let isRefused = seen.withLock { $0.refused.insert(number).inserted } && number < refusing
                        // All first attempts are in flight together.
                        try? await Task.sleep(for: .milliseconds(isRefused ? 50 : 20))
                        guard !isRefused else { throw EndpointFailure(.status(429, retryAfter: nil), "slow down") }
                        seen.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        try? await Task.sleep(for: .milliseconds(300))
                        seen.withLock { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        return seen.withLock { $0.most }
    }

    private func traffic(_ requests: Int) throws -> EndpointTraffic {
        var limits = EndpointLimits()
        limits.requests = requests
        return EndpointTraffic([EndpointClient(try EndpointAddress(parsing: "http://127.0.0.1:1"), limits: limits)])
    }

    /// Eight refusals of one moment halve the places once; four successes add one. On a busy machine a late request may
    /// be refused again.
    @Test func aRefusalHalvesThemAndSuccessesAddOne() async throws {
        let traffic = try traffic(8)
        let most = try await most(of: 0..<8, refusing: 8, on: traffic)
        #expect(most <= 5, "\(most) at once")
        // Without refusals they come back, one by one, and never exceed the limit.
        let later = try await self.most(of: 0..<60, refusing: 0, on: traffic)
        #expect(later > 5 && later <= 8, "\(later) at once")
    }

    /// A lane begins another run only while its requests are fewer than the server takes.
    ///
    /// It gives its thread back while it waits: Swift has one for each core, and the client cancels a request on one.
    @Test func runsAreBegunAsTheServerIsFree() async throws {
        let server = try BadServer.completing { $0.number < 3 ? [.waitForEnd] : BadServer.good }
        defer { server.stop() }
        let endpoint = Bundle.Endpoint(urls: [try server.address.base], requests: 3)
        let role = try EndpointRole(endpoint, of: RealServer.bundle(.endpoint(endpoint)))
        guard case .model(let model) = try role.make(for: LaneSeat(wake: {})) else {
            throw CocoaError(.coderInvalidValue)
        }
        let (root, _) = try model.makePrefix(parent: nil, text: RealServer.prompt("3 + 4?"))
        for id in 0..<3 {
            #expect(model.hasRoom, "with \(id) at work")
            model.submit(
                SampleJob(id: UInt64(id), prefix: root, until: .end, maxTokens: 5, temperature: 1, seed: 1))
        }
        #expect(!model.hasRoom)
        for id in 0..<3 { model.cancel(job: UInt64(id)) }
        var done: [SampleCompletion] = []
        while done.count < 3 {
            if model.advance(into: &done) == .waiting { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(model.hasRoom)
    }

    /// Without saying so, llama-server closes a connection after a stream: another request on it would be lost.
    @Test func aStreamOfLlamaServerHasItsOwnConnection() throws {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5, max=100\r\n\r\n"
        let server = try BadServer.completing { _ in
            let events = BadServer.good.compactMap { act in if case .send(let text) = act { text } else { nil } }
            let chunks = events.dropFirst().map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }
            return [.send(head + chunks.joined() + "0\r\n\r\n"), .waitForEnd]
        }
        defer { server.stop() }
        var limits = EndpointLimits()
        limits.timeout = 20
        let role = try EndpointRole(
            .init(urls: [try server.address.base]), of: RealServer.bundle(.endpoint(.init(urls: []))), limits: limits)
        guard case .model(let model) = try role.make(for: LaneSeat(wake: {})) else {
            throw CocoaError(.coderInvalidValue)
        }
        let (root, _) = try model.makePrefix(parent: nil, text: RealServer.prompt("3 + 4?"))
        for id in UInt64(0)..<3 {
            model.submit(SampleJob(id: id, prefix: root, until: .end, maxTokens: 5, temperature: 1, seed: id))
            var done: [SampleCompletion] = []
            while done.isEmpty { if model.advance(into: &done) == .waiting { usleep(1000) } }
            #expect(done.first?.ending == .finished)
        }
        let end = Date(timeIntervalSinceNow: 2)
        while server.left < 3, Date() < end { usleep(1000) }
        #expect(server.left == 3)
        let told = server.requests("/completion").first?.body["response_fields"]?.array?.compactMap(\.string) ?? []
        #expect(Set(["content", "stop", "tokens_predicted", "stop_type", "stopping_word", "model"]).isSubset(of: told))
    }

    /// A place is for a sample: a lane that counts tokens does not wait until one is free.
    @Test func whatIsSmallNeedsNoPlace() async throws {
        let traffic = try traffic(1)
        let isHeld = Locked(true)
        async let long: Void = {
            _ = try await traffic.perform(root: 1, request: "long") { _ throws(EndpointFailure) in
                while isHeld.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(5)) }
            }
        }()
        try await Task.sleep(for: .milliseconds(50))
        let began = ContinuousClock.now
        let late = Task {
            try? await Task.sleep(for: .seconds(5))
            isHeld.withLock { $0 = false }
        }
        _ = try await traffic.perform(root: 1, request: "small", isSmall: true) { _ throws(EndpointFailure) in }
        #expect(ContinuousClock.now - began < .seconds(4))
        late.cancel()
        isHeld.withLock { $0 = false }
        try await long
    }

    @Test func aConnectionForEachRequestIsAllowed() {
        var before = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(kind, &before)
        defer { setrlimit(kind, &before) }
        guard before.rlim_max >= 3000 else { return }
        var few = before
        few.rlim_cur = 1024
        setrlimit(kind, &few)
        var now = rlimit()
        OpenFiles.allow(connections: 256)
        getrlimit(kind, &now)
        #expect(now.rlim_cur == 1024, "they suffice")
        OpenFiles.allow(connections: 1000)
        getrlimit(kind, &now)
        #expect(now.rlim_cur == 2512)
    }

    @Test func thereIsAlwaysAPlace() async throws {
        let traffic = try traffic(1)
        #expect(try await most(of: 0..<3, refusing: 3, on: traffic) == 1)
    }
}
