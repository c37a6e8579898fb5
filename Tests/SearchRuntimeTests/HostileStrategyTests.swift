import Foundation
import Locking
import ScriptedModel
import SearchCore
import SearchRuntime
import Testing

/// What a plugin may do wrong, and what it gets: its own run fails, by name, keeps
/// what was finished, and nothing else notices.
@Suite struct HostileStrategies {
    struct Case: Sendable, CustomTestStringConvertible {
        var mode: String
        var code: String
        var says: String
        var origin = Origin.plugin
        var testDescription: String { mode }
    }

    static let cases: [Case] = [
        Case(mode: "foreign-node", code: "foreign_node", says: "node 999"),
        Case(mode: "no-node", code: "foreign_node", says: "node 0"),
        Case(mode: "huge-node", code: "foreign_node", says: "18446744073709551615"),
        Case(mode: "finished-node", code: "finished_node", says: "node 2, which is finished"),
        Case(mode: "append-finished", code: "finished_node", says: "node 2, which is finished"),
        Case(mode: "count-zero", code: "bad_count", says: "0 times"),
        Case(mode: "count-huge", code: "bad_count", says: "2147483648 times"),
        Case(mode: "steps-huge", code: "bad_steps", says: "4294967295"),
        Case(mode: "temperature-nan", code: "bad_temperature", says: "nan"),
        Case(mode: "temperature-negative", code: "bad_temperature", says: "-1"),
        Case(mode: "temperature-infinite", code: "bad_temperature", says: "inf"),
        Case(mode: "top-p-two", code: "bad_filter", says: "top_p 2"),
        Case(mode: "min-p-nan", code: "bad_filter", says: "min_p nan"),
        Case(mode: "kind-zero", code: "unknown_ask", says: "kind 0"),
        Case(mode: "kind-huge", code: "unknown_ask", says: "kind 99"),
        Case(mode: "kind-negative", code: "unknown_ask", says: "kind -1"),
        Case(mode: "size-zero", code: "bad_struct_size", says: "is 0"),
        Case(mode: "size-odd", code: "bad_struct_size", says: "is 153"),
        Case(mode: "size-huge", code: "bad_struct_size", says: "is 4294967288"),
        Case(mode: "sizes-mixed", code: "bad_struct_size", says: "160"),
        Case(mode: "role-bytes", code: "bad_utf8", says: "role is not UTF-8"),
        Case(mode: "role-unknown", code: "no_model", says: "'wizard'", origin: .user),
        Case(
            mode: "role-beyond", code: "bad_role",
            says:
                "begins with the value of its parameter 'mode', \"role-beyond\", and continues after it: \"role-beyondSam went to\""
        ),
        Case(mode: "role-words", code: "bad_role", says: "\"the large one\", and no role"),
        Case(mode: "role-null", code: "bad_text", says: "NULL"),
        Case(mode: "append-empty", code: "bad_append", says: "empty"),
        Case(mode: "append-null", code: "bad_text", says: "7 bytes at NULL"),
        Case(mode: "append-huge", code: "bad_text", says: "64 MiB"),
        Case(mode: "score-root", code: "scored_root", says: "node 1"),
        Case(mode: "score-foreign", code: "foreign_node", says: "node 77"),
        Case(mode: "score-null", code: "bad_nodes", says: "NULL"),
        Case(mode: "score-role", code: "no_verifier", says: "'orm'", origin: .user),
        Case(mode: "nodes-huge", code: "bad_nodes", says: "more than 1048576"),
        Case(mode: "revise-problem", code: "bad_problem", says: "problem 9"),
        Case(mode: "revise-foreign", code: "foreign_node", says: "node 77"),
        Case(mode: "self-run", code: "self_run", says: "hostile"),
        Case(mode: "self-run-by-id", code: "self_run", says: "hostile"),
        Case(mode: "run-nobody", code: "unknown_strategy", says: "nobody", origin: .user),
        Case(mode: "run-problem", code: "bad_problem", says: "problem 3"),
        Case(mode: "share-zero", code: "bad_share", says: "0"),
        Case(mode: "share-nan", code: "bad_share", says: "nan"),
        Case(mode: "share-two", code: "bad_share", says: "2"),
        Case(mode: "params-null", code: "bad_params", says: "NULL"),
        Case(mode: "params-negative", code: "bad_params", says: "18446744073709551615"),
        Case(mode: "nodes-negative", code: "bad_nodes", says: "18446744073709551615"),
        Case(mode: "text-negative", code: "bad_text", says: "18446744073709551615"),
        Case(mode: "asks-negative", code: "bad_asks", says: "18446744073709551615"),
        Case(mode: "done-negative-count", code: "bad_answers", says: "18446744073709551615"),
        Case(mode: "revise-null", code: "bad_nodes", says: "NULL"),
        Case(mode: "revise-huge", code: "bad_nodes", says: "more than 1048576"),
        Case(mode: "run-bytes", code: "bad_utf8", says: "strategy is not UTF-8"),
        Case(mode: "run-empty", code: "unknown_strategy", says: "\"\"", origin: .user),
        Case(mode: "run-escapes", code: "unknown_strategy", says: "greedy", origin: .user),
        Case(mode: "param-name-bytes", code: "bad_utf8", says: "parameter name is not UTF-8"),
        Case(mode: "param-value-bytes", code: "bad_utf8", says: "parameter 'temperature' is not UTF-8"),
        Case(mode: "param-twice", code: "bad_params", says: "'temperature' twice"),
        Case(mode: "param-kind", code: "bad_params", says: "unknown kind 77"),
        Case(mode: "param-name-null", code: "bad_text", says: "9 bytes at NULL"),
        Case(mode: "param-name-long", code: "bad_params", says: "xxx…' is of the unknown kind"),
        Case(mode: "params-huge", code: "bad_params", says: "more than 1024"),
        Case(mode: "asks-misaligned", code: "bad_asks", says: "misaligned"),
        Case(mode: "batch-heavy", code: "too_many_asks", says: "more than 64 MiB"),
        Case(mode: "done-infinite", code: "bad_weight", says: "inf"),
        Case(mode: "error-long", code: "strategy_failed", says: "STG_ERROR"),
        Case(mode: "duplicate-tags", code: "duplicate_tag", says: "tag 5"),
        Case(mode: "empty-for-ever", code: "no_progress", says: "100 times"),
        Case(mode: "asks-null", code: "bad_asks", says: "5 asks at NULL"),
        Case(mode: "asks-huge", code: "bad_asks", says: "more than 1048576"),
        Case(mode: "next-nothing", code: "bad_next", says: "kind 0"),
        Case(mode: "next-kind", code: "bad_next", says: "kind 7"),
        Case(mode: "done-foreign", code: "foreign_answer", says: "node 99"),
        Case(mode: "done-root", code: "unfinished_answer", says: "node 1, which is not finished"),
        Case(mode: "done-truncated", code: "unfinished_answer", says: "node 3, which is truncated"),
        Case(mode: "done-twice", code: "duplicate_answer", says: "node 2"),
        Case(mode: "done-nan", code: "bad_weight", says: "nan"),
        Case(mode: "done-negative", code: "bad_weight", says: "-1"),
        Case(mode: "done-null", code: "bad_answers", says: "NULL"),
        Case(mode: "done-huge", code: "bad_answers", says: "more than 1048576"),
        Case(mode: "error", code: "strategy_failed", says: "I give up"),
        Case(mode: "error-bytes", code: "strategy_failed", says: "STG_ERROR"),
        Case(mode: "error-silent", code: "strategy_failed", says: "STG_INVALID_ARGUMENT"),
        Case(mode: "status", code: "strategy_failed", says: "77"),
    ]

