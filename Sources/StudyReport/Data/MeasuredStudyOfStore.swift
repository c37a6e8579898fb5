import SearchCore
import Studies

/// A store, read for a report: what every cell came to, and the candidates of the few cells whose samples are looked
/// at one by one.
extension MeasuredStudy {
    /// With no plugin at hand: for a store that knows its strategies' defaults.
    public init(store path: String) throws(StratagemError) { try self.init(StudyReader(path)) }

    public init(_ reader: StudyReader) throws(StratagemError) {
        let study = reader.study
        let held = (0..<reader.problems).count { study.shard.holds(problem: $0) }
        let stored = reader.cells.flatMap(\.cells)
        let path = reader.store.path
        self.init(
            source: path.split(separator: "/").last.map(String.init) ?? path, dataName: study.dataName,
            dataHash: study.dataSHA256,
            problems: reader.problems, seeds: Set(stored.map(\.seed)).sorted(),
            models: study.models.map {
                Model(role: $0.role, name: "", sha256: $0.sha256, parameters: $0.parameters ?? 0)
            }, cells: [])
        runsPlanned = stored.count * held
        clusters = DataSet.clusters(study.problems)
        for cell in stored {
            if let count = try reader.store.texts(of: cell) { texts.append((cell.label, count)) }
        }
        for measured in reader.cells {
            let tally = try reader.tally(measured)
            runsDone += tally.runs
            runsFailed += tally.failed
            let cell = Cell(measured, tally)
            if measured.generations == nil { otherCells.append(cell) } else { cells.append(cell) }
        }
        try readSamples(reader)
        try readChains(reader)
    }

    // MARK: - candidates

    private mutating func readSamples(_ reader: StudyReader) throws(StratagemError) {
        var samples = [[Sample]](repeating: [], count: problems)
        var answers = [[String: Int32]](repeating: [:], count: problems)
        try reader.eachSample { problem, sample in
            guard let sample, let answer = sample.answer else { return samples[problem].append(Self.nothing) }
            let number = answers[problem][answer] ?? Int32(answers[problem].count)
            answers[problem][answer] = number
            samples[problem].append(Self.sample(sample, number))
        }
        if samples.contains(where: { !$0.isEmpty }) { self.samples = samples }
    }

    private static let nothing = Sample(answer: -1, isRight: false, last: .nan, least: .nan, product: .nan)

    private static func sample(_ candidate: StoredCandidate, _ answer: Int32) -> Sample {
        let steps = candidate.stepScores.filter { !$0.isNaN }
        let last = candidate.score.map(Float.init) ?? steps.last ?? .nan
        return Sample(
            answer: answer, isRight: candidate.isCorrect, last: last, least: steps.min() ?? .nan,
            product: steps.isEmpty ? .nan : steps.reduce(1, *))
    }

    /// The longest chains: of `revise`, or of `revise-parallel` if there is none.
    private mutating func readChains(_ reader: StudyReader) throws(StratagemError) {
        func isPlain(_ cell: MeasuredCell) -> Bool { cell.given["selection"] == nil }
        var found = try reader.fullest { $0.strategy == "revise" && isPlain($0) }
        if found == nil {
            func length(_ cell: MeasuredCell) -> Int {
                guard let budget = cell.generations, cell.strategy == "revise-parallel", isPlain(cell) else { return 0 }
                return budget / max(1, Analysis.chains(cell.strategy, cell.params, budget: budget) ?? 1)
            }
            let longest = reader.cells.map(length).max() ?? 0
            found = longest > 1 ? try reader.fullest { length($0) == longest } : nil
        }
        guard let cell = found else { return }
        var chains = [[[Bool]]](repeating: [], count: problems)
        for stored in cell.cells {
            try reader.store.eachRun(of: stored) { problem, candidates in chains[problem] += Self.chains(candidates) }
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
}

extension MeasuredStudy.Cell {
    init(_ measured: MeasuredCell, _ tally: CellTally) {
        self.init(
            run: measured.run, strategy: measured.strategy, params: measured.given, allParams: measured.params,
            budget: measured.generations ?? 0,
            budgetText: measured.budget, right: tally.right, believed: tally.believed, flops: tally.flops,
            tokens: tally.tokens,
            promptTokens: tally.promptTokens)
    }
}
