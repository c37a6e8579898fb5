import Engine
import SearchCore
import Studies

/// What `stratagem difficulty` prints: how hard each problem is, and its bin.
public struct DifficultyReport: Sendable {
    public var rows: [DifficultyRuns.Measured]
    /// What was measured, and the bins of each if there are any.
    public var kinds: [(kind: Difficulty.Kind, bins: DifficultyBins?)]
    public var samples: Int
    public var seed: UInt64
    public var bundle: String
    /// The number of problems that were left out because the user ended the command.
    public var missing = 0
    /// What could not be measured, and why.
    public var failures: [StratagemError] = []

    public init(
        rows: [DifficultyRuns.Measured], kinds: [(kind: Difficulty.Kind, bins: DifficultyBins?)], samples: Int,
        seed: UInt64, bundle: String
    ) {
        self.rows = rows
        self.kinds = kinds
        self.samples = samples
        self.seed = seed
        self.bundle = bundle
    }

    private var total: Cost { rows.reduce(into: Cost()) { $0.add($1.cost) } }

    public var json: JSON {
        let fields: JSON = [
            "samples": .int(samples), "seed": SolveReport.seed(seed), "bundle": .string(bundle),
            "complete": .bool(missing == 0),
            "bounds": .object(
                kinds.compactMap { kind, bins in bins.map { .init(kind.rawValue, .array($0.bounds.map(JSON.number))) } }
            ),
            "problems": .array(rows.map(json)),
            "cost": JSON(total),
        ]
        return fields.adding(failures.isEmpty ? [] : [.init("errors", .array(failures.map { JSON($0) }))])
    }

    private func json(_ row: DifficultyRuns.Measured) -> JSON {
        let base: JSON = ["problem": .string(row.problem.text), "samples": .int(row.difficulty.samples)]
        let each: [JSON.Field] = kinds.map { kind, bins in
            let ease = row.difficulty.ease(kind)
            return .init(kind.rawValue, ["ease": JSON(ease), "bin": bins.map { .int($0.bin(of: ease)) } ?? .null])
        }
        return base.adding(each + [.init("cost", JSON(row.cost))])
    }

    public var text: String {
        var text = ""
        for (kind, bins) in kinds {
            let ease = rows.map { $0.difficulty.ease(kind) }
            let what = kind == .oracle ? "share of samples that are right" : "mean final score of the verifier"
            text += "\(kind.rawValue) difficulty: \(what), \(Readable.count(samples, "sample")) per problem\n"
            guard let bins else {
                text += ease.map { "  ease \(Readable.fixed($0, 3))\n" }.joined()
                continue
            }
            var table = TextTable(header: ["  bin", "problems", "ease", "mean"])
            for bin in 1...bins.count {
                let own = ease.filter { bins.bin(of: $0) == bin }
                let low = bin <= bins.bounds.count ? "≥ \(Readable.fixed(bins.bounds[bin - 1], 3))" : "below"
                table.add(["  \(bin)", "\(own.count)", low, own.isEmpty ? "–" : Readable.fixed(Bootstrap.mean(own), 3)])
            }
            text += table.text
        }
        if missing > 0 {
            text +=
                "ended early: \(Readable.count(rows.count)) of \(Readable.count(rows.count + missing, "problem"))\n"
        }
        let each = max(1, rows.count)
        return text
            + "cost per problem: \(Readable.count(total.tokens / each)) tokens, \(Readable.count(total.verifierTokens / each)) by the verifier, \(Readable.flops(total.flops / Double(each)))\n"
    }
}
