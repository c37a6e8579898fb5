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
        case .search:
            return [Strategies.bestOfN, Strategies.beam, Strategies.lookahead].flatMap { runs($0).flatMap(\.self) }
        case .revisions:
            return revisions(majority: false).flatMap(\.value.values).sorted {
                ($0.budget, $0.run) < ($1.budget, $1.run)
            }
        case .all: return cells(.search) + cells(.revisions) + runs(Strategies.reviseSearch).flatMap(\.self)
        }
    }

    /// What every budget of the pool is compared with: best-of-N of the policy, or of the reviser.
    func baseline(_ pool: Pool) -> [MeasuredStudy.Cell] {
        pool == .revisions ? parallel(majority: false) : main(Strategies.bestOfN)
    }

    /// What the charged estimate takes of a budget: as `compute-optimal` does.
    static let samplesMost = PolicyCharge.usual

    func policy(_ pool: Pool, by kind: Difficulty.Kind) -> Policy { fitted(cells(pool), by: kind, charge: .free) }

    /// Everything the estimate draws is paid for.
    func chargedPolicy(_ pool: Pool) -> Policy {
        var policy = fitted(cells(pool), by: .predicted, charge: .paid(most: Self.samplesMost))
        // Below there is nothing to spare.
        policy.right = policy.right.filter { $0.key >= 4 }
        return policy
    }

    private func fitted(_ cells: [MeasuredStudy.Cell], by kind: Difficulty.Kind, charge: PolicyCharge) -> Policy {
        guard !cells.isEmpty else { return Policy(trouble: "there are no cells to choose from") }
        guard data.samples.count == data.problems, data.sharedSamples >= 1 else {
            return Policy(trouble: "the store has no samples of best-of-n, from which difficulty is known")
        }
        // A store that is not finished: the problems that every cell has.
        let measured = (0..<data.problems).filter { problem in
            !data.samples[problem].isEmpty && cells.allSatisfy { !$0.right[problem].isNaN }
        }
        func told(_ first: Int?) -> [Difficulty] {
            let all = data.difficulties(first: first)
            return measured.map { all[$0] }
        }
        var study = PolicyStudy(
            cells: cells.map { cell in
                PolicyStudy.Cell(
                    run: cell.run, budget: cell.budget, right: measured.map { cell.right[$0] },
                    flops: cell.flops.isNaN ? Double(cell.budget) : cell.flops)
            }, difficulties: told(nil))
        for samples in Set(study.budgets.compactMap(charge.samples)) { study.early[samples] = told(samples) }
        var trouble: String?
        // Few samples tell few difficulties apart: as many bins as they can fill.
        for count in stride(from: Self.binsWanted, to: 0, by: -1) {
            do {
                let fit = try PolicyFit(study, by: kind, binCount: count, charge: charge)
                if trouble == nil, let row = fit.rows.first(where: { $0.bins.count < Self.binsWanted }) {
                    trouble = "at N = \(row.budget) the samples fill \(Readable.count(row.bins.count, "bin"))"
                }
                var policy = Policy(trouble: trouble)
                for row in fit.rows {
                    var whole = [Double](repeating: .nan, count: data.problems)
                    for (index, problem) in measured.enumerated() { whole[problem] = row.crossValidated[index] }
                    policy.right[row.budget] = whole
                }
                return policy
            } catch {
                if trouble == nil { trouble = error.message }
            }
        }
        return Policy(trouble: trouble)
    }
}
