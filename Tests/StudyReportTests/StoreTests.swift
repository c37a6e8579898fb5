import Foundation
import SearchCore
import Studies
import Testing
@testable import StudyReport

@Suite struct StoreTests {
    static func cell(_ strategy: String, _ params: String, _ budget: Int, seed: UInt64 = 0, defaults: String? = nil)
        -> StoredCell
    {
        StoredCell(
            strategy: strategy, strategyID: "org.stratagem.\(strategy)", params: params, defaults: defaults,
            budget: "\(budget)",
            generations: budget, seed: seed, plugin: "\(strategy) 1.0.0",
            pluginSHA256: String(repeating: "0", count: 64))
    }

    static func study(_ problems: Int) -> Study {
        Study(
            stratagem: "test", bundle: "reference", dataName: "test.jsonl",
            dataSHA256: String(repeating: "1", count: 64),
            models: [.init(role: "policy", sha256: String(repeating: "2", count: 64), parameters: 317_000)],
            problems: (0..<problems).map { Problem(text: "problem \($0)", answer: "\($0)") })
    }

    static func fill(_ path: String, problems: Int, _ cells: [StoredCell], _ run: (StoredCell, Int) -> StoredRun?)
        throws
    {
        let store = try EvalStore.writing(path, study: study(problems), cells: cells, resume: false)
        let writer = StoreWriter(store)
        for cell in try store.cells() {
            for problem in 0..<problems {
                if let run = run(cell, problem) { writer.add(run, cell: cell.id) }
            }
        }
        try writer.finish()
    }

    private static func candidate(
        _ node: Int, _ answer: String?, right: Bool, steps: [Float], after previous: Int? = nil
    ) -> StoredCandidate {
        StoredCandidate(
            node: node, previous: previous, revision: previous == nil ? 0 : 1, answer: answer, isCorrect: right,
            score: steps.last.map(Double.init),
            stepScores: steps, tokens: 5, text: nil)
    }

    private func path() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-\(UUID().uuidString).db").path
    }

    @Test func aStoreIsReadByProblem() throws {
        let path = path()
        defer { for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let plain = #"{"n":null,"selection":"weighted","temperature":0.8,"verifier":"prm"}"#
        let cells = [
            Self.cell("best-of-n", plain, 3, defaults: plain),
            Self.cell("best-of-n", plain, 3, seed: 1, defaults: plain),
            Self.cell(
                "best-of-n", #"{"n":null,"selection":"weighted","temperature":0.8,"verifier":"orm"}"#, 3,
                defaults: plain),
            Self.cell("revise", "{}", 2, defaults: "{}"),
        ]
        try Self.fill(path, problems: 2, cells) { cell, problem in
            let cost = Cost(generations: cell.generations ?? 0, tokens: 9, flops: 100)
            // The second problem is not there yet in the last cell.
            if cell.strategy == "revise" {
                guard problem == 0 else { return nil }
                return StoredRun(
                    problem: problem, answer: "0", isCorrect: true, cost: cost,
                    candidates: [
                        Self.candidate(4, "7", right: false, steps: [0.2], after: 2),
                        Self.candidate(2, "0", right: true, steps: [0.9]),
                    ])
            }
            // Node 3, the second sample, was cut by a limit.
            return StoredRun(
                problem: problem, answer: "0", isCorrect: problem == 0 && cell.seed == 0, cost: cost,
                candidates: [
                    Self.candidate(4, "0", right: problem == 0, steps: [0.5, 0.25, 0.75]),
                    Self.candidate(2, "9", right: false, steps: [0.5]),
                ])
        }
        let data = try MeasuredStudy(store: path)
        #expect(
            data.problems == 2 && data.seeds == [0, 1] && data.runsPlanned == 8 && data.runsDone == 7
                && data.models.first?.parameters == 317_000)
        #expect(data.cells.map(\.run) == ["best-of-n", "best-of-n:verifier=orm", "revise"])
        let first = try #require(data.cells.first)
        #expect(
            first.params.isEmpty && first.right == [0.5, 0] && first.believed == [0.75, 0.75] && first.flops == 100)
        #expect(data.cells[2].right[0] == 1 && data.cells[2].right[1].isNaN)
        let samples = try #require(data.samples.first)
        // Three of each seed.
        #expect(
            samples.map(\.answer) == [0, -1, 1, 0, -1, 1]
                && samples.map(\.isRight) == [false, false, true, false, false, true])
        #expect(samples[2].last == 0.75 && samples[2].least == 0.25 && abs(samples[2].product - 0.09375) < 1e-6)
        #expect(data.chains == [[[true, false]], []])
        #expect(try Report(data).warnings.contains { $0.hasPrefix("This store is not finished: it has 7 of 8 runs") })
    }

    @Test func whatIsNoStoreIsRefused() throws {
        #expect { try MeasuredStudy(store: "/nowhere/study.db") } throws: { ($0 as? StratagemError)?.code == .badStore }
        let path = path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "not a database, but long enough to be looked at as one: \(String(repeating: "x", count: 4096))".write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect { try MeasuredStudy(store: path) } throws: { ($0 as? StratagemError)?.code == .badStore }
    }

    @Test func aStoreWithoutRunsIsRefused() throws {
        let path = path()
        defer { for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) } }
        try Self.fill(path, problems: 2, [Self.cell("best-of-n", "{}", 4)]) { _, _ in nil }
        #expect { try Report(MeasuredStudy(store: path)) } throws: { ($0 as? StratagemError)?.code == .emptyStore }
    }

    /// Not a test of its own: makes the store of a million candidates that `stratagem report` is timed on,
    /// where `STRATAGEM_LARGE_STORE` names a file.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["STRATAGEM_LARGE_STORE"] != nil))
    func aLargeStoreIsMade() throws {
        let path = try #require(ProcessInfo.processInfo.environment["STRATAGEM_LARGE_STORE"])
        let budgets = [1, 4, 16, 64, 256]
        let cells =
            ["best-of-n", "majority", "beam-search", "lookahead", "revise", "revise-search"].flatMap { name in
                budgets.map { Self.cell(name, "{}", $0) }
            }
            + budgets.flatMap { budget in
                budgets.filter { $0 > 1 && $0 <= budget }.map {
                    Self.cell("revise-parallel", "{\"chains\":\($0)}", budget)
                }
            }
        let random = SampleRandom(seed: 3)
        var count: UInt64 = 0
        var candidates = 0
        try Self.fill(path, problems: 500, cells) { cell, problem in
            let ease = 1 - Double(problem) / 500
            var all: [StoredCandidate] = []
            for index in 0..<(cell.generations ?? 0) {
                count += 1
                let isRight = random.uniform(count) < ease
                let steps = (0..<4).map { Float(random.uniform(count &* 7 &+ UInt64($0))) }
                all.append(
                    Self.candidate(
                        index + 2, isRight ? "0" : "\(1 + random.bits(count) % 9)", right: isRight, steps: steps,
                        after: cell.strategy == "revise" && index > 0 ? index + 1 : nil))
            }
            candidates += all.count
            return StoredRun(
                problem: problem, answer: "0", isCorrect: all.first?.isCorrect ?? false,
                cost: Cost(generations: all.count, flops: Double(all.count) * 1e8), candidates: all)
        }
        #expect(candidates > 1_000_000)
    }
}
