import Reporting
import SearchCore
import Studies

/// A report: all that is drawn, said and judged of one store. `make` does the sums, `draw` the pictures.
public struct Report: Sendable {
    public let source: String
    public let findings: [Finding]
    public let figures: [Drawn]
    /// About the store as a whole: models, problems, what is unfinished.
    public let facts: [(name: String, value: String)]
    public let warnings: [String]

    /// - Parameters:
    ///   - pair: a store of a small model and a larger one, for the comparison at
    ///   equal FLOPs; nil if `data` has the larger one's answers itself.
    ///   - pairIsItself: a pair was asked for, and is `data` again.
    public init(_ data: MeasuredStudy, pair: MeasuredStudy? = nil, pairIsItself: Bool = false) throws(StratagemError) {
        try Self.check(data)
        if let pair { try Self.check(pair) }
        let analysis = Analysis(data)
        let policies = Policies(analysis)
        let pairAnalysis = pair.map { Analysis($0) } ?? analysis
        let pairPolicies = pair == nil ? policies : Policies(pairAnalysis)
        source = data.source
        figures = [
            analysis.searchOverBudget(), analysis.searchByBin(), analysis.sequentialAgainstParallel(),
            analysis.ratioByBin(),
            analysis.computeOptimal(policies), pairAnalysis.flopsMatched(pairPolicies, of: pair?.source),
            analysis.verifiers(), analysis.aggregation(),
            analysis.alongTheChain(), analysis.overOptimisation(), analysis.combination(policies),
            analysis.everyStrategy(), analysis.frontier(),
        ]
        findings =
            FindingRules(analysis: analysis, policies: policies, matching: FLOPsMatching(pairAnalysis, pairPolicies))
            .all
        facts =
            Self.facts(data)
            + (pair.map { pair in
                Self.facts(pair).map { ("\(pair.source): \($0.name)", $0.value) }.filter { !$0.0.hasSuffix(": store") }
            } ?? [])
        let comparison = pairAnalysis.whyNotMatched(pairPolicies).flatMap { why -> String? in
            guard pair != nil || pairIsItself else { return nil }
            let named = pair.map(\.source) ?? "\(data.source), which --pair names, is the report's own store, and"
            return "The comparison with a larger model is left out: \(named) \(why)."
        }
        warnings =
            (comparison.map { [$0] } ?? []) + Self.warnings(data)
            + (pair.map { pair in Self.warnings(pair).map { "\(pair.source): \($0)" } } ?? [])
    }

    private static func check(_ data: MeasuredStudy) throws(StratagemError) {
        guard data.problems > 0 else {
            throw StratagemError(
                .user, .emptyStore,
                "\(data.source) holds no problems: there is nothing to report on. Fill it with stratagem eval --out \(data.source)"
            )
        }
        guard (data.cells + data.otherCells).contains(where: { $0.right.contains { !$0.isNaN } }) else {
            throw StratagemError(
                .user, .emptyStore,
                "\(data.source) holds no finished run. Continue with stratagem eval --out \(data.source) --resume")
        }
    }

    public var drawn: [Figure] {
        figures.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
    }

    private static func facts(_ data: MeasuredStudy) -> [(name: String, value: String)] {
        let budgets = Set(data.cells.map(\.budget)).sorted()
        let measured = (0..<data.problems).count { problem in
            (data.cells + data.otherCells).contains { !$0.right[problem].isNaN }
        }
        var facts = [
            ("store", data.source),
            (
                "problems",
                "\(measured < data.problems ? "\(Readable.count(measured)) of the " : "")\(Readable.count(data.problems)) of \(data.dataName.isEmpty ? "unnamed data" : data.dataName)"
            ),
            (
                "runs",
                "\(Readable.count(data.runsDone)), of \(Set((data.cells + data.otherCells).map(\.run)).count) strategies with parameters\(budgets.isEmpty ? "" : ", at N = \(Words.list(budgets))")"
            ),
            ("seeds", Words.list(data.seeds.map { "\($0)" })),
        ]
        if data.sharedSamples > 0 {
            facts.append(("difficulty", "pass@1 over \(data.sharedSamples) samples a problem"))
        }
        for model in data.models {
            let size = model.parameters > 0 ? "\(Readable.count(model.parameters)) parameters, " : ""
            facts.append((model.role, size + "SHA-256 \(model.sha256.prefix(12))…"))
        }
        return facts.filter { !$0.1.isEmpty }
    }

    /// Of texts that were cut short, verifiers that gave no number, problems that occur twice.
    private static func textWarnings(_ data: MeasuredStudy) -> [String] {
        var warnings: [String] = []
        let cut = data.texts.filter { ($0.count.truncatedShare ?? 0) > EvalReport.truncatedMost }
        if let worst = cut.max(by: { ($0.count.truncatedShare ?? 0) < ($1.count.truncatedShare ?? 0) }) {
            warnings.append(
                "In \(Readable.count(cut.count, "cell")) more than a tenth of the texts were cut by a limit and have no answer; most in \(worst.cell): \(Readable.percent(worst.count.truncatedShare ?? 0)) of \(Readable.count(worst.count.ended)). Raise the limit: max_tokens, the budget's tokens, the bundle's context."
            )
        }
        let unscored = data.texts.filter { $0.count.unscored > 0 }
        if let first = unscored.first {
            warnings.append(
                "The verifier gave no number from 0 to 1 (NaN, or it failed) for \(Readable.count(unscored.reduce(0) { $0 + $1.count.unscored }, "text")) in \(Readable.count(unscored.count, "cell")), the first \(first.cell): answers there were chosen without it."
            )
        }
        if let clusters = data.clusters {
            let different = Set(clusters).count
            warnings.append(
                "\(Readable.count(data.problems - different)) of \(Readable.count(data.problems, "problem")) occur more than once: intervals are based on the \(Readable.count(different)) different ones."
            )
        }
        return warnings
    }

    private static func warnings(_ data: MeasuredStudy) -> [String] {
        var warnings: [String] = []
        if data.runsDone < data.runsPlanned {
            warnings.append(
                "This store is not finished: it has \(Readable.count(data.runsDone)) of \(Readable.count(data.runsPlanned)) runs. Every figure uses the problems that were measured; the same stratagem eval with --resume continues."
            )
        }
        if data.runsFailed > 0 {
            warnings.append(
                "\(Readable.count(data.runsFailed, "run")) ended in an error and count\(data.runsFailed == 1 ? "s" : "") as wrong."
            )
        }
        warnings += textWarnings(data)
        if data.problems == 1 {
            warnings.append(
                "There is only one problem: no interval can be computed, and the results do not apply to other problems."
            )
        } else if data.problems < 30 {
            warnings.append(
                "There are only \(data.problems) problems: intervals by the bootstrap are too narrow for so few.")
        }
        let rights = data.cells.flatMap { $0.right.filter { !$0.isNaN } }
        if let first = rights.first, first == 0 || first == 1, rights.allSatisfy({ $0 == first }) {
            warnings.append(
                first == 0
                    ? "No run was ever right. Check the answers' extractor and the problems' reference answers."
                    : "Every run was right: these problems cannot distinguish strategies.")
        }
        return warnings
    }
}
