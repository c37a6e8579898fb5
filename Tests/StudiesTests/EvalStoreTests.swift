import Foundation
import GRDB
import SearchCore
import Testing
@testable import Studies

/// A folder of its own for every test.
struct StoreFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    func remove() { try? FileManager.default.removeItem(at: url) }
}

enum Sample {
    static func study(
        problems: Int = 6, shard: Shard = .whole, model: String = "m1", data: String = "d1", bundle: String = "b"
    ) -> Study {
        Study(
            stratagem: "0", bundle: bundle, dataName: "d.jsonl", dataSHA256: data, shard: shard,
            models: [.init(role: "policy", sha256: model)],
            problems: (0..<problems).map { Problem(text: "p\($0)", answer: "\($0)") })
    }

    static func cell(_ budget: Int = 4, plugin: String = "h1") -> StoredCell {
        StoredCell(
            strategy: "s", strategyID: "org.s", params: "{}", budget: "\(budget)", generations: budget, seed: .max,
            plugin: "s.so 1", pluginSHA256: plugin)
    }

    static func run(_ problem: Int) -> StoredRun {
        StoredRun(
            problem: problem, answer: "a\(problem)", isCorrect: problem % 2 == 0,
            error: problem == 3 ? StratagemError(.model, .endpointFailed, "it broke") : nil,
            cost: Cost(
                generations: 4, tokens: 10 + problem, promptTokens: 3, verifierTokens: 5, flops: 1.5e9, seconds: 0.25,
                wastedTokens: 1),
            votes: [Vote(answer: "a", weight: 1.5, count: 2), Vote(answer: "b", weight: 0.5, count: 1)],
            candidates: [
                StoredCandidate(
                    node: 7, previous: 2, revision: 3, answer: "a", isCorrect: true, score: 0.75,
                    stepScores: [0.5, .infinity, 0.75], tokens: 9, text: "x\ny"),
                StoredCandidate(node: 2, answer: nil, isCorrect: false, score: nil, tokens: 4, text: "x\ny"),
            ])
    }
}

@Suite struct EvalStoreTests {
    @Test func keepsAllThatARunIs() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        let store = try EvalStore.writing(path, study: Sample.study(), cells: [Sample.cell()], resume: false)
        let writer = StoreWriter(store)
        for problem in [0, 3, 5] { writer.add(Sample.run(problem), cell: 1) }
        try writer.finish()
        #expect(!FileManager.default.fileExists(atPath: path + ".lock"))

