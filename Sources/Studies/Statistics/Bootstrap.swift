import SearchCore

/// How sure a mean over problems is.
public enum Bootstrap {
    static let resamples = 1000

    public static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// Of the mean; 0 where one value cannot tell.
    public static func standardError(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let centre = mean(values)
        let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
        return (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
    }

    /// The 95 % percentile interval of the mean, by problem. The same values give the same interval.
    public static func ci95(_ values: [Double]) -> ClosedRange<Double> {
        guard !values.isEmpty else { return 0...1 }
        let random = SampleRandom(seed: 0x5EED)
        var draw: UInt64 = 0
        var means: [Double] = []
        for _ in 0..<resamples {
            var sum = 0.0
            for _ in values.indices {
                sum += values[Int(random.bits(draw) % UInt64(values.count))]
                draw += 1
            }
            means.append(sum / Double(values.count))
        }
        means.sort()
        return means[resamples * 25 / 1000]...means[resamples * 975 / 1000 - 1]
    }
}
