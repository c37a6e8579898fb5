import SearchCore

/// How close the solution, up to the end of this step, is to what the verifier itself would have written: the product
/// over its tokens of p(token) / p(most likely). Each step's first token is left out: how a step begins is a matter of
/// style. Needs no training as a verifier.
public struct LikelihoodReadOut: StepReadOut, Equatable {
    public static let name = "likelihood"

    public init() {}
    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {}

    public var settings: [String] { ["", "0"] }
    public var tokens: [ReadOutToken] { [] }
    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .all }

    /// The sum of log p(token) − log p(most likely), each read at the previous token.
    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        guard place.position + 1 < place.step.count else { return }
        sum += Double(row[place.step[place.position + 1]] - row.maximum)
    }

    public func value(sum: Double, above: Double?) -> Double { stableExp(sum) * (above ?? 1) }
}
