import Engine
import Foundation
import SearchCore
import StrategyHost
import Testing
@testable import Studies

/// From a store's rows to a study: which cells, which samples, which problems.
@Suite struct PolicyReadingTests {
    private func withStore(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("policy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("s.db").path
        let study = Study(
            stratagem: "0", bundle: "b", dataName: "d", dataSHA256: "h", models: [.init(role: "policy", sha256: "m")],
            problems: [Problem(text: "p", answer: "1"), Problem(text: "q", answer: "2")])
        func cell(_ strategy: String, _ budget: String, seed: UInt64 = 0, params: String = "{}") -> StoredCell {
            StoredCell(
                strategy: strategy, strategyID: "org.\(strategy)", params: params, budget: budget,
                generations: Int(budget.prefix { $0.isNumber }),
                seed: seed, plugin: "x", pluginSHA256: "x")
        }
        let store = try EvalStore.writing(
            path, study: study,
            cells: [
                cell("best-of-n", "4"), cell("best-of-n", "4", seed: 1), cell("best-of-n", "2"),
                cell("best-of-n", "9+seconds=1"),
                cell("beam", "4", params: #"{"n":null,"width":2.0}"#), cell("compute-optimal", "4"),
            ], resume: false)
        let writer = StoreWriter(store)
        for cell in 1...6 {
            for problem in 0...1 {
                // Ranked by score, not in order of draw; the third sample had no answer, the fourth was cut.
                let candidates =
                    cell > 2
                    ? []
                    : [
                        StoredCandidate(
                            node: 3, answer: "2", isCorrect: problem == 1, score: 0.8, tokens: 1, text: nil),
                        StoredCandidate(
                            node: 2, answer: "1", isCorrect: problem == 0, score: 0.5, tokens: 1, text: nil),
                        StoredCandidate(node: 4, answer: nil, isCorrect: false, score: nil, tokens: 1, text: nil),
                    ]
                writer.add(
                    StoredRun(
                        problem: problem, answer: "1", isCorrect: cell != 2, cost: Cost(flops: 10),
                        candidates: candidates), cell: cell)
            }
        }
        try writer.finish()
        try body(path)
    }

    @Test func cellsAndSamples() throws {
        try withStore { path in
            let (study, source) = try PolicyReading(registry: PluginRegistry(folders: [])).read([path])
            // Not what has another limit, nor compute-optimal itself; two seeds are one cell.
            #expect(
                study.cells.map { "\($0.run) @ \($0.budget)" } == [
                    "beam:width=2 @ 4", "best-of-n @ 2", "best-of-n @ 4",
                ])
            #expect(
                study.cells[2].right == [0.5, 0.5] && study.cells[0].right == [1, 1] && study.cells[2].flops == 10)
            #expect(study.difficulties == Array(repeating: Difficulty(samples: 8, right: 2, scoreSum: 2.6), count: 2))
            #expect(source.models == ["policy": "m"] && source.samples == 8 && source.dataHash == "h")
        }
    }

    /// The first samples of the first seed, as they were drawn.
    @Test func theFirstSamples() throws {
        try withStore { path in
            let store = try EvalStore.reading(path)
            func found(_ samples: Int) throws -> [Difficulty] {
                try StudyReader(store) { PluginRegistry(folders: []) }.difficulties(first: samples)
            }
            #expect(
                try found(1) == [
                    Difficulty(samples: 1, right: 1, scoreSum: 0.5), Difficulty(samples: 1, right: 0, scoreSum: 0.5),
                ])
            #expect(try found(3) == Array(repeating: Difficulty(samples: 3, right: 1, scoreSum: 1.3), count: 2))
            #expect(
                try found(5) == [
                    Difficulty(samples: 5, right: 2, scoreSum: 1.8), Difficulty(samples: 5, right: 1, scoreSum: 1.8),
                ])
        }
    }

    /// Two stores of other problems are one study; the same twice is one too.
    @Test func storesTogether() throws {
        try withStore { path in
            let (study, _) = try PolicyReading(registry: PluginRegistry(folders: []), strategies: ["best-of-n"]).read([
                path, path,
            ])
            #expect(study.problems == 2 && study.cells.map(\.run) == ["best-of-n", "best-of-n"])
        }
    }
}
