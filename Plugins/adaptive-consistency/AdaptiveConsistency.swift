import StrategyKit

/// Adaptive-Consistency of Aggarwal et al. 2023 (arXiv 2305.11860): sample one answer at a time, and stop when the most
/// common answer is the true majority with a probability above C_thresh, at the latest after N samples. The majority of
/// all samples wins.
///
/// The probability is the posterior under a uniform prior, either of only the two most common answers (Beta, the
/// paper's choice) or of all answers seen (Dirichlet). While there is only one answer, the second has no votes. The
/// paper's limit of 40 samples is N here. In its published code, samples without an answer vote too; here, as in the
/// paper's text, only answers count.
struct AdaptiveConsistency: Strategy {
    enum Criterion: String, CaseIterable { case beta, dirichlet }

    static let threshold = Parameter.float(
        "c_thresh", "stop when the most common answer is the majority with more than this probability", default: 0.95,
        in: 0...1)
    static let criterion = Parameter.choice(
        "criterion", "computes that probability from the two most common answers, or from all of them",
        default: Criterion.beta)
    static let batch = Parameter.int(
        "batch", "samples between two checks; 1 in the paper", default: 1, in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.adaptive-consistency", name: "adaptive-consistency", version: "1.0.0",
        summary: "Samples until the most common answer is the majority with 95 % probability",
        parameters: [Standard.n, threshold, criterion, batch] + Standard.sampling,
        roles: [.model("policy", "samples the answers")])

    private let threshold: Double
    private let criterion: Criterion
    private let batch: Int
    private var rounds: ConsistencyRounds

    init(_ setup: Setup) throws { try self.init(setup, rounds: ConsistencyRounds(setup)) }

    private init(_ setup: Setup, rounds: ConsistencyRounds) throws {
        threshold = try setup[Self.threshold]
        criterion = try setup[Self.criterion]
        batch = try setup[Self.batch]
        self.rounds = rounds
    }

    mutating func next(_ tell: Tell) throws -> Next {
        let (threshold, criterion) = (threshold, criterion)
        return try rounds.next(tell, window: batch) { rounds, _ in
            let counts = rounds.counts
            guard let first = counts.first else { return false }
            let others = counts.count > 1 ? Array(counts.dropFirst()) : [0]
            return
                (criterion == .beta
                ? Stopping.lead(of: first, over: others[0]) : Stopping.lead(of: first, over: others)) > threshold
        }
    }
}

extension AdaptiveConsistency: ResumableStrategy {
    func save(to state: inout StateWriter) { rounds.save(to: &state) }

    init(_ setup: Setup, restoring state: inout StateReader) throws {
        try self.init(setup, rounds: ConsistencyRounds(setup, restoring: &state))
    }
}

private let plugin = Plugin(name: "adaptive-consistency", version: "1.0.0", strategies: [AdaptiveConsistency.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
