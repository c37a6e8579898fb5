import Glibc
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
        return (criterion == .beta ? leads(first, others[0]) : leads(first, others)) > threshold
    }
}

/// P(p₁ > p₂) where p₁ is drawn from Beta(first + 1, second + 1) and p₂ = 1 − p₁. It is
/// also the chance that of first + second + 1 fair coins more than `second` show heads,
/// which is a finite sum.
private func leads(_ first: Int, _ second: Int) -> Double {
    let coins = first + second + 1
    // Of so many heads, relative to the likeliest number: no power of two that overflows.
    var weight = 1.0, all = 0.0, lost = 0.0
    for heads in stride(from: coins / 2, through: 0, by: -1) where weight > 1e-30 {
        all += 2 * heads == coins ? weight : 2 * weight
        if heads <= second { lost += weight }
        weight *= Double(heads) / Double(coins - heads + 1)
    }
    return 1 - lost / all
}

/// P(p₁ > every other pᵢ) where p is drawn from Dirichlet(votes + 1). With pᵢ as Gamma
/// variables over their sum it is one integral: ∫ g(x; first + 1) · ∏ G(x; other + 1) dx.
/// By Simpson's rule over twelve standard deviations.
private func leads(_ first: Int, _ others: [Int]) -> Double {
    let mean = Double(first + 1), width = 12 * mean.squareRoot()
    let low = max(0, mean - width), step = (mean + width + 30 - low) / 400
    var sum = 0.0
    for index in 1...400 {
        let x = low + Double(index) * step
        let inner = others.reduce(poisson(first, x)) { $0 * (1 - atMost($1, x)) }
        sum += (index == 400 ? 1 : index.isMultiple(of: 2) ? 2 : 4) * inner
    }
    return sum * step / 3
}

/// e^−x · x^k / k!, which is also the density of a Gamma variable of shape k + 1.
private func poisson(_ k: Int, _ x: Double) -> Double {
    var sign: Int32 = 0
    return exp(Double(k) * log(x) - x - lgamma_r(Double(k + 1), &sign))
}

/// P(a Poisson variable of mean x is at most k), which is P(a Gamma variable of shape k + 1 exceeds x).
private func atMost(_ k: Int, _ x: Double) -> Double {
    let start = min(k, Int(x))
    let top = poisson(start, x)
    var sum = top, term = top
    for i in stride(from: start, to: 0, by: -1) where term > 1e-18 { term *= Double(i) / x; sum += term }
    term = top
    for i in stride(from: start + 1, through: k, by: 1) where term > 1e-18 { term *= x / Double(i); sum += term }
    return min(1, sum)
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
