import Foundation
import SearchCore
import Studies

/// A store, read for a report: outcomes of every cell, and the candidates of the few
/// cells whose samples are looked at one by one.
extension StudyData {
    public init(store path: String) throws(StratagemError) {
        let store = try EvalStore.reading(path)
        let study = store.study
        let stored = try store.cells()
        let groups = StoredGroup.groups(stored)
        let problems = study.problems.count
        let held = (0..<problems).count { study.shard.holds(problem: $0) }
        self.init(source: path.split(separator: "/").last.map(String.init) ?? path, dataName: study.dataName, dataHash: study.dataSHA256,
                  problems: problems, seeds: Set(stored.map(\.seed)).sorted(),
                  models: study.models.map { Model(role: $0.role, name: "", sha256: $0.sha256, parameters: $0.parameters ?? 0) }, cells: [])
        runsPlanned = stored.count * held
        for group in groups { cells.append(try read(group, store)) }
        try readSamples(groups, store)
        try readChains(groups, store)
    }

    private mutating func read(_ group: StoredGroup, _ store: EvalStore) throws(StratagemError) -> Cell {
        var right = [Double](repeating: 0, count: problems), runs = [Int](repeating: 0, count: problems)
        var flops = 0.0, tokens = 0, promptTokens = 0
        var believed = [Double](repeating: 0, count: problems), scored = [Int](repeating: 0, count: problems)
        for cell in group.cells {
            for outcome in try store.outcomes(of: cell) where right.indices.contains(outcome.problem) {
                right[outcome.problem] += outcome.isCorrect ? 1 : 0
                runs[outcome.problem] += 1
                flops += outcome.cost.flops
                tokens += outcome.cost.tokens
                promptTokens += outcome.cost.promptTokens
                runsFailed += outcome.error == nil ? 0 : 1
            }
            for (problem, score) in try store.chosenScores(of: cell) where believed.indices.contains(problem) {
                guard let score, (0...1).contains(score) else { continue }
                believed[problem] += score
                scored[problem] += 1
            }
        }
        let done = runs.reduce(0, +)
        runsDone += done
        func mean(_ sums: [Double], _ counts: [Int]) -> [Double] { zip(sums, counts).map { $1 == 0 ? .nan : $0 / Double($1) } }
        func each(_ sum: Double) -> Double { done == 0 ? .nan : sum / Double(done) }
        return Cell(run: group.run, strategy: group.strategy, params: group.params, budget: group.budget, right: mean(right, runs),
                    believed: mean(believed, scored), flops: each(flops), tokens: each(Double(tokens)), promptTokens: each(Double(promptTokens)))
    }

    // MARK: - candidates

    /// Of plain best-of-N at the largest budget that most problems have.
    private mutating func readSamples(_ groups: [StoredGroup], _ store: EvalStore) throws(StratagemError) {
        let plain = zip(groups, cells).filter { $0.0.strategy == Strategies.bestOfN.strategy && $0.0.params.isEmpty }
        guard let cell = Self.fullest(plain) else { return }
        var drawn = [Int](repeating: 0, count: problems)
        for outcome in try store.outcomes(of: cell) where drawn.indices.contains(outcome.problem) { drawn[outcome.problem] = outcome.cost.generations }
        var samples = [[Sample]](repeating: [], count: problems)
        try store.eachRun(of: cell) { problem, candidates in
            guard samples.indices.contains(problem) else { return }
            var answers: [String: Int32] = [:]
            // Nodes are numbered by birth: the root is 1, the i-th sample from 0 is i + 2. Places that
            // stay empty were cut by a limit: drawn, and no answer.
            var all = Array(repeating: Self.nothing, count: max(drawn[problem], candidates.count))
            for candidate in candidates.sorted(by: { $0.node < $1.node }) {
                guard let answer = candidate.answer, all.indices.contains(candidate.node - 2) else { continue }
                let number = answers[answer] ?? Int32(answers.count)
                answers[answer] = number
                all[candidate.node - 2] = Self.sample(candidate, number)
            }
            samples[problem] = all
        }
        self.samples = samples
    }

    private static let nothing = Sample(answer: -1, isRight: false, last: .nan, least: .nan, product: .nan)

