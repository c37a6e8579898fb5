/// What the verifier is, and how its values of the steps become one score.
extension Analysis {
    func verifiers() -> Drawn {
        let id = "verifiers", title = "Process against outcome verifier"
        let prm = main(Strategies.bestOfN), orm = bestOfN(verifier: "orm")
        guard !Self.common(prm, orm).isEmpty else {
            return .missing(
                id: id, title: title, needs: "cells of best-of-n and of best-of-n:verifier=orm at the same budgets")
        }
        let grey = [PaperNumbers.prm.series, PaperNumbers.orm.series]
        let series = [
            Series("PRM: every step is scored, the last one counts", .bestOfN, .solid, curve(prm)),
            Series("ORM: the whole answer is scored", .lookahead, .dashed, curve(orm)),
            Series("majority: no verifier", .majority, .dotted, curve(main(Strategies.majority))),
        ]
        return .figure(
            Figure(
                id: id, title: title,
                about: "Best-of-N with answers weighted by either verifier (the paper's figure 14).",
                panels: [
                    Panel(title: "all \(data.problems) problems", series: series.filter { !$0.points.isEmpty } + grey)
                ], x: .budget,
                seen: verifierComparisons(prm, orm), notes: [PaperNumbers.note]))
    }

    private func verifierComparisons(_ prm: [MeasuredStudy.Cell], _ orm: [MeasuredStudy.Cell]) -> [String] {
        let budgets = Self.common(prm, orm).filter { $0 > 1 }
        return Set([budgets.first, budgets.last].compactMap(\.self)).sorted().compactMap { budget in
            difference(prm, orm, at: budget).map { "At N = \(budget) " + Words.compare("the PRM", "the ORM", $0) + "." }
        }
    }

    func aggregation() -> Drawn {
        let id = "aggregation", title = "From steps to an answer: last, minimum or product"
        let budgets = Self.doublings(to: data.sharedSamples)
        guard budgets.count > 1, data.samples.contains(where: { $0.contains { !$0.product.isNaN } }) else {
            return .missing(
                id: id, title: title,
                needs: "samples of best-of-n with the verifier's value of every step, at least two per problem")
        }
        let series = Aggregator.allCases.map { way in
            Series(way.name, way.ink, way.line, curve(budgets.map { ($0, aggregated(way, $0)) }))
        }
        return .figure(
            Figure(
                id: id, title: title,
                about:
                    "Best-of-N where a sample's weight is the value of its last step, the minimum over its steps, or the product of all (the paper's figure 13). All samples in the store are used, in groups of N.",
                panels: [Panel(title: "all \(data.problems) problems", series: series)], x: .budget,
                seen: aggregationSeen(budgets),
                notes: [
                    "In the paper the last step is better than minimum and product with soft labels; it gives no figures, so there is no grey line."
                ]))
    }

    func aggregationSeen(_ budgets: [Int]) -> [String] {
        guard let largest = budgets.last else { return [] }
        let last = aggregated(.last, largest)
        return [Aggregator.least, .product].compactMap { other in
            difference(last, aggregated(other, largest)).map {
                "At N = \(largest) " + Words.compare("the last step", other.name, $0) + "."
            }
        }
    }

    enum Aggregator: CaseIterable {
        case last, least, product

        var name: String {
            switch self {
            case .last: "the last step's value"
            case .least: "the minimum of the steps' values"
            case .product: "the product of all"
            }
        }

        var ink: Ink { self == .last ? .bestOfN : self == .least ? .beam : .majority }
        var line: Series.Line { self == .last ? .solid : self == .least ? .dashed : .dotted }

        func weight(_ sample: MeasuredStudy.Sample) -> Float {
            switch self {
            case .last: sample.last
            case .least: sample.least
            case .product: sample.product
            }
        }
    }

    static func doublings(to most: Int) -> [Int] {
        var found: [Int] = []
        var n = 1
        while n <= most {
            found.append(n)
            n *= 2
        }
        return found
    }

    /// By problem: of the samples in groups of n, the share whose heaviest answer is right.
    func aggregated(_ way: Aggregator, _ n: Int) -> [Double] {
        var weights: [Int32: Float] = [:]
        return data.samples.map { samples in
            let groups = samples.count / n
            guard groups > 0 else { return .nan }
            var right = 0
            for group in 0..<groups {
                weights.removeAll(keepingCapacity: true)
                // Of equal weights the answer that came first wins: the same every time.
                var best: (weight: Float, isRight: Bool) = (-1, false)
                let members = samples[group * n..<(group + 1) * n]
                for sample in members where sample.answer >= 0 {
                    let weight = way.weight(sample)
                    weights[sample.answer, default: 0] += weight.isNaN ? 0 : weight
                }
                for sample in members where sample.answer >= 0 {
                    let weight = weights[sample.answer] ?? 0
                    if weight > best.weight { best = (weight, sample.isRight) }
                }
                right += best.isRight ? 1 : 0
            }
            return Double(right) / Double(groups)
        }
    }
}
