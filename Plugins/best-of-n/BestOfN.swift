import StrategyKit

/// Best-of-N: sample N whole answers, score each by its last step, and choose the answer with the best vote.
struct BestOfN: Strategy {
    static let info = StrategyInfo(
        id: "org.stratagem.best-of-n", name: "best-of-n", version: "1.0.0",
        summary: "N whole answers; the verifier chooses",
        parameters: [Standard.n, Standard.selection, Standard.verifier] + Standard.sampling,
        roles: [
            .model("policy", "samples the answers"),
            .verifier(named: Standard.verifier, "scores the answers").unless(Standard.selection, is: .majority),
        ])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let sampling: Sampling
    private let selection: Selection
    private let verifier: String
    private var answers: [NodeID] = []

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        verifier = try setup[Standard.verifier]
        if selection != .majority {
            try host.requireVerifier(verifier, orElse: "choose selection=majority, which needs none")
        }
    }

    mutating func next(_ tell: Tell) throws -> Next {
        if tell.event == .start { return .asks([.sample(root, count: n, sampling)]) }
        if answers.isEmpty {
            let samples = host.harvest(tell, distinct: false)
            answers = samples.finished
            if answers.isEmpty, samples.modelFailed {
                throw StrategyError("the model failed before it finished an answer")
            }
            // A node without an answer cannot win, so the verifier need not read it.
            let votes = answers.filter { host.node($0)?.answer != nil }
            if tell.event == .results, selection != .majority, !votes.isEmpty {
                return .asks([.score(votes, role: verifier)])
            }
        } else if tell.event == .results, tell.contains(.verifierFailed) {
            host.log(
                .warning, "the verifier failed: answers without a score rank last, and by majority if none has one")
        }
        return .done(host.rank(answers, by: selection))
    }
}

extension BestOfN: ResumableStrategy {
    func save(to state: inout StateWriter) {
        state.write(answers)
    }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup)
        answers = try state.readNodes()
    }
}

private let plugin = Plugin(name: "best-of-n", version: "1.0.0", strategies: [BestOfN.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
