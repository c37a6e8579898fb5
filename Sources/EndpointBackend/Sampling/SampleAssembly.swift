import LanguageModels
import SearchCore

/// Makes a sample from a server's segments by the same rules as for a model in this process: the text decides where a
/// step or an answer ends, and the server reports only the end token.
struct SampleAssembly {
    private var sample: SampleText
    private let until: SampleUntil
    var text: [UInt8] { sample.text }
    private(set) var tokens = 0
    private var logProbabilities: [Float] = []
    private var pieces: [(ids: [Int32], end: Int)] = []

    init(rules: StopRules, until: SampleUntil, after tail: [UInt8] = []) {
        sample = SampleText(rules, after: tail)
        self.until = until
    }

    /// The tokens so far, from which the next request continues.
    var ids: [Int32] { pieces.flatMap(\.ids) }

    /// Adds a segment whose pieces are all known.
    /// - Returns: how the sample ends; nil if it continues with another request.
    mutating func take(_ segment: Segment) -> SampleEnding? {
        tokens += segment.tokens
        logProbabilities += segment.logProbabilities
        var pieces = segment.pieces
        if segment.ending == .end, var last = pieces.popLast() {
            // The end token is counted, but is not text.
            if last.tokens > 1 || !last.bytes.isEmpty {
                if last.knowsIDs, !last.ids.isEmpty { last.ids.removeLast() }
                pieces.append(last)
            }
        }
        for piece in pieces {
            if let ending = take(piece) { return ending }
        }
        switch segment.ending {
        case .end: return .finished
        case .limit: return .truncated
        case .stop, .untold, nil: return nil
        }
    }

    private mutating func take(_ piece: Segment.Piece) -> SampleEnding? {
        let event = sample.take(piece.bytes)
        if event == .stop {
            pieces = Array(pieces.prefix { $0.end <= text.count })
            return .finished
        }
        pieces.append((piece.ids, text.count))
        if event == .step, case .steps(let wanted) = until, sample.stepEnds.count >= wanted { return .step }
        return nil
    }

    func result(_ ending: SampleEnding) -> SampleResult {
        var ends = sample.stepEnds
        if ending == .finished, !text.isEmpty, ends.last != text.count { ends.append(text.count) }
        return SampleResult(
            text: text, ids: ids, spelled: pieces.last?.end ?? 0, stepEnds: ends, tail: sample.tail, tokens: tokens,
            logProbabilities: logProbabilities.count == tokens ? logProbabilities : [], ending: ending)
    }
}
