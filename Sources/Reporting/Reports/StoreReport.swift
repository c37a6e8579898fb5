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
    /// Columns that tables take at most.
    public var width = 100

    /// - Parameter strategy: only cells of this strategy.
    public init(_ store: EvalStore, strategy: String? = nil) throws(StratagemError) {
        study = store.study
        let cells = try store.cells()
        if let strategy, !cells.contains(where: { $0.strategy == strategy }) {
            throw StratagemError(
                .user, .unknownStrategy,
                "\(store.path) has no runs of '\(strategy)'; it has \(Set(cells.map(\.strategy)).sorted().joined(separator: ", "))"
            )
        }
        lines = []
        let clusters = DataSet.clusters(store.study.problems)
        for cell in cells where strategy == nil || cell.strategy == strategy {
            var outcomes = [EvalOutcome?](repeating: nil, count: store.study.problems.count)
            for one in try store.outcomes(of: cell) where outcomes.indices.contains(one.problem) {
                outcomes[one.problem] = EvalOutcome(one)
            }
            lines.append(Line(cell: cell, tally: EvalTally(outcomes: outcomes, seconds: 0, clusters: clusters)))
        }
    }

    /// Every cell: accuracy and cost.
    public var cells: (text: String, json: JSON) {
        let showsSeed = Set(lines.map(\.cell.seed)).count > 1
        var table = TextTable(
            header: ["strategy @ budget"] + (showsSeed ? ["seed"] : [])
                + ["right", "accuracy", "95 % interval", "pass@N", "cut short", "tokens", "FLOPs"])
        for (cell, tally) in lines.map({ ($0.cell, $0.tally) }) {
            let cost = Dictionary(uniqueKeysWithValues: tally.meanCost.map { ($0.name, $0.value ?? 0) })
            table.add(
                [Self.name(cell)] + (showsSeed ? ["\(cell.seed)"] : []) + [
                    "\(tally.correct)/\(tally.finished.count)", tally.accuracy.map(Readable.percent) ?? "–",
                    EvalReport.range(tally.ci95),
                    tally.oracle.map(Readable.percent) ?? "–", tally.texts?.truncatedShare.map(Readable.percent) ?? "–",
                    Readable.count(Int(cost["tokens"] ?? 0)), Readable.flops(cost["flops"] ?? 0),
                ])
        }
        let json = JSON.array(
            lines.map { line in
                [
                    "strategy": .string(line.cell.strategy), "params": Self.params(line.cell),
                    "budget": .string(line.cell.budget),
                    "seed": SolveReport.seed(line.cell.seed), "problems": .int(line.tally.finished.count),
                    "correct": .int(line.tally.correct),
                    "failed": .int(line.tally.failed), "accuracy": JSON(line.tally.accuracy),
                    "ci95": JSON(line.tally.ci95),
                    "oracle": JSON(line.tally.oracle), "oracle_ci95": JSON(line.tally.oracleCI95),
                    "cost": .object(line.tally.meanCost.map { .init($0.name, JSON($0.value)) }),
                    "texts": line.tally.texts.map(EvalReport.texts) ?? .null,
                ]
            })
        return (table.text(width: width, folding: 0), json)
    }

    /// An object, as `eval` prints it. What is no JSON, or has a number that would be rounded, stays as it is.
    private static func params(_ cell: StoredCell) -> JSON {
        let read = (try? JSONParser.parse(Array(cell.params.utf8)[...])).map { JSON($0) }
        guard let read, read.line == cell.params else { return .string(cell.params) }
        return read
    }

    /// As it is typed, without what the plugin takes anyway: "beam-search:beam_width=4 @ 16".
    static func name(_ cell: StoredCell) -> String {
        func members(_ text: String?) -> [JSONValue.Member] {
            guard let text, let value = try? JSONParser.parse(Array(text.utf8)[...]), case .object(let members) = value
            else { return [] }
            return members
        }
        let defaults = Dictionary(members(cell.defaults).map { ($0.key, $0.value) }) { one, _ in one }
        let told = members(cell.params).filter { $0.value != .null && defaults[$0.key] != $0.value }.map {
            "\($0.key)=\(spelt($0.value))"
        }
        return "\(cell.strategy)\(told.isEmpty ? "" : ":" + told.joined(separator: ",")) @ \(cell.budget)"
    }

    private static func spelt(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text.hasPrefix("sha256:") ? String(text.prefix(15)) + "…" : text
        case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
        case .boolean(let flag): "\(flag)"
        default: "…"
        }
    }

    /// Every problem: how many cells solved it.
    public var problems: (text: String, json: JSON) {
        var table = TextTable(header: ["problem", "solved by", "of", "text"], texts: [3])
        var list: [JSON] = []
        for (index, problem) in study.problems.enumerated() {
            let outcomes = lines.compactMap { $0.tally.outcomes[index] }
            let solved = outcomes.count { $0.isCorrect }
            table.add(["\(index + 1)", "\(solved)", "\(outcomes.count)", Self.short(problem.text)])
            list.append([
                "problem": .int(index + 1), "solved": .int(solved), "cells": .int(outcomes.count),
                "answer": JSON(problem.answer), "text": .string(problem.text),
            ])
        }
        return (table.text(width: width), .array(list))
    }

    /// Every run that failed.
    public var failures: (text: String, json: JSON) {
        var table = TextTable(header: ["strategy", "budget", "problem", "fault", "code", "message"], texts: [4, 5])
        var list: [JSON] = []
        for line in lines {
            for (index, outcome) in line.tally.outcomes.enumerated() {
                guard let error = outcome?.error else { continue }
                table.add([
                    line.cell.strategy, line.cell.budget, "\(index + 1)", error.origin.rawValue, error.code.rawValue,
                    error.message,
                ])
                list.append([
                    "strategy": .string(line.cell.strategy), "budget": .string(line.cell.budget),
                    "problem": .int(index + 1), "error": JSON(error),
                ])
            }
        }
        return (list.isEmpty ? "No run failed.\n" : table.text(width: width, folding: 5), .array(list))
    }

    /// What all runs have in common.
    public var identity: (text: String, json: JSON) {
        let runs = lines.reduce(0) { $0 + $1.tally.finished.count }
        let wanted = lines.count * study.problems.indices.count { study.shard.holds(problem: $0) }
        var text =
            "data      \(Plain.line(study.dataName, max: 200)), \(Readable.count(study.problems.count, "problem")), sha256 \(Self.hash(study.dataSHA256))\n"
        text += "bundle    \(Plain.line(study.bundle, max: 200))\n"
        if let answers = study.answers {
            text +=
                "answers   found with \(Plain.name(answers.extract)), compared with \(Plain.name(answers.equal)) (by \(Plain.name(answers.chosenBy)))\n"
        }
        for model in study.models {
            text +=
                "model     \(Plain.name(model.role))\(model.parameters.map { ", \(Readable.count($0)) parameters" } ?? ""), sha256 \(Self.hash(model.sha256))\n"
        }
        for plugin in Set(lines.map { "\($0.cell.plugin), sha256 \(Self.hash($0.cell.pluginSHA256))" }).sorted() {
            text += "plugin    \(Plain.line(plugin, max: 200))\n"
        }
        text += "shard     \(study.shard)\nruns      \(runs) of \(wanted)\nstratagem \(Plain.name(study.stratagem))\n"
        let json: JSON = [
            "data": .string(study.dataName), "data_sha256": .string(study.dataSHA256),
            "problems": .int(study.problems.count),
            "bundle": .string(study.bundle), "shard": .string("\(study.shard)"), "runs": .int(runs),
            "runs_wanted": .int(wanted),
            "models": .array(
                study.models.map {
                    [
                        "role": .string($0.role), "parameters": $0.parameters.map { .int($0) } ?? .null,
                        "sha256": .string($0.sha256),
                    ]
                }),
            "stratagem": .string(study.stratagem),
            "answers": study.answers.map {
                ["extract": .string($0.extract), "equal": .string($0.equal), "chosen_by": .string($0.chosenBy)]
            } ?? .null,
        ]
        return (text, json)
    }

    /// Enough to tell two by.
    private static func hash(_ hex: String) -> String { Plain.name(hex.count > 16 ? hex.prefix(16) + "…" : hex) }

    /// Of the user's own SQL.
    public static func table(columns: [String], rows: [[StoredValue]], width: Int = 100) -> (text: String, json: JSON) {
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
        return (
            table.text(width: width), .array(rows.map { row in .object(zip(columns, row).map { .init($0, json($1)) }) })
        )
    }

    /// One line of a table.
    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= 80 ? line : line.prefix(79) + "…"
    }
}
