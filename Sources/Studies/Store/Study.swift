import SearchCore

/// Which part of a study's problems: `index` of `count`, from 1. Problem p belongs
/// to shard p mod count + 1, so that every shard meets easy and hard ones alike.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
    public static let whole = Shard(index: 1, count: 1)
    /// Shards of a study at most.
    static let most = 100_000

    public var index: Int
    public var count: Int

    private init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Reads "2/8".
    public init(parsing text: String) throws(StratagemError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, count <= Self.most,
            (1...count).contains(index)
        else {
            throw StratagemError(
                .user, .badShard, "shard '\(text)': write i/n with 1 <= i <= n <= \(Self.most), such as 2/8")
        }
        self.init(index: index, count: count)
    }

    init(storedIndex index: Int, count: Int) { self.init(index: index, count: count) }

    public var description: String { "\(index)/\(count)" }
    public func holds(problem: Int) -> Bool { problem % count == index - 1 }
}

/// What all runs of a store have in common. Runs of two studies cannot be compared.
public struct Study: Sendable, Equatable {
    public struct Model: Sendable, Equatable {
        public var role: String
        /// Hex; of the weights' file.
        public var sha256: String
        /// Nil if it is not known.
        public var parameters: Int?
        public init(role: String, sha256: String, parameters: Int? = nil) {
            self.role = role
            self.sha256 = sha256
            self.parameters = parameters
        }
    }

    /// Version of the program.
    public var stratagem: String
    /// Its name, and a hash of all that it says besides weights: other prompts make other results.
    public var bundle: String
    public var dataName: String
    /// Hex; of all problems' texts and answers, in order.
    public var dataSHA256: String
    public var shard: Shard
    /// In order of role.
    public var models: [Model]
    /// All of the data set, whatever the shard.
    public var problems: [Problem]
    /// How answers were read and compared; nil: it comes from a store that does not know.
    public var answers: StudyAnswers?

    public init(
        stratagem: String, bundle: String, dataName: String, dataSHA256: String, shard: Shard = .whole,
        models: [Model], problems: [Problem], answers: StudyAnswers? = nil
    ) {
        self.stratagem = stratagem
        self.bundle = bundle
        self.dataName = dataName
        self.dataSHA256 = dataSHA256
        self.shard = shard
        self.models = models.sorted { $0.role < $1.role }
        self.problems = problems
        self.answers = answers
    }
}

/// Names of the functions that found and compared a study's answers, and who chose them.
public struct StudyAnswers: Sendable, Equatable {
    public var extract: String
    public var equal: String
    /// "option", "bundle", "data" or "default".
    public var chosenBy: String

    public init(extract: String, equal: String, chosenBy: String) {
        (self.extract, self.equal, self.chosenBy) = (extract, equal, chosenBy)
    }
}

/// A strategy with parameters, at a budget, with a seed.
public struct StoredCell: Sendable, Hashable {
    /// In its store; 0 until it is in one.
    public var id: Int
    /// Short name.
    public var strategy: String
    public var strategyID: String
    /// JSON, keys sorted, defaults filled in.
    public var params: String
    /// JSON, keys sorted: what the plugin takes where nothing is given. Nil if it is not known.
    public var defaults: String?
    /// As it is typed: "16+seconds=5".
    public var budget: String
    /// Of the budget, if it has such a limit.
    public var generations: Int?
    public var seed: UInt64
    /// Name and version.
    public var plugin: String
    /// Hex; of the plugin's file.
    public var pluginSHA256: String
    /// Its strategy is given the whole data set at once. Not known of what was read from a store.
    public var takesBatch = false

    public init(
        id: Int = 0, strategy: String, strategyID: String, params: String, defaults: String? = nil, budget: String,
        generations: Int?, seed: UInt64, plugin: String, pluginSHA256: String
    ) {
        self.id = id
        self.strategy = strategy
        self.strategyID = strategyID
        self.params = params
        self.defaults = defaults
        self.budget = budget
        self.generations = generations
        self.seed = seed
        self.plugin = plugin
        self.pluginSHA256 = pluginSHA256
    }

    /// "beam-search @ 16", where its parameters are of no interest.
    public var label: String { "\(strategy) @ \(budget)" }

    /// "beam-search {"beam_width":4} @ 16, seed 0".
    public var name: String { "\(strategy) \(params) @ \(budget), seed \(seed)" }

    /// The same measurement, whatever the store and the build of the plugin.
    public func isSame(as other: StoredCell) -> Bool {
        strategyID == other.strategyID && params == other.params && budget == other.budget && seed == other.seed
    }
}

/// One cell on one problem, and what came of it.
public struct StoredRun: Sendable, Equatable {
    /// Place in the data, from 0.
    public var problem: Int
    public var answer: String?
    /// False for a failed run.
    public var isCorrect: Bool
    public var error: StratagemError?
    public var cost: Cost
    /// Nil: it comes from a store that does not know.
    public var texts: TextCount?
    public var votes: [Vote]
    /// The strategy's ranking, best first.
    public var candidates: [StoredCandidate]

    public init(
        problem: Int, answer: String?, isCorrect: Bool, error: StratagemError? = nil, cost: Cost,
        texts: TextCount? = nil,
        votes: [Vote] = [], candidates: [StoredCandidate] = []
    ) {
        self.problem = problem
        self.answer = answer
        self.isCorrect = isCorrect
        self.error = error
        self.cost = cost
        self.texts = texts
        self.votes = votes
        self.candidates = candidates
    }
}

/// One finished answer that a strategy ranked.
public struct StoredCandidate: Sendable, Equatable {
    /// In the run's tree: in order of birth.
    public var node: Int
    /// Node of the attempt that it revises.
    public var previous: Int?
    /// Attempts before it, all along its chain: 0 for a first one.
    public var revision: Int
    public var answer: String?
    public var isCorrect: Bool
    /// The verifier's value of the whole answer.
    public var score: Double?
    /// The verifier's value of each step; NaN: not scored. Empty if none was.
    public var stepScores: [Float]
    /// Below its root.
    public var tokens: Int
    /// Nil if the store was asked for without it.
    public var text: String?

    public init(
        node: Int, previous: Int? = nil, revision: Int = 0, answer: String?, isCorrect: Bool, score: Double?,
        stepScores: [Float] = [], tokens: Int, text: String?
    ) {
        self.node = node
        self.previous = previous
        self.revision = revision
        self.answer = answer
        self.isCorrect = isCorrect
        self.score = score
        self.stepScores = stepScores
        self.tokens = tokens
        self.text = text
    }
}
