import LanguageModels
import SearchCore

/// A small model with test-time compute against one M times larger, at equal total
/// FLOPs of training and serving (section 7 of Snell et al. 2024).
///
/// Training costs 6 N D_pre, serving 2 N D_inf, and R = D_inf / D_pre. What the larger
/// model costs more, the small one may spend: per answer M + 3 (M − 1) / R times as
/// much as one greedy answer of its own. The ICLR text counts the verifier too (serving
/// 4 N D_inf), which leaves 1.5 instead of 3.
public enum FLOPsMatch {
    /// R in the paper: far fewer tokens served than trained on, about as many, far more.
    public static let ratios = [0.16, 0.79, 22]

    /// How many times the inference compute of one greedy answer the small model gets.
    public static func multiplier(sizeRatio m: Double, ratio: Double, constant: Double) -> Double {
        m + constant / ratio * (m - 1)
    }

    /// The same from exact counts: everything that the two models do, nothing approximated.
    public struct Exact: Sendable, Equatable {
        /// FLOPs of one greedy answer of the large model.
        public var largeAnswer: Double
        /// FLOPs of the small model's prompt, which all of its samples share, and of the
        /// verifier's.
        public var smallPrompt: Double
        /// FLOPs of one more sample of the small model, verifier included.
        public var smallSample: Double
        /// FLOPs of training on one token.
        public var largeTraining: Double
        public var smallTraining: Double
        /// Sampled tokens of an answer: what R counts.
        public var answerTokens: Double

        public init(
            largeAnswer: Double, smallPrompt: Double, smallSample: Double, largeTraining: Double, smallTraining: Double,
            answerTokens: Double
        ) {
            self.largeAnswer = largeAnswer
            self.smallPrompt = smallPrompt
            self.smallSample = smallSample
            self.largeTraining = largeTraining
            self.smallTraining = smallTraining
            self.answerTokens = answerTokens
        }

        /// Samples of the small model a problem. Below 1 the large model's share buys not
        /// even one; at 0 not even the verifier's look at the problem.
        public func generations(ratio: Double) -> Double {
            // For each served token 1 / R tokens were trained on.
            let training = (largeTraining - smallTraining) * answerTokens / ratio
            return max(0, largeAnswer + training - smallPrompt) / smallSample
        }
    }
}

extension FLOPsMatch.Exact {
    /// - Parameters:
    ///   - prompt: tokens of a problem with its template.
    ///   - answer: sampled tokens of an answer.
    ///   - verifier: nil if the small model is searched without one.
    public init(
        small: ModelShape, large: ModelShape, verifier: ModelShape?, verifierReadsAll: Bool, prompt: Int, answer: Int
    ) {
        func sampled(_ shape: ModelShape) -> Double {
            shape.flops(reading: max(0, answer - 1), from: prompt, outputs: answer)
        }
        // Forward once, and twice as much back: a sequence of a problem and its answer.
        func trained(_ shape: ModelShape) -> Double {
            3 * shape.flops(reading: prompt + answer, from: 0, outputs: prompt + answer) / Double(prompt + answer)
        }
        let read = verifier?.flops(reading: answer, from: prompt, outputs: verifierReadsAll ? answer : 1) ?? 0
        let verifierPrompt = verifier?.flops(reading: prompt, from: 0, outputs: 0) ?? 0
        self.init(
            largeAnswer: large.flops(reading: prompt, from: 0, outputs: 0) + sampled(large),
            smallPrompt: small.flops(reading: prompt, from: 0, outputs: 0) + verifierPrompt,
            smallSample: sampled(small) + read,
            largeTraining: trained(large), smallTraining: trained(small), answerTokens: Double(answer))
    }
}
