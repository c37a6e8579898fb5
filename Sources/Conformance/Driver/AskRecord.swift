import SearchCore

/// One ask as a plugin made it, copied and not yet believed.
struct AskRecord: Equatable, Sendable {
    var kind: Int32 = 0
    var tag: UInt64 = 0
    var role: [UInt8] = []
    var node: UInt64 = 0
    var count: UInt32 = 0
    var steps: UInt32 = 0
    var maxTokens: UInt32 = 0
    var problem: UInt32 = 0
    var temperature: UInt64 = 0
    var topP: UInt64 = 0
    var minP: UInt64 = 0
    var nodes: [UInt64] = []
    var text: [UInt8] = []
    var params: [String] = []
    var share: UInt64 = 0
    var maxGenerations: UInt64 = 0
    var maxTokensTotal: UInt64 = 0

    var traced: TraceAsk {
        TraceAsk(
            kind: kind, tag: tag, role: String(decoding: role, as: UTF8.self), node: node, count: count, steps: steps,
            maxTokens: maxTokens, problem: problem, temperature: Double(bitPattern: temperature),
            topP: Double(bitPattern: topP), minP: Double(bitPattern: minP), nodes: nodes,
            text: String(decoding: text, as: UTF8.self), share: Double(bitPattern: share))
    }
}

/// An answer of a ranking. The weight's bits are kept, so that NaN equals itself.
struct AnswerRecord: Equatable, Sendable {
    var node: UInt64
    var weightBits: UInt64
    var weight: Double { Double(bitPattern: weightBits) }
}

/// What one call of `next` returned.
enum Turn: Equatable, Sendable {
    case asks([AskRecord])
    case done([AnswerRecord])
    case failed(Int32, reason: String?)
    /// Nothing that can be gone on with: the violation says what.
    case unreadable
}

/// A broken promise, under the name of the check that owns it.
struct Violation: Equatable, Sendable {
    var check: String
    var expected: String
    var happened: String
}

struct ToldRecord: Equatable, Sendable {
    var tag: UInt64
    var outcome: Int32
    var nodes: [UInt64]
}

/// One turn of a search.
struct RoundRecord: Sendable {
    var event: Int32
    var told: [ToldRecord]
    /// New or newly scored since the last turn, with outside ids.
    var nodes: [TraceNode]
    var spent: Cost
    /// Nil in a search without a limit of generations.
    var generations: GenerationCount?
    var turn: Turn
}

/// A whole search.
struct SearchRecord: Sendable {
    enum Ending: Equatable, Sendable {
        case done([AnswerRecord])
        /// `create` said no.
        case refused(Int32, reason: String?)
        /// `next` said no.
        case failed(Int32, reason: String?)
        /// Asks without end.
        case endless(String)
        case unreadable
        /// It was told to stop and asked for more.
        case ignoredStop
    }
    var rounds: [RoundRecord] = []
    var ending = Ending.unreadable
    var violations: [Violation] = []
    /// By outside id: finished, and whether it holds an answer.
    var finishedNodes: [UInt64: Bool] = [:]
    /// Finished nodes that were told before the end, with an answer.
    var toldAnswers = 0
    var slowestNextSeconds = 0.0
    /// Turns in which the plugin waited for something.
    var waits = 0
    /// Calls of host functions.
    var hostCalls = 0
    var limits = Limits()

    var answers: [AnswerRecord]? { if case .done(let answers) = ending { answers } else { nil } }

    /// All that the plugin decided.
    var turns: [Turn] { rounds.map(\.turn) }

    var digest: UInt64 {
        var hash = StableHash()
        for turn in turns { hash.combine(Array("\(turn)".utf8)) }
        return hash.value
    }

    var endingText: String {
        switch ending {
        case .done(let answers): "DONE with \(answers.count) answers"
        case .refused(let status, let reason):
            "create returned \(statusName(status))" + (reason.map { " (\($0))" } ?? "")
        case .failed(let status, let reason): "next returned \(statusName(status))" + (reason.map { " (\($0))" } ?? "")
        case .endless(let why): why
        case .unreadable: "a batch that cannot be read"
        case .ignoredStop: "asks after a stop"
        }
    }
}
