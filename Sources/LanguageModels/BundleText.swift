/// Writes bundles: what all that are made on the spot have in common.
public enum BundleText {
    /// How a model behind a server is asked, unless a bundle says otherwise.
    public static let task = "{problem}\n\nSolve this step by step, each step on a line of its own. End with a line that has #### and then the answer alone."
    /// A TOML string of one line.
    public static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A TOML list of strings.
    public static func list(_ texts: [String]) -> String { "[" + texts.map(quote).joined(separator: ", ") + "]" }
}
