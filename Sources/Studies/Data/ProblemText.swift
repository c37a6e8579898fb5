import SearchCore

/// What a problem's text must be, wherever it came from.
public enum ProblemText {
    /// Far above any context: what is larger is a mistake, and is not copied around.
    public static let maximumBytes = 1 << 20

    /// - Parameter source: begins every message: "standard input", "data.jsonl:7".
    public static func check(_ bytes: some Collection<UInt8>, source: String) throws(StratagemError) -> String {
        func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badProblem, "\(source): \(why)") }
        guard bytes.count <= maximumBytes else {
            throw refuse(
                "the problem has \(bytes.count) bytes, at most \(maximumBytes) (1 MiB) are taken. Pass only the question, one problem at a time"
            )
        }
        if let place = bytes.firstIndex(of: 0) {
            throw refuse(
                "the problem has a NUL byte at byte \(bytes.distance(from: bytes.startIndex, to: place) + 1), so this is binary data. Pass plain UTF-8 text"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refuse("the problem is not UTF-8 text. Convert it first: iconv -f latin1 -t utf-8")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw refuse("the problem is empty. Write it as an argument, or pipe it in with '-'")
        }
        return text
    }
}
