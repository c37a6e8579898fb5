/// The colour of a score: vermilion at 0, sand in the middle, teal at 1. Readers
/// who cannot tell red from green can tell these.
struct ScoreColour: Sendable {
    var red: Double, green: Double, blue: Double

    private static let low = ScoreColour(red: 213, green: 94, blue: 0)
    private static let middle = ScoreColour(red: 226, green: 205, blue: 150)
    private static let high = ScoreColour(red: 0, green: 140, blue: 122)
    static let white = ScoreColour(red: 255, green: 255, blue: 255)
    static let night = ScoreColour(red: 24, green: 26, blue: 31)

    /// Scores are drawn in steps of a tenth, so that a style sheet can name them.
    static let buckets = 0...10

    static func bucket(_ score: Double) -> Int {
        guard score.isFinite else { return 5 }
        return Int((min(1, max(0, score)) * 10).rounded())
    }

    init(red: Double, green: Double, blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    init(bucket: Int) {
        let place = Double(bucket) / 10
        self =
            place < 0.5
            ? Self.low.mixed(with: Self.middle, place * 2) : Self.middle.mixed(with: Self.high, place * 2 - 1)
    }

    func mixed(with other: ScoreColour, _ share: Double) -> ScoreColour {
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
        return ScoreColour(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    var hex: String {
        "#"
            + [red, green, blue].map { part in
                let digits = String(Int(min(255, max(0, part)).rounded()), radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
    }
}
