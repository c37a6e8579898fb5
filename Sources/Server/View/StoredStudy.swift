import SearchCore
import StrategyHost
import Studies

/// The runs of a study's store, for one request.
final class StoredStudy: FinishedStudy {
    private let store: EvalStore
    let edition: String
    /// What was read already.
    private(set) var known: RunTable?

    init(_ store: EvalStore, edition: String, table: RunTable?) {
        (self.store, self.edition, known) = (store, edition, table)
    }

    let kind = "study"
    var name: String { store.path.split(separator: "/").last.map(String.init) ?? store.path }
    var origin: String {
        let study = store.study
        let part = study.shard == .whole ? "" : ", shard \(study.shard)"
        return "\(study.dataName), \(study.bundle)\(part), stratagem \(study.stratagem)"
    }

    func table() throws(StratagemError) -> RunTable {
        if let known { return known }
        let table = try read()
        known = table
        return table
    }

    private func cells() throws(StratagemError) -> [(cell: StoredCell, name: String)] {
        try StudyReader(store) { PluginRegistry(folders: []) }.cells.flatMap { measured in
            measured.cells.map { ($0, "\(measured.run)@\(measured.budget)") }
        }
    }

    private func read() throws(StratagemError) -> RunTable {
        var table = RunTable()
        table.problems = store.study.problems
        let cells = try cells()
        for (cell, name) in cells {
            table.cells.append(.init(id: cell.id, name: name, seed: cell.seed))
            let votes = try store.votes(of: cell)
            for outcome in try store.outcomes(of: cell) {
                table.runs.append(
                    .init(
                        cell: cell.id, problem: outcome.problem, answer: outcome.answer, isCorrect: outcome.isCorrect,
                        error: outcome.error,
                        votes: votes[outcome.problem] ?? [], texts: outcome.texts, tokens: outcome.cost.tokens))
            }
        }
        table.wanted = cells.count * store.study.problems.indices.count { store.study.shard.holds(problem: $0) }
        return table
    }

    func events(cell: Int, problem: Int) throws(StratagemError) -> [JSON]? {
        guard let (stored, name) = try cells().first(where: { $0.cell.id == cell }),
            store.study.problems.indices.contains(problem),
            let outcome = try store.outcomes(of: stored, only: problem).first
        else { return nil }
        var candidates: [StoredCandidate] = []
        try store.eachRun(of: stored, only: problem, withText: true) { candidates = $1 }
        let votes = try store.votes(of: stored, only: problem)[problem] ?? []
        let run = StoreRun(
            id: "\(cell)-\(problem)", name: name, cell: stored, problem: store.study.problems[problem],
            outcome: outcome, candidates: candidates,
            votes: votes)
        return run.events
    }

    func missing(from table: RunTable) throws(StratagemError) -> [String] {
        var missing: [String] = []
        guard !table.runs.isEmpty else {
            return ["There is no run in it yet. While its eval is running, reload this page."]
        }
        if try !store.hasTexts() {
            missing.append(
                "The solutions' texts were left out (--no-texts): trees show scores and answers alone. An eval without --no-texts keeps them."
            )
        }
        if !table.hasTextCounts {
            missing.append("An earlier version wrote it, which did not count the texts that a limit cut.")
        }
        return missing
    }
}
