import Foundation
import Reporting
import SearchCore

/// Traces, each the whole of a search. They were read when `view` began.
struct TraceWork: FinishedWork, FinishedStudy {
    func now<Result>(_ body: (any FinishedStudy) throws(StratagemError) -> Result) throws(StratagemError) -> Result {
        try body(self)
    }

    let edition = UUID().uuidString
    private let files: [ViewedTrace]
    private let runs: RunTable
    /// Which problem of which trace a run is.
    private let places: [String: (file: Int, problem: Int)]

    init(_ files: [ViewedTrace]) {
        self.files = files
        var table = RunTable()
        var places: [String: (file: Int, problem: Int)] = [:]
        for (index, file) in files.enumerated() {
            for (number, text) in file.trace.header.problems.enumerated() {
                let problem = table.problems.firstIndex { $0.text == text } ?? table.problems.count
                if problem == table.problems.count { table.problems.append(Problem(text: text)) }
                // The same strategy on the same problem once more is a column of its own.
                let name = Self.name(file.trace.header)
                let cell =
                    table.cells.first {
                        $0.name == name && $0.seed == file.trace.header.seed && places["\($0.id)-\(problem)"] == nil
                    }
                    ?? RunTable.Cell(
                        id: table.cells.count + 1,
                        name: table.cells.contains { $0.name == name && $0.seed == file.trace.header.seed }
                            ? "\(name) (\(file.name))" : name,
                        seed: file.trace.header.seed)
                if cell.id > table.cells.count { table.cells.append(cell) }
                places["\(cell.id)-\(problem)"] = (index, number)
                let run = TraceRun(id: "", name: name, trace: file.trace, problem: number)
                table.runs.append(
                    .init(
                        cell: cell.id, problem: problem, answer: run.votes.answer, isCorrect: nil, error: nil,
                        votes: run.votes.votes,
                        texts: run.texts, tokens: file.trace.rounds.last?.cost.tokens ?? 0))
            }
        }
        table.runs.sort { ($0.cell, $0.problem) < ($1.cell, $1.problem) }
        (runs, self.places) = (table, places)
    }

    let kind = "traces"
    var name: String { files.count == 1 ? files[0].name : "\(files.count) traces" }
    var origin: String { Set(files.map { $0.trace.header.bundle }).sorted().joined(separator: ", ") }

    private static func name(_ header: TraceHeader) -> String { "\(header.strategy)@\(header.limits)" }

    func table() -> RunTable { runs }

    func events(cell: Int, problem: Int) -> [JSON]? {
        let id = "\(cell)-\(problem)"
        guard let place = places[id], let name = runs.cells.first(where: { $0.id == cell })?.name else { return nil }
        return TraceRun(id: id, name: name, trace: files[place.file].trace, problem: place.problem).events
    }

    func missing(from table: RunTable) -> [String] {
        files.compactMap { file in file.cutShort.map { "\(file.name): \($0)." } }
            + [
                "A trace has no reference answer, so nothing here is right or wrong: a study (stratagem eval --out) knows."
            ]
    }
}

/// One problem's run in a trace.
struct TraceRun: Sendable {
    var id: String
    var name: String
    var trace: Trace
    var problem: Int

    var events: [JSON] {
        let header = trace.header
        var events: [JSON] = [
            [
                "type": "run", "run": .string(id), "model": .string(name), "strategy": .string(header.strategy),
                "budget": .string("\(header.limits)"),
                "problem": .string(header.problems[problem]),
            ]
        ]
        for (number, round) in trace.rounds.enumerated() {
            let nodes = round.nodes.filter { $0.problem == problem }.map(Self.node)
            if !nodes.isEmpty { events.append(["type": "nodes", "nodes": .array(nodes)]) }
            events.append(["type": "round", "rounds": .int(number), "cost": JSON(round.cost)])
        }
        return events + [["type": "result", "ranking": .array(ranking.map { .int($0.id) }), "report": report]]
    }

    private static func node(_ node: TraceNode) -> JSON {
        SearchEvents.node(
            node.id,
            SearchNode(
                kind: node.kind, parent: node.parent, problem: node.problem, depth: node.depth,
                text: Array(node.text.utf8), stepEnds: node.stepEnds,
                tokens: node.tokens, logProbability: node.logProbability, ending: node.ending,
                stepScores: node.stepScores.map { $0 ?? .nan }, score: node.score,
                answer: node.answer))
    }

    /// As they were last told.
    private var nodes: [SearchNode.ID: TraceNode] {
        trace.rounds.reduce(into: [:]) { known, round in
            for node in round.nodes where node.problem == problem { known[node.id] = node }
        }
    }

    private var ranking: [(id: SearchNode.ID, weight: Double)] {
        let known = nodes
        return (trace.rounds.last?.answers ?? []).compactMap { answer in
            let id = Int(clamping: answer.node)
            return known[id] == nil ? nil : (id, answer.weight)
        }
    }

    /// The answer that was ranked first, and the vote of all that were ranked.
    var votes: (answer: String?, votes: [Vote]) {
        let known = nodes
        var votes: [Vote] = []
        for (id, weight) in ranking {
            guard let text = known[id]?.answer else { continue }
            if let place = votes.firstIndex(where: { $0.answer == text }) {
                votes[place].weight += weight
                votes[place].count += 1
            } else {
                votes.append(Vote(answer: text, weight: weight, count: 1))
            }
        }
        let sorted = votes.enumerated().sorted { ($0.element.weight, $1.offset) > ($1.element.weight, $0.offset) }.map(
            \.element)
        return (ranking.first.flatMap { known[$0.id]?.answer }, sorted)
    }

    /// Texts that ended. What a limit cut and a strategy went on with has not.
    var texts: TextCount {
        let known = nodes
        let continued = Set(known.values.map(\.parent))
        let ended = known.filter {
            $1.kind == .sampled && ($1.ending == .finished || $1.ending == .truncated && !continued.contains($0))
        }
        return TextCount(ended: ended.count, truncated: ended.count { $1.ending == .truncated })
    }

    private var report: JSON {
        let (answer, votes) = votes
        let texts = texts
        let plain: JSON = [
            "answer": JSON(answer), "strategy": .string(trace.header.strategy), "params": JSON(trace.header.params),
            "budget": .string("\(trace.header.limits)"),
            "seed": SolveReport.seed(trace.header.seed), "votes": .array(votes.map(SolveReport.vote)),
            "cost": JSON(trace.rounds.last?.cost ?? Cost()),
        ]
        return texts.truncated > 0 ? plain.adding([.init("truncated", .int(texts.truncated))]) : plain
    }
}
