import Conformance
import Foundation
import Locking
import Synchronization
import Testing

/// The kit is proven: for every check there is a plugin that fails it and no other
/// of its level or below.
@Suite(.serialized) struct ProofTests {
    @Test func theCorrectPluginPassesEveryCheck() throws {
        let results = BrokenPlugin.check(try BrokenPlugin.build(nil), level: 10)
        let bad = results.filter { $0.status != .passed }
        #expect(
            bad.map(\.check.name) == ["batch-asks", "batch-answers", "batch-apart", "batch-troubled"],
            "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
    }

    @Test func theCorrectPluginPassesAsABatchToo() throws {
        let path = try BrokenPlugin.build("nothing-batch")
        let bad = BrokenPlugin.check(path, level: 10).filter { $0.status != .passed }
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
    }

    /// The others share a process in a proof; that hides nothing.
    @Test func whatElseIsWrongIsFoundToo() throws {
        let path = try BrokenPlugin.build(nil, macros: ["-DBREAK_answer_weights=1", "-DBREAK_ask_kind=1"])
        let bad = BrokenPlugin.check(path, level: 3) { $0.thorough = ["answer-weights"] }.filter(\.isBad)
        #expect(bad.map(\.check.name) == ["ask-kind", "answer-weights"])
    }

    /// Prints the table: broken plugin, what found it, how.
    @Test(.timeLimit(.minutes(10))) func everyCheckFindsItsPluginAndNothingElse() throws {
        let checks = CheckTable.all
        let rows = Locked([String?](repeating: nil, count: checks.count))
        let wrong = Locked<[String]>([])
        let next = Atomic<Int>(0)
        let start = Date()
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < checks.count else { return }
                let (row, problem) = Self.prove(checks[index])
                rows.withLock { $0[index] = row }
                if let problem { wrong.withLock { $0.append(problem) } }
            }
        }
        print("broken plugin → check that found it")
        for row in rows.withLock({ $0 }) { print(row ?? "") }
        print("\(checks.count) broken plugins in \(Int(Date().timeIntervalSince(start))) s")
        let problems = wrong.withLock { $0 }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
        #expect(checks.count >= 60)
    }

    private static func prove(_ check: Check) -> (row: String, problem: String?) {
        let name = BrokenPlugin.defect(check.name)
        do {
            let path = try BrokenPlugin.build(check.name)
            func once() -> [CheckResult] { BrokenPlugin.check(path, level: check.level) { $0.thorough = [check.name] } }
            var all = once()
            // Whether two threads meet is a matter of chance, and less likely on a busy machine.
            for _ in 0..<3 where check.group == .threads && !all.contains(where: \.isBad) { all = once() }
            let found = all.filter(\.isBad)
            let row =
                "  \(name).so → "
                + found.map { "\($0.check.name) (\($0.status.rawValue): \($0.finding?.happened ?? ""))" }.joined(
                    separator: ", ")
            guard found.count == 1, let only = found.first, only.check.name == check.name else {
                return (
                    row,
                    "\(name).so should draw \(check.name) alone, and draws: \(found.map { "\($0.check.name) (\($0.finding?.happened ?? ""))" })"
                )
            }
            let wanted: Set<CheckStatus> = check.severity == .warn ? [.warning] : [.failed, .crashed, .timedOut]
            return (row, wanted.contains(only.status) ? nil : "\(name).so is \(only.status.rawValue)")
        } catch { return ("  \(name).so: \(error)", "\(error)") }
    }
}
