import SearchCore
import Studies

/// What `stratagem match` prints: for each R, how often the small model may try for
/// the price of one greedy answer of the large one, training included.
public struct MatchReport: Sendable {
    public struct Model: Sendable, Equatable {
        public var name: String
        public var parameters: Int
        public init(name: String, parameters: Int) {
            self.name = name
            self.parameters = parameters
        }
    }

    public struct Row: Sendable, Equatable {
        /// Tokens served to tokens of training.
        public var ratio: Double
        public var v1: Double
        public var iclr: Double
        /// Whole generations, from exact counts.
        public var exact: Double
    }

    public var small: Model
    public var large: Model
    /// Of a problem, and of an answer.
    public var promptTokens: Int
    public var answerTokens: Int
    public var exact: FLOPsMatch.Exact
    public var rows: [Row]

    public init(
        small: Model, large: Model, promptTokens: Int, answerTokens: Int, exact: FLOPsMatch.Exact, ratios: [Double]
    ) {
        self.small = small
        self.large = large
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
        self.exact = exact
        let m = Double(large.parameters) / Double(max(1, small.parameters))
        rows = ratios.map { ratio in
            Row(
                ratio: ratio, v1: FLOPsMatch.multiplier(sizeRatio: m, ratio: ratio, constant: 3),
                iclr: FLOPsMatch.multiplier(sizeRatio: m, ratio: ratio, constant: 1.5),
                exact: exact.generations(ratio: ratio))
        }
    }

    private var sizeRatio: Double { Double(large.parameters) / Double(max(1, small.parameters)) }

    public var json: JSON {
        [
            "small": ["name": .string(small.name), "parameters": .int(small.parameters)],
            "large": ["name": .string(large.name), "parameters": .int(large.parameters)],
            "size_ratio": JSON(sizeRatio),
            "prompt_tokens": .int(promptTokens), "answer_tokens": .int(answerTokens),
            "flops": [
                "large_answer": JSON(exact.largeAnswer), "small_prompt": JSON(exact.smallPrompt),
                "small_sample": JSON(exact.smallSample),
                "large_training_token": JSON(exact.largeTraining), "small_training_token": JSON(exact.smallTraining),
            ],
            "budgets": .array(
                rows.map { ["r": JSON($0.ratio), "v1": JSON($0.v1), "iclr": JSON($0.iclr), "exact": JSON($0.exact)] }),
        ]
    }

    public var text: String {
        var table = TextTable(header: ["R = served / trained", "v1", "ICLR", "exact"])
        for row in rows {
            table.add([
                "\(row.ratio)", Readable.fixed(row.v1, 1), Readable.fixed(row.iclr, 1), Readable.fixed(row.exact, 1),
            ])
        }
        return """
            small  \(small.name), \(Readable.count(small.parameters)) parameters
            large  \(large.name), \(Readable.count(large.parameters)) parameters, \(Readable.fixed(sizeRatio, 2)) times as many
            problems of \(promptTokens) tokens, answers of \(answerTokens)
            exact: a greedy answer of the large model \(Readable.flops(exact.largeAnswer)); of the small one \
            \(Readable.flops(exact.smallPrompt)) once and \(Readable.flops(exact.smallSample)) per sample, verifier included

            generations of the small model for one greedy answer of the large one:

            """ + table.text
    }
}
