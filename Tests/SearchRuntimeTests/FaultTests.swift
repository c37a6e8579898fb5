import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Models and verifiers that fail, and what the strategy and the user are told.
@Suite struct Faults {
    /// Samples 4 answers, scores them, and notes what it was told.
    private static func scorer(_ notes: Notes) -> Puppet.Act {
        turns { turn, stage in
            notes.add(stage.tell.told.map { "\($0.outcome) \($0.nodes)" }.joined(separator: "; "))
            switch turn {
            case 0: return .asks([.sample(0, 1, count: 4)])
            case 1: return .asks([.score(0, stage.tell.told[0].nodes)])
            default: return done(stage.tell.told[0].nodes.filter { stage.isFinished($0) })
            }
        }
    }

    final class Notes: Sendable {
        private let lines = Locked<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test func aFailedSampleIsMissing() async throws {
        let notes = Notes()
        let result = try await play(
            Self.scorer(notes), on: source(sums) { ($0.draws, $0.failures) = (.roundRobin, [1]) })[0]
        #expect(notes.all == ["", "modelFailed [2, 3, 4]", "ok [2, 3, 4]"])
        #expect(result.error == nil && result.candidates.count == 3)
        #expect(result.cost.generations == 4, "the failed one was a generation too")
    }

    @Test func allFailed() async throws {
        let notes = Notes()
        let result = try await play(
            turns { turn, stage in
                notes.add(stage.tell.told.map { "\($0.outcome) \($0.nodes)" }.joined())
                return turn == 0 ? .asks([.sample(0, 1, count: 2)]) : done([])
            }, on: source("problem\n  a b\n    c | model-fails"))[0]
        #expect(notes.all == ["", "modelFailed []"])
        #expect(
            result.cost.tokens == 4 && result.cost.wastedTokens == 4, "what was sampled before the failure is paid for")
        #expect(result.error == nil && result.answer == nil)
    }

    @Test(arguments: ["value nan", "value inf", "value -0.1", "value 1.5", "verifier-fails"])
    func badValuesAreTheVerifiersFault(_ fault: String) async throws {
        let notes = Notes()
        let lines = Notes()
        var options = RuntimeOptions()
        options.log = { _, line in lines.add(line) }
        let script = "problem\n  good\n    #### 1 | end value 0.5\n  bad\n    #### 2 | end \(fault)"
        let result = try await play(
            Self.scorer(notes), on: source(script) { $0.draws = .roundRobin }, options: options)[0]
        #expect(notes.all == ["", "ok [2, 3, 4, 5]", "verifierFailed [2, 3, 4, 5]"])
        #expect(result.error == nil)
        #expect(result.candidates.map(\.score) == [0.5, nil, 0.5, nil], "good ones keep their score")
        #expect(result.cost.verifierTokens == 5 + 2 * 3, "failed work counts, and equal texts once")
        #expect(lines.all.contains { $0.contains("verifier") })
    }

    @Test func ourStrategiesFallBack() async throws {
        let script = sums.replacing("value 1\n", with: "value nan\n")
        for strategy in ["best-of-n", "beam-search", "lookahead"] {
            let result = try await run(
                strategy, on: source(script) { $0.draws = .roundRobin }, limits: Limits(generations: 4))
            #expect(result.error == nil && result.answer != nil, "\(strategy): \(result.error?.message ?? "")")
        }
    }

    @Test func ourStrategiesSayThatTheModelFailed() async throws {
        for strategy in ["greedy", "majority", "best-of-n", "beam-search", "lookahead"] {
            let result = try await run(
                strategy, on: source("problem\n  a | model-fails"), limits: Limits(generations: 4))
            #expect(result.error != nil && result.answer == nil, "\(strategy)")
            #expect(result.error?.message.contains("model") == true, "\(strategy): \(result.error?.message ?? "")")
        }
    }

    @Test func problemsLongerThanTheContextAreTheUsers() async throws {
        let result = try await run("greedy", on: source(sums) { $0.contextTokens = 4 })
        #expect(result.error?.origin == .user, "\(String(describing: result.error))")
        #expect(result.cost.tokens == 0)
    }

    @Test func aFullContextTruncates() async throws {
        let result = try await run("greedy", on: source(sums) { $0.contextTokens = 9 })
        #expect(result.error == nil && result.answer == nil, "four tokens of five fit")
        #expect(result.tree.nodes.last?.ending == .truncated && result.cost.tokens == 4)
    }

    @Test func truncatedIsGoneOnWithButNeverFinished() async throws {
        let notes = Notes()
        let result = try await play(
            turns { turn, stage in
                let told = stage.tell.told.first
                notes.add(
                    told.map {
                        "\($0.outcome) \($0.nodes.map { stage.text($0) }) \($0.nodes.map { stage.isFinished($0) })"
                    } ?? "")
                switch turn {
                case 0: return .asks([.sample(0, 1, maxTokens: 3, temperature: 0)])
                case 1: return .asks([.sample(0, told!.nodes[0], temperature: 0)])
                case 2: return .asks([.score(0, told!.nodes)])
                default:
                    notes.add("\(stage.stepScores(told!.nodes[0]))")
                    return done(told!.nodes)
                }
            }, on: source(sums))[0]
        #expect(notes.all[1] == #"truncated ["Add them.\n####"] [false]"#)
        #expect(notes.all[2] == #"ok [" 5"] [true]"#)
        #expect(result.candidates.first?.text == "Add them.\n#### 5" && result.answer == "5")
        #expect(result.candidates.first?.score == 0.1, "pieces of one step are scored as that step")
        #expect(result.cost.tokens == 3 + 2)
    }
}
