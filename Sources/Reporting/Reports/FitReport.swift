import SearchCore
import Studies

/// What `stratagem fit` prints beside the table: each choice, and the whole policy's accuracy against best-of-n and the
/// best single choice at the same budget.
public struct FitReport: Sendable {
    public struct Line: Sendable, Equatable {
        public var budget: Int
        public var problems: Int
        /// Of the policy, cross-validated, over all problems.
        public var accuracy: Double
        public var ci95: ClosedRange<Double>
        /// Of best-of-n as it comes, if it was run.
        public var bestOfN: Double?
        /// The policy less best-of-n, by problem.
        public var gain: Double?
        public var gainCI95: ClosedRange<Double>?
        /// The best single choice for all bins, and its accuracy, cross-validated.
        public var single: String
        public var singleAccuracy: Double
    }

    public var fit: PolicyFit
    public init(fit: PolicyFit) { self.fit = fit }

    public var lines: [Line] { fit.rows.map(line) }

    private func line(_ row: PolicyFit.Row) -> Line {
        let right = row.problems.map { row.crossValidated[$0] }
        let plain = row.baseline.map { baseline in row.problems.map { baseline[$0] } }
        let gain = plain.map { zip(right, $0).map { $0 - $1 } }
        return Line(
            budget: row.budget, problems: right.count, accuracy: Bootstrap.mean(right), ci95: Bootstrap.ci95(right),
            bestOfN: plain.map(Bootstrap.mean), gain: gain.map(Bootstrap.mean), gainCI95: gain.map(Bootstrap.ci95),
            single: "\(row.single.run) at \(row.single.spend)",
            singleAccuracy: Bootstrap.mean(row.problems.map { row.single.right[$0] }))
    }

    public var json: JSON {
        [
            "kind": .string(fit.kind.rawValue), "problems": .int(fit.study.problems),
            "cells": .int(fit.study.cells.count),
            "rule": .string(rule), "standard_errors": JSON(standardErrors), "charged": .bool(fit.charge != .free),
            "bounds": .array((fit.rows.last?.bins.bounds ?? []).map(JSON.number)),
            "choices": .array(fit.choices.map(choice)),
            "budgets": .array(zip(fit.rows, lines).map(budget)),
            "warnings": .array(fit.warnings.map(JSON.string)),
        ]
    }

    private var rule: String { fit.rule == .favoured ? "favoured" : "smallest" }

    private var standardErrors: Double? {
        if case .smallest(let errors) = fit.rule { errors } else { nil }
    }

    private func choice(_ choice: PolicyFit.Choice) -> JSON {
        [
            "bin": .int(choice.bin), "budget": .int(choice.budget), "run": .string(choice.run),
            "spend": .int(choice.spend),
            "problems": .int(choice.problems), "accuracy": JSON(choice.accuracy), "ci95": JSON(choice.ci95),
            "accuracy_in_sample": JSON(choice.accuracyInSample), "best_of_n_in_sample": JSON(choice.baselineInSample),
        ]
    }

    private func budget(_ row: PolicyFit.Row, _ line: Line) -> JSON {
        [
            "budget": .int(line.budget), "problems": .int(line.problems), "samples": row.samples.map(JSON.int) ?? .null,
            "bounds": .array(row.bins.bounds.map(JSON.number)),
            "accuracy": JSON(line.accuracy), "ci95": JSON(line.ci95), "best_of_n": JSON(line.bestOfN),
            "gain": JSON(line.gain), "gain_ci95": line.gainCI95.map { JSON($0) } ?? .null,
            "single": .string(line.single), "single_accuracy": JSON(line.singleAccuracy),
        ]
    }

    public var text: String {
        let bins = Readable.count(fit.rows.last?.bins.count ?? 0, "bin")
        let (problems, cells) = (
            Readable.count(fit.study.problems, "problem"), Readable.count(fit.study.cells.count, "cell")
        )
        var text = "\(problems), \(cells), \(bins) of \(fit.kind.rawValue) difficulty\n\n"
        var table = TextTable(header: ["run", "spend", "bin", "budget", "accuracy", "95 % interval"])
        for choice in fit.choices {
            table.add([
                choice.run, "\(choice.spend)", "\(choice.bin)", "\(choice.budget)", Readable.percent(choice.accuracy),
                interval(choice.ci95),
            ])
        }
        text += table.text + "\n"
        var whole = TextTable(header: [
            "best single choice", "budget", "problems", "policy", "best-of-n", "difference",
            "95 % interval", "single",
        ])
        for line in lines {
            whole.add([
                line.single, "\(line.budget)", "\(line.problems)", Readable.percent(line.accuracy),
                line.bestOfN.map { Readable.percent($0) } ?? "–", line.gain.map { Readable.fixed($0 * 100, 1) } ?? "–",
                line.gainCI95.map(interval) ?? "–", Readable.percent(line.singleAccuracy),
            ])
        }
        return text + whole.text + fit.warnings.map { "\($0)\n" }.joined()
    }

    private func interval(_ range: ClosedRange<Double>) -> String {
        "\(Readable.fixed(range.lowerBound * 100, 1)) – \(Readable.fixed(range.upperBound * 100, 1))"
    }
}
