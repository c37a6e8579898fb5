import SearchCore

/// How well a verifier finds the first wrong step, as ProcessBench (Zheng et al. 2024) measures it: its accuracy on
/// solutions with an error, its accuracy on those without, and their harmonic mean, F1.
public struct Judgement: Sendable, Equatable {
    /// One solution: what people say, and what the verifier gave its steps.
    public struct Case: Sendable, Equatable {
        /// Nil: all steps are right.
        public var firstWrong: Int?
        /// Empty if the verifier failed; then it is right about nothing.
        public var values: [Double]

        public init(firstWrong: Int?, values: [Double]) {
            self.firstWrong = firstWrong
            self.values = values
        }
    }

    public struct Side: Sendable, Equatable {
        public var samples = 0
        public var right = 0
        /// Nil without samples.
        public var accuracy: Double? { samples == 0 ? nil : Double(right) / Double(samples) }
        public var ci95: ClosedRange<Double> { Proportion.wilson95(successes: right, of: samples) }
    }

    /// Below it a step counts as wrong.
    public var threshold: Double
    public var erroneous = Side()
    public var correct = Side()

    public init(_ cases: [Case], threshold: Double) {
        self.threshold = threshold
        for one in cases {
            let isRight = !one.values.isEmpty && Self.firstBelow(threshold, one.values) == one.firstWrong
            if one.firstWrong == nil {
                correct.samples += 1
                correct.right += isRight ? 1 : 0
            } else {
                erroneous.samples += 1
                erroneous.right += isRight ? 1 : 0
            }
        }
    }

    /// Nil if one of the two kinds is missing.
    public var f1: Double? {
        guard let one = erroneous.accuracy, let other = correct.accuracy else { return nil }
        return one + other == 0 ? 0 : 2 * one * other / (one + other)
    }

    static func firstBelow(_ threshold: Double, _ values: [Double]) -> Int? { values.firstIndex { $0 < threshold } }

    /// Thresholds that are tried: more tell nothing apart that matters.
    private static let tried = 1000

    /// The threshold with the highest F1 on these cases, the lowest of equals; half-way between two values
    /// that occur, so that it does not depend on a last digit. Nil if F1 cannot be had.
    public static func bestThreshold(_ cases: [Case]) -> Double? {
        var values = Array(Set(cases.flatMap(\.values))).sorted()
        if values.count > tried { values = (0..<tried).map { values[$0 * (values.count - 1) / (tried - 1)] } }
        guard let last = values.last else { return nil }
        let between = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
        // Below all values nothing is wrong, above all every first step is.
        let candidates = [0] + between + [min(1, last + (1 - last) / 2)]
        var best: (threshold: Double, f1: Double)?
        for threshold in candidates {
            guard let f1 = Judgement(cases, threshold: threshold).f1 else { return nil }
            if best.map({ f1 > $0.f1 }) ?? true { best = (threshold, f1) }
        }
        return best?.threshold
    }
}