    @Test(arguments: cases) func losesItsOwnRunAndKeepsWhatWasFinished(_ it: Case) async throws {
        let result = try await run("hostile", ["mode": it.mode], on: source(sums))
        let error = try #require(result.error, "it got away with it")
        #expect(error.code.rawValue == it.code)
        #expect(error.origin == it.origin)
        #expect(error.message.contains(it.says), "\(error.message)")
        #expect(error.message.contains("hostile"), "names the strategy: \(error.message)")
        #expect(result.answer == nil && result.votes.isEmpty)
        #expect(result.candidates.map(\.node) == [2], "what was finished by then")
        #expect(
            result.cost.tokens == result.tree.nodes.reduce(0) { $0 + ($1.kind == .sampled ? $1.tokens : 0) }
                && result.cost.tokens > 0)
    }

    @Test(arguments: [
        ("create-fails", "strategy_failed", "no room"), ("create-null", "no_instance", "without an instance"),
    ])
    func createThatFails(_ mode: String, _ code: String, _ says: String) async throws {
        let result = try await run("hostile", ["mode": mode], on: source(sums))
        #expect(result.error?.code.rawValue == code && result.error?.origin == .plugin)
        #expect(result.error?.message.contains(says) == true && result.candidates.isEmpty)
    }

    @Test func theOthersGoOn() async throws {
        let runtime = try SearchRuntime(models: source(sums), registry: Plugins.registry)
        let hostile = try Plugins.registry.strategy(named: "hostile")
        let greedy = try Plugins.registry.strategy(named: "greedy")
        await withTaskGroup(of: (Bool, RunResult?).self) { group in
            for (index, mode) in Self.cases.map(\.mode).enumerated() {
                group.addTask {
                    let params = try? hostile.check(parameters: ["mode": mode])
                    return (
                        true,
                        await runtime.run(
                            RunRequest(
                                problems: [sum], strategy: hostile, params: params ?? [:], limits: Limits(),
                                seed: UInt64(index))
                        ).first
                    )
                }
                group.addTask {
                    let params = try? greedy.check(parameters: [:])
                    return (
                        false,
                        await runtime.run(
                            RunRequest(problems: [sum], strategy: greedy, params: params ?? [:], limits: Limits())
                        ).first
                    )
                }
            }
            for await (isHostile, result) in group {
                #expect((result?.error != nil) == isHostile)
                if !isHostile { #expect(result?.answer == "5") }
            }
        }
    }

    @Test func askingOnAfterTheBudgetIsOver() async throws {
        let result = try await run("hostile", ["mode": "ignore-stop"], on: source(sums), limits: Limits(generations: 1))
        #expect(result.error?.code == .ignoredStop && result.error?.origin == .plugin)
        #expect(result.error?.message.contains("BUDGET_OVER") == true, "\(result.error?.message ?? "")")
        #expect(result.cost.generations == 1)
    }

    @Test func turnsWithoutEnd() async throws {
        let result = try await run("hostile", ["mode": "score-for-ever"], on: source(sums))
        #expect(result.error?.code == .noProgress && result.error?.origin == .plugin)
        #expect(result.candidates.map(\.node) == [2])
    }

    @Test func theWatchdogNamesWhoHangs() async throws {
        let reports = Locked<[StratagemError]>([])
        var options = RuntimeOptions()
        options.watchdogSeconds = 0.1
        options.onHang = { error in reports.withLock { $0.append(error) } }
        let result = try await run("hostile", ["mode": "slow"], on: source(sums), options: options)
        #expect(result.error == nil, "it did come back")
        let errors = reports.withLock { $0 }
        #expect(errors.count == 1 && errors.first?.code == .hang && errors.first?.origin == .plugin)
        #expect(errors.first?.message.contains("'hostile'") == true)
    }

    @Test func theWatchdogLetsQuickOnesBe() async throws {
        let reports = Locked(0)
        var options = RuntimeOptions()
        options.watchdogSeconds = 5
        options.onHang = { _ in reports.withLock { $0 += 1 } }
        _ = try await run("hostile", ["mode": "slow"], on: source(sums), options: options)
        #expect(reports.withLock { $0 } == 0)
    }
}
