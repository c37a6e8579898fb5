/// A question, with or without its reference answer.
public struct Problem: Sendable, Equatable, Codable {
    public var text: String
    /// The reference answer.
    public var answer: String?
    /// Other spellings that are right too: for a multiple-choice question, the text of the choice beside its letter.
    /// Only the grader uses them; they are not part of the problem's identity.
    public var alsoRight: [String] = []

    public init(text: String, answer: String? = nil, alsoRight: [String] = []) {
        self.text = text
        self.answer = answer
        self.alsoRight = alsoRight
    }

    private enum CodingKeys: String, CodingKey { case text, answer }
}

/// One answer's part of the vote.
public struct Vote: Sendable, Equatable, Codable {
    public var answer: String
    /// The sum of the weights that the strategy gave its nodes.
    public var weight: Double
    /// The number of answer nodes that share it.
    public var count: Int
    public init(answer: String, weight: Double, count: Int) {
        self.answer = answer
        self.weight = weight
        self.count = count
    }
}

/// One finished answer of a run.
public struct Candidate: Sendable, Equatable, Codable {
    public var answer: String?
    /// The verifier's value for the whole answer, if it was scored.
    public var score: Double?
    public var text: String
    /// The candidate's node in the run's tree.
    public var node: SearchNode.ID
    /// The verifier's value of each of its steps, oldest first; NaN: not scored. Empty if none was.
    public var stepScores: [Double] = []
    /// Tokens of the answer below its root.
    public var tokens = 0
    /// The last of the attempts that the node's root shows: the attempt that this one revises.
    public var previous: SearchNode.ID?
    /// The number of attempts before it in its whole chain: 0 for a first attempt.
    public var revision = 0
    public init(answer: String?, score: Double?, text: String, node: SearchNode.ID) {
        self.answer = answer
        self.score = score
        self.text = text
        self.node = node
    }
}

/// What happened to the texts of a run.
public struct TextCount: Sendable, Equatable, Codable {
    /// Texts that were sampled to their end, whether the model ended them or a limit did.
    public var ended = 0
    /// Of these, the texts that were cut by a limit: `max_tokens`, the budget, the context. None of them has an answer.
    public var truncated = 0
    /// Texts for which a verifier gave no number in [0, 1].
    public var unscored = 0

    public init(ended: Int = 0, truncated: Int = 0, unscored: Int = 0) {
        (self.ended, self.truncated, self.unscored) = (ended, truncated, unscored)
    }

    public static func + (one: TextCount, other: TextCount) -> TextCount {
        TextCount(
            ended: one.ended + other.ended, truncated: one.truncated + other.truncated,
            unscored: one.unscored + other.unscored)
    }

    /// The share of truncated texts among all that ended; nil if none ended.
    public var truncatedShare: Double? { ended == 0 ? nil : Double(truncated) / Double(ended) }
}

/// The result of one run on one problem.
public struct RunResult: Sendable {
    public var problem: Problem
    /// Short name and version of the strategy.
    public var strategy: String
    /// As the strategy saw them, defaults filled in.
    public var params: [String: ParameterValue]
    public var limits: Limits
    public var seed: UInt64
    /// The canonical answer that was ranked first, or nil.
    public var answer: String?
    /// The votes, heaviest first.
    public var votes: [Vote]
    /// The answers in the strategy's ranking; for a failed run, those that were finished by then.
    public var candidates: [Candidate]
    public var cost: Cost
    public var texts = TextCount()
    public var error: StratagemError?
    /// The run was cut short by the user or a deadline; the answer is the best so far.
    public var wasCancelled: Bool
    /// What the backends of the roles that the run used cannot promise, such as "policy: prefix by
    /// text" (``Capabilities``). Empty if nothing is missing.
    public var caveats: [String] = []
    /// What the strategy reported about its work, oldest first: for example how it chose.
    public var notes: [String] = []
    public var tree: SearchTree
    /// Set only if it was asked for.
    public var trace: Trace?

    public init(problem: Problem, strategy: String, params: [String: ParameterValue], limits: Limits, seed: UInt64) {
        self.problem = problem
        self.strategy = strategy
        self.params = params
        self.limits = limits
        self.seed = seed
        votes = []
        candidates = []
        cost = Cost()
        wasCancelled = false
        tree = SearchTree()
    }
}
