import SearchCore

/// For a model on a server that is asked whether the text so far is right, and is read at the first word of its reply:
/// the share of the spellings of yes. The question is not part of the text that follows.
public struct JudgeReadOut: StepReadOut, Equatable {
    public static let name = "judge"
    /// What follows the text so far.
    public let ask: String
    public let yes: [String]
    public let no: [String]

    public init(ask: String, yes: [String], no: [String]) { (self.ask, self.yes, self.no) = (ask, yes, no) }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        ask = try keys.string("ask", default: "\nIs this solution right so far? Answer with one word, Yes or No.")
        yes = try keys.strings("yes", default: ["Yes", " Yes", "yes", " yes"])
        no = try keys.strings("no", default: ["No", " No", "no", " no"])
        for (key, words) in [("yes", yes), ("no", no)] where words.isEmpty || words.contains("") {
            throw keys.refuse(key, "has no word, or an empty one. Name every spelling: [\"Yes\", \" Yes\"]")
        }
        if let both = yes.first(where: no.contains) {
            throw keys.refuse("no", "and yes both contain '\(both)', so the two could not be distinguished")
        }
    }

    public var settings: [String] { [ask, "\(yes.count)"] + yes + no }
    public var tokens: [ReadOutToken] { [] }
    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .last }
    /// The reply is read as words, by whoever asks.
    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) { sum = .nan }
}
