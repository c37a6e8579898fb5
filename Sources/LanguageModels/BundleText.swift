import SearchCore

/// Writes bundles: what all that are made on the spot have in common.
public enum BundleText {
    /// How a model behind a server is asked, unless a bundle says otherwise.
    public static let task =
        "{problem}\n\nSolve this step by step, each step on a line of its own. End with a line that has #### and then the answer alone."

    /// A TOML list of strings.
    public static func list(_ texts: [String]) -> String { "[" + texts.map(JSON.quoted).joined(separator: ", ") + "]" }
}
