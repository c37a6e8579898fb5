import Engine
import SearchCore
import SearchRuntime
import Studies

/// What `eval` found: every case, and every pair of them.
public struct EvalReport: Sendable {
    public var cases: [EvalCase]
    public var tallies: [EvalTally]
    public var data: String
    public var bundle: String
    /// Of the command; a grid's cases may have others.
    public var seed: UInt64
    /// False after Ctrl-C: the figures are of the runs that were finished by then.
    public var isComplete: Bool
    /// Paid for everything, runs that were cut short included.
    public var totalCost: Cost
    /// Of measuring difficulties outside of the budgets.
    public var difficultyCost: Cost?
    /// Where cases shared what they sampled: of `totalCost`, what was computed for another.
    public var sharing: SharingStatistics?
    /// Runs that were found in a store: no part of `totalCost` or `sharing`.
    var stored: Int { tallies.reduce(0) { $0 + $1.stored.runs } }
    /// What was said of the reference answers before the run.
    public var references: ReferenceCheck?
    /// Problems that stand in the data further up already.
    public var repeated = 0
    /// Fields of the data that no model saw.
    public var unusedFields: [String] = []

    public init(
        cases: [EvalCase], tallies: [EvalTally], data: String, bundle: String, seed: UInt64, isComplete: Bool,
        totalCost: Cost
    ) {
        self.cases = cases
        self.tallies = tallies
        self.data = data
        self.bundle = bundle
        self.seed = seed
        self.isComplete = isComplete
        self.totalCost = totalCost
    }

    /// Every pair of cases that have been tried.
    public var comparisons: [(first: Int, second: Int, pair: PairedDifference)] {
        let tried = cases.indices.filter { !tallies[$0].finished.isEmpty }
        return tried.flatMap { first in
            tried.filter { $0 > first }.map { (first, $0, tallies[first].compared(with: tallies[$0])) }
        }
    }

    public var json: JSON {
        let fields: JSON = [
            "data": .string(data),
            "bundle": .string(bundle),
            "seed": SolveReport.seed(seed),
            "complete": .bool(isComplete),
            "results": .array(zip(cases, tallies).map(Self.result)),
            "comparisons": .array(comparisons.map(comparison)),
            "total_cost": JSON(totalCost),
        ]
        return fields.adding(sharing.map { [.init("shared", Self.shared($0)), .init("stored", .int(stored))] } ?? [])
            .adding(difficultyCost.map { [.init("difficulty_cost", JSON($0))] } ?? [])
            .adding(references.map { [.init("answers", Self.answers($0))] } ?? [])
            .adding([.init("repeated", .int(repeated))])
            .adding(unusedFields.isEmpty ? [] : [.init("unused_fields", .array(unusedFields.map { .string($0) }))])
            .adding(
                groups.isEmpty
                    ? []
                    : [
                        .init("over_seeds", .array(groups.map(\.json))),
                        .init("over_seeds_comparisons", .array(groupComparisons.map(\.json))),
                    ])
    }

    private static func answers(_ check: ReferenceCheck) -> JSON {
        [
            "extract": .string(check.extract),
            "equal": .string(check.equal),
            "chosen_by": .string(check.chosenBy.rawValue),
            "references": .int(check.references),
            "unread": .int(check.unread.count),
            "unreachable": .int(check.unreachable.count),
        ]
    }

    private static func shared(_ sharing: SharingStatistics) -> JSON {
        [
            "samples": .int(sharing.samples),
            "scores": .int(sharing.scores),
            "tokens": .int(sharing.tokens),
            "prompt_tokens": .int(sharing.promptTokens),
            "verifier_tokens": .int(sharing.verifierTokens),
            "flops": JSON(sharing.flops),
        ]
    }

    static func result(_ entry: EvalCase, _ tally: EvalTally) -> JSON {
        [
            "name": .string(entry.name),
            "strategy": .string(entry.strategy),
            "params": JSON(entry.params),
            "budget": .string("\(entry.limits)"),
            "seed": SolveReport.seed(entry.seed),
            "problems": .int(tally.finished.count),
            "correct": .int(tally.correct),
            "failed": .int(tally.failed),
            "accuracy": JSON(tally.accuracy),
            "ci95": JSON(tally.ci95),
            "oracle": JSON(tally.oracle),
            "oracle_ci95": JSON(tally.oracleCI95),
            "cost": .object(tally.meanCost.map { .init($0.name, JSON($0.value)) }),
            "tokens_per_second": JSON(tally.tokensPerSecond),
            "texts": tally.texts.map(texts) ?? .null,
        ]
    }

    /// What `eval` and `query` tell of a cell's texts.
    static func texts(_ texts: TextCount) -> JSON {
        [
            "ended": .int(texts.ended),
            "truncated": .int(texts.truncated),
            "truncated_share": JSON(texts.truncatedShare),
            "unscored": .int(texts.unscored),
        ]
    }

    private func comparison(_ first: Int, _ second: Int, _ pair: PairedDifference) -> JSON {
        [
            "a": .string(cases[first].name),
            "b": .string(cases[second].name),
            "problems": .int(pair.problems),
            "difference": JSON(pair.difference),
            "ci95": JSON(pair.ci95),
            "a_only": .int(pair.firstOnly),
            "b_only": .int(pair.secondOnly),
            "p_value": JSON(pair.exactP),
            "mid_p": JSON(pair.midP),
        ]
    }
}
