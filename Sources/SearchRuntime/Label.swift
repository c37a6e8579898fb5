import SearchCore
import StrategyHost

/// Solutions of a problem with a value for each of their steps: the training data of a process reward model (Wang et
/// al. 2023; paper section 5.1 and appendix D).
public struct LabelRequest: Sendable {
    /// Must have a reference answer.
    public var problem: Problem
    /// The number of solutions to sample.
    public var samples: Int
    /// The number of roll-outs from the end of every distinct step.
    public var rollouts: Int
    public var temperature: Double
    /// The limit for each roll-out; 0: as far as the context reaches.
    public var maxTokens: Int
    public var seed: UInt64

    public init(problem: Problem, samples: Int, rollouts: Int, temperature: Double, maxTokens: Int = 0, seed: UInt64) {
        self.problem = problem
        self.samples = samples
        self.rollouts = rollouts
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.seed = seed
    }
}

/// One line of a label file.
public struct LabeledProblem: Sendable, Codable {
    public struct Step: Sendable, Codable {
        public var text: String
        /// The share of roll-outs that end in the right answer; for the step that ends the solution, whether the
        /// solution is right (1 or 0).
        public var label: Double
        /// 0 for the step that ends the solution.
        public var rollouts: Int
    }

    public struct Solution: Sendable, Codable {
        public var text: String
        public var answer: String?
        public var correct: Bool
        /// Whether the model ended it, and not a limit.
        public var finished: Bool
        public var steps: [Step]
    }

    public var problem: String
    public var answer: String
    public var solutions: [Solution]
    public var cost: Cost
    public var error: StratagemError?
}

/// Samples solutions step by step, equal prefixes together, and rolls every distinct prefix out once.
final class LabelDriver: StrategyDriver {
    /// A distinct prefix of one or more of the solutions.
    private struct Prefix {
        var node: UInt64
        var text: [UInt8]
        var solutions: [Int]
    }

    private let request: LabelRequest
    private let root: UInt64
    private let environment: Run
    private let isRight: (String?) -> Bool
    private var frontier: [Prefix]
    /// The asks of the last batch: the first `frontier.count` of them sample the next step; the others roll out these
    /// steps.
    private var rolling: [Prefix] = []
    private var labels: [[UInt8]: Double] = [:]
    private(set) var paths: [[UInt64]]

    init(_ request: LabelRequest, root: UInt64, environment: Run, isRight: @escaping (String?) -> Bool) {
        self.request = request
        self.root = root
        self.environment = environment
        self.isRight = isRight
        frontier = [Prefix(node: root, text: [], solutions: Array(0..<request.samples))]
        paths = Array(repeating: [], count: request.samples)
    }

    func next(_ tell: Tell) throws(StratagemError) -> NextStep {
        if tell.event.isStop { return .done([]) }
        if tell.event == .results { take(tell.told) }
        guard !frontier.isEmpty || !rolling.isEmpty else { return .done([]) }
        var asks: [Ask] = []
        for prefix in frontier {
            asks.append(
                Ask(
                    tag: UInt64(asks.count),
                    body: .sample(
                        SampleAsk(
                            node: prefix.node, count: prefix.solutions.count, steps: 1, maxTokens: request.maxTokens,
                            temperature: request.temperature))))
        }
        for prefix in rolling {
            asks.append(
                Ask(
                    tag: UInt64(asks.count),
                    body: .sample(
                        SampleAsk(
                            node: prefix.node, count: request.rollouts, maxTokens: request.maxTokens,
                            temperature: request.temperature))))
        }
        return .asks(asks)
    }

    private func take(_ told: [Told]) {
        for (index, prefix) in rolling.enumerated() {
            let nodes = told[frontier.count + index].nodes
            let right = nodes.count { isRight(environment.node($0)?.answer) }
            labels[prefix.text] = Double(right) / Double(max(1, request.rollouts))
        }
        var next: [[UInt8]: Prefix] = [:]
        for (index, prefix) in frontier.enumerated() {
            for (solution, node) in zip(prefix.solutions, told[index].nodes) {
                paths[solution].append(node)
                guard let info = environment.node(node), info.ending == .open else { continue }
                let text = prefix.text + info.text
                next[text, default: Prefix(node: node, text: text, solutions: [])].solutions.append(solution)
            }
        }
        frontier = next.values.sorted { ($0.solutions.first ?? 0) < ($1.solutions.first ?? 0) }
        rolling = request.rollouts > 0 ? frontier : []
    }

    func solutions() -> [LabeledProblem.Solution] {
        paths.compactMap { path in
            guard let last = path.last.flatMap({ environment.node($0) }) else { return nil }
            var text: [UInt8] = []
            var steps: [LabeledProblem.Step] = []
            for id in path {
                guard let node = environment.node(id) else { continue }
                text += node.text
                let ends = node.ending != .open
                let label = ends ? (isRight(node.answer) ? 1 : 0) : labels[text] ?? .nan
                guard !label.isNaN, !node.text.isEmpty else { continue }
                steps.append(
                    LabeledProblem.Step(
                        text: String(decoding: node.text, as: UTF8.self), label: label,
                        rollouts: ends ? 0 : request.rollouts))
            }
            return LabeledProblem.Solution(
                text: String(decoding: text, as: UTF8.self), answer: last.answer, correct: isRight(last.answer),
                finished: last.ending == .finished, steps: steps)
        }
    }
}

extension Lane {
    func start(_ request: LabelRequest, id: RunID, onFinish: @escaping (LabeledProblem) -> Void) {
        var driver: LabelDriver?
        var run: Run?
        let made = Run(
            lane: self, strategyName: "label", strategyID: "org.stratagem.label", problems: [request.problem],
            params: [:],
            limits: Limits(), seed: request.seed,
            onFinish: { ending in
                var result = LabeledProblem(
                    problem: request.problem.text, answer: request.problem.answer ?? "",
                    solutions: driver?.solutions() ?? [], cost: run?.ledger.spent ?? Cost())
                if case .failed(let error) = ending { result.error = error }
                // Until here the closure holds the driver and the run, and they hold the closure.
                (driver, run) = (nil, nil)
                onFinish(result)
            })
        run = made
        made.id = id
        runBegan(made)
        let root = made.makeRoots()[0].root
        let right = [request.problem.answer ?? ""] + request.problem.alsoRight
        let labels = LabelDriver(request, root: root, environment: made) { [answerReader] answer in
            answer.map { answer in right.contains { answerReader.equal(answer, $0) } } ?? false
        }
        driver = labels
        made.begin(driver: labels)
        takeTurns()
    }
}
