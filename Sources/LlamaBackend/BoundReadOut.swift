import LanguageModels

/// A read-out with the ids of its tokens in one vocabulary.
struct BoundReadOut: Sendable {
    let readOut: any StepReadOut
    let ids: [Token]
    /// Whether every token is read, and not one per step.
    let readsAll: Bool

    init(_ readOut: any StepReadOut, ids: [Token]) {
        (self.readOut, self.ids) = (readOut, ids)
        readsAll = readOut.readsEveryToken
    }

    /// The last position in a step's tokens that is read; nil if the step cannot be read.
    func last(_ step: [Token]) -> Int? {
        switch readOut.positions(in: step, ids: ids) {
        case .last, .all: step.count - 1
        case .one(let place): step.indices.contains(place) ? place : nil
        case .none: nil
        }
    }

    func read(_ row: OutputRow, _ step: [Token], _ position: Int, _ sum: inout Double) {
        readOut.read(row, at: ReadOutPlace(step: step, position: position, ids: ids), sum: &sum)
    }
}

/// What one decode call gave for one position: a row of logits, and the hidden state if the context gives states.
struct OutputRow: ReadOutRow {
    let context: LlamaContext
    let output: LlamaContext.Output
    let vocabulary: Int
    private let logits: UnsafePointer<Float>

    init(_ output: LlamaContext.Output, of context: LlamaContext, vocabulary: Int) {
        (self.context, self.output, self.vocabulary) = (context, output, vocabulary)
        logits = context.logits(output)
    }

    subscript(token: Int32) -> Float { logits[Int(token)] }
    var maximum: Float { Sampler.maximum(logits, vocabulary) }
    var state: [Float] { context.state(output) }
}
