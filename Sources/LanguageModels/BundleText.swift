import SearchCore

/// Writes bundles: the parts that all generated bundles have in common.
public enum BundleText {
    /// The prompt for a model behind a server, unless a bundle says otherwise.
    public static let task =
        "{problem}\n\nSolve this step by step, each step on a line of its own. End with a line that has #### and then the answer alone."

    /// A TOML list of strings.
    public static func list(_ texts: [String]) -> String { "[" + texts.map(JSON.quoted).joined(separator: ", ") + "]" }
}
