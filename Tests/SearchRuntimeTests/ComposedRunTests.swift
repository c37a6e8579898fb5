import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import StrategyHost
import Testing

/// APPEND, REVISE, RUN and batches.
@Suite struct ComposedRuns {
    private let script =
        sums + "\n" + """
            revision What is 2 + 2?
              Rather 4. | value 0.6
                #### 4 | end value 0.95
            """

    @Test func appendedTextIsPromptAndLeadsOn() async throws {
        let seen = Locked<[String]>([])
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: return .asks([.append(7, 1, "It is even.\n"), .append(3, 1, "Wait, ")])
                case 1:
                    seen.withLock { $0 = stage.tell.told.flatMap { [String($0.tag), stage.text($0.nodes[0])] } }
                    return .asks([.sample(0, stage.tell.told[1].nodes[0], temperature: 0)])
                default: return done(stage.tell.told[0].nodes)
                }
            }, on: source(script))
        let result = results[0]
        #expect(seen.withLock { $0 } == ["3", "Wait, ", "7", "It is even.\n"], "told in order of tag")
        #expect(result.error == nil && result.answer == "4" && result.candidates.first?.text == "It is even.\n#### 4")
        #expect(result.cost.promptTokens == 5 + 3 + 1 && result.cost.tokens == 3 && result.cost.wastedTokens == 0)
        #expect(result.tree.nodes.map(\.kind) == [.root, .appended, .appended, .sampled])
        #expect(result.tree.nodes.map(\.depth) == [0, 1, 1, 2])
    }

    @Test func revisionsShowTheAttempts() async throws {
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: .asks([.sample(0, 1, temperature: 0)])
                case 1: .asks([.revise(0, stage.tell.told[0].nodes), .revise(1, [])])
                case 2:
                    .asks([
                        .sample(0, stage.tell.told[0].nodes[0], temperature: 0),
                        .sample(1, stage.tell.told[1].nodes[0], temperature: 0),
                    ])
                case 3: .asks([.score(0, stage.tell.told.flatMap(\.nodes))])
                default: done(stage.tell.told[0].nodes)
                }
            }, on: source(script))
        let result = results[0]
        #expect(result.error == nil)
        #expect(result.candidates.map(\.text) == ["Rather 4.\n#### 4", "Add them.\n#### 5"])
        #expect(result.tree.nodes.map(\.kind) == [.root, .sampled, .root, .root, .sampled, .sampled])
        // The problem; the problem and "Add them. #### 5"; the problem once more.
        #expect(result.cost.promptTokens == 5 + 9 + 5)
        #expect(result.cost.tokens == 5 + 5 + 5)
        #expect(result.cost.generations == 3, "one at depth 1 and 2 below each of three roots")
        #expect(result.candidates[0].score == 0.95, "the verifier saw the attempts as well")
    }

    @Test func aNestedRunIsChargedAndItsNodesAreOurs() async throws {
        let told = Locked<[String]>([])
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0:
                    return .asks([
                        .sample(0, 1, temperature: 0), .run(1, "best-of-n", share: 0.5),
                        .run(2, "majority", generations: 2),
                    ])
                case 1:
                    told.withLock {
                        $0 = stage.tell.told.map { told in
                            "\(told.outcome) " + told.nodes.map { stage.answer($0) }.joined(separator: ",")
                        }
                    }
                    return done(stage.tell.told[1].nodes)
                default: return done([])
                }
            }, on: source(script) { $0.draws = .roundRobin }, limits: Limits(generations: 8))
        let result = results[0]
        #expect(result.error == nil)
        // Half of 8 is 4 for best-of-n; majority gets 2. Both share one root's turns, in order.
        #expect(told.withLock { $0 } == ["ok 5", "ok 4,4,7,5", "ok 4,7"])
        #expect(result.cost.generations == 1 + 4 + 2)
        #expect(result.cost.promptTokens == 5, "the nested runs share the root's prefix")
        #expect(result.tree.nodes.filter { $0.kind == .root }.count == 3)
        #expect(result.answer == "4")
    }

    @Test func nestedBudgetsAreShares() async throws {
        let seen = Locked<[[UInt64]]>([])
        func look() -> Int64 {
            Puppet.key { stage in
                let budget = stage.budget
                seen.withLock {
                    $0.append([budget.generations, budget.tokens, budget.generations_spent, budget.tokens_spent])
                }
                return done([])
            }
        }
        let results = try await play(
            turns { [first = look(), second = look(), third = look()] turn, stage in
                switch turn {
                case 0: .asks([.sample(0, 1, temperature: 0)])
                case 1:
                    .asks([
                        .run(0, "puppet-1", key: first, share: 0.5), .run(1, "puppet-2", key: second, tokens: 3),
                        .run(2, "puppet-3", key: third, share: 0.25, generations: 2),
                    ])
                default: done([])
                }
            }, on: source(script), limits: Limits(generations: 9, tokens: 105))
        #expect(results[0].error == nil)
        // 8 and 100 are left. What earlier runs of the batch hold is not there for later ones.
        #expect(
            seen.withLock { $0 } == [[4, 50, 0, 0], [4, 3, 0, 0]], "and none for the third: nothing is left of 8")
    }

    /// Each puppet runs the next one: four deep is allowed, five is not.
    @Test func fourDeepAndNoDeeper() async throws {
        let failures = Locked<[String]>([])
        func runner(_ level: Int) -> Int64 {
            let below = level < 6 ? runner(level + 1) : nil
            return Puppet.key(
                turns { turn, stage in
                    if turn == 0, let below { return .asks([.run(0, "puppet-\(level + 1)", key: below)]) }
                    failures.withLock {
                        $0.append("\(level): \(stage.tell.told.first.map { "\($0.outcome)" } ?? "leaf")")
                    }
                    return done([])
                })
        }
        var options = RuntimeOptions()
        let lines = Locked<[String]>([])
        options.log = { _, line in lines.withLock { $0.append(line) } }
        let first = runner(1)
        let results = try await play(
            turns { turn, stage in
                if turn == 0 { return .asks([.run(0, "puppet-1", key: first)]) }
                failures.withLock { $0.append("0: \(stage.tell.told[0].outcome)") }
                return done([])
            }, on: source(script), options: options)
        #expect(results[0].error == nil)
        // Run 4 is four deep; its ask for a fifth fails it, and the runs above are told.
        #expect(failures.withLock { $0 } == ["3: runFailed", "2: ok", "1: ok", "0: ok"])
        #expect(lines.withLock { $0.contains { $0.contains("at most 4") } })
    }

    @Test func neitherThroughOthers() async throws {
        let back = Puppet.key(turns { turn, _ in turn == 0 ? .asks([.run(0, "puppet-0", key: 1)]) : done([]) })
        let outcome = Locked<Outcome?>(nil)
        let results = try await play(
            turns { turn, stage in
                if turn == 0 { return .asks([.run(0, "puppet-1", key: back)]) }
                outcome.withLock { $0 = stage.tell.told[0].outcome }
                return done([])
            }, on: source(script))
        #expect(results[0].error == nil && outcome.withLock { $0 } == .runFailed)
    }

    @Test func nestedNodesCanBeGoneOnWith() async throws {
        let stepper = Puppet.key(
            turns { turn, stage in
                turn == 0 ? .asks([.sample(0, 1, temperature: 0)]) : done(stage.tell.told[0].nodes)
            })
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: .asks([.run(0, "puppet-1", key: stepper)])
                case 1: .asks([.score(0, stage.tell.told[0].nodes), .revise(1, stage.tell.told[0].nodes)])
                case 2: .asks([.sample(0, stage.tell.told[1].nodes[0], temperature: 0)])
                default: done(stage.tell.told[0].nodes)
                }
            }, on: source(script))
        #expect(results[0].error == nil && results[0].answer == "4")
        #expect(results[0].tree.nodes.compactMap(\.score) == [0.1])
    }

    @Test func aBatchIsOneInstanceWithManyProblems() async throws {
        let problems = [Problem(text: "What is 2 + 2?"), Problem(text: "And now for something longer, please?")]
        let results = try await play(
            turns { turn, stage in
                switch turn {
                case 0: .asks([.sample(0, stage.roots[0], count: 2), .sample(1, stage.roots[1], count: 1)])
                case 1: .asks([.sample(0, stage.roots[1], count: 1)])
                // Roots are 1 and 2; 3 and 4 belong to the first problem, 5 and 6 to the other.
                default: done([4, 5, 3, 6])
                }
            }, on: source(script) { $0.draws = .roundRobin }, problems: problems, strategy: "puppet-batch")
        #expect(results.count == 2 && results.allSatisfy { $0.error == nil })
        #expect(results.map(\.problem) == problems)
        #expect(results[0].candidates.map(\.answer) == ["4", "5"], "in the strategy's order, each problem's own")
        #expect(results[1].candidates.map(\.answer) == ["5", "4"])
        #expect(results[0].cost.tokens == 11 && results[1].cost.tokens == 11)
        #expect(results[0].cost.promptTokens + results[1].cost.promptTokens == 5 + 6)
    }

    @Test func onlyBatchStrategiesTakeBatches() async throws {
        let results = try await play({ _ in done([]) }, on: source(script), problems: [sum, sum])
        #expect(results.count == 2 && results.allSatisfy { $0.error?.code == .notABatch })
    }
}
