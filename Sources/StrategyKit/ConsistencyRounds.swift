/// Whole answers sampled a window at a time, with the count of their votes, until a strategy has seen enough: the
/// common part of searches that stop when answers agree. The most common answer wins.
public struct ConsistencyRounds {
    private let host: Host
    private let root: NodeID
    /// The largest number of samples.
    private let n: Int
    private let sampling: Sampling
    private var asked = 0
    private var answers: [NodeID] = []
    private var votes: [String: Int] = [:]

    public init(_ setup: Setup) throws { try self.init(setup, n: setup.generations()) }

    private init(_ setup: Setup, n: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.n = n
        sampling = try setup.sampling()
    }

    /// How often each answer was given, the most common first.
    public var counts: [Int] { votes.values.sorted(by: >) }

    /// Whether all of these nodes are finished with one and the same answer.
    public func agree(_ nodes: [NodeID]) -> Bool {
        let answers = nodes.map { host.node($0)?.answer }
        return answers.allSatisfy { $0 != nil } && Set(answers).count == 1
    }

    /// One turn: counts the new answers, and samples the next window unless the search is over.
    ///
    /// - Parameters:
    ///   - window: the number of samples of a round; the last round may have fewer.
    ///   - isSettled: called after each round, with the answers of that round.
    public mutating func next(_ tell: Tell, window: Int, isSettled: (ConsistencyRounds, [NodeID]) -> Bool) throws
        -> Next
    {
        let new = host.harvest(tell, distinct: false)
        count(new.finished)
        if answers.isEmpty, new.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if tell.event == .stop || new.isOutOfBudget || new.modelFailed || asked >= n || isSettled(self, new.finished) {
            return .done(host.rank(answers, by: .majority))
        }
        let size = min(window, n - asked)
        asked += size
        return .asks([.sample(root, count: size, sampling)])
    }

    private mutating func count(_ nodes: [NodeID]) {
        answers += nodes
        for answer in nodes.compactMap({ host.node($0)?.answer }) { votes[String(answer), default: 0] += 1 }
    }

    // MARK: - Save and restore

    public func save(to state: inout StateWriter) {
        state.write(n)
        state.write(asked)
        state.write(answers)
    }

    public init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, n: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        asked = try state.readInt(in: 0...n)
        count(try state.readNodes())
    }
}
