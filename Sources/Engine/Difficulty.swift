import SearchCore

/// How hard a problem is for the policy, estimated from its samples. There are two measures, both of *ease*: larger is
/// easier.
public struct Difficulty: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The share of samples that are right (pass@1): needs the reference answers.
        case oracle
        /// The mean of the verifier's final scores: needs no answers.
        case predicted
    }

    /// One sample of a problem.
    public struct Sample: Sendable, Equatable {
        /// Nil if no answer was found in the sample, or if it was cut.
        public var isCorrect: Bool?
        /// Nil if the verifier gave no score, or one that is not a number in 0…1.
        public var score: Double?

        public init(isCorrect: Bool?, score: Double?) {
            self.isCorrect = isCorrect
            self.score = score
        }
    }

    public var samples: Int
    public var right: Int
    public var scoreSum: Double
    /// Samples with an answer that has no score.
    public var unscored: Int

    /// - Parameter count: samples drawn; those that are not in `samples` had no answer.
    public init(of samples: some Sequence<Sample>, count: Int) {
        self.samples = count
        (right, scoreSum, unscored) = (0, 0, 0)
        for sample in samples {
            guard let isCorrect = sample.isCorrect else { continue }
            right += isCorrect ? 1 : 0
            if let score = sample.score, (0...1).contains(score) { scoreSum += score } else { unscored += 1 }
        }
    }

    public init(samples: Int, right: Int, scoreSum: Double, unscored: Int = 0) {
        self.samples = samples
        self.right = right
        self.scoreSum = scoreSum
        self.unscored = unscored
    }

    /// In 0…1. A sample without an answer is wrong, and scores 0; `compute-optimal` counts in the same way.
    public func ease(_ kind: Kind) -> Double {
        guard samples > 0 else { return 0 }
        return kind == .oracle ? Double(right) / Double(samples) : scoreSum / Double(samples)
    }

    /// Checks that the verifier gave a score for every problem.
    public static func checkScores(_ all: [Difficulty]) throws(StratagemError) {
        let mute = all.indices.filter { all[$0].unscored > 0 && all[$0].scoreSum == 0 }
        guard let first = mute.first else { return }
        throw StratagemError(
            .verifier, .noScores,
            "predicted difficulty: the verifier gave no score in [0, 1] for any sample of \(mute.count) of \(all.count) problems (the first is number \(first + 1)): it failed or gave NaN. Repair the verifier, or use oracle difficulty (--kind oracle)"
        )
    }
}

extension Difficulty {
    /// From a run of `best-of-n`: what it scored, and how many samples it drew.
    public init(of result: RunResult, grader: Grader) {
        let samples = result.candidates.map { candidate in
            Sample(
                isCorrect: candidate.answer.map { grader.isCorrect($0, of: result.problem) ?? false },
                score: candidate.score)
        }
        self.init(of: samples, count: max(result.cost.generations, samples.count))
    }
}
