import Studies

/// Numbers and comparisons in words. What is not beyond chance is not called a difference.
enum Words {
    static func number(_ value: Double) -> String {
        value.isFinite && abs(value) < 1e15 && value == value.rounded() ? String(Int(value)) : Readable.fixed(value, 2)
    }

    /// 62.4 (58.1 to 66.5), of a share; in per cent.
    static func share(_ estimate: Estimate) -> String {
        "\(Readable.fixed(estimate.value * 100, 1)) (\(Readable.fixed(estimate.low * 100, 1)) to \(Readable.fixed(estimate.high * 100, 1)))"
    }

    static func plain(_ estimate: Estimate) -> String {
        "\(Readable.fixed(estimate.value, 2)) (\(Readable.fixed(estimate.low, 2)) to \(Readable.fixed(estimate.high, 2)))"
    }

    /// +3.2 points (95 % interval +0.4 to +6.0).
    static func points(_ estimate: Estimate) -> String {
        "\(signed(estimate.value * 100)) points (95 % interval \(signed(estimate.low * 100)) to \(signed(estimate.high * 100)))"
    }

    static func signed(_ value: Double, _ digits: Int = 1) -> String {
        let text = Readable.fixed(abs(value), digits)
        guard text.contains(where: { $0 != "0" && $0 != "." && $0 != "–" }) else { return text }
        return (value < 0 ? "−" : "+") + text
    }

    /// "beam search is above best-of-N: +3.2 points (…)", or that they cannot be distinguished.
    static func compare(_ first: String, _ second: String, _ difference: Estimate) -> String {
        if difference.low > 0 { return "\(first) is above \(second): \(points(difference))" }
        if difference.high < 0 { return "\(first) is below \(second): \(points(difference))" }
        return "\(first) and \(second) cannot be distinguished: \(points(difference))"
    }

    static func list(_ items: [String]) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }

    static func list(_ numbers: [Int]) -> String { list(numbers.map(String.init)) }

    static func sentence(_ text: String) -> String {
        guard let first = text.first else { return "" }
        return first.uppercased() + text.dropFirst() + "."
    }
}
