import Foundation
import SearchCore
import Studies

/// The study and what all figures share: the draws of the bootstrap, and how hard each
/// problem is.
struct Analysis: Sendable {
    static let binsWanted = 5

    let data: MeasuredStudy
    let resampling: Resampling
    /// By problem, from 1, the easiest; 0 for one that has no samples. Nil if problems could not be sorted.
    let bin: [Int]?
    let binCount: Int
    /// Why there are fewer bins than wanted, or none.
    let binTrouble: String?

    init(_ data: MeasuredStudy) {
        self.data = data
        resampling = Resampling(problems: data.problems, clusters: data.clusters)
        let sorted = Self.bins(data)
        bin = sorted.bin
        binCount = sorted.count
        binTrouble = sorted.trouble
    }

    /// Quantiles of pass@1, as in the paper; fewer where so many cannot be distinguished.
    private static func bins(_ data: MeasuredStudy) -> (bin: [Int]?, count: Int, trouble: String?) {
        guard data.samples.count == data.problems, data.sharedSamples > 0 else {
            return (nil, 0, "the store has no samples of best-of-n, from which difficulty is known")
        }
        let ease = zip(data.difficulties(), data.samples).map { $1.isEmpty ? nil : $0.ease(.oracle) }
        let known = ease.compactMap(\.self)
        var trouble: String?
        for count in stride(from: binsWanted, to: 1, by: -1) {
            do {
                let bins = try DifficultyBins(quantilesOf: known, count: count)
                let bin = ease.map { $0.map(bins.bin(of:)) ?? 0 }
                guard (1...count).allSatisfy({ number in bin.count { $0 == number } >= 2 }) else {
                    if trouble == nil {
                        trouble = "\(known.count) problems cannot fill \(count) bins with two or more each"
                    }
                    continue
                }
                return (bin, count, trouble)
            } catch {
                if trouble == nil { trouble = error.message }
            }
        }
        return (nil, 0, trouble)
    }

    // MARK: - problems of a bin

    /// Nil is all problems.
    func members(_ number: Int?) -> [Bool] {
        guard let number, let bin else { return Array(repeating: true, count: data.problems) }
        return bin.map { $0 == number }
    }

    /// Easiest first; none where there are no bins.
    var binNumbers: [Int] { binCount > 0 ? Array(1...binCount) : [] }

    /// "bin 1, the easiest: pass@1 91 %"
    func binTitle(_ number: Int) -> String {
        let belongs = members(number)
        let ease = zip(data.difficulties(), belongs).filter(\.1).map { $0.0.ease(.oracle) }
        let place = number == 1 ? ", easiest" : number == binCount ? ", hardest" : ""
        return "bin \(number)\(place): pass@1 \(Readable.fixed(Bootstrap.mean(ease) * 100, 0)) %"
    }

    /// The bins that the paper calls easy, medium and hard, as near as ours come to it.
    var thirds: [(name: String, bins: [Int])] {
        let all = binNumbers
        guard all.count >= 3 else { return [] }
        let side = all.count / 2
        return [
            ("easy", Array(all.prefix(side))), ("medium", Array(all.dropFirst(side).dropLast(side))),
            ("hard", Array(all.suffix(side))),
        ]
        .filter { !$0.bins.isEmpty }
    }

    func members(of numbers: [Int]) -> [Bool] {
        guard let bin else { return members(nil) }
        return bin.map(numbers.contains)
    }

    // MARK: - curves

    /// Accuracy over the budget.
    func curve(
        _ cells: [MeasuredStudy.Cell], _ belongs: [Bool]? = nil,
        _ values: (MeasuredStudy.Cell) -> [Double] = { $0.right }
    ) -> [Series.Point] {
        curve(cells.map { ($0.budget, values($0)) }, belongs)
    }

    func curve(_ values: [(budget: Int, right: [Double])], _ belongs: [Bool]? = nil) -> [Series.Point] {
        values.sorted { $0.budget < $1.budget }.compactMap { budget, right in
            guard right.count == data.problems else { return nil }
            return resampling.mean(belongs.map { only(right, where: $0) } ?? right).map { .init(Double(budget), $0) }
        }
    }

    /// First less second at one budget; nil if one of them is missing.
    func difference(
        _ first: [MeasuredStudy.Cell], _ second: [MeasuredStudy.Cell], at budget: Int, _ belongs: [Bool]? = nil
    ) -> Estimate? {
        guard let one = first.first(where: { $0.budget == budget }),
            let other = second.first(where: { $0.budget == budget })
        else { return nil }
        return difference(one.right, other.right, belongs)
    }

    func difference(_ first: [Double], _ second: [Double], _ belongs: [Bool]? = nil) -> Estimate? {
        resampling.difference(belongs.map { only(first, where: $0) } ?? first, second)
    }

    /// Budgets that both have, rising.
    static func common(_ first: [MeasuredStudy.Cell], _ second: [MeasuredStudy.Cell]) -> [Int] {
        Set(first.map(\.budget)).intersection(second.map(\.budget)).sorted()
    }

    /// By problem, the mean over several cells.
    static func average(_ arrays: [[Double]]) -> [Double] {
        guard let first = arrays.first else { return [] }
        return first.indices.map { index in arrays.reduce(0) { $0 + $1[index] } / Double(arrays.count) }
    }
}
