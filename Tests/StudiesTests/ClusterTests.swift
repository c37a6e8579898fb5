import Foundation
import GRDB
import SearchCore
import Testing
@testable import Studies

/// A problem that occurs twice is not new evidence; what a store of an earlier version does not know.
struct ClusterTests {
    private func tally(_ right: [Bool], _ clusters: [Int]? = nil) -> EvalTally {
        EvalTally(
            outcomes: right.map { EvalOutcome(answer: nil, isCorrect: $0, cost: Cost()) }, seconds: 0,
            clusters: clusters)
    }

    private func isNear(_ one: ClosedRange<Double>, _ other: ClosedRange<Double>) -> Bool {
        abs(one.lowerBound - other.lowerBound) < 1e-12 && abs(one.upperBound - other.upperBound) < 1e-12
    }

    @Test func doubledDataAreWorthTheirHalf() {
        let half = [true, true, false, true, false, true, true]
        let doubled = tally(half + half, Array(0..<7) + Array(0..<7))
        #expect(doubled.accuracy == tally(half).accuracy)
        #expect(isNear(doubled.ci95, tally(half).ci95))
        #expect(!isNear(doubled.ci95, tally(half + half).ci95), "else nothing was shown")
        let other = [false, true, false, true, true, false, false]
        #expect(doubled.compared(with: tally(other + other)) == tally(half).compared(with: tally(other)))
    }

    /// Only what was finished counts.
    @Test func oneProblemManyTimes() {
        var many = tally([true, true, true, false], [0, 0, 0, 3])
        // (3 + 1)² / (3² + 1²) = 1.6
        #expect(isNear(many.ci95, Proportion.wilson95(successes: 3, of: 4, evidence: 1.6)))
        many.outcomes[1] = nil
        many.outcomes[2] = nil
        #expect(isNear(many.ci95, Proportion.wilson95(successes: 1, of: 2)))
    }

    @Test func clustersAreTexts() throws {
        func set(_ texts: [String]) -> DataSet {
            DataSet(file: "d", items: texts.map { .init(problem: Problem(text: $0, answer: "1"), line: 1) })
        }
        #expect(set(["a", "b", "a", "c", "b"]).clusters == [0, 1, 0, 3, 1])
        #expect(set(["a", "b"]).clusters == nil && set(["a", "b"]).repeatedNote == nil)
        #expect(try #require(set(["a", "b", "a"]).repeatedNote).contains("1 of 3 problems occurs earlier in the file"))
    }

    @Test func whatLooksLikeMATH() throws {
        func looks(_ lines: String...) throws -> Bool {
            try DataSet.parse(Data(lines.joined(separator: "\n").utf8), file: "d.jsonl").looksLikeMATH
        }
        #expect(try looks(#"{"problem":"a","solution":"So \\boxed{3}."}"#))
        #expect(try looks(#"{"problem":"a","answer":"3","solution":"So \\boxed{3}."}"#))
        #expect(try looks(#"{"problem":"a","answer":"\\frac{1}{2}"}"#, #"{"problem":"b","answer":"2"}"#))
        #expect(try !looks(#"{"question":"a","answer":"9 + 9 = 18\n#### 18"}"#))
        #expect(try !looks(#"{"question":"a","answer":"\\$18"}"#), "a dollar is no formula")
        #expect(try !looks(#"{"question":"a","answer":"abc"}"#))
    }

    private func study() -> Study {
        var study = Sample.study()
        study.answers = StudyAnswers(extract: "math", equal: "math", chosenBy: "data")
        return study
    }

    private func run(_ problem: Int) -> StoredRun {
        var run = Sample.run(problem)
        run.texts = TextCount(ended: 4, truncated: problem, unscored: 1)
        return run
    }

    @Test func storesKeepIt() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        let writer = StoreWriter(try EvalStore.writing(path, study: study(), cells: [Sample.cell()], resume: false))
        for problem in 0..<3 { writer.add(run(problem), cell: 1) }
        try writer.finish()
        let store = try EvalStore.reading(path)
        let cell = try #require(try store.cells().first)
        #expect(store.study.answers == study().answers)
        #expect(
            try store.outcomes(of: cell).map(\.texts)
                == [0, 1, 2].map { TextCount(ended: 4, truncated: $0, unscored: 1) })
        #expect(try store.texts(of: cell) == TextCount(ended: 12, truncated: 3, unscored: 3))
        var other = study()
        other.answers?.equal = "numeric"
        let error = #expect(throws: StratagemError.self) {
            try EvalStore.writing(path, study: other, cells: [], resume: true)
        }
        #expect(error?.message.contains("math, math") == true && error?.message.contains("math, numeric") == true)
    }

    /// A store that an earlier version wrote is read, and gone on with.
    @Test func olderStores() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        try writeOlderStore(path)
        let old = try EvalStore.reading(path)
        let cell = try #require(try old.cells().first)
        #expect(old.study.answers == nil)
        #expect(try old.outcomes(of: cell).map(\.texts) == [nil])
        #expect(try old.texts(of: cell) == nil)
        let next = StoreWriter(try EvalStore.writing(path, study: study(), cells: [Sample.cell()], resume: true))
        next.add(run(1), cell: 1)
        try next.finish()
        #expect(
            try EvalStore.reading(path).outcomes(of: cell).map(\.texts) == [
                nil, TextCount(ended: 4, truncated: 1, unscored: 1),
            ])
    }

    /// The tables as they were before there were later columns, with a run in them.
    private func writeOlderStore(_ path: String) throws {
        let later = Schema.laterColumns.values.flatMap { $0 }.map { "\($0.name) \($0.type)" }
        let lines = Schema.sql.split(separator: "\n").filter { line in
            !later.contains { line.drop { $0 == " " }.hasPrefix($0) }
        }
        let sql = lines.joined(separator: "\n").replacing("created TEXT NOT NULL, ", with: "created TEXT NOT NULL ")
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(
                sql: sql + "; PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(Schema.version)")
            let study = Sample.study()
            try db.execute(sql: "INSERT INTO study VALUES (1, '0', 'b', 'd.jsonl', 'd1', 1, 1, 'then')")
            try db.execute(sql: "INSERT INTO models VALUES ('policy', 'm1', NULL)")
            for (place, problem) in study.problems.enumerated() {
                try db.execute(
                    sql: "INSERT INTO problems VALUES (?, ?, ?)", arguments: [place, problem.text, problem.answer])
            }
            try StoreRows.insert(Sample.cell(), in: db)
            try db.execute(
                sql:
                    "INSERT INTO runs (cell, problem, correct, generations, tokens, prompt_tokens, verifier_tokens, wasted_tokens, flops, seconds) VALUES (1, 0, 1, 4, 10, 3, 5, 1, 1e9, 0.2)"
            )
        }
        try queue.close()
    }

    /// Whoever writes is told at once, and the runs at work can be ended.
    @Test func aFailureIsSaid() async throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        let store = try EvalStore.writing(path, study: Sample.study(), cells: [Sample.cell()], resume: false)
        let writer = StoreWriter(store)
        try await store.queue.write {
            try $0.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT raise(ABORT, 'no room'); END")
        }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            writer.onFailure { continuation.resume() }
            writer.add(Sample.run(0), cell: 1)
        }
        #expect(writer.failure != nil)
        #expect(throws: StratagemError.self) { try writer.finish() }
    }
}
