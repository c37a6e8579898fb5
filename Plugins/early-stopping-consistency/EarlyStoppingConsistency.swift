import StrategyKit

/// Early-Stopping Self-Consistency (ESC) of Li et al. 2024 (arXiv 2401.10480): sample a
/// window of w answers at a time, and stop as soon as all answers of one window are the
/// same, at the latest after L samples. The majority of all samples wins.
///
/// w is 5, as for all of the paper's tasks except MATH (8). L is N here. If N is not a multiple of w, the last window
/// is smaller; after it there is nothing left to save. A window does not agree if one of its samples was cut or has no
/// answer.
struct EarlyStoppingConsistency: Strategy {
    static let window = Parameter.int(
        "window", "samples that must all agree (w in the paper)", default: 5, in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.early-stopping-consistency", name: "early-stopping-consistency", version: "1.0.0",
        summary: "Samples a window of answers at a time until all of one window agree",
        parameters: [Standard.n, window] + Standard.sampling,
        roles: [.model("policy", "samples the answers")])

    private let window: Int
    private var rounds: ConsistencyRounds

    init(_ setup: Setup) throws { try self.init(setup, rounds: ConsistencyRounds(setup)) }

    private init(_ setup: Setup, rounds: ConsistencyRounds) throws {
        window = try setup[Self.window]
        self.rounds = rounds
    }

    mutating func next(_ tell: Tell) throws -> Next {
        let window = window
        return try rounds.next(tell, window: window) { rounds, new in new.count == window && rounds.agree(new) }
    }
}

extension EarlyStoppingConsistency: ResumableStrategy {
    func save(to state: inout StateWriter) { rounds.save(to: &state) }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, rounds: ConsistencyRounds(setup, restoring: &state))
    }
}

private let plugin = Plugin(
    name: "early-stopping-consistency", version: "1.0.0", strategies: [EarlyStoppingConsistency.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
