import Foundation

/// Numbers for people. Independent of the user's locale, so that output can be
/// compared and pasted.
public enum Readable {
    /// 1,204
    public static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// "1 problem", "1,200 problems".
    public static func count(_ value: Int, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    public static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "–" }
        return String(format: "%.\(digits)f", value)
    }

    /// 62.4 %
    public static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

    /// 7.5 GFLOP
    public static func flops(_ value: Double) -> String {
        guard !value.isNaN else { return "–" }
        let units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"]
        var value = value, unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return fixed(value, value < 10 && unit > 0 ? 1 : 0) + " " + units[unit]
    }

    /// 0.21 s, 12.3 s, 3 min 05 s, 2 h 10 min
    public static func seconds(_ value: Double) -> String {
        guard value.isFinite, value < 1e9 else { return "–" }
        if value < 9.995 { return fixed(value, 2) + " s" }
        if value < 99.95 { return fixed(value, 1) + " s" }
        let whole = Int(value.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60 < 10 ? "0" : "")\(whole % 3600 / 60) min"
    }

    /// p = 0.031, p < 0.001
    public static func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, 3) }
}
