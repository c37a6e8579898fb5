import CStratagem
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// Verifiers of outcomes, and several verifiers side by side.
@Suite struct OutcomeVerifiers {
    private static let revised = """
        revision What is 2 + 2?
          Rather 4. | value 0.6
            #### 4 | end value 0.95
        """
    /// The same tree as `sums`, seen by another verifier.
    private static let otherwise = sums.replacing("value 0.1", with: "value 0.7").replacing(
        "value 0.4", with: "value 0.6")

    private func models(orm: String = sums + "\n" + revised) throws -> ScriptedSource {
        let script = try Script(parsing: sums + "\n" + Self.revised)
        return ScriptedSource(
            models: ["policy": script, "reviser": script], verifiers: ["prm": script, "orm": try Script(parsing: orm)])
    }

    private func shown(_ values: [Double]) -> String { values.map { $0.isNaN ? "-" : "\($0)" }.joined(separator: " ") }

    @Test(arguments: [false, true]) func onlyWholeAnswersAreJudged(shares: Bool) async throws {
        let seen = Locked<[String]>([])
        var options = RuntimeOptions()
        options.sharesSamples = shares
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: return .asks([.sample(0, 1, temperature: 0), .sample(1, 1, steps: 1, temperature: 0)])
                case 1: return .asks([.score(0, stage.tell.told.flatMap(\.nodes), role: "orm")])
                default:
                    let nodes = stage.tell.told[0].nodes
                    seen.withLock { seen in
                        seen = ["\(stage.tell.told[0].outcome)"] + nodes.map { self.shown(stage.stepScores($0)) }
                        seen += nodes.map {
                            stage.node($0).map { "\($0.flags & STG_NODE_SCORED != 0) \($0.score)" } ?? "?"
                        }
                    }
                    return done([nodes[0]])
                }
            }, on: try models(), options: options)
        #expect(results[0].error == nil)
        #expect(seen.withLock { $0 } == ["verifierFailed", "- 0.1", "-", "true 0.1", "false 0.0"])
        // The problem and one answer; the open step was not read.
        #expect(results[0].cost.verifierTokens == 5 + 4)
    }

    @Test func anOutcomeVerifierSeesEarlierAttempts() async throws {
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: .asks([.sample(0, 1, temperature: 0)])
                case 1: .asks([.revise(0, stage.tell.told[0].nodes)])
                case 2: .asks([.sample(0, stage.tell.told[0].nodes[0], temperature: 0, role: "reviser")])
                case 3: .asks([.score(0, stage.tell.told[0].nodes, role: "orm")])
                default: done(stage.tell.told[0].nodes)
                }
            }, on: try models())
        #expect(results[0].error == nil && results[0].candidates.map(\.score) == [0.95])
        // The problem and the attempt "Add them. #### 5", and then the answer.
        #expect(results[0].cost.verifierTokens == 5 + 4 + 4)
    }

    /// Whatever ends first, the values that are read are those of the later tag.
    @Test(arguments: [false, true])
    func ofTwoVerifiersTheLaterTagIsRead(ormFirst: Bool) async throws {
        let seen = Locked<[Double]>([])
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: return .asks([.sample(0, 1, temperature: 0)])
                case 1:
                    let nodes = stage.tell.told[0].nodes
                    return .asks([
                        .score(ormFirst ? 0 : 1, nodes, role: "orm"), .score(ormFirst ? 1 : 0, nodes, role: "prm"),
                    ])
                default:
                    seen.withLock { $0 = stage.tell.told[0].nodes.map { stage.node($0)?.score ?? -1 } }
                    return done(stage.tell.told[0].nodes)
                }
            }, on: try models(orm: Self.otherwise))
        #expect(results[0].error == nil)
        #expect(seen.withLock { $0 } == [ormFirst ? 0.1 : 0.7])
    }

    @Test func aNodeThatCannotBeJudgedKeepsNoOthersScore() async throws {
        let flags = Locked<[UInt32]>([])
        _ = try await play(
            turns { turn, stage in
                switch turn {
                case 0: return .asks([.sample(0, 1, steps: 1, temperature: 0)])
                case 1: return .asks([.score(0, stage.tell.told[0].nodes)])
                case 2:
                    flags.withLock {
                        $0.append((stage.node(stage.tell.told[0].nodes[0])?.flags ?? 0) & STG_NODE_SCORED)
                    }
                    return .asks([.score(0, stage.tell.told[0].nodes, role: "orm")])
                default:
                    flags.withLock {
                        $0.append((stage.node(stage.tell.told[0].nodes[0])?.flags ?? 0) & STG_NODE_SCORED)
                    }
                    return done([])
                }
            }, on: try models())
        #expect(flags.withLock { $0 } == [STG_NODE_SCORED, 0])
    }

    @Test func appendedTextIsReadByTheRoleThatGoesOn() async throws {
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: .asks([.append(0, 1, "It is even.\n", role: "reviser")])
                case 1: .asks([.sample(0, stage.tell.told[0].nodes[0], temperature: 0, role: "reviser")])
                default: done(stage.tell.told[0].nodes)
                }
            }, on: try models())
        #expect(results[0].error == nil && results[0].answer == "4")
        #expect(results[0].cost.promptTokens == 5 + 3, "by no other role besides")
        let unknown = try await play(turns { _, _ in .asks([.append(0, 1, "x", role: "wizard")]) }, on: try models())
        #expect(unknown[0].error?.code == .noModel)
    }

    @Test func aRootIsNoAttempt() async throws {
        let results = try await play(turns { _, _ in .asks([.revise(0, [1])]) }, on: try models())
        #expect(results[0].error?.code == .rootAttempt)
    }
}
