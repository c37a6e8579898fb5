import Foundation
import SearchCore

/// Writes a fitted policy as the TOML file that `compute-optimal` reads
/// (`Plugins/compute-optimal/PolicyTable.swift`): lines of the plainest kind.
public struct PolicyTableText {
    /// What it was fitted from.
    public struct Source: Sendable, Equatable {
        public var data: String
        /// SHA-256 of the problems.
        public var dataHash: String
        /// By role, SHA-256 of the weights.
        public var models: [String: String]
        /// Of a problem, for its difficulty.
        public var samples: Int
        /// Whose mean final score is the predicted difficulty.
        public var verifier: String

        public init(data: String, dataHash: String, models: [String: String], samples: Int, verifier: String = "prm") {
            self.data = data
            self.dataHash = dataHash
            self.models = models
            self.samples = samples
            self.verifier = verifier
        }
    }

    public static let format = "stratagem-policy-table/1"

    public var fit: PolicyFit
    public var source: Source

    public init(fit: PolicyFit, source: Source) {
        self.fit = fit
        self.source = source
    }

    public var text: String {
        var lines = [
            "# A policy table, made by `stratagem fit`: which strategy serves which difficulty best, at which budget.",
            "# Bin 1 is the easiest. Accuracies are cross-validated; the interval is a 95 % bootstrap by problem.",
            "# \(ruleLine)",
            "format = \"\(Self.format)\"",
            "",
            "[models]  # SHA-256 of the weights: others are refused",
        ]
        for (role, hash) in source.models.sorted(by: { $0.key < $1.key }) { lines.append("\(role) = \(quoted(hash))") }
        lines += [
            "",
            "[data]",
            "file = \(quoted(source.data))",
            "sha256 = \(quoted(source.dataHash))",
            "problems = \(fit.study.problems)",
            "",
            "[difficulty]",
            "kind = \(quoted(fit.kind.rawValue))",
        ]
        if fit.kind == .predicted { lines.append("verifier = \(quoted(source.verifier))") }
        let bounds = fit.rows.last?.bins.bounds ?? []
        lines += ["samples = \(source.samples)", "bounds = \(list(bounds))"]
        // Fewer samples tell other difficulties: each budget has bounds of its own.
        for row in fit.rows {
            guard let samples = row.samples else { continue }
            lines += [
                "", "[[budget]]", "budget = \(row.budget)", "samples = \(samples)", "bounds = \(list(row.bins.bounds))",
            ]
        }
        for warning in fit.warnings { lines.append("# \(warning)") }
        for choice in fit.choices { lines += [""] + self.lines(of: choice) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var ruleLine: String {
        let rule =
            switch fit.rule {
            case .favoured: "favoured over best-of-N"
            case .smallest(let errors): "the smallest within \(errors) standard errors"
            }
        return "Rule: \(rule). \(fit.charge == .free ? "Nothing" : "The budget") pays for the difficulty."
    }

    private func lines(of choice: PolicyFit.Choice) -> [String] {
        [
            "[[choice]]",
            "bin = \(choice.bin)",
            "budget = \(choice.budget)",
            "run = \(quoted(choice.run))",
            "spend = \(choice.spend)",
            "problems = \(choice.problems)",
            "accuracy = \(short(choice.accuracy))",
            "interval = [\(short(choice.ci95.lowerBound)), \(short(choice.ci95.upperBound))]",
        ]
    }

    private func list(_ numbers: [Double]) -> String { "[\(numbers.map { "\($0)" }.joined(separator: ", "))]" }

    private func short(_ value: Double) -> String { String(format: "%.4f", value) }

    /// A quote or a line feed inside would end the text for a plain reader.
    private func quoted(_ text: String) -> String {
        "\"" + String(text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? "_" : $0 }) + "\""
    }
}