    private static func sample(_ candidate: StoredCandidate, _ answer: Int32) -> Sample {
        let steps = candidate.stepScores.filter { !$0.isNaN }
        let last = candidate.score.map(Float.init) ?? steps.last ?? .nan
        return Sample(answer: answer, isRight: candidate.isCorrect, last: last, least: steps.min() ?? .nan,
                      product: steps.isEmpty ? .nan : steps.reduce(1, *))
    }

    /// The longest chains: of `revise`, or of `revise-parallel` if there is none.
    private mutating func readChains(_ groups: [StoredGroup], _ store: EvalStore) throws(StratagemError) {
        let both = zip(groups, cells).filter { $0.1.params["selection"] == nil }
        var found = both.filter { $0.0.strategy == "revise" }
        if found.isEmpty {
            let parallel = both.filter { $0.0.strategy == "revise-parallel" }
            let longest = parallel.map { $0.0.budget / max(1, Analysis.chains($0.1) ?? 1) }.max() ?? 0
            found = parallel.filter { $0.0.budget / max(1, Analysis.chains($0.1) ?? 1) == longest && longest > 1 }
        }
        guard let cell = Self.fullest(found) else { return }
        var chains = [[[Bool]]](repeating: [], count: problems)
        try store.eachRun(of: cell) { problem, candidates in
            guard chains.indices.contains(problem) else { return }
            chains[problem] = Self.chains(candidates)
        }
        self.chains = chains
    }

    /// Attempts follow each other by `previous`; one whose forerunner is not there begins a chain.
    static func chains(_ candidates: [StoredCandidate]) -> [[Bool]] {
        var chains: [[Bool]] = []
        var chainOf: [Int: Int] = [:]
        for attempt in candidates.sorted(by: { $0.node < $1.node }) {
            if let previous = attempt.previous, let chain = chainOf.removeValue(forKey: previous) {
                chains[chain].append(attempt.isCorrect)
                chainOf[attempt.node] = chain
            } else {
                chainOf[attempt.node] = chains.count
                chains.append([attempt.isCorrect])
            }
        }
        return chains
    }

    /// The largest budget among the cells that have as many problems as any; its first seed.
    private static func fullest(_ choices: [(StoredGroup, Cell)]) -> StoredCell? {
        func measured(_ cell: Cell) -> Int { cell.right.count { !$0.isNaN } }
        let most = choices.map { measured($0.1) }.max() ?? 0
        return choices.filter { measured($0.1) == most && most > 0 }.max { $0.0.budget < $1.0.budget }?.0.cells.first
    }
}

/// Cells of a store that differ in their seed alone.
struct StoredGroup: Sendable {
    var strategy: String
    /// As far as they are no defaults.
    var params: [String: String]
    var budget: Int
    var cells: [StoredCell]

    /// As one would type it.
    var run: String {
        let text = params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return text.isEmpty ? strategy : "\(strategy):\(text)"
    }

    /// Cells without a budget in generations belong to no figure.
    static func groups(_ cells: [StoredCell]) -> [StoredGroup] {
        let known = Dictionary(grouping: cells.filter { $0.generations != nil && $0.budget == "\($0.generations ?? 0)" }) { "\($0.strategyID) \($0.params) \($0.budget)" }
        return known.values.compactMap { same in
            let sorted = same.sorted { $0.seed < $1.seed }
            guard let first = sorted.first, let budget = first.generations else { return nil }
            return StoredGroup(strategy: first.strategy, params: given(first.params), budget: budget, cells: sorted)
        }.sorted { ($0.run, $0.budget) < ($1.run, $1.budget) }
    }

    /// What the shipped strategies take when nothing is said: a store has the defaults
    /// filled in, and the plugins that would know them need not be here.
    private static let defaults = [
        "selection": "weighted", "verifier": "prm", "role": "policy", "temperature": "0.8", "top_p": "0", "min_p": "0", "max_tokens": "0",
        "lookahead_steps": "1", "ratio": "1",
    ]

    /// - Parameter json: `null` is what the strategy works out itself.
    static func given(_ json: String) -> [String: String] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else { return [:] }
        var params: [String: String] = [:]
        for (name, value) in object {
            let text: String
            switch value {
            case let word as String: text = word
            case let number as NSNumber: text = "\(number)"
            default: continue
            }
            if defaults[name] != text { params[name] = text }
        }
        return params
    }
}
