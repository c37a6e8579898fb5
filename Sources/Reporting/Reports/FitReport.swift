import SearchCore
import Studies

/// What `stratagem fit` prints beside the table: each choice, and the whole policy's
/// accuracy against the best single strategy at the same budget.
public struct FitReport: Sendable {
    public struct Line: Sendable, Equatable {
        public var budget: Int
        /// Of the policy, cross-validated, over all problems.
        public var accuracy: Double
        public var ci95: ClosedRange<Double>
        /// Of best-of-n as it comes, if it was run.
        public var bestOfN: Double?
    }

    public var fit: PolicyFit
    public init(fit: PolicyFit) { self.fit = fit }

    public var lines: [Line] {
        fit.study.budgets.compactMap { budget in
            guard let right = fit.crossValidated[budget] else { return nil }
            let plain = fit.study.cells.first { $0.run == "best-of-n" && $0.budget == budget }
            return Line(budget: budget, accuracy: Bootstrap.mean(right), ci95: Bootstrap.ci95(right), bestOfN: plain.map { Bootstrap.mean($0.right) })
        }
    }

    public var json: JSON {
        [
            "kind": .string(fit.kind.rawValue), "problems": .int(fit.study.problems), "cells": .int(fit.study.cells.count),
            "bounds": .array(fit.bins.bounds.map(JSON.number)),
            "choices": .array(fit.choices.map(choice)),
            "budgets": .array(lines.map {
                ["budget": .int($0.budget), "accuracy": JSON($0.accuracy), "ci95": JSON($0.ci95), "best_of_n": JSON($0.bestOfN)]
            }),
            "warnings": .array(fit.warnings.map(JSON.string)),
        ]
    }

    private func choice(_ choice: PolicyFit.Choice) -> JSON {
        let cell = fit.study.cells[choice.cell]
        return [
            "bin": .int(choice.bin), "budget": .int(choice.budget), "run": .string(cell.run), "spend": .int(cell.budget),
            "problems": .int(choice.problems), "accuracy": JSON(choice.accuracy), "ci95": JSON(choice.ci95),
            "accuracy_in_sample": JSON(choice.accuracyInSample),
        ]
    }

    public var text: String {
        var text = "\(Readable.count(fit.study.problems, "problem")), \(Readable.count(fit.study.cells.count, "cell")), \(Readable.count(fit.bins.count, "bin")) of \(fit.kind.rawValue) difficulty\n\n"
        var table = TextTable(header: ["run", "spend", "bin", "budget", "accuracy", "95 % interval"])
        for choice in fit.choices {
            let cell = fit.study.cells[choice.cell]
            table.add([cell.run, "\(cell.budget)", "\(choice.bin)", "\(choice.budget)", Readable.percent(choice.accuracy), interval(choice.ci95)])
        }
        text += table.text + "\n"
        var whole = TextTable(header: ["budget", "policy", "95 % interval", "best-of-n"])
        for line in lines {
            whole.add(["\(line.budget)", Readable.percent(line.accuracy), interval(line.ci95), line.bestOfN.map { Readable.percent($0) } ?? "–"])
        }
        return text + whole.text + fit.warnings.map { "\($0)\n" }.joined()
    }

    private func interval(_ range: ClosedRange<Double>) -> String {
        "\(Readable.fixed(range.lowerBound * 100, 1)) – \(Readable.fixed(range.upperBound * 100, 1))"
    }
}
