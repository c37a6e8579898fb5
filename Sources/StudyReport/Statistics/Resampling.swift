import SearchCore
import Studies

/// A figure with its 95 % interval.
public struct Estimate: Sendable, Equatable {
    public var value: Double
    public var low: Double
    public var high: Double
    /// Problems that it rests on.
    public var problems: Int

    public init(value: Double, low: Double, high: Double, problems: Int) {
        self.value = value
        self.low = low
        self.high = high
        self.problems = problems
    }

    func times(_ factor: Double) -> Estimate {
        // A negative factor turns the ends round.
        let ends = [low * factor, high * factor]
        return Estimate(
            value: value * factor, low: min(ends[0], ends[1]), high: max(ends[0], ends[1]), problems: problems)
    }
}

/// The bootstrap of the whole report: problems are drawn with replacement, once, and
/// every figure is worked out on the same draws. So a difference of two figures is
/// paired by problem, and what lies beside each other may be compared.
///
/// Problems are what is drawn, since samples of one problem are not independent evidence.
public struct Resampling: Sendable {
    public static let resamples = 1000
    /// Any; fixed, so that the same store gives the same report.
    static let seed: UInt64 = 0x5EED

    public let problems: Int
    private let clusters: [Int]?
    /// How often a problem was drawn; a row a resample.
    private let counts: [Float]

    /// - Parameter clusters: by problem, a number that problems with the same text share. They are drawn together.
    public init(problems: Int, clusters: [Int]? = nil) {
        self.problems = problems
        let names = clusters ?? Array(0..<problems)
        let members: [Int: [Int]] = Dictionary(grouping: names.indices, by: { names[$0] })
        let drawn: [[Int]] = members.sorted { $0.key < $1.key }.map { $0.value }
        self.clusters = clusters
        var counts = [Float](repeating: 0, count: Self.resamples * problems)
        let random = SampleRandom(seed: Self.seed)
        var draw: UInt64 = 0
        for row in 0..<(problems == 0 ? 0 : Self.resamples) {
            for _ in drawn {
                for problem in drawn[Int(random.bits(draw) % UInt64(drawn.count))] {
                    counts[row * problems + problem] += 1
                }
                draw += 1
            }
        }
        self.counts = counts
    }

    /// The mean over problems; NaN is a problem that was not measured. Nil without any.
    public func mean(_ values: [Double]) -> Estimate? {
        let measured = values.filter { !$0.isNaN }
        guard let first = measured.first else { return nil }
        // All alike: the bootstrap would be sure of what it cannot know.
        if measured.allSatisfy({ $0 == first }), let known = Self.alike(first, count: different(values)) {
            return known
        }
        return ratio(values, values.map { $0.isNaN ? .nan : 1 })
    }

    /// Mean of the first less that of the second, on problems that both were measured on.
    public func difference(_ first: [Double], _ second: [Double]) -> Estimate? {
        let differences = zip(first, second).map { $0 - $1 }
        let measured = differences.filter { !$0.isNaN }
        if !measured.isEmpty, measured.allSatisfy({ $0 == 0 }) {
            let range = PairedDifference(problems: different(differences), firstOnly: 0, secondOnly: 0).ci95
            return Estimate(value: 0, low: range.lowerBound, high: range.upperBound, problems: measured.count)
        }
        return ratio(differences, differences.map { $0.isNaN ? .nan : 1 })
    }

    /// Mean of the first over that of the second, less 1. Nil if the second is 0.
    public func relativeChange(_ first: [Double], _ second: [Double]) -> Estimate? {
        let both = zip(first, second).map { ($0 + $1).isNaN }
        let change = ratio(zip(first, both).map { $1 ? .nan : $0 }, zip(second, both).map { $1 ? .nan : $0 })
        return change.map { Estimate(value: $0.value - 1, low: $0.low - 1, high: $0.high - 1, problems: $0.problems) }
    }

    /// Sum of the numerators over that of the denominators. Nil if that is 0.
    public func ratio(_ numerators: [Double], _ denominators: [Double]) -> Estimate? {
        let used = numerators.indices.filter { !(numerators[$0] + denominators[$0]).isNaN }
        let top = used.map { Float(numerators[$0]) }, bottom = used.map { Float(denominators[$0]) }
        let whole = Double(bottom.reduce(0, +))
        guard whole > 0 else { return nil }
        var ratios: [Double] = []
        ratios.reserveCapacity(Self.resamples)
        for row in 0..<Self.resamples {
            var above: Float = 0, below: Float = 0
            let start = row * problems
            for index in used.indices {
                let count = counts[start + used[index]]
                above += count * top[index]
                below += count * bottom[index]
            }
            // A small bin may not be drawn at all.
            if below > 0 { ratios.append(Double(above / below)) }
        }
        ratios.sort()
        let value = used.reduce(0) { $0 + numerators[$1] } / used.reduce(0) { $0 + denominators[$1] }
        let low = ratios.isEmpty ? value : ratios[ratios.count * 25 / 1000]
        let high = ratios.isEmpty ? value : ratios[max(0, ratios.count * 975 / 1000 - 1)]
        // Sums of 32-bit numbers: the last digits may fall on the wrong side.
        return Estimate(
            value: value, low: min(low, value), high: max(high, value), problems: used.count { denominators[$0] > 0 })
    }

    /// Measured problems, each text once.
    private func different(_ values: [Double]) -> Int {
        let measured = values.indices.filter { !values[$0].isNaN }
        return clusters.map { clusters in Set(measured.map { clusters[$0] }).count } ?? measured.count
    }

    /// Of problems that were all solved, or all not: Wilson's interval. Nil for other values.
    private static func alike(_ value: Double, count: Int) -> Estimate? {
        guard value == 0 || value == 1 else { return nil }
        let range = Proportion.wilson95(successes: value == 1 ? count : 0, of: count)
        return Estimate(value: value, low: range.lowerBound, high: range.upperBound, problems: count)
    }
}

/// Values of the problems that belong, NaN for the others.
func only(_ values: [Double], where belongs: [Bool]) -> [Double] {
    zip(values, belongs).map { $1 ? $0 : .nan }
}
