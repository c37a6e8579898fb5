import Foundation
import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// Every run ends, and by itself: random batches of all kinds of ask, under all kinds of
/// limit, nested four deep, over models that are quick, slow, out of order or full.
///
/// `make fuzz` runs 100,000 of them; `STRATAGEM_FUZZ_CASES` and `STRATAGEM_FUZZ_SEED` say how
/// many and which.
@Suite struct Liveness {
    private static let worlds = 16
    private static let worldWithoutShape = 7
    private static let cases = number("STRATAGEM_FUZZ_CASES") ?? 8000 / scale
    private static let firstSeed = UInt64(number("STRATAGEM_FUZZ_SEED") ?? 0)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static func runtime(_ world: Int) throws -> SearchRuntime {
        var models = ScriptedSource(.random(UInt64(world)))
        models.modelBehavior.contextTokens = [32, 64, 4096][world % 3]
        if world % 2 == 1 {
            (models.modelBehavior.shuffle, models.modelBehavior.batchMax, models.verifierBehavior.shuffle) = (9, 3, 8)
        }
        if world % 4 >= 2 { (models.modelBehavior.tokensPerAdvance, models.verifierBehavior.delay) = (1, 2) }
        if world % 5 == 4 { models.modelBehavior.failures = Set((0..<1000).map { $0 * 7 }) }
        if world == worldWithoutShape { models.modelBehavior.shape = nil }
        var options = RuntimeOptions()
        options.sharesSamples = world % 8 >= 4
        return try SearchRuntime(models: models, registry: Plugins.registry, options: options)
    }

    private static func limits(_ dice: inout Dice) -> Limits {
        var limits = Limits.random(&dice)
        if dice.chance(15) { limits.seconds = Double(1 + dice.roll(20)) / 1000 }
        return limits
    }

