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
    @Test func runsAreBegunAsTheServerIsFree() throws {
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
        while done.count < 3 { if model.advance(into: &done) == .waiting { usleep(10_000) } }
        #expect(model.hasRoom)
    }

    @Test func thereIsAlwaysAPlace() async throws {
        let traffic = try traffic(1)
        #expect(try await most(of: 0..<3, refusing: 3, on: traffic) == 1)
    }
}
