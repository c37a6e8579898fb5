import SearchCore

/// The usual process reward model: p(good) against p(good) and all p(bad), at the token that ends the step.
public struct TokenReadOut: StepReadOut, Equatable {
    public static let name = "token"
    public let good: String
    public let bad: [String]

    public init(good: String, bad: [String]) { (self.good, self.bad) = (good, bad) }

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) { (good, bad) = try keys.verdicts() }

    public var settings: [String] { [good, "\(bad.count)"] + bad }
    public var tokens: [ReadOutToken] {
        [ReadOutToken(key: "good", text: good)] + bad.map { ReadOutToken(key: "bad", text: $0) }
    }
    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .last }

    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        sum = row.share(of: place.ids[0], against: place.ids[1...])
    }
}
