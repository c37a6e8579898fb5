import StrategyKit

/// Early-Stopping Self-Consistency (ESC) of Li et al. 2024 (arXiv 2401.10480): sample a
/// window of w answers at a time, and stop as soon as all answers of one window are the
/// same, at the latest after L samples. The majority of all samples wins.
///
/// w is 5, as on all of the paper's tasks but MATH (8). L is N here. Where N is not a multiple
/// of w the last window is smaller; after it there is nothing left to save. A window with a
/// sample that was cut or has no answer does not agree.
struct EarlyStoppingConsistency: Strategy {
    static let window = Parameter.int("window", "samples that must all agree (w in the paper)", default: 5, in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.early-stopping-consistency", name: "early-stopping-consistency", version: "1.0.0",
        summary: "Samples a window of answers at a time until all of one window agree",
        parameters: [Standard.n, window] + Standard.sampling,
        roles: [.model("policy", "samples the answers")])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let window: Int
    private let sampling: Sampling
    private var asked = 0
    private var answers: [NodeID] = []

    init(_ setup: Setup) throws { try self.init(setup, n: setup.generations()) }

    private init(_ setup: Setup, n: Int) throws {
        host = setup.host
        root = setup.problem.root
        self.n = n
        window = try setup[Self.window]
        sampling = try setup.sampling()
    }

    mutating func next(_ tell: Tell) throws -> Next {
        let new = host.harvest(tell, distinct: false)
        answers += new.finished
        if answers.isEmpty, new.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        if tell.event == .stop || new.isOutOfBudget || new.modelFailed || asked >= n || agree(new.finished) {
            return .done(host.rank(answers, by: .majority))
        }
        let count = min(window, n - asked)
        asked += count
        return .asks([.sample(root, count: count, sampling)])
    }

    private func agree(_ nodes: [NodeID]) -> Bool {
        let spellings = nodes.compactMap { host.node($0)?.answer }
        return spellings.count == window && Set(spellings).count == 1
    }
}

extension EarlyStoppingConsistency: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(n)
        state.write(asked)
        state.write(answers)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, n: state.readInt(in: 1...Int(STG_MAX_COUNT)))
        asked = try state.readInt(in: 0...n)
        answers = try state.readNodes()
    }
}

private let plugin = Plugin(name: "early-stopping-consistency", version: "1.0.0", strategies: [EarlyStoppingConsistency.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
