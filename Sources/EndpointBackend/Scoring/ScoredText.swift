import SearchCore

/// A step, or a problem's prompt, as it is shown to a verifier on a server.
struct ScoredPiece: Sendable, Equatable {
    var bytes: [UInt8]
    /// Empty if the server is sent text.
    var ids: [Int32] = []

    /// Counted by the server, or estimated if the server is sent text.
    var tokens: Int { ids.isEmpty ? (bytes.count + 3) / 4 : ids.count }
}

/// A step that is to be scored, with the question behind it as one text if the scorer asks one.
struct AskedStep: Sendable {
    var step: ScoredPiece
    var question = ScoredPiece(bytes: [])
}

/// A problem's prompt, or a text below it that has been scored: its last piece, below the others. It is immutable, so a
/// request in flight is not affected when the search releases prefixes.
final class ScoredText: Sendable {
    let parent: ScoredText?
    let piece: ScoredPiece
    /// The value of its last step; nil for a prompt.
    let value: Double?
    /// The number of tokens from the root to its end.
    let length: Int
    /// The number of steps from the root to its end.
    let steps: Int
    /// The same for all texts below one root: all requests of one problem go to one replica.
    let root: UInt64

    init(prompt: ScoredPiece) {
        (parent, piece, value, length, steps) = (nil, prompt, nil, prompt.tokens, 0)
        var hash = StableHash()
        hash.combine(prompt.bytes)
        root = hash.value
    }

    init(below parent: ScoredText, _ step: ScoredPiece, value: Double) {
        (self.parent, piece, self.value) = (parent, step, value)
        (length, root, steps) = (parent.length + step.tokens, parent.root, parent.steps + 1)
    }

    var ids: [Int32] { path.flatMap(\.piece.ids) }
    var bytes: [UInt8] { path.flatMap(\.piece.bytes) }
    /// The prompt, and what follows it.
    var promptBytes: [UInt8] { path[0].piece.bytes }
    var answerBytes: [UInt8] { path.dropFirst().flatMap(\.piece.bytes) }

    /// From the prompt down to this one.
    private var path: [ScoredText] {
        var path = [self]
        while let above = path.last?.parent { path.append(above) }
        return path.reversed()
    }
}
