import LanguageModels
import SearchCore

/// The tokens of a judge's spellings of yes and of no.
struct Verdicts: Sendable, Equatable {
    var good: [Token]
    var bad: [Token]

    var all: [Token] { good + bad }

    /// Spellings that are several tokens of this vocabulary are left out.
    /// - Throws: if no spelling of one of the two is left, or if both have the same token.
    init(_ judge: JudgeReadOut, in vocabulary: Vocabulary, refuse: (String, String) -> StratagemError)
        throws(StratagemError)
    {
        func tokens(_ words: [String]) -> [Token] {
            var found: [Token] = []
            for word in words {
                // Where a tokenizer puts a space before every text, a word in the middle of a text is another token.
                let inside = vocabulary.tokens(of: Array(word.utf8), continuing: true)
                for token in [vocabulary.singleToken(word), inside.count == 1 ? inside[0] : nil].compactMap({ $0 })
                where !found.contains(token) { found.append(token) }
            }
            return found
        }
        (good, bad) = (tokens(judge.yes), tokens(judge.no))
        for (key, words, found) in [("yes", judge.yes, good), ("no", judge.no, bad)] where found.isEmpty {
            throw refuse(key, "is \(words), none of which is one token of")
        }
        let both = good
        guard !bad.contains(where: both.contains) else { throw refuse("no", "and yes are the same token of") }
    }

    /// p(yes) / (p(yes) + p(no)), each summed over its spellings.
    /// - Parameter logits: of `all`.
    func share(_ logits: [Float]) -> Double {
        let top = Double(logits.max() ?? 0)
        let shares = logits.map { stableExp(Double($0) - top) }
        return shares.prefix(good.count).reduce(0, +) / shares.reduce(0, +)
    }

    /// The likeliest spelling; the first of several.
    func likeliest(_ logits: [Float]) -> Token {
        zip(all, logits).max { $0.1 < $1.1 }?.0 ?? good[0]
    }
}

/// What judging costs, as it is charged: what a job needs, whatever is in the cache.
struct JudgeCost {
    let shape: ModelShape?
    private(set) var tokens = 0
    private(set) var flops: Double?

    init(shape: ModelShape?) {
        self.shape = shape
        flops = shape.map { _ in 0 }
    }

    mutating func read(_ count: Int, from start: Int, outputs: Int = 0) {
        tokens += count
        if let shape { flops = (flops ?? 0) + shape.flops(reading: count, from: start, outputs: outputs) }
    }

    /// The last token is sampled but never read: it ends the thought, or the thought is given up.
    mutating func write(_ sample: SampleCompletion, from start: Int) {
        tokens += sample.tokens
        guard let shape else { return }
        flops =
            (flops ?? 0) + shape.flops(reading: max(0, sample.tokens - 1), from: start, outputs: sample.tokens)
    }
}
