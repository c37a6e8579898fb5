import StrategyKit

/// Adaptive-Consistency of Aggarwal et al. 2023 (arXiv 2305.11860): sample one answer at
/// a time, and stop when the most common one is the true majority with a probability
/// above C_thresh; at the latest after N samples. The majority of all samples wins.
///
/// The probability is the posterior's under a uniform prior: of the two most common
/// answers alone (Beta, the paper's choice), or of all answers seen (Dirichlet). While
/// there is one answer only, the second has no votes. The paper's limit of 40 samples is
/// N here. Its published code also votes for samples that have no answer; here, as in the
/// paper's text, only answers count.
struct AdaptiveConsistency: Strategy {
    enum Criterion: String, CaseIterable { case beta, dirichlet }

    static let threshold = Parameter.float(
        "c_thresh", "stop when the most common answer is the majority with more than this probability", default: 0.95, in: 0...1)
    static let criterion = Parameter.choice(
        "criterion", "what that probability is of: the two most common answers, or all of them", default: Criterion.beta)
    static let batch = Parameter.int("batch", "samples between two looks; 1 in the paper", default: 1, in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.adaptive-consistency", name: "adaptive-consistency", version: "1.0.0",
        summary: "Samples until the most common answer is the majority with 95 % probability",
        parameters: [Standard.n, threshold, criterion, batch] + Standard.sampling,
        roles: [.model("policy", "samples the answers")])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let threshold: Double
    private let criterion: Criterion
    private let batch: Int
    private let sampling: Sampling
    private var asked = 0
    private var answers: [NodeID] = []
    private var votes: [String: Int] = [:]

    init(_ setup: Setup) throws { try self.init(setup, n: setup.generations()) }

    private init(_ setup: Setup, n: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.n = n
        threshold = try setup[Self.threshold]
        criterion = try setup[Self.criterion]
        batch = try setup[Self.batch]
        sampling = try setup.sampling()
    }

    mutating func next(_ tell: Tell) throws -> Next {
        let new = host.harvest(tell, distinct: false)
        count(new.finished)
        if answers.isEmpty, new.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if tell.event == .stop || new.isOutOfBudget || new.modelFailed || asked >= n || isSettled {
            return .done(host.rank(answers, by: .majority))
        }
        let count = min(batch, n - asked)
        asked += count
        return .asks([.sample(root, count: count, sampling)])
    }

    private mutating func count(_ nodes: [NodeID]) {
        answers += nodes
        for answer in nodes.compactMap({ host.node($0)?.answer }) { votes[String(answer), default: 0] += 1 }
    }

    private var isSettled: Bool {
        let counts = votes.values.sorted(by: >)
        guard let first = counts.first else { return false }
        let others = counts.count > 1 ? Array(counts.dropFirst()) : [0]
        return (criterion == .beta ? Stopping.lead(of: first, over: others[0]) : Stopping.lead(of: first, over: others)) > threshold
    }
}

extension AdaptiveConsistency: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(n)
        state.write(asked)
        state.write(answers)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, n: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        asked = try state.readInt(in: 0...n)
        count(try state.readNodes())
    }
}

private let plugin = Plugin(name: "adaptive-consistency", version: "1.0.0", strategies: [AdaptiveConsistency.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
