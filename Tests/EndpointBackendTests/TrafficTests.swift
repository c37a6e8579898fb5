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

    private func traffic(_ requests: Int, slots: Int? = nil) throws -> EndpointTraffic {
        var limits = EndpointLimits()
        (limits.requests, limits.slots) = (requests, slots)
        return EndpointTraffic([EndpointClient(try EndpointAddress(parsing: "http://127.0.0.1:1"), limits: limits)])
    }

    // MARK: Places that keep a prefix

    /// On a busy machine requests come late.
    private func everyoneWaits(_ count: UInt64, on traffic: EndpointTraffic) async {
        let end = ContinuousClock.now + .seconds(60)
        while await traffic.tickets < count, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The problems in the order in which their requests began.
    private func begun(_ problems: [UInt64], each: UInt64, on traffic: EndpointTraffic) async throws -> [UInt64] {
        let seen = Locked<[UInt64]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for problem in problems {
                // Those of the second problem come after those of the first.
                try await Task.sleep(for: .milliseconds(50))
                for _ in 0..<each {
                    group.addTask {
                        _ = try await traffic.perform(root: problem, request: "test") { _ throws(EndpointFailure) in
                            seen.withLock { $0.append(problem) }
                            await self.everyoneWaits(2 * each - 2, on: traffic)
                            try? await Task.sleep(for: .milliseconds(20))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return seen.withLock { $0 }
    }

    /// A slot of llama-server holds the tokens of its last request, and another problem's would be read anew.
    @Test func aPlaceStaysWithItsProblem() async throws {
        // Both problems are at work all the time, each in its own place, until only one is left.
        let slots = try await begun([1, 2], each: 10, on: traffic(2, slots: 2))
        let first = slots.prefix(16).count(where: { $0 == 1 })
        #expect((7...9).contains(first), "\(slots)")
        // Where prefixes are shared, those that came first are first.
        let shared = try await begun([1, 2], each: 10, on: traffic(2)).prefix(8)
        #expect(shared.count(where: { $0 == 1 }) >= 6, "\(shared)")
    }

    private func origin(_ root: UInt64, _ prefixes: UInt64...) -> RequestOrigin {
        RequestOrigin(
            root: root,
            path: prefixes.enumerated().map { RequestOrigin.Part(id: $0.element, length: 10 * ($0.offset + 1)) })
    }

    private func slot(_ grant: PlaceQueue.Grant?) -> Int? {
        if case .place(let slot) = grant { slot } else { nil }
    }

    /// A search that has its steps scored comes back to its slots; one that is over does not.
    @Test func aShareIsKeptForAPause() throws {
        let now = ContinuousClock.now
        var queue = PlaceQueue(slots: 4, requests: 4)
        let own = try (0..<2).map { _ in try #require(slot(queue.admit(origin(1), now: now))) }
        let others = try (0..<2).map { _ in try #require(slot(queue.admit(origin(2), now: now))) }
        #expect(Set(own + others) == [0, 1, 2, 3])
        for slot in others { queue.ended(origin(2), slot: slot, now: now) }
        let soon = queue.admit(origin(1), now: now + .milliseconds(50))
        #expect(soon == nil, "the other's half is free, but it is the other's")
        #expect(slot(queue.admit(origin(1), now: now + .milliseconds(150))).map(others.contains) == true)
    }

    /// One problem alone has all slots, then two requests at each; a second one gets its share as slots become free.
    @Test func aSlotGoesToTheProblemThatHasFewest() throws {
        var queue = PlaceQueue(slots: 4, requests: 8)
        let first = try (0..<8).map { _ in try #require(slot(queue.admit(origin(1)))) }
        #expect(Set(first.prefix(4)) == [0, 1, 2, 3] && Set(first.suffix(4)) == [0, 1, 2, 3])
        #expect(queue.admit(origin(1)) == nil && queue.admit(origin(2)) == nil)
    }

    /// The tokens that a request continues are in one slot or another.
    @Test func aRequestGoesWhereItsTokensAre() throws {
        var queue = PlaceQueue(slots: 4, requests: 4)
        let branches = [origin(1, 7, 71), origin(1, 7, 72), origin(1, 7, 73), origin(1, 7, 74)]
        let slots = try branches.map { try #require(slot(queue.admit($0))) }
        for (branch, slot) in zip(branches, slots) { queue.ended(branch, slot: slot) }
        for number in [2, 0, 3, 1] {
            let below = RequestOrigin(root: 1, path: branches[number].path + [.init(id: UInt64(number), length: 30)])
            #expect(slot(queue.admit(below)) == slots[number])
        }
    }

    @Test func moreProblemsBeginWhereASlotIsWorthIt() throws {
        let now = ContinuousClock.now
        let problems = ProblemsAtWork(slots: 4)
        func begin(_ root: UInt64, _ samples: Int) { for _ in 0..<samples { problems.began(root) } }
        begin(1, 64)
        #expect(problems.leavesRoom(now: now), "its samples are worth two slots")
        begin(2, 64)
        #expect(!problems.leavesRoom(now: now))
        for _ in 0..<64 { problems.ended(1, now: now) }
        #expect(!problems.leavesRoom(now: now + .milliseconds(50)), "it may be between two rounds")
        #expect(problems.leavesRoom(now: now + .milliseconds(150)))
        for root: UInt64 in 3...5 { begin(root, 1) }
        #expect(!problems.leavesRoom(now: now + .milliseconds(150)), "as many problems as slots")
        let (own, shared) = (try traffic(8, slots: 4), try traffic(8))
        #expect(own.hasRoom(waitingFor: 8) && !shared.hasRoom(waitingFor: 8) && shared.hasRoom(waitingFor: 7))
    }

    /// So a round ends with children of all its prefixes in the slots.
    @Test func samplesOfARoundBeginInTurns() throws {
        var waiting = InTurns<String>()
        for (item, group) in [("a1", 7), ("a2", 7), ("a3", 7), ("b1", 3), ("c1", 5), ("c2", 5)] {
            waiting.append(item, of: UInt64(group))
        }
        #expect(waiting.count == 6)
        let taken = waiting.takeAll()
        #expect(taken == ["a1", "b1", "c1", "a2", "c2", "a3"])
        #expect(waiting.isEmpty)
    }

    /// A slot continues one prefix as long as there are samples of it.
    @Test func aPlaceStaysWithItsPrefix() async throws {
        let traffic = try traffic(1, slots: 1)
        let seen = Locked<[UInt64]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for prefix: UInt64 in [1, 2, 1, 2, 1, 2] {
                let origin = origin(9, prefix)
                group.addTask {
                    _ = try await traffic.perform(origin, request: "test") { _, slot throws(EndpointFailure) in
                        #expect(slot == 0)
                        seen.withLock { $0.append(prefix) }
                        await self.everyoneWaits(5, on: traffic)
                    }
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            try await group.waitForAll()
        }
        #expect(seen.withLock { $0 } == [1, 1, 1, 2, 2, 2])
    }

    // MARK: How many

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

    /// A lane begins another run only while its requests are fewer than the server takes, or problems fewer than slots.
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
        for id in 0..<3 {
            #expect(model.hasRoom, "with \(id) at work")
            let (root, _) = try model.makePrefix(parent: nil, text: RealServer.prompt("3 + \(id)?"))
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
        let slots = server.requests("/completion").compactMap { $0.body["id_slot"]?.int }
        #expect(slots.count == 3 && Set(slots).count == 1, "one after the other, where the prompt is: \(slots)")
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
