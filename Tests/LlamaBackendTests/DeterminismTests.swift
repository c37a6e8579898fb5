import LanguageModels
import Testing

@testable import LlamaBackend

/// llama.cpp itself, in the layout that we run it in: a sequence's logits may not
/// depend on anything but its tokens. Compared as bits.
@Suite("Same logits in every company", .serialized)
struct DeterminismTests {
    private static let contextTokens = 1024
    private let prompt = TinyModel.weights.vocabulary.tokens(
        of: Array(
            "A question that is long enough to fill more than one chunk of a prompt, and then some more of it.".utf8))
    private let answer = TinyModel.weights.vocabulary.tokens(of: Array("12 + 30 = 42\n#### 42".utf8))

    private func context(_ sequences: Int, threads: Int = 1) -> LlamaContext {
        try! LlamaContext(
            weights: TinyModel.weights,
            options: .init(contextTokens: Self.contextTokens, sequences: sequences, threads: threads))
    }

    /// Reads tokens in chunks, wanting no logits.
    private func read(
        _ tokens: [Token], _ context: LlamaContext, sequence: Int, from start: Int = 0,
        chunk: Int = LlamaContext.maximumChunk
    ) {
        for at in stride(from: 0, to: tokens.count, by: chunk) {
            context.beginBatch()
            for index in at..<min(at + chunk, tokens.count) {
                context.add(tokens[index], sequence: sequence, position: start + index, owner: nil)
            }
            #expect(context.decode() == nil)
        }
    }

    /// The logits after each token of the answer, decoded one per call beside others.
    private func logits(_ context: LlamaContext, sequence: Int, beside others: [Int] = []) -> [[UInt32]] {
        var rows: [[UInt32]] = []
        for (index, token) in answer.enumerated() {
            context.beginBatch()
            for other in ([sequence] + others).sorted() {
                let isOurs = other == sequence
                context.add(
                    isOurs ? token : Token((other * 31 + index * 7) % 256), sequence: other,
                    position: prompt.count + index, owner: other)
            }
            #expect(context.decode() == nil)
            let ours = context.outputs.first { $0.owner == sequence }!
            rows.append(UnsafeBufferPointer(start: context.logits(ours), count: TinyModel.vocabulary).map(\.bitPattern))
        }
        return rows
    }

    private func alone() -> [[UInt32]] {
        let context = context(1)
        read(prompt, context, sequence: 0)
        return logits(context, sequence: 0)
    }

    @Test(arguments: [3, 64, 255]) func among(others: Int) {
        let context = context(256)
        let place = others / 2
        read(prompt, context, sequence: place)
        let company = (0...others).filter { $0 != place }
        for other in company { context.copy(place, to: other, length: prompt.count - other % 5) }
        for other in company where other % 5 > 0 {
            read(Array(repeating: 65, count: other % 5), context, sequence: other, from: prompt.count - other % 5)
        }
        #expect(logits(context, sequence: place, beside: company) == alone())
    }

    @Test func copiedTrimmedAndCopiedBack() {
        let context = context(4)
        read(prompt + answer + answer, context, sequence: 2)
        context.copy(2, to: 0, length: prompt.count + 3)
        context.trim(0, to: prompt.count)
        context.copy(0, to: 3, length: prompt.count)
        #expect(logits(context, sequence: 3, beside: [0]) == alone())
    }

    @Test func evictedAndDecodedAgain() {
        let context = context(2)
        read(prompt, context, sequence: 0)
        let first = logits(context, sequence: 0)
        context.trim(0, to: 0)
        read(Array(repeating: 66, count: 400), context, sequence: 0)
        context.trim(0, to: 0)
        read(prompt, context, sequence: 0)
        #expect(logits(context, sequence: 0) == first)
        #expect(first == alone())
    }

    /// A sampled prefix, one token per call, and the same one read as a prompt.
    @Test(arguments: [1, 7, LlamaContext.maximumChunk]) func sampledOrRead(chunk: Int) {
        let context = context(1)
        read(prompt + answer.dropLast(), context, sequence: 0, chunk: chunk)
        context.beginBatch()
        context.add(answer.last!, sequence: 0, position: prompt.count + answer.count - 1, owner: 0)
        #expect(context.decode() == nil)
        let row = UnsafeBufferPointer(start: context.logits(context.outputs[0]), count: TinyModel.vocabulary).map(
            \.bitPattern)
        #expect(row == alone().last)
    }

    /// Beyond 512 tokens llama.cpp would split a lone token's attention among its threads.
    @Test func longSequencesWithOneThreadAndTwo() {
        func sample(_ threads: Int) -> SampleCompletion {
            let model = TinyModel.policy(sequences: 4, threads: threads, contextTokens: 1024)
            let root = model.root(String(repeating: "long ", count: 122))
            return run(model, [SampleJob(id: 1, prefix: root, until: .end, maxTokens: 6, temperature: 0, seed: 1)])[1]!
        }
        #expect(sample(1).tokenLogProbabilities == sample(2).tokenLogProbabilities)
    }
}
