/// What Snell et al. 2024 (arXiv 2408.03314) report, for the thin grey lines.
/// Measured on MATH with PaLM 2-S*, which are neither our problems nor our models: the
/// shapes may be compared, the heights may not.
enum PaperNumbers {
    struct Curve: Sendable {
        var name: String
        var line: Series.Line
        /// Accuracy in per cent by N.
        var points: [(n: Int, percent: Double)]
        /// Some of its values were read off a plot, to about ±0.3 points.
        var isReadOff: Bool

        var series: Series {
            Series(
                "paper: \(name)\(isReadOff ? " (≈)" : "")", .paper, line,
                points.map { point in
                    let share = point.percent / 100
                    return .init(Double(point.n), Estimate(value: share, low: share, high: share, problems: 500))
                }, isPaper: true)
        }
    }

    private static let doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    private static func curve(
        _ name: String, _ line: Series.Line, from first: Int = 1, _ percents: [Double], isReadOff: Bool
    ) -> Curve {
        let ns = doubling.filter { $0 >= first }
        return Curve(name: name, line: line, points: zip(ns, percents).map { ($0, $1) }, isReadOff: isReadOff)
    }

    static let majority = curve(
        "majority", .dotted, [10.5, 11.0, 13.8, 18.4, 22.7, 25.6, 27.5, 28.3, 28.6, 28.8], isReadOff: false)
    static let bestOfN = curve(
        "best-of-N", .solid, [10.5, 15.9, 21.0, 25.7, 29.0, 31.8, 33.8, 35.4, 36.8, 38.0], isReadOff: true)
    static let optimalSearch = Curve(
        name: "compute-optimal search", line: .dashed,
        points: [(1, 10.5), (4, 26.7), (16, 33.3), (64, 34.3), (256, 39.5)], isReadOff: false)
    static let orm = Curve(name: "ORM best-of-N", line: .dashed, points: [(32, 30.6), (512, 34.4)], isReadOff: true)
    static let prm = Curve(name: "PRM best-of-N", line: .solid, points: [(32, 31.8), (512, 38.0)], isReadOff: true)
    static let parallelRevisions = curve(
        "parallel revisions", .solid, [18.6, 24.5, 29.5, 33.3, 36.1, 38.1, 39.5, 40.4, 40.4], isReadOff: false)
    static let optimalRevisions = curve(
        "compute-optimal revisions", .dashed, from: 16, [36.3, 39.3, 41.3, 42.6, 44.0], isReadOff: true)

    /// pass@1 along the chain: about 18 % at first, about 24 % at its end.
    static let firstAttempt = 18.0
    static let lastAttempt = 24.0
    /// Share of right answers that the next revision makes wrong.
    static let broken = 38.0

    /// Relative change of accuracy against the larger model, per cent: easy, medium, hard.
    static let relativeChange: [(ratio: Double, revisions: [Double], search: [Double])] = [
        (0.16, [21.6, 27.8, 11.8], [19.1, -5.6, 0.0]),
        (0.79, [16.7, 3.5, -11.9], [2.2, -35.6, -35.3]),
        (22, [5.4, -24.3, -37.2], [2.0, -30.6, -52.9]),
    ]

    /// For under every figure that has a grey line.
    static let note =
        "Grey: the paper's own figures, on another data set (MATH) with other models (PaLM 2-S*). Compare the shapes, not the heights. ≈: some or all of its values were read off a plot, to about 0.3 points."
}
