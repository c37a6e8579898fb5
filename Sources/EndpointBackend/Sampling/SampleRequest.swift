import LanguageModels
import SearchCore

/// One sample, with everything that a server must be told. It is made on the lane and sent from another thread.
struct SampleRequest: Sendable {
    /// The prefix from the root on: as ids, or as text if the server does not take ids.
    var ids: [Int32]
    var bytes: [UInt8]
    var until: SampleUntil
    /// The number that the ledger granted and the context has room for, ≥ 1.
    var maxTokens: Int
    var temperature: Double
    var topP: Double
    var minP: Double
    var seed: UInt64
    /// What it continues: all requests of one problem go to one replica.
    var origin: RequestOrigin
    /// The tail of the answer above it: see `StopRules.tail`.
    var tail: [UInt8] = []
    /// Whether a part of the answer is there already.
    var isContinued = false

    /// The seed of the sample's request number `segment`: from 0 to 2³¹ − 1, which all servers take unchanged.
    /// Consecutive numbers give unrelated seeds, because a server draws choice i of n with seed + i.
    func seed(segment: Int) -> UInt32 {
        var hash = StableHash(seed)
        hash.combine(UInt64(segment))
        return UInt32(truncatingIfNeeded: hash.value >> 33)
    }
}

/// The result of a sample.
struct SampleResult: Sendable {
    var text: [UInt8] = []
    /// The tokens from which the child continues: those of the text, without an end token or what follows a stop
    /// string.
    var ids: [Int32] = []
    /// The number of bytes of the text that these tokens spell: a stop string may begin inside a token.
    var spelled = 0
    var stepEnds: [Int] = []
    /// The tail for texts that continue below it: see `StopRules.tail`.
    var tail: [UInt8] = []
    var tokens = 0
    /// Empty if the log-probability of any token is not known.
    var logProbabilities: [Float] = []
    var ending = SampleEnding.cancelled
    var promptTokensRead = 0
    var requests = 0
}
