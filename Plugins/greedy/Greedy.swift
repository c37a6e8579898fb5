import StrategyKit

/// One answer, with the most likely token at every position.
struct Greedy: Strategy {
    static let info = StrategyInfo(
        id: "org.stratagem.greedy", name: "greedy", version: "1.0.0",
        summary: "One answer, the most likely token at every position",
        parameters: [Standard.maxTokens, Standard.role],
        roles: [.model(named: Standard.role, "answers")])

    private let host: Host
    private let root: NodeID
    private let sampling: Sampling
    private let role: String

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        sampling = Sampling(temperature: 0, maxTokens: try setup[Standard.maxTokens])
        role = try setup[Standard.role]
    }

    mutating func next(_ tell: Tell) throws -> Next {
        if tell.event == .start { return .asks([.sample(root, sampling, role: role)]) }
        let harvest = host.harvest(tell, distinct: false)
        if harvest.finished.isEmpty, harvest.modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        return .done(host.rank(harvest.finished, by: .majority))
    }
}

/// There is no state between its two turns that must be saved.
extension Greedy: ResumableStrategy {
    func save(to state: inout StateWriter) {}
    init(_ setup: Setup, restoring state: inout StateReader) throws { try self.init(setup) }
}

private let plugin = Plugin(name: "greedy", version: "1.0.0", strategies: [Greedy.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
