import CStratagem
import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import Testing

@testable import SearchRuntime
@testable import StrategyHost

/// Canonical answers, and what is refused before anything is sampled.
@Suite struct CanonicalAnswerTests {
    /// Four and 4.0 are 4; "many" is not a number.
    private static let spellings = """
        problem What is 2 + 2?
          #### four | end value 0.2
          #### 4.0 | end value 0.3
          #### many | end value 0.9
          #### 2 | end value 0.1
          #### two | end value 0.1
        """

    private func votes(_ change: (inout AnswerFunctions) -> Void) async throws -> [String] {
        var models = try source(Self.spellings) { $0.draws = .roundRobin }
        change(&models.answerFunctions)
        let result = try await run("majority", on: models, limits: Limits(generations: 5))
        #expect(result.error == nil)
        #expect(Set(result.candidates.compactMap(\.answer)) == Set(result.votes.map(\.answer)))
        return result.votes.map { "\($0.answer) \($0.count)" }
    }

    @Test func answersAreTheirFormAndVoteByIt() async throws {
        #expect(try await votes { ($0.equal, $0.canonical) = ("plain", "canon") } == ["4 2", "2 2", "many 1"])
    }

    @Test func theFormNamedAsTheEqualityIsTheDefault() async throws {
        #expect(try await votes { $0.equal = "canon" } == ["4 2", "2 2", "many 1"])
    }

    @Test func withoutOneTheFirstSpellingStays() async throws {
        #expect(try await votes { $0.equal = "plain" } == ["four 2", "2 2", "many 1"])
        #expect(try await votes { ($0.equal, $0.canonical) = ("canon", "") } == ["four 2", "2 2", "many 1"])
    }

    @Test func oneThatIsNotThereIsRefused() throws {
        var models = try source(Self.spellings)
        models.answerFunctions.canonical = "cannon"
        let error = #expect(throws: StratagemError.self) {
            try SearchRuntime(models: models, registry: Plugins.registry)
        }
        #expect(error?.code == .unknownFunction && error?.message.contains("did you mean \"canon\"?") == true)
    }
}

@Suite struct NeedsTests {
    private func refusal(_ params: [String: String], _ change: (inout ScriptedSource) -> Void = { _ in }) throws
        -> StratagemError?
    {
        var models = try source(sums)
        change(&models)
        let loaded = try Plugins.registry.strategy(named: "needy")
        do throws(StratagemError) {
            _ = try models.complete(try loaded.check(parameters: params), of: loaded)
            return nil
        } catch { return error }
    }

    @Test func aRunIsRefusedBeforeItBegins() throws {
        #expect(try refusal(["way": "count"])?.code == .missingParameter)
        let error = try refusal(["size": "3"])
        #expect(
            error?.code == .noVerifier && error?.message.contains("role 'judge', and bundle 'scripted' has prm") == true
        )
        #expect(try refusal(["size": "3", "way": "count"]) == nil)
        #expect(try refusal(["size": "3", "judge": "prm"]) == nil)
        #expect(
            try refusal(["judge": "prm"]) { $0.strategyDefaults.values = ["needy": ["size": "4"]] } == nil,
            "the bundle gives it")
    }

    /// Whoever submits a run without asking first is told by its result.
    @Test func theRuntimeRefusesToo() async throws {
        let missing = try await run("needy", ["way": "count"], on: source(sums))
        #expect(missing.error?.code == .missingParameter && missing.cost.tokens == 0 && missing.error?.origin == .user)
        let lacking = try await run("needy", ["size": "2"], on: source(sums))
        #expect(lacking.error?.code == .noVerifier && lacking.cost.tokens == 0)
        #expect(try await run("needy", ["size": "2", "judge": "prm"], on: source(sums)).error == nil)
    }

    /// A RUN ask that leaves it out is its plugin's fault; a role that the bundle lacks is not.
    @Test func aNestedRunIsRefusedToo() async throws {
        func nested(_ params: [String: ParameterValue]) async throws -> RunResult? {
            try await play(
                { stage in
                    guard stage.tell.event == .start else { return .done([]) }
                    return .asks([
                        Ask(tag: 1, body: .run(RunAsk(strategy: "needy", problem: 0, params: params, share: 1)))
                    ])
                }, on: source(sums), limits: Limits(generations: 4)
            ).first
        }
        let missing = try await nested([:])
        #expect(missing?.error?.code == .missingParameter && missing?.error?.origin == .plugin)
        #expect(try await nested(["size": .int(2)])?.error == nil)
    }
}

@Suite struct GenerationsLeftTests {
    /// What is left is what an ask is granted: as many, and no more.
    @Test(arguments: 0..<40 as Range<UInt64>) func anAskIsGrantedWhatIsLeft(seed: UInt64) async throws {
        let found = Locked<[String]>([])
        let results = try await play(
            { stage in
                var dice = Dice(seed &* 1_000_003 &+ UInt64(stage.tell.told.first?.tag ?? 0))
                if let told = stage.tell.told.first {
                    // The tag says what was left and what was asked for.
                    let (left, asked) = (Int(told.tag >> 32), Int(told.tag >> 16 & 0xFFFF))
                    if told.nodes.count != min(left, asked) {
                        found.withLock { $0.append("left \(left), asked \(asked), got \(told.nodes.count)") }
                    }
                    if stage.tell.event.isStop || told.tag & 0xFFFF > 12 { return .done([]) }
                }
                let known = (1...64).filter {
                    stage.node(UInt64($0)).map { $0.flags & STG_NODE_FINISHED == 0 } ?? false
                }
                let node = UInt64(known[dice.roll(known.count)])
                let steps = [0, 1, 1, 2, 5][dice.roll(5)]
                guard let left = stage.generationsLeft(node, steps: UInt32(steps)) else { return .done([]) }
                let asked = max(1, dice.roll(Int(left) + 3))
                let tag = left << 32 | UInt64(asked) << 16 | ((stage.tell.told.first?.tag ?? 0) & 0xFFFF) + 1
                return .asks([
                    Ask(
                        tag: tag,
                        body: .sample(SampleAsk(node: node, count: asked, steps: steps, maxTokens: 9, temperature: 1)))
                ])
            }, on: source(endless), limits: Limits(generations: 6), seed: seed)
        #expect(results[0].error == nil)
        #expect(found.withLock { $0 } == [])
    }

    @Test func withoutALimitNothingIsCounted() async throws {
        let found = Locked<[UInt64?]>([])
        _ = try await play(
            { stage in
                found.withLock {
                    $0 = [
                        stage.generationsLeft(1, steps: 0), stage.generationsLeft(99, steps: 0),
                        stage.generationsLeft(1, steps: 4097),
                    ]
                }
                return .done([])
            }, on: source(sums), limits: Limits(tokens: 100))
        #expect(found.withLock { $0 } == [.max, nil, nil])
    }
}
