import SearchCore
import SearchRuntime

/// One line of a label file: a problem, its solutions, a value for each step.
public struct LabelReport: Sendable {
    /// What the labels were made with; a file holds one kind only.
    public struct Settings: Sendable, Equatable {
        public var samples: Int
        public var rollouts: Int
        public var temperature: Double
        public var maxTokens: Int
        public var seed: UInt64
        public var bundle: String

        public init(samples: Int, rollouts: Int, temperature: Double, maxTokens: Int, seed: UInt64, bundle: String) {
            self.samples = samples
            self.rollouts = rollouts
            self.temperature = temperature
            self.maxTokens = maxTokens
            self.seed = seed
            self.bundle = bundle
        }

        public var json: JSON {
            [
                "samples": .int(samples), "rollouts": .int(rollouts), "temperature": JSON(temperature),
                "max_tokens": .int(maxTokens), "seed": SolveReport.seed(seed), "bundle": .string(bundle),
            ]
        }
    }

    public var labels: LabeledProblem
    public var settings: Settings

    public init(labels: LabeledProblem, settings: Settings) {
        self.labels = labels
        self.settings = settings
    }

    public var json: JSON {
        let plain: JSON = [
            "problem": .string(labels.problem),
            "answer": .string(labels.answer),
            "solutions": .array(labels.solutions.map(Self.solution)),
            "cost": JSON(labels.cost),
            "settings": settings.json,
        ]
        return plain.adding(labels.error.map { [.init("error", JSON($0))] } ?? [])
    }

    private static func solution(_ solution: LabeledProblem.Solution) -> JSON {
        [
            "text": .string(solution.text),
            "answer": JSON(solution.answer),
            "correct": .bool(solution.correct),
            "finished": .bool(solution.finished),
            "steps": .array(
                solution.steps.map { step in
                    ["text": .string(step.text), "label": JSON(step.label), "rollouts": .int(step.rollouts)]
                }),
        ]
    }
}