        let read = try EvalStore.reading(path)
        #expect(read.study == Sample.study())
        let cell = try #require(try read.cells().first)
        #expect(cell.seed == .max && cell.isSame(as: Sample.cell()) && cell.generations == 4)
        let outcomes = try read.outcomes(of: cell)
        #expect(outcomes.map(\.problem) == [0, 3, 5])
        for one in outcomes {
            let run = Sample.run(one.problem)
            #expect(
                one.answer == run.answer && one.isCorrect == run.isCorrect && one.error == run.error
                    && one.cost == run.cost)
        }
        #expect(try read.votes(of: cell)[3] == Sample.run(3).votes)
        var seen: [Int] = []
        try read.eachRun(of: cell, withText: true) { problem, candidates in
            seen.append(problem)
            #expect(candidates == Sample.run(problem).candidates)
        }
        #expect(seen == [0, 3, 5])
        // The text that two candidates of three runs share is there once.
        #expect(try read.rows(sql: "SELECT count(*) FROM texts").rows == [[.integer(1)]])
    }

    @Test func goesOnOnlyWithTheSameStudy() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        func open(_ study: Study = Sample.study(), _ cell: StoredCell = Sample.cell(), resume: Bool = true) throws {
            _ = try EvalStore.writing(path, study: study, cells: [cell], resume: resume)
        }
        func code(_ body: () throws -> Void) -> String? {
            do { try body() } catch let error as StratagemError {
                return error.code.rawValue + " " + error.message
            } catch {}
            return nil
        }
        try open()
        #expect(code { try open(resume: false) }?.hasPrefix("store_exists") == true)
        #expect(code { try open() } == nil)
        #expect(code { try open(Sample.study(data: "d2")) }?.contains("other problems") == true)
        #expect(code { try open(Sample.study(model: "m2")) }?.contains("policy model") == true)
        #expect(
            code { try open(Sample.study(bundle: "b (abc)")) }?.contains(
                "results by the bundle b, and now it is b (abc)") == true)
        #expect(code { try open(Sample.study(shard: Shard(parsing: "1/2"))) }?.contains("shard 1/1") == true)
        #expect(code { try open(Sample.study(), Sample.cell(plugin: "h2")) }?.contains("was measured with") == true)
        // Another cell is welcome.
        #expect(code { try open(Sample.study(), Sample.cell(16)) } == nil)
        #expect(try EvalStore.reading(path).cells().map(\.budget) == ["4", "16"])
    }

    @Test func oneProcessWrites() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        let first = try EvalStore.writing(path, study: Sample.study(), cells: [], resume: false)
        #expect { try EvalStore.writing(path, study: Sample.study(), cells: [], resume: true) } throws: {
            ($0 as? StratagemError)?.code == .storeLocked
        }
        // Whoever reads may do so meanwhile.
        #expect(try EvalStore.reading(path).runCount() == 0)
        try first.close()
    }

    @Test func aFileThatIsNotOursIsNotChanged() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let url = folder.url.appendingPathComponent("theirs.db")
        let queue = try DatabaseQueue(path: url.path)
        try queue.write {
            try $0.execute(sql: "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('dear diary')")
        }
        try queue.close()
        let before = try Data(contentsOf: url)
        #expect { try EvalStore.writing(url.path, study: Sample.study(), cells: [], resume: true) } throws: {
            ($0 as? StratagemError)?.code == .badStore
        }
        #expect(try Data(contentsOf: url) == before)
    }

    @Test func foreignFilesAreRefused() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        func message(_ name: String) -> String {
            do { _ = try EvalStore.reading(folder.path(name)) } catch { return error.message }
            return "was read"
        }
        #expect(message("none.db").contains("does not exist"))
        try Data("hello, this is no database, only some text that is long enough".utf8).write(
            to: folder.url.appendingPathComponent("text.db"))
        #expect(message("text.db").contains("is not an SQLite file"))
        let store = try EvalStore.writing(folder.path("new.db"), study: Sample.study(), cells: [], resume: false)
        try store.queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try store.close()
        #expect(message("new.db").contains("version 99"))
        try store.queue.write { try $0.execute(sql: "PRAGMA application_id = 1") }
        #expect(message("new.db").contains("not an eval store"))
        // A page of zeros in the middle.
        let whole = try EvalStore.writing(
            folder.path("torn.db"), study: Sample.study(problems: 4000), cells: [], resume: false)
        try whole.close()
        let handle = try FileHandle(forUpdating: folder.url.appendingPathComponent("torn.db"))
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 40_000))
        try handle.close()
        #expect(message("torn.db").contains("damaged"))
    }

    @Test func aFullDiskEndsTheWritingWithAReason() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let store = try EvalStore.writing(
            folder.path("s.db"), study: Sample.study(problems: 5000), cells: [Sample.cell()], resume: false)
        // What SQLite says when the disk is full, without filling one.
        try store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 80") }
        let writer = StoreWriter(store)
        for problem in 0..<5000 { writer.add(Sample.run(problem), cell: 1) }
        #expect { try writer.finish() } throws: { ($0 as? StratagemError)?.code == .diskFull }
        #expect(writer.failure?.message.contains("--resume continues") == true)
    }

    /// docs/store.md shows the very tables that are made.
    @Test func thePageShowsTheTables() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/store.md"), encoding: .utf8)
        #expect(page.contains(Schema.sql))
    }

    @Test func sqlMayOnlyRead() throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        try EvalStore.writing(folder.path("s.db"), study: Sample.study(), cells: [Sample.cell()], resume: false).close()
        let store = try EvalStore.reading(folder.path("s.db"))
        #expect(try store.rows(sql: "SELECT budget, generations FROM cells").rows == [[.text("4"), .integer(4)]])
        for bad in ["SELEKT 1", "DELETE FROM runs", "SELECT * FROM nowhere"] {
            #expect(throws: StratagemError.self, "\(bad)") { try store.rows(sql: bad) }
        }
        #expect(try store.rows(sql: "SELECT count(*) FROM cells").rows == [[.integer(1)]])
        for good in [
            " -- how many\n/* of\nthem */ select count(*) from cells;", "VALUES (1)",
            "WITH one AS (SELECT 1) SELECT * FROM one",
        ] {
            #expect(try store.rows(sql: good).rows == [[.integer(1)]], "\(good)")
        }
        #expect(try store.rows(sql: "SELECT name FROM pragma_table_info('votes') LIMIT 1").rows == [[.text("run")]])
    }

    /// In our words, and nothing is touched.
    @Test(arguments: [
        ("ATTACH 'other.db' AS other", "ATTACH is about another file, and query reads this store alone"),
        ("attach database 'other.db' AS other", "attach is about another file"),
        ("PRAGMA journal_mode = DELETE", "PRAGMA is about SQLite and not about the study"),
        ("PRAGMA table_info(runs)", "SELECT * FROM pragma_table_info('runs')"),
        ("DELETE FROM runs", "DELETE would change the store, and query only reads"),
        ("/* */ insert into runs values (1)", "insert would change the store"),
        ("VACUUM INTO 'copy.db'", "VACUUM would change the store"),
        ("WITH gone AS (SELECT 1) DELETE FROM cells", "it would change the store"),
        ("BEGIN", "BEGIN is about a transaction"), ("SELEKT 1", "did you mean \"SELECT\"?"),
        ("42", "no statement begins with '42'"), (" -- nothing", "there is no statement"),
        ("SELECT 1; SELECT 2", "there are several statements"),
        ("SELECT 1; ATTACH 'other.db' AS o", "there are several"),
        ("SELECT * FROM nowhere", "SQLite does not understand 'SELECT * FROM nowhere': no such table: nowhere"),
    ]) func sqlThatIsRefused(sql: String, words: String) throws {
        let folder = try StoreFolder()
        defer { folder.remove() }
        let path = folder.path("s.db")
        try EvalStore.writing(path, study: Sample.study(), cells: [Sample.cell()], resume: false).close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try EvalStore.reading(path)
        #expect {
            try store.rows(sql: sql)
        } throws: { error in
            let error = error as? StratagemError
            return error?.code == .badSql && error?.message.hasPrefix("--sql: ") == true
                && error?.message.contains(words) == true
                && error?.message.contains("begins with SELECT, WITH or VALUES; docs/store.md") == true
        }
        #expect(try store.rows(sql: "SELECT count(*) FROM cells").rows == [[.integer(1)]])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).allSatisfy { $0.hasPrefix("s.db") })
    }
}
