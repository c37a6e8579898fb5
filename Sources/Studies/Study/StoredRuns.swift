import Engine
import Hashing
import SearchCore
import StrategyHost

/// From what the engine gives to what a store keeps, and back.
extension StoredRun {
    /// - Parameter keepText: the candidates' texts too; they are most of a store.
    public init(_ result: RunResult, problem: Int, isCorrect: Bool, grader: Grader, keepText: Bool) {
        self.init(
            problem: problem, answer: result.answer, isCorrect: isCorrect, error: result.error, cost: result.cost,
            texts: result.texts,
            votes: result.votes)
        // Few answers are different, and comparing them goes through a plugin's function.
        var verdicts: [String: Bool] = [:]
        candidates = result.candidates.map { one in
            let isRight = one.answer.map { answer in
                if let known = verdicts[answer] { return known }
                let verdict = grader.isCorrect(answer, of: result.problem) == true
                verdicts[answer] = verdict
                return verdict
            }
            return StoredCandidate(
                node: one.node, previous: one.previous, revision: one.revision, answer: one.answer,
                isCorrect: isRight ?? false,
                score: one.score, stepScores: one.stepScores.map(Float.init), tokens: one.tokens,
                text: keepText ? one.text : nil)
        }
    }
}

extension StoredCell {
    public init(_ one: EvalCase, by loaded: LoadedStrategy) {
        self.init(
            strategy: one.strategy, strategyID: loaded.info.id, params: Self.canonical(one.params).line,
            defaults: Self.canonical(Self.defaults(loaded.info)).line, budget: "\(one.limits)",
            generations: one.limits.generations, seed: one.seed,
            plugin: "\(Self.file(loaded.pluginPath)) \(loaded.info.version)", pluginSHA256: loaded.pluginHash)
        takesBatch = one.takesBatch
    }

    /// By parameter, what the plugin's own table says.
    static func defaults(_ info: StrategyInfo) -> [String: ParameterValue] {
        Dictionary(info.params.map { ($0.id, $0.fallback) }) { one, _ in one }
    }

    private static func file(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

    /// A file is named by its hash: what is in it is what counts.
    private static func canonical(_ params: [String: ParameterValue]) -> JSON {
        .object(
            params.sorted { $0.key < $1.key }.map { name, value in
                if case .bytes(let bytes) = value {
                    return JSON.Field(name, .string("sha256:" + SHA256.hex(Array(bytes))))
                }
                return JSON.Field(name, JSON(value))
            })
    }
}

extension EvalOutcome {
    public init(_ stored: StoredOutcome) {
        self.init(
            answer: stored.answer, isCorrect: stored.isCorrect, hasRight: stored.hasRight, cost: stored.cost,
            texts: stored.texts, error: stored.error)
    }
}

extension DataSet {
    /// Of all problems' texts and answers, in order: names the data, whatever the file is called.
    public var sha256: String {
        var bytes: [UInt8] = []
        for problem in problems {
            for text in [problem.text, problem.answer ?? ""] {
                bytes += text.utf8
                bytes.append(0)
            }
        }
        return SHA256.hex(bytes)
    }
}
