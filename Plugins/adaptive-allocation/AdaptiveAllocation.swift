import StrategyKit

/// Adaptive best-of-k of Damani et al. 2024 (arXiv 2410.04707): one budget for a batch of problems, spent where it
/// gains most. If one sample of a problem is right with probability λ, its b-th sample raises the probability that any
/// is right by Δ = λ(1 − λ)^(b−1). The paper gives the next sample to the problem with the largest Δ until the budget
/// is spent, which is the best allocation, since every Δ falls with b. So hopeless problems and easy ones get few
/// samples, and those in between get many. The verifier chooses each problem's answer.
///
/// The paper trains a probe that reads λ off the model's hidden states before anything is sampled. No strategy sees
/// hidden states, so here the first samples of every problem are used instead: λ is the mean of their scores under a
/// uniform prior, (sum + 1) / (samples + 2), and they count as samples of best-of-k. With one problem it is best-of-N.
struct AdaptiveAllocation: SequentialStrategy {
    static let n = Parameter.int(
        "n", "generations for all problems together, at most those of the budget",
        derived: "the budget's generations, else \(Standard.fallbackGenerations) for each problem",
        in: 1...Int(STG_MAX_COUNT))
    static let probe = Parameter.int(
        "probe", "first samples of every problem, which estimate λ",
        derived: "a quarter of each problem's even share, at least 1", in: 1...Int(STG_MAX_COUNT))
    static let info = StrategyInfo(
        id: "org.stratagem.adaptive-allocation", name: "adaptive-allocation", version: "1.0.0",
        summary: "Best-of-k for a batch of problems, with more samples where they help most",
        parameters: [n, probe, Standard.selection, Standard.verifier] + Standard.sampling, takesBatch: true,
        roles: [
            .model("policy", "samples the answers"),
            .verifier(named: Standard.verifier, "estimates the use of a sample, and chooses the answer"),
        ])

    private let host: Host
    private let roots: [NodeID]
    private let n: Int
    private let probe: Int
    private let selection: Selection
    private let verifier: String
    private let sampling: Sampling
    /// The answers by problem.
    private var answers: [[NodeID]]
    private var modelFailed = false
    private var hasWarned = false

    init(_ setup: Setup) throws {
        host = setup.host
        roots = setup.problems.map(\.root)
        let left = host.budget.generationsLeft
        n = max(
            1,
            min(
                try setup[Self.n] ?? left ?? Standard.fallbackGenerations * roots.count, left ?? .max,
                Int(STG_MAX_COUNT)))
        probe = try setup[Self.probe] ?? max(1, n / roots.count / 4)
        selection = try setup[Standard.selection]
        verifier = try setup[Standard.verifier]
        sampling = try setup.sampling()
        answers = Array(repeating: [], count: roots.count)
        try host.requireVerifier(verifier, orElse: "choose the strategy majority, which needs none")
    }

    mutating func search(_ ask: Asker) async throws {
        let first = spread(min(n, probe * roots.count), over: Array(roots.indices))
        var counts = Array(repeating: 0, count: roots.count)
        for (problem, count) in first { counts[problem] = count }
        if try await sample(counts, ask) { try await sample(allocate(n - counts.reduce(0, +), after: counts), ask) }
        if modelFailed, answers.allSatisfy(\.isEmpty) {
            throw StrategyError("the model failed before it finished an answer")
        }
    }

    func answer() -> [Answer] { answers.flatMap { host.rank($0, by: selection) } }

    /// How many of `total` samples each problem gets.
    private func allocate(_ total: Int, after counts: [Int]) -> [Int] {
        var more = Array(repeating: 0, count: roots.count)
        if roots.count == 1 { return [total] }
        let chances = zip(answers, counts).map { nodes, count in
            (nodes.reduce(0) { $0 + (host.node($1)?.score ?? 0) } + 1) / Double(count + 2)
        }
        var gains = zip(chances, counts).map { chance, count in
            (0..<count).reduce(chance) { gain, _ in gain * (1 - chance) }
        }
        // The problem with the largest gain is at the top of a heap, because batches and their budgets are large.
        func isBefore(_ a: Int, _ b: Int) -> Bool { gains[a] == gains[b] ? a < b : gains[a] > gains[b] }
        var heap = roots.indices.sorted(by: isBefore)
        for _ in 0..<total {
            let best = heap[0]
            more[best] += 1
            gains[best] *= 1 - chances[best]
            var place = 0, child = 1
            while child < heap.count {
                if child + 1 < heap.count, isBefore(heap[child + 1], heap[child]) { child += 1 }
                guard isBefore(heap[child], heap[place]) else { break }
                heap.swapAt(place, child)
                place = child
                child = 2 * place + 1
            }
        }
        return more
    }

    /// Samples so many answers of each problem, and scores those with an answer.
    /// - Returns: whether anything more can be sampled.
    @discardableResult
    private mutating func sample(_ counts: [Int], _ ask: Asker) async throws -> Bool {
        let problems = counts.indices.filter { counts[$0] > 0 }
        if problems.isEmpty { return false }
        let tell = try await ask(problems.map { .sample(roots[$0], count: counts[$0], sampling) })
        let new = host.harvest(tell, distinct: false)
        for node in new.finished.compactMap({ host.node($0) }) where answers.indices.contains(node.problem) {
            answers[node.problem].append(node.id)
        }
        modelFailed = modelFailed || new.modelFailed
        let votes = new.finished.filter { host.node($0)?.answer != nil }
        if !votes.isEmpty, try await ask([.score(votes, role: verifier)]).contains(.verifierFailed), !hasWarned {
            hasWarned = true
            host.log(
                .warning, "the verifier failed: answers without a score rank last, and by majority if none has one")
        }
        return !new.isOutOfBudget
    }
}

private let plugin = Plugin(
    name: "adaptive-allocation", version: "1.0.0", strategies: [Sequential<AdaptiveAllocation>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
