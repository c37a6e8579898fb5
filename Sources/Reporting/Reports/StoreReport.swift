import SearchCore
import Studies

/// The tables that `query` prints.
public struct StoreReport: Sendable {
    public struct Line: Sendable {
        public var cell: StoredCell
        public var tally: EvalTally
    }

    public var study: Study
    public var lines: [Line]

    /// - Parameter strategy: only cells of this strategy.
    public init(_ store: EvalStore, strategy: String? = nil) throws(StratagemError) {
        study = store.study
        let cells = try store.cells()
        if let strategy, !cells.contains(where: { $0.strategy == strategy }) {
            throw StratagemError(.user, .unknownStrategy, "\(store.path) has no runs of '\(strategy)'; it has \(Set(cells.map(\.strategy)).sorted().joined(separator: ", "))")
        }
        lines = []
        let clusters = DataSet.clusters(store.study.problems)
        for cell in cells where strategy == nil || cell.strategy == strategy {
            var outcomes = [EvalOutcome?](repeating: nil, count: store.study.problems.count)
            for one in try store.outcomes(of: cell) where outcomes.indices.contains(one.problem) { outcomes[one.problem] = EvalOutcome(one) }
            lines.append(Line(cell: cell, tally: EvalTally(outcomes: outcomes, seconds: 0, clusters: clusters)))
        }
    }

    /// Every cell: accuracy and cost.
    public var cells: (text: String, json: JSON) {
        var table = TextTable(header: ["strategy", "parameters", "budget", "seed", "right", "accuracy", "95 % interval", "tokens", "FLOPs", "cut short"])
        for (cell, tally) in lines.map({ ($0.cell, $0.tally) }) {
            let cost = Dictionary(uniqueKeysWithValues: tally.meanCost.map { ($0.name, $0.value ?? 0) })
            table.add([
                cell.strategy, cell.params, cell.budget, "\(cell.seed)", "\(tally.correct)/\(tally.finished.count)",
                tally.accuracy.map(Readable.percent) ?? "–",
                "\(Readable.fixed(tally.ci95.lowerBound * 100, 1)) – \(Readable.fixed(tally.ci95.upperBound * 100, 1))",
                Readable.count(Int(cost["tokens"] ?? 0)), Readable.flops(cost["flops"] ?? 0),
                tally.texts?.truncatedShare.map(Readable.percent) ?? "–",
            ])
        }
        let json = JSON.array(lines.map { line in
            [
                "strategy": .string(line.cell.strategy), "params": .string(line.cell.params), "budget": .string(line.cell.budget),
                "seed": SolveReport.seed(line.cell.seed), "problems": .int(line.tally.finished.count), "correct": .int(line.tally.correct),
                "failed": .int(line.tally.failed), "accuracy": JSON(line.tally.accuracy), "ci95": JSON(line.tally.ci95),
                "cost": .object(line.tally.meanCost.map { .init($0.name, JSON($0.value)) }),
                "texts": line.tally.texts.map(EvalReport.texts) ?? .null,
            ]
        })
        return (table.text, json)
    }

    /// Every problem: how many cells solved it.
    public var problems: (text: String, json: JSON) {
        var table = TextTable(header: ["problem", "solved by", "of", "text"])
        var list: [JSON] = []
        for (index, problem) in study.problems.enumerated() {
            let outcomes = lines.compactMap { $0.tally.outcomes[index] }
            let solved = outcomes.count { $0.isCorrect }
            table.add(["\(index + 1)", "\(solved)", "\(outcomes.count)", Self.short(problem.text)])
            list.append(["problem": .int(index + 1), "solved": .int(solved), "cells": .int(outcomes.count), "answer": JSON(problem.answer), "text": .string(problem.text)])
        }
        return (table.text, .array(list))
    }

    /// Every run that failed.
    public var failures: (text: String, json: JSON) {
        var table = TextTable(header: ["strategy", "budget", "problem", "fault", "code", "message"])
        var list: [JSON] = []
        for line in lines {
            for (index, outcome) in line.tally.outcomes.enumerated() {
                guard let error = outcome?.error else { continue }
                table.add([line.cell.strategy, line.cell.budget, "\(index + 1)", error.origin.rawValue, error.code.rawValue, Self.short(error.message)])
                list.append(["strategy": .string(line.cell.strategy), "budget": .string(line.cell.budget), "problem": .int(index + 1), "error": JSON(error)])
            }
        }
        return (list.isEmpty ? "No run failed.\n" : table.text, .array(list))
    }

    /// What all runs have in common.
    public var identity: (text: String, json: JSON) {
        let runs = lines.reduce(0) { $0 + $1.tally.finished.count }
        let wanted = lines.count * study.problems.indices.count { study.shard.holds(problem: $0) }
        var text = "data      \(Plain.line(study.dataName, max: 200)), \(Readable.count(study.problems.count, "problem")), sha256 \(Plain.name(study.dataSHA256))\n"
        text += "bundle    \(Plain.line(study.bundle, max: 200))\n"
        if let answers = study.answers {
            text += "answers   found with \(Plain.name(answers.extract)), compared with \(Plain.name(answers.equal)) (by \(Plain.name(answers.chosenBy)))\n"
        }
        for model in study.models { text += "model     \(Plain.name(model.role))\(model.parameters.map { ", \(Readable.count($0)) parameters" } ?? ""), sha256 \(Plain.name(model.sha256))\n" }
        for plugin in Set(lines.map { "\($0.cell.plugin), sha256 \($0.cell.pluginSHA256)" }).sorted() { text += "plugin    \(Plain.line(plugin, max: 200))\n" }
        text += "shard     \(study.shard)\nruns      \(runs) of \(wanted)\nstratagem \(Plain.name(study.stratagem))\n"
        let json: JSON = [
            "data": .string(study.dataName), "data_sha256": .string(study.dataSHA256), "problems": .int(study.problems.count),
            "bundle": .string(study.bundle), "shard": .string("\(study.shard)"), "runs": .int(runs), "runs_wanted": .int(wanted),
            "models": .array(study.models.map { ["role": .string($0.role), "parameters": $0.parameters.map { .int($0) } ?? .null, "sha256": .string($0.sha256)] }),
            "stratagem": .string(study.stratagem),
            "answers": study.answers.map { ["extract": .string($0.extract), "equal": .string($0.equal), "chosen_by": .string($0.chosenBy)] } ?? .null,
        ]
        return (text, json)
    }

    /// Of the user's own SQL.
    public static func table(columns: [String], rows: [[StoredValue]]) -> (text: String, json: JSON) {
        var table = TextTable(header: columns)
        func text(_ value: StoredValue) -> String {
            switch value {
            case .null: "–"
            case .integer(let number): "\(number)"
            case .real(let number): "\(number)"
            case .text(let text): short(text)
            case .blob(let bytes): "\(bytes) bytes"
            }
        }
        func json(_ value: StoredValue) -> JSON {
            switch value {
            case .null: .null
            case .integer(let number): .int(Int(number))
            case .real(let number): JSON(number)
            case .text(let text): .string(text)
            case .blob(let bytes): .string("\(bytes) bytes")
            }
        }
        for row in rows { table.add(row.map(text)) }
        return (table.text, .array(rows.map { row in .object(zip(columns, row).map { .init($0, json($1)) }) }))
    }

    /// One line of a table.
    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= 80 ? line : line.prefix(79) + "…"
    }
}
