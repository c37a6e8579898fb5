import Foundation
import SearchCore
@testable import StudyReport

/// A study as the paper would have it, made of draws: easy problems that beam search
/// spoils, middle ones that it solves, a reviser that breaks some right answers.
struct SyntheticStudy {
    var problems = 100
    var samples = 64
    var budgets = [1, 2, 4, 8, 16, 32, 64]
    var random = SampleRandom(seed: 11)
    private var draws: UInt64 = 0

    init(problems: Int = 100, samples: Int = 64, budgets: [Int] = [1, 2, 4, 8, 16, 32, 64]) {
        self.problems = problems
        self.samples = samples
        self.budgets = budgets
    }

    private mutating func uniform() -> Double {
        draws += 1
        return random.uniform(draws)
    }

    /// From near 1 down to near 0; the last tenth is never right.
    private func ease(_ problem: Int) -> Double {
        let share = Double(problem) / Double(max(1, problems))
        return share >= 0.9 ? 0 : pow(1 - share, 1.6) * 0.95
    }

    private mutating func sample(_ ease: Double) -> MeasuredStudy.Sample {
        let isRight = uniform() < ease
        let wrong = Int32(1 + Int(uniform() * 6))
        let last = Float(isRight ? 0.35 + 0.65 * uniform() : 0.75 * uniform())
        let other = Float(0.3 + 0.7 * uniform())
        return MeasuredStudy.Sample(
            answer: isRight ? 0 : wrong, isRight: isRight, last: last, least: min(last, other), product: last * other)
    }

    mutating func make() -> MeasuredStudy {
        let all = (0..<problems).map { problem in (0..<samples).map { _ in sample(ease(problem)) } }
        var data = MeasuredStudy(
            source: "study.db", dataName: "synthetic.jsonl", dataHash: "00", problems: problems,
            models: [
                .init(role: "policy", name: "small", sha256: String(repeating: "ab", count: 32), parameters: 317_000),
                .init(role: "large", name: "large", sha256: String(repeating: "cd", count: 32), parameters: 4_400_000),
                .init(role: "prm", name: "prm", sha256: String(repeating: "ef", count: 32), parameters: 1_200_000),
            ], cells: [], samples: all)
        for budget in budgets { data.cells += search(budget, all) + revisions(budget) }
        data.cells.append(
            .init(
                run: "greedy:role=large", strategy: "greedy", params: ["role": "large"], budget: 1,
                right: rights { min(1, $0 * 1.25 + 0.05) }, flops: 8e9))
        data.chains = (0..<problems).map { problem in [chain(ease(problem), length: min(16, budgets.last ?? 1))] }
        data.runsPlanned = data.cells.count * problems
        data.runsDone = data.runsPlanned
        return data
    }

    private mutating func rights(_ chance: (Double) -> Double) -> [Double] {
        (0..<problems).map { problem in ease(problem) > 0 && uniform() < chance(ease(problem)) ? 1 : 0 }
    }

    private mutating func search(_ budget: Int, _ all: [[MeasuredStudy.Sample]]) -> [MeasuredStudy.Cell] {
        let spent = log2(Double(budget))
        func weighted(_ weight: (MeasuredStudy.Sample) -> Float) -> (right: [Double], believed: [Double]) {
            var right: [Double] = [], believed: [Double] = []
            for samples in all {
                let used = samples.prefix(budget)
                let votes = Dictionary(grouping: used, by: \.answer).mapValues {
                    $0.reduce(Float(0)) { $0 + weight($1) }
                }
                let best = votes.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
                right.append(best == 0 ? 1 : 0)
                believed.append(Double(used.filter { $0.answer == best }.map(\.last).max() ?? 0))
            }
            return (right, believed)
        }
        let plain = weighted(\.last), votes = weighted { _ in 1 },
            coarse = weighted { $0.isRight ? $0.last * 0.8 : $0.last }
        let beam = rights { $0 > 0.6 ? $0 * (1.05 - 0.025 * spent) : min(1, $0 * (1.3 + 0.25 * spent)) }
        let believed = (0..<problems).map { _ in min(1, 0.5 + 0.06 * spent + 0.2 * uniform()) }
        let ahead = rights { min(1, $0 * (1 + 0.1 * spent)) }
        let flops = Double(budget) * 5e8
        return [
            .init(
                run: "best-of-n", strategy: "best-of-n", params: [:], budget: budget, right: plain.right,
                believed: plain.believed, flops: flops),
            .init(
                run: "best-of-n:verifier=orm", strategy: "best-of-n", params: ["verifier": "orm"], budget: budget,
                right: coarse.right, flops: flops),
            .init(
                run: "majority", strategy: "majority", params: [:], budget: budget, right: votes.right,
                flops: flops * 0.8),
            .init(
                run: "beam-search", strategy: "beam-search", params: [:], budget: budget, right: beam,
                believed: believed, flops: flops),
            .init(run: "lookahead", strategy: "lookahead", params: [:], budget: budget, right: ahead, flops: flops),
            .init(
                run: "revise-search", strategy: "revise-search", params: [:], budget: budget,
                right: rights { min(1, $0 * (1.2 + 0.22 * spent)) }, flops: flops),
        ]
    }

    private mutating func revisions(_ budget: Int) -> [MeasuredStudy.Cell] {
        var cells: [MeasuredStudy.Cell] = []
        var chains = 1
        while chains <= budget {
            let spent = log2(Double(budget)), sequential = log2(Double(budget) / Double(chains))
            for selection in ["weighted", "majority"] {
                let worth = selection == "majority" ? 0.8 : 1
                let right = rights {
                    min(
                        1,
                        $0
                            * (1.1 + worth
                                * (0.2 * spent
                                    + ($0 > 0.5 ? 0.06 * sequential : 0.05 * min(sequential, spent - sequential))))
                    )
                }
                var params = chains == 1 ? [:] : ["chains": "\(chains)"]
                if selection == "majority" { params["selection"] = selection }
                let name = chains == 1 ? "revise" : "revise-parallel"
                let text = params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                cells.append(
                    .init(
                        run: text.isEmpty ? name : "\(name):\(text)", strategy: name, params: params, budget: budget,
                        right: right, flops: Double(budget) * 6e8))
            }
            chains *= 2
        }
        return cells
    }

    private mutating func chain(_ ease: Double, length: Int) -> [Bool] {
        var chain = [uniform() < ease]
        while chain.count < length { chain.append(chain[chain.count - 1] ? uniform() > 0.2 : uniform() < ease * 0.5) }
        return chain
    }
}
