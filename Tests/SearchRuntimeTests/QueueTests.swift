import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

@Suite("Runs wait in one queue until a lane has room")
struct QueueTests {
    private func entry(_ id: Int, group: UInt64? = nil) -> RunQueue.Entry {
        .init(id: RunID(raw: id), group: group, message: .cancel(RunID(raw: id)))
    }
    private func number(_ message: LaneMessage?) -> Int? {
        if case .cancel(let id) = message { id.raw } else { nil }
    }

    @Test func firstComeFirstServedByAnyLane() {
        let queue = RunQueue()
        for id in 1...3 { queue.add(entry(id)) }
        #expect(number(queue.take(lane: 1)) == 1 && number(queue.take(lane: 0)) == 2)
        #expect(queue.place(of: RunID(raw: 1))?.lane == 1 && queue.count == 1)
        #expect(number(queue.take(lane: 1)) == 3 && queue.take(lane: 0) == nil)
    }

    @Test func aGroupStaysOnOneLaneWhileAnyOfItWaitsOrLives() {
        let queue = RunQueue()
        for id in 1...3 { queue.add(entry(id, group: 9)) }
        queue.add(entry(4))
        #expect(number(queue.take(lane: 1)) == 1)
        // Lane 0 passes over the group's others.
        #expect(number(queue.take(lane: 0)) == 4 && !queue.hasRun(for: 0) && queue.hasRun(for: 1))
        #expect(number(queue.take(lane: 1)) == 2)
        queue.ended(RunID(raw: 1))
        #expect(queue.take(lane: 0) == nil)
        queue.ended(RunID(raw: 2))
        #expect(queue.take(lane: 0) == nil && number(queue.take(lane: 1)) == 3)
        queue.ended(RunID(raw: 3))
        queue.add(entry(5, group: 9))
        #expect(number(queue.take(lane: 0)) == 5)
    }

    @Test func whoWaitsCanBeCancelled() {
        let queue = RunQueue()
        for id in 1...5 { queue.add(entry(id)) }
        let found = queue.place(of: RunID(raw: 2))
        #expect(found?.lane == 0 && number(found?.begin) == 2)
        #expect(queue.place(of: RunID(raw: 2))?.begin == nil, "it is given to a lane once")
        #expect(queue.place(of: RunID(raw: 77)) == nil)
        let rest = queue.placeAll(lanes: 2)
        #expect(
            rest.compactMap { number($0.begin) } == [1, 3, 4, 5] && rest.map(\.lane) == [0, 1, 0, 1] && queue.count == 0
        )
    }

    /// A model that fails when two searches hold prefixes at once, and says that it has
    /// room for one: twenty searches all succeed.
    @Test func aLaneBeginsNoMoreThanItsModelsHaveRoomFor() async throws {
        let loaded = try Plugins.registry.strategy(named: "best-of-n")
        let params = try loaded.check(parameters: ["selection": "majority"])
        func failures(room: Int) async throws -> Int {
            let models = try source(sums) {
                $0.prefixesMax = 11
                $0.prefixesRoom = room
                $0.delay = 2
            }
            let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
            return await withTaskGroup(of: Int.self) { group in
                for seed in 0..<20 {
                    let request = RunRequest(
                        problems: [sum], strategy: loaded, params: params, limits: Limits(generations: 8),
                        seed: UInt64(seed))
                    group.addTask { await runtime.run(request).first?.candidates.count == 8 ? 0 : 1 }
                }
                return await group.reduce(0, +)
            }
        }
        #expect(try await failures(room: 1) == 0)
        #expect(try await failures(room: .max) > 0)
    }

    /// The first run fills the lane and never ends; the others wait and are cancelled there.
    @Test func cancellingARunThatWaitsEndsIt() async throws {
        let loaded = try Plugins.registry.strategy(named: "puppet-0")
        let models = try source(endless) { $0.prefixesRoom = 1 }
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let asks: Puppet.Act = { call in
            call.tell.event.isStop
                ? .done([])
                : .asks([Ask(tag: 1, body: .sample(SampleAsk(node: 1, count: 1, steps: 1, temperature: 1)))])
        }
        let first = runtime.submit(try Puppet.request(asks, loaded, limits: Limits(), seed: 1, problems: [sum])) { _ in
        }
        let waiting = await withCheckedContinuation { continuation in
            do {
                let second = runtime.submit(
                    try Puppet.request(asks, loaded, limits: Limits(), seed: 2, problems: [sum])
                ) { continuation.resume(returning: $0) }
                runtime.cancel(second)
            } catch {
                Issue.record("\(error)")
                continuation.resume(returning: [])
            }
        }
        #expect(waiting.first?.wasCancelled == true && waiting.first?.cost.tokens == 0)
        runtime.cancel(first)
    }
}
