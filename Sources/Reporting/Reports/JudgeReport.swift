import SearchCore
import Studies

/// What `judge` found: how well a verifier finds the first wrong step.
public struct JudgeReport: Sendable {
    public var data: String
    public var bundle: String
    public var role: String
    public var judgement: Judgement
    /// Where the threshold was chosen; nil: it was given.
    public var development: (source: String, judgement: Judgement)?
    /// Solutions that the verifier gave no values for; they count as wrong.
    public var failed: Int
    /// Why the first of them has none.
    public var failure: String?
    /// Solutions that nobody can be measured on, by the reason.
    public var skipped: [String: Int]
    /// Of all that was scored, the development part included.
    public var cost: Cost
    /// False after Ctrl-C.
    public var isComplete = true

    public init(
        data: String, bundle: String, role: String, judgement: Judgement,
        development: (source: String, judgement: Judgement)? = nil,
        failed: Int, failure: String?, skipped: [String: Int], cost: Cost
    ) {
        (self.data, self.bundle, self.role, self.judgement, self.development) = (
            data, bundle, role, judgement, development
        )
        (self.failed, self.failure, self.skipped, self.cost) = (failed, failure, skipped, cost)
    }

    public var text: String {
        var table = TextTable(header: ["solutions", "right", "accuracy", "95 % interval"])
        for (name, side) in [("with a wrong step", judgement.erroneous), ("all steps right", judgement.correct)] {
            table.add([
                name, "\(side.right)/\(side.samples)", side.accuracy.map(Readable.percent) ?? "–",
                "\(Readable.fixed(side.ci95.lowerBound * 100, 1)) – \(Readable.fixed(side.ci95.upperBound * 100, 1))",
            ])
        }
        let f1 = judgement.f1.map(Readable.percent) ?? "–: all solutions of the data are of one kind"
        var lines = [
            "F1         \(f1)",
            "threshold  \(Readable.fixed(judgement.threshold, 4))"
                + (development.map { ", chosen on \($0.source) (F1 \($0.judgement.f1.map(Readable.percent) ?? "–"))" }
                    ?? ""),
            "verifier   \(Plain.name(role)) of \(Plain.name(bundle)), \(Readable.count(cost.verifierTokens)) tokens, \(Readable.flops(cost.flops)), \(Readable.seconds(cost.seconds))",
        ]
        if failed > 0 {
            lines.append(
                "\(Readable.count(failed, "solution")) could not be scored and count\(failed == 1 ? "s" : "") as wrong. The first: \(Plain.line(failure ?? "", max: 300))"
            )
        }
        if !skipped.isEmpty {
            lines.append(
                "Left out: "
                    + skipped.sorted { $0.key < $1.key }.map {
                        "\(Readable.count($0.value)) (\(Plain.line($0.key, max: 80)))"
                    }.joined(separator: ", "))
        }
        if !isComplete { lines.append("Stopped early: these are partial results.") }
        return table.text + "\n" + lines.joined(separator: "\n") + "\n"
    }

    public var json: JSON {
        var fields: [JSON.Field] = [
            .init("data", .string(data)), .init("bundle", .string(bundle)), .init("role", .string(role)),
            .init("complete", .bool(isComplete)),
        ]
        fields += Self.fields(judgement)
        fields.append(
            .init(
                "development",
                development.map { found in
                    .object([.init("data", .string(found.source))] + Self.fields(found.judgement))
                } ?? .null))
        fields += [
            .init("failed", .int(failed)), .init("first_failure", failure.map(JSON.string) ?? .null),
            .init("skipped", .object(skipped.sorted { $0.key < $1.key }.map { .init($0.key, .int($0.value)) })),
            .init("cost", JSON(cost)),
        ]
        return .object(fields)
    }

    private static func fields(_ judgement: Judgement) -> [JSON.Field] {
        func side(_ side: Judgement.Side) -> JSON {
            [
                "samples": .int(side.samples), "right": .int(side.right), "accuracy": JSON(side.accuracy),
                "ci95": JSON(side.ci95),
            ]
        }
        return [
            .init("threshold", JSON(judgement.threshold)), .init("f1", JSON(judgement.f1)),
            .init("erroneous", side(judgement.erroneous)),
            .init("correct", side(judgement.correct)),
        ]
    }
}
