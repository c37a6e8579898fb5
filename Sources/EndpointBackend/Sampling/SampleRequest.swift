import LanguageModels
import SearchCore

/// One sample, with all that a server must be told: made on the lane, sent from elsewhere.
struct SampleRequest: Sendable {
    /// From the root on: as ids, or as text where the server takes no ids.
    var ids: [Int32]
    var bytes: [UInt8]
    var until: SampleUntil
    /// What the ledger granted and the context has room for, ≥ 1.
    var maxTokens: Int
    var temperature: Double
    var topP: Double
    var minP: Double
    var seed: UInt64
    /// Which problem it belongs to: requests of one stay with one replica.
    var root: UInt64
    /// Of the answer above it: see `StopRules.tail`.
    var tail: [UInt8] = []

    /// Of the sample's request number `segment`: from 0 to 2³¹ − 1, which all servers take for what it is.
    /// Neighbours in our numbers are strangers in theirs: choice i of n is drawn with seed + i there.
    func seed(segment: Int) -> UInt32 {
        var hash = StableHash(seed)
        hash.combine(UInt64(segment))
        return UInt32(truncatingIfNeeded: hash.value >> 33)
    }
}

/// The result of a sample.
struct SampleResult: Sendable {
    var text: [UInt8] = []
    /// What the child continues from: the text's tokens, without an end token or what follows a stop string.
    var ids: [Int32] = []
    var stepEnds: [Int] = []
    /// For what continues below it: see `StopRules.tail`.
    var tail: [UInt8] = []
    var tokens = 0
    /// Empty if one of them is not known.
    var logProbabilities: [Float] = []
    var ending = SampleEnding.cancelled
    var promptTokensRead = 0
    var requests = 0
}
