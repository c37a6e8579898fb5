import Engine
import Foundation
import SearchCore
import Studies

/// Which strategies a policy may choose from.
enum Pool: String, Sendable {
    case search, revisions, all

    var name: String {
        switch self {
        case .search: "search"
        case .revisions: "revisions"
        case .all: "all together"
        }
    }
}

/// What choosing by difficulty comes to: cross-validated by `PolicyFit`.
struct Policy: Sendable {
    /// By budget, then by problem; NaN if it was not measured.
    var right: [Int: [Double]] = [:]
    /// Why there is none.
    var trouble: String?

    func values(_ budget: Int) -> [Double]? { right[budget] }
}

/// The policies that several figures share, each fitted once.
struct Policies: Sendable {
    var oracle: [Pool: Policy] = [:]
    var predicted: [Pool: Policy] = [:]
    /// With difficulty predicted from few samples, which the budget pays for.
    var charged: [Pool: Policy] = [:]

    init(_ analysis: Analysis) {
        for pool in [Pool.search, .revisions, .all] {
            oracle[pool] = analysis.policy(pool, by: .oracle)
            predicted[pool] = analysis.policy(pool, by: .predicted)
            charged[pool] = analysis.chargedPolicy(pool)
        }
    }
}

extension Analysis {
    /// The cells that a policy may choose: with the verifier that the paper has.
    func cells(_ pool: Pool) -> [MeasuredStudy.Cell] {
        switch pool {
        case .search: return [Strategies.bestOfN, Strategies.beam, Strategies.lookahead].flatMap { runs($0).flatMap(\.self) }
        case .revisions: return revisions(majority: false).flatMap(\.value.values).sorted { ($0.budget, $0.run) < ($1.budget, $1.run) }
        case .all: return cells(.search) + cells(.revisions) + runs(Strategies.reviseSearch).flatMap(\.self)
        }
    }

    /// What every budget of the pool is compared with: best-of-N of the policy, or of the reviser.
    func baseline(_ pool: Pool) -> [MeasuredStudy.Cell] {
        pool == .revisions ? parallel(majority: false) : main(Strategies.bestOfN)
    }

    /// Samples that the charged estimate takes at this budget: as `compute-optimal` does.
    static let samplesMost = 16
    static func samplesCharged(_ budget: Int) -> Int { max(1, min(samplesMost, budget / 4)) }

    func policy(_ pool: Pool, by kind: Difficulty.Kind) -> Policy {
        let cells = self.cells(pool)
        return fitted(cells, by: kind, samples: nil, budgets: Set(cells.map(\.budget)).sorted()) { cell, _ in cell.budget }
    }

    /// Everything the estimate draws is paid for: a choice has what is left of the budget,
    /// except best-of-N, whose first samples they are. What is left is seldom a budget that
    /// was run: the two on its sides are mixed, as a line between them would have it.
    func chargedPolicy(_ pool: Pool) -> Policy {
        let cells = self.cells(pool)
        var whole = Policy()
        // N = 1 has nothing to spare: it is one sample, whatever it says.
        for budget in Set(cells.map(\.budget)).sorted() where budget >= 4 {
            let samples = Self.samplesCharged(budget)
            let left = budget - samples
            let offered = Dictionary(grouping: cells, by: \.run).sorted { $0.key < $1.key }.flatMap { _, run -> [MeasuredStudy.Cell] in
                guard run[0].strategy != Strategies.bestOfN.strategy else { return run.filter { $0.budget <= budget } }
                return run.filter { $0.budget <= left } + (Self.between(run, left).map { [$0] } ?? [])
            }
            let one = fitted(offered, by: .predicted, samples: samples, budgets: [budget]) { _, budget in budget }
            if let values = one.right[budget] { whole.right[budget] = values } else { whole.trouble = whole.trouble ?? one.trouble }
        }
        return whole
    }

    /// A run at a budget between two at which it was run, linear in the budget's logarithm.
    static func between(_ run: [MeasuredStudy.Cell], _ budget: Int) -> MeasuredStudy.Cell? {
        guard let below = run.filter({ $0.budget < budget }).max(by: { $0.budget < $1.budget }), let above = run.filter({ $0.budget > budget }).min(by: { $0.budget < $1.budget }),
              !run.contains(where: { $0.budget == budget }) else { return nil }
        let share = log2(Double(budget) / Double(below.budget)) / log2(Double(above.budget) / Double(below.budget))
        var cell = below
        cell.budget = budget
        cell.right = zip(below.right, above.right).map { $0 + share * ($1 - $0) }
        cell.flops = below.flops + share * (above.flops - below.flops)
        return cell
    }

    /// - Parameter charge: the smallest budget that pays for the cell; nil if this one does not.
    private func fitted(_ cells: [MeasuredStudy.Cell], by kind: Difficulty.Kind, samples: Int?, budgets: [Int],
                        charge: (MeasuredStudy.Cell, Int) -> Int?) -> Policy {
        guard !cells.isEmpty else { return Policy(trouble: "there are no cells to choose from") }
        guard let most = budgets.last, data.samples.count == data.problems, data.sharedSamples >= 1 else {
            return Policy(trouble: "the store has no samples of best-of-n, from which difficulty is known")
        }
        // A store that is not finished: the problems that every cell has.
        let measured = (0..<data.problems).filter { problem in !data.samples[problem].isEmpty && cells.allSatisfy { !$0.right[problem].isNaN } }
        let difficulties = data.difficulties(first: samples)
        let offered = cells.compactMap { cell -> PolicyStudy.Cell? in
            guard let budget = charge(cell, most) else { return nil }
            return PolicyStudy.Cell(run: cell.run, budget: budget, right: measured.map { cell.right[$0] }, flops: cell.flops.isNaN ? Double(cell.budget) : cell.flops)
        }
        guard !offered.isEmpty else { return Policy(trouble: "no cell is within the budget after paying for difficulty") }
        let study = PolicyStudy(cells: offered, difficulties: measured.map { difficulties[$0] })
        var trouble: String?
        // Few samples tell few difficulties apart: as many bins as they can fill.
        for count in stride(from: Self.binsWanted, to: 0, by: -1) {
            do {
                let fit = try PolicyFit(study, by: kind, binCount: count)
                var policy = Policy(trouble: trouble)
                for (budget, values) in fit.crossValidated {
                    var whole = [Double](repeating: .nan, count: data.problems)
                    for (index, problem) in measured.enumerated() { whole[problem] = values[index] }
                    policy.right[budget] = whole
                }
                return policy
            } catch {
                if trouble == nil { trouble = error.message }
            }
        }
        return Policy(trouble: trouble)
    }
}
