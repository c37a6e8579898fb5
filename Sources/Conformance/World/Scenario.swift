import SearchCore

/// One sequence of calls to put a strategy through: the same scenario gives the
/// same calls, in any process.
struct Scenario: Sendable, Equatable {
    /// Of the world's tree, the samples and `stg_host.random`.
    var seed: UInt64 = 1
    var problems: [[UInt8]] = [Array("Ann has 3 apples and buys 4 more. How many apples does she have?".utf8)]
    var limits = Limits(generations: 8)
    /// What `get_budget` and the world's admission go by, where `limits` cannot say it.
    var showsZeroBudget = false
    /// By id; the others get their defaults.
    var params: [String: ParameterValue] = [:]
    var faults: [Fault] = []
    var stop: Stop?
    var missingRoles: Set<String> = []
    /// Of the bundle.
    var roles = World.roles
    /// What the user says of all searches.
    var settings = SearchSettings()
    /// Node ids far apart and in no order, instead of 1, 2, 3 …
    var opaqueIDs = false
    /// No finished text holds an answer.
    var unanswered = false
    /// Node texts with NULs, bytes that are not UTF-8, and one very long step.
    var hostileText = false
    /// Every path is so many steps long, and none ends earlier.
    var pathSteps: Int?
    /// Answers of a kilobyte, which differ in their first or in their last byte.
    var longAnswers: LongAnswers?
    /// Every value that the verifier gives is what is missing to 1.
    var invertsScores = false
    /// Samples in one batch that no budget limits: what a check has patience for.
    var batchMax = 4096
    /// What is told of the clock: seconds spent a round.
    var secondsARound = 0.001
    /// Where SCORED is not set, `score` holds NaN, as a getter may leave there.
    var poisonsUnscored = false
    /// The host has the extensions that it may have: stratagem.confidence/1 and /2, stratagem.capabilities/1.
    var offersExtensions = false
    /// Every value that the verifier gives is 0 or 1, whichever is nearer.
    var roundsScores = false
    /// Every value that the verifier gives is this one.
    var flatScores: Double?
    /// The model reports no probabilities.
    var hidesProbabilities = false
    /// What a token costs is not known.
    var hidesFlops = false
    /// Some paths go no further before an answer is found: what is sampled there is the end, without a byte.
    var endsSilently = false
    /// The host says of itself what none of now would.
    var host = HostTraits()
    /// The fields of a parameter's value that its kind does not name hold something.
    var fillsOtherFields = false
    /// An empty text is a pointer and no bytes, not NULL.
    var emptyTextHasPointer = false
    /// No two problems share an answer: each answer begins with the number of its problem.
    var answersApart = false
    /// Answers of one step, of which three texts each give the same one.
    var briefAnswers: BriefAnswers?

    /// Three answers that are never the same, in ways that a comparison may take for the same.
    enum BriefAnswers: String, Sendable, CaseIterable {
        /// The three are spelled the same.
        case oneText
        case threeTexts = "each is worded in three ways"
        case prefixes = "one begins with the other"
        case cases = "they differ in capital letters only"
        case numbers = "they are the same number"
        case tails = "they differ in the last byte of a kilobyte only"
        case nuls = "they differ behind a NUL only"
        case spaces = "they differ in spaces only"
    }

    /// In what a host may differ from the one that the plugin was built for.
    struct HostTraits: Sendable, Equatable {
        /// Of ABI 1.0: its struct ends before generations_left.
        var isOfVersion1_0 = false
        /// Nodes have flags of a later minor version, and models tell things that came with it.
        var hasUnknownFlags = false
        /// The bundle has every role that anybody can name.
        var hasEveryRole = false
        /// Every call of the host's lets others go first.
        var pausesInCalls = false
        /// Who has too little room for the values of a path's steps is told of very many.
        var exaggeratesSteps = false
        /// Of every second node it knows no figures of confidence.
        var hidesSomeFigures = false
        /// Its functions leave the stack as ``StackPattern`` says.
        var fillsStack = false
    }

    /// What an ask comes to instead of being carried out in full.
    struct Fault: Sendable, Equatable {
        enum Kind: String, Sendable, CaseIterable {
            /// No node, MODEL_FAILED.
            case modelFails
            /// The first half of the nodes, MODEL_FAILED.
            case modelFailsHalfway
            /// The nodes, unscored, VERIFIER_FAILED.
            case verifierFails
            /// The first half is scored, VERIFIER_FAILED.
            case verifierFailsHalfway
            /// The first half of the nodes, BUDGET_EXHAUSTED.
            case budgetEndsHalfway
            /// No node, OK.
            case nothing
            /// All the nodes, cut after a token each.
            case truncated
            /// All of it, with an outcome that a later minor version may have.
            case unknownOutcome
        }
        /// Turn that the ask was made in, from 0; nil: every turn.
        var round: Int?
        /// Place of the ask in its batch, counted over and over; nil: all of them.
        var ask: Int?
        var kind: Kind
    }

    enum LongAnswers: Sendable { case differAtTheStart, differAtTheEnd }

    /// The strategy is told to stop.
    struct Stop: Sendable, Equatable {
        /// Before this turn: 0 is instead of START.
        var round: Int
        var event: Int32
        /// How much of the last batch was done by then.
        var share = 1.0
    }

    func with(_ change: (inout Scenario) -> Void) -> Scenario {
        var copy = self
        change(&copy)
        return copy
    }
}