    @Test(arguments: 0..<worlds) func everyRunEnds(_ world: Int) async throws {
        let runtime = try Self.runtime(world)
        let live = Live(runtime)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<max(1, Self.cases / Self.worlds) {
                let seed = Self.firstSeed &+ UInt64(index * Self.worlds + world)
                if index >= 50 { await group.next() }
                live.began(seed)
                group.addTask {
                    if let complaint = await Self.complaint(seed, in: runtime, world) {
                        Issue.record("seed \(seed): \(complaint)")
                    }
                    live.ended(seed)
                }
            }
        }
        live.stop()
        #expect(!runtime.hasRuns)
    }

    private static func complaint(_ seed: UInt64, in runtime: SearchRuntime, _ world: Int) async -> String? {
        var dice = Dice(seed &+ 5_000_000)
        let wanderer = Wanderer(seed)
        let limits = limits(&dice)
        // A limit that nobody can count is refused before anything runs.
        let refusals =
            world == worldWithoutShape && limits.flops != nil ? [ErrorCode.noProgress, .noShape] : [.noProgress]
        let isBatch = dice.chance(20)
        guard let strategy = try? Plugins.registry.strategy(named: isBatch ? "puppet-batch" : "puppet-0"),
            let request = try? Puppet.request(
                wanderer.act, strategy, limits: limits, seed: seed,
                problems: isBatch ? [sum, Problem(text: "Go.")] : [sum])
        else { return "no request" }
        let isCancelled = dice.chance(10)
        let results = await withCheckedContinuation { (continuation: CheckedContinuation<[RunResult], Never>) in
            let id = runtime.submit(request) { continuation.resume(returning: $0) }
            if isCancelled { runtime.cancel(id) }
        }
        return results.lazy.compactMap(\.error).first { !refusals.contains($0.code) }.map { "\(limits): \($0)" }
    }

    /// Names the runs that do not end: `swift test` would wait for them and say nothing. They are
    /// known by the lanes, and by no time that other tests take part in: either all lanes sleep and
    /// nothing will wake them, or they have computed for a minute of their own and ended nothing.
    private final class Live: Sendable {
        private let runtime: SearchRuntime
        private let state = Locked((seeds: Set<UInt64>(), ended: 0, isOver: false))
        private static let processorSecondsMax = 60.0
        /// Between a lane's messages all may look asleep for a moment.
        private static let looksAsleepMax = 40

        init(_ runtime: SearchRuntime) {
            self.runtime = runtime
            let thread = Thread { [weak self] in self?.watch() }
            thread.start()
        }

        private func watch() {
            var (before, start, asleep) = (-1, 0.0, 0)
            while true {
                let (ended, isOver) = state.withLock { ($0.ended, $0.isOver) }
                if isOver { return }
                let computed = runtime.lanes.reduce(0) { $0 + $1.processorSeconds }
                if ended != before { (before, start, asleep) = (ended, computed, 0) }
                asleep = runtime.hasRuns && runtime.lanes.allSatisfy(\.isAsleepForGood) ? asleep + 1 : 0
                if asleep > Self.looksAsleepMax { giveUp("nothing wakes their lanes") }
                if computed - start > Self.processorSecondsMax { giveUp("their lanes are at work and end nothing") }
                Thread.sleep(forTimeInterval: 0.25)
            }
        }

        private func giveUp(_ why: String) -> Never {
            let seeds = state.withLock { $0.seeds.sorted() }
            FileHandle.standardError.write(Data("These runs do not end, by their seeds: \(seeds). (\(why).)\n".utf8))
            exit(1)
        }

        func began(_ seed: UInt64) { state.withLock { _ = $0.seeds.insert(seed) } }
        func ended(_ seed: UInt64) {
            state.withLock {
                $0.seeds.remove(seed)
                $0.ended += 1
            }
        }
        func stop() { state.withLock { $0.isOver = true } }
    }

    // MARK: - One by one

    /// A sample that does not fit beside a nested run waits for it, and then gets what it left.
    @Test(arguments: [Limits(generations: 24, tokens: 300), Limits(tokens: 40), Limits(flops: 90_000)])
    func aSampleAndANestedRunOfOneBatch(_ limits: Limits) async throws {
        let child = Puppet.key(
            turns { turn, stage in
                turn == 0 ? .asks([.sample(0, stage.roots[0], temperature: 0)]) : done(stage.tell.told[0].nodes)
            })
        let notes = Faults.Notes()
        let result = try await play(
            turns { turn, stage in
                notes.add(stage.tell.told.map { "\($0.outcome) \($0.nodes.count)" }.joined(separator: ", "))
                return turn == 0
                    ? .asks([.run(0, "puppet-1", key: child, share: 0.5), .sample(1, 1), .append(2, 1, "so")])
                    : done(stage.tell.told[1].nodes)
            }, on: source(sums), limits: limits)[0]
        #expect(result.error == nil, "\(String(describing: result.error))")
        #expect(notes.all == ["", "ok 1, ok 1, ok 1"])
        #expect(result.cost.tokens == result.tree.nodes.filter { $0.kind == .sampled }.reduce(0) { $0 + $1.tokens })
    }

    /// A model that loses a job: the run is not waited for, and keeps what had come.
    @Test(arguments: [0, 3]) func aLostJobIsNoticed(_ lost: Int) async throws {
        let runtime = try SearchRuntime(
            models: LosingSource(base: try source(sums), lost: lost), registry: Plugins.registry)
        let strategy = try Plugins.registry.strategy(named: "puppet-0")
        let act = turns { turn, stage in .asks([.sample(0, 1, count: 2, temperature: 0)]) }
        let result = try #require(
            await runtime.run(try Puppet.request(act, strategy, limits: Limits(), seed: 1, problems: [sum])).first)
        #expect(result.error?.origin == .host && result.error?.code == .stuck, "\(String(describing: result.error))")
        #expect(result.candidates.count == (lost == 0 ? 1 : 3), "what had come is kept")
        #expect(
            result.error?.message.contains("'puppet-0'") == true && result.error?.message.contains("1 jobs") == true)
        // Others continue.
        let next = try #require(
            await runtime.run(
                RunRequest(
                    problems: [sum], strategy: Plugins.registry.strategy(named: "majority"), params: [:],
                    limits: Limits(generations: 2))
            ).first)
        #expect(next.error == nil)
    }

    /// The same below another run: that one is told, and continues.
    @Test func aLostJobOfANestedRunEndsThatRun() async throws {
        let runtime = try SearchRuntime(
            models: LosingSource(base: try source(sums), lost: 0), registry: Plugins.registry)
        let strategy = try Plugins.registry.strategy(named: "puppet-0")
        let notes = Faults.Notes()
        let child = Puppet.key(turns { _, stage in .asks([.sample(0, stage.roots[0])]) })
        let act = turns { turn, stage in
            notes.add(stage.tell.told.map { "\($0.outcome)" }.joined())
            return turn == 0 ? .asks([.run(0, "puppet-1", key: child)]) : done([])
        }
        let result = try #require(
            await runtime.run(try Puppet.request(act, strategy, limits: Limits(), seed: 1, problems: [sum])).first)
        #expect(result.error == nil && notes.all == ["", "runFailed"])
    }
}

/// A source whose policy forgets one job.
private struct LosingSource: ModelSource {
    var base: ScriptedSource
    var lost: Int
    var name: String { base.name }
    var laneCount: Int { 1 }
    var modelRoles: Set<String> { base.modelRoles }
    var verifierRoles: Set<String> { base.verifierRoles }
    var prompt: PromptTemplate { base.prompt }
    var steps: StepRule { base.steps }
    var answerFunctions: AnswerFunctions { base.answerFunctions }

    func makeModels(wake: @escaping @Sendable () -> Void) throws(StratagemError) -> ModelSet {
        let models = try base.makeModels(wake: wake)
        return ModelSet(models: models.models.mapValues { LosingModel($0, lost: lost) }, verifiers: models.verifiers)
    }
}

private final class LosingModel: LanguageModel {
    private let base: any LanguageModel
    private let lost: Int
    private var count = 0

    init(_ base: any LanguageModel, lost: Int) { (self.base, self.lost) = (base, lost) }

    func submit(_ job: SampleJob) {
        if count != lost { base.submit(job) }
        count += 1
    }

    var shape: ModelShape? { base.shape }
    var contextTokens: Int { base.contextTokens }
    var hasWork: Bool { base.hasWork }
    var statistics: EngineStatistics { base.statistics }
    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        try base.makePrefix(parent: parent, text: text)
    }
    func length(of prefix: PrefixHandle) -> Int { base.length(of: prefix) }
    func cancel(job id: UInt64) { base.cancel(job: id) }
    func advance(into completions: inout [SampleCompletion]) -> Advance { base.advance(into: &completions) }
    func release(_ prefix: PrefixHandle) { base.release(prefix) }
}
