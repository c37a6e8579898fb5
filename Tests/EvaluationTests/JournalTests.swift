import Foundation
import SearchCore
import Testing
@testable import Evaluation

struct JournalTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)")
    private var path: String { folder.appendingPathComponent("j.jsonl").path }
    private let data = DataSet(file: "d", items: [.init(problem: Problem(text: "p", answer: "1"), line: 1), .init(problem: Problem(text: "q", answer: "1"), line: 2)])
    private let cases = [EvalCase(spec: "s", strategy: "s", params: [:], limits: Limits(generations: 1))]
    private let outcome = EvalOutcome(answer: "1", isCorrect: true, cost: Cost(generations: 1, tokens: 3, flops: 0.1))

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func open(_ study: String = "s1") throws -> EvalJournal { try EvalJournal(path, study: [study], cases: cases, data: data) }

    @Test func goesOnWhereItStopped() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try open()
        #expect(first.outcome(0, 0) == nil)
        first.add(0, 1, outcome)
        #expect(first.failure == nil)
        // A kill in the middle of a line.
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"study\":\"s1\",\"prob".utf8))
        try handle.close()
        let second = try open()
        #expect(second.outcome(0, 0) == nil)
        #expect(second.outcome(0, 1) == outcome)
        second.add(0, 0, outcome)
        #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 2)
        let third = try open()
        #expect(third.outcome(0, 0) == outcome)
        #expect(try open("another study").outcome(0, 0) == nil)
    }

    @Test(arguments: ["hello\n", "hello", "{}\n"]) func othersFilesAreLeftAlone(text: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: StratagemError.self) { try open() }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func fullDisk() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let journal = try EvalJournal("/dev/full", study: ["s"], cases: cases, data: data)
        journal.add(0, 0, outcome)
        #expect(journal.failure?.code == "cannot_write")
        #expect(journal.failure?.message.contains("no space left") == true)
    }

    @Test func foldersAreRefused() {
        #expect(throws: StratagemError.self) { try EvalJournal(NSTemporaryDirectory(), study: ["s"], cases: cases, data: data) }
        #expect(throws: StratagemError.self) { try EvalJournal("/nonexistent/j", study: ["s"], cases: cases, data: data) }
    }
}
