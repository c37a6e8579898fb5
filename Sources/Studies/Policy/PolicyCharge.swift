import Foundation

/// Who pays for finding out how hard a problem is.
public enum PolicyCharge: Sendable, Equatable {
    /// Nobody, as in the paper: a choice has the whole budget, and the difficulty is told from all samples.
    case free
    /// The budget, as `compute-optimal` does it: the estimate draws a quarter of the budget, `most` samples at most.
    /// They are the first ones of best-of-N; any other choice has what is left.
    case paid(most: Int)

    /// What `compute-optimal` draws where a table does not say how many.
    public static let usual = 16

    /// Of a problem, for its difficulty; nil: all that there are.
    public func samples(at budget: Int) -> Int? {
        guard case .paid(let most) = self else { return nil }
        return max(1, min(most, budget / 4))
    }
}

/// What a budget can buy: a cell, or what lies between two.
struct PolicyOffer: Sendable {
    var run: String
    /// As the table says it.
    var spend: Int
    /// By problem; NaN: not run.
    var right: [Double]
    var flops: Double

    init(_ cell: PolicyStudy.Cell, spend: Int? = nil) {
        (run, right, flops) = (cell.run, cell.right, cell.flops)
        self.spend = spend ?? cell.budget
    }
}

extension PolicyStudy {
    /// What a budget pays for, smallest first.
    /// - Parameter whole: of each run only what spends most; else its smaller budgets too.
    func offers(at budget: Int, _ charge: PolicyCharge, whole: Bool = false) -> [PolicyOffer] {
        let left = budget - (charge.samples(at: budget) ?? 0)
        let runs = Dictionary(grouping: cells, by: \.run).values
        func bought(_ run: [Cell]) -> [PolicyOffer] {
            guard charge != .free, !Self.goesOn(run[0].run) else {
                return run.filter { $0.budget <= budget }.map { PolicyOffer($0) }
            }
            // All that is left is the whole budget to the table: the estimate comes off it when it is used.
            let measured = run.filter { $0.budget <= left }.map { cell in
                PolicyOffer(cell, spend: cell.budget == left ? budget : nil)
            }
            return measured + (Self.between(run, left).map { [PolicyOffer($0, spend: budget)] } ?? [])
        }
        let offers = runs.flatMap { run in
            let all = bought(run)
            return whole ? all.max { $0.spend < $1.spend }.map { [$0] } ?? [] : all
        }
        return offers.sorted { ($0.spend, $0.flops, $0.run) < ($1.spend, $1.flops, $1.run) }
    }

    /// Whether the samples of the estimate are its first ones: then nothing is lost with them. As `compute-optimal`
    /// sees it, whose verifier is the default one here.
    static func goesOn(_ run: String) -> Bool {
        let parts = run.split(separator: ":", maxSplits: 1)
        let strategy = parts.first.map(String.init) ?? ""
        let parameters = parts.dropFirst().flatMap { $0.split(separator: ",") }
        switch strategy {
        case PolicyStudy.baseline: return parameters.allSatisfy { $0.hasPrefix("selection=") }
        case "majority": return parameters.isEmpty
        default: return false
        }
    }

    /// A run at a budget between two at which it was run, linear in the budget's logarithm.
    static func between(_ run: [Cell], _ budget: Int) -> Cell? {
        guard !run.contains(where: { $0.budget == budget }),
            let below = run.filter({ $0.budget < budget }).max(by: { $0.budget < $1.budget }),
            let above = run.filter({ $0.budget > budget }).min(by: { $0.budget < $1.budget })
        else { return nil }
        let share = log2(Double(budget) / Double(below.budget)) / log2(Double(above.budget) / Double(below.budget))
        var cell = below
        cell.budget = budget
        cell.right = zip(below.right, above.right).map { $0 + share * ($1 - $0) }
        cell.flops = below.flops + share * (above.flops - below.flops)
        return cell
    }
}
