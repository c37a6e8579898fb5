/// How a bin's choice is made at a budget.
public enum PolicyRule: Sendable, Equatable {
    /// The best use of the whole budget, unless noise may have made it the best. Each run stands with the largest
    /// budget that is paid for. In every bin its difference from best-of-N at that budget, paired by problem, is moved
    /// towards its difference over all bins (`Shrinkage`). Taken is the run whose moved difference is largest, of
    /// those where it is more than a standard error above 0 and the bin's own difference is not below 0; among equals
    /// the smallest. Where there is none it is best-of-N.
    case favoured
    /// Of all budgets that are paid for, the smallest whose difference from the best, paired by problem, is within so
    /// many standard errors.
    case smallest(standardErrors: Double)
}

/// Chooses for all bins of one budget.
struct PolicyChooser: Sendable {
    let rule: PolicyRule
    /// Smallest first.
    let offers: [PolicyOffer]

    /// - Parameter bins: the problems of each; none is empty.
    /// - Returns: for each bin, index of an offer.
    func choose(_ bins: [[Int]]) -> [Int] {
        switch rule {
        case .favoured: favoured(bins)
        case .smallest(let errors): bins.map { smallest(on: $0, within: errors) }
        }
    }

    /// Best-of-N at the largest budget that is paid for; where it was not run, the choice that is best over all bins.
    func baseline(_ bins: [[Int]]) -> Int {
        if let plain = offers.lastIndex(where: { $0.run == PolicyStudy.baseline }) { return plain }
        return best(on: bins.flatMap(\.self))
    }

    /// The first of the best ones.
    func best(on problems: [Int]) -> Int {
        largest(offers.map { offer in Bootstrap.mean(problems.map { offer.right[$0] }) })
    }

    private func favoured(_ bins: [[Int]]) -> [Int] {
        let plain = baseline(bins)
        let all = offers.map { offer in
            Shrinkage(bins.map { bin in bin.map { offer.right[$0] - offers[plain].right[$0] } })
        }
        return bins.indices.map { bin in
            let gains = all.map { gain in
                let isFavoured = gain.own[bin] >= 0 && gain.shrunk[bin] > gain.errors[bin]
                return isFavoured ? gain.shrunk[bin] : -.infinity
            }
            let most = largest(gains)
            return gains[most] > 0 ? most : plain
        }
    }

    private func smallest(on problems: [Int], within errors: Double) -> Int {
        let best = best(on: problems)
        let smallest = offers.indices.first { offer in
            let difference = problems.map { offers[best].right[$0] - offers[offer].right[$0] }
            return Bootstrap.mean(difference) <= errors * Bootstrap.standardError(difference)
        }
        return smallest ?? best
    }

    private func largest(_ values: [Double]) -> Int {
        values.indices.dropFirst().reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }
}
