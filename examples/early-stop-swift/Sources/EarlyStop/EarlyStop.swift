import StrategyKit

/// Samples four answers at a time, and stops as soon as a whole window agrees.
struct EarlyStop: Strategy {
    static let window = Parameter.int("window", "samples that must all agree", default: 4, in: 1...1024)
    static let info = StrategyInfo(
        id: "org.example.early-stop", name: "early-stop-swift", version: "1.0.0",
        summary: "Samples until a window of answers agrees", parameters: [window])

    let host: Host
    let root: NodeID
    let window: Int
    var answers: [NodeID] = []

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        window = try setup[Self.window]
    }

    mutating func next(_ tell: Tell) throws -> Next {
        let new = host.harvest(tell, distinct: false)
        answers += new.finished
        if answers.isEmpty, new.modelFailed { throw StrategyError("the model failed before it finished an answer") }
        let spellings = Set(new.finished.map { host.node($0)?.answer.map(String.init) })
        let isSettled = new.finished.count == window && spellings.count == 1
        if tell.event == .stop || new.isOutOfBudget || new.modelFailed || isSettled {
            return .done(host.rank(answers, by: .majority))
        }
        return .asks([.sample(root, count: window, Sampling(temperature: 0.8))])
    }
}

private let plugin = Plugin(name: "early-stop-swift", version: "1.0.0", strategies: [EarlyStop.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
