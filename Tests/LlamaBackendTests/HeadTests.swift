import BackendContract
import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

/// Verifiers whose value is a head's over the last hidden state, on the tiny model.
@Suite("Heads: values come from the hidden state, whatever else runs") struct HeadTests {
    private let problem = Array("3 + 4?".utf8)

    /// A head that asks for the sum of some numbers of the state.
    private static func head(width: Int = TinyModel.width, outputs: Int = 1) -> HeadFile {
        HeadFile([
            "score.weight": (
                [outputs, width], (0..<outputs * width).map { Float($0 % 7) * 0.05 - 0.12 }
            )
        ])
    }

    private func verifier(_ keys: String, head: HeadFile, kind: String = "prm") throws -> any Verifier {
        let text = TinyModel.judging("read_out = \"head\"\nhead = \"\(head.path)\"\n\(keys)", kind: kind)
        let bundle = try BundleReader.parse(text, file: "/tmp/tiny.toml")
        let models = try BundleModels(bundle, backends: [GGUFBackend()], options: .init(lanes: 1))
        return try #require(try models.makeModels().verifiers["judge"])
    }

    private func values(_ verifier: any Verifier, _ steps: [String], isFinished: Bool = true) throws -> [Double] {
        let root = try verifier.makeRoot(problem: problem, attempts: []).0
        verifier.submit(ScoreJob(id: 1, prefix: root, steps: steps.map { Array($0.utf8) }, isFinished: isFinished))
        var done: [ScoreCompletion] = []
        while verifier.hasWork { verifier.advance(into: &done) }
        return done[0].values
    }

    /// The hidden state behind these tokens, from a context of its own that computes one token at a time.
    private func state(_ text: String, special: String = "") throws -> [Float] {
        var options = LlamaContext.Options(contextTokens: 512, sequences: 1, threads: 1)
        options.givesStates = true
        let context = try LlamaContext(weights: TinyModel.weights, options: options)
        let parts = [PromptPart(text: Array(text.utf8)), PromptPart(template: special)]
        for (index, token) in TinyModel.weights.vocabulary.tokens(of: parts).enumerated() {
            context.beginBatch()
            context.add(token, sequence: 0, position: index, owner: 0)
            #expect(context.decode() == nil)
        }
        return context.state(context.outputs[0])
    }

    private func sigmoid(_ state: [Float], _ head: HeadFile) -> Double {
        let weights = head.tensors["score.weight"]?.values ?? []
        return 1 / (1 + Foundation.exp(-zip(state, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }))
    }

    @Test(arguments: VerifierContract.Clause.allCases, ["prm", "orm"])
    func keepsTheContract(_ clause: VerifierContract.Clause, kind: String) throws {
        let head = Self.head()
        let keys = kind == "prm" ? "tag = \"<|end|>\"" : "closing = \" right? \""
        let answers = [["3 + 4 = 7\n", "So 7.\n", "7"], ["3 + 4 = 8\n", "8"], ["7"]]
        let contract = VerifierContract(problem: "3 + 4?", answers: answers) { _ in
            try verifier(keys, head: head, kind: kind)
        }
        #expect(try contract.violations(of: clause) == [])
    }

    @Test func aStepIsReadAtItsLastToken() throws {
        let head = Self.head()
        let found = try values(verifier("", head: head), ["3 + 4 = 7\n", "So 7"])
        #expect(found.count == 2)
        #expect(abs(found[0] - sigmoid(try state("3 + 4?\n3 + 4 = 7\n"), head)) < 1e-5)
        #expect(abs(found[1] - sigmoid(try state("3 + 4?\n3 + 4 = 7\nSo 7\n"), head)) < 1e-5)
        #expect(found[0] != found[1])
    }

    /// Qwen's way: a special token follows each step, in place of the delimiter.
    @Test func aTagTakesThePlaceOfTheDelimiter() throws {
        let head = Self.head()
        let found = try values(verifier("tag = \"<|end|>\"", head: head), ["3 + 4 = 7\n", "So 7"])
        #expect(abs(found[0] - sigmoid(try state("3 + 4?\n3 + 4 = 7", special: TinyModel.end), head)) < 1e-5)
    }

    /// Skywork's way: every line is followed by a line feed, and blank lines are left out.
    @Test func aLineFeedAsTagFollowsEveryLine() throws {
        let head = Self.head()
        let squeezed = try values(verifier("tag = \"\\n\"", head: head), ["a\nb\n", "c"])
        let blank = try values(verifier("tag = \"\\n\"", head: head), ["a\n\n  \nb\n", "\nc"])
        #expect(squeezed == blank && squeezed.count == 2)
        #expect(abs(squeezed[1] - sigmoid(try state("3 + 4?\na\nb\nc\n"), head)) < 1e-5)
        // A step of blank lines alone still has a value.
        #expect(try values(verifier("tag = \"\\n\"", head: head), ["a\n", "\n"]).count == 2)
    }

    @Test func anAnswerIsReadBehindItsClosing() throws {
        let head = Self.head()
        let orm = try verifier("closing = \"<|end|>\"", head: head, kind: "orm")
        #expect(orm.judgesWholeAnswersOnly)
        let found = try values(orm, ["3 + 4 = 7\n", "\n", "7"])
        let expected = sigmoid(try state("3 + 4?\n3 + 4 = 7\n\n7", special: TinyModel.end), head)
        #expect(found.count == 3 && found.allSatisfy { abs($0 - expected) < 1e-5 })
        // One position is read, whatever the number of steps.
        #expect(orm.outputs(tokens: 20, steps: 3) == 1)
    }

    @Test func severalClassesAreASoftmaxAndTheHeadCosts() throws {
        let head = Self.head(outputs: 3)
        let judge = try verifier("class = 2", head: head)
        let row = try state("3 + 4?\n7\n")
        let weights = head.tensors["score.weight"]?.values ?? []
        let outputs = (0..<3).map { out in
            Foundation.exp(
                (0..<TinyModel.width).reduce(0.0) { $0 + Double(row[$1]) * Double(weights[out * TinyModel.width + $1]) }
            )
        }
        #expect(abs(try values(judge, ["7\n"])[0] - outputs[2] / outputs.reduce(0, +)) < 1e-5)
        #expect(judge.shape?.head == 3 * (TinyModel.width + 1))
        let shape = TinyModel.weights.shape
        #expect(
            judge.shape.map { $0.flops(reading: 5, from: 3, outputs: 2) - shape.flops(reading: 5, from: 3, outputs: 2) }
                == Double(2 * 2 * 3 * (TinyModel.width + 1)))
    }

    @Test func companyChangesNoBit() throws {
        let head = Self.head()
        let judge = try verifier("", head: head)
        let root = try judge.makeRoot(problem: problem, attempts: []).0
        let texts = (0..<40).map { "step \($0) " + String(repeating: "and more ", count: $0 % 9) + "\n" }
        for (index, text) in texts.enumerated() {
            judge.submit(ScoreJob(id: UInt64(index), prefix: root, steps: [Array(text.utf8)], isFinished: true))
        }
        var done: [ScoreCompletion] = []
        while judge.hasWork { judge.advance(into: &done) }
        for completion in done {
            #expect(completion.values == (try values(verifier("", head: head), [texts[Int(completion.id)]])))
        }
    }

    /// Only the positions that are read have outputs: with llama.cpp as released, every token has.
    @Test func onlyMarkedTokensAreOutputs() throws {
        let judge = try verifier("", head: Self.head())
        // More tokens than a call may have outputs.
        let steps = [String(repeating: "a", count: 400) + "\n"]
        #expect(try values(judge, steps).count == 1)
        let flops = TinyModel.weights.shape.flops(reading: 8 + 401, from: 0, outputs: 1)
        #expect(judge.statistics.flops <= flops)
    }

    @Test func aHeadOfAnotherWidthIsRefused() {
        let head = Self.head(width: 96)
        let error = #expect(throws: StratagemError.self) { try verifier("", head: head) }
        #expect(error?.code == .badBundle)
        #expect(
            error?.message
                == "/tmp/tiny.toml:11: models.judge.head names \(head.path), which takes hidden states of 96 numbers, but those of \(TinyModel.path) have 64. Head and model are not from the same checkpoint"
        )
    }

    @Test func aTagThatTheVocabularyLacksIsRefused() {
        let head = Self.head()
        let error = #expect(throws: StratagemError.self) { try verifier("tag = \"<extra_0>\"", head: head) }
        #expect(error?.message.contains("models.judge.tag is '<extra_0>', which is not one token of") == true)
    }
}

/// A safetensors file with these tensors, in F32; it goes with its owner.
final class HeadFile {
    typealias Tensor = (shape: [Int], values: [Float])
    let tensors: [String: Tensor]
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("head-\(UUID().uuidString).safetensors")
        .path

    init(_ tensors: [String: Tensor]) {
        self.tensors = tensors
        var header: [String] = []
        var data: [UInt8] = []
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let begin = data.count
            for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data += $0 } }
            header.append(
                "\"\(name)\": {\"dtype\": \"F32\", \"shape\": \(tensor.shape), \"data_offsets\": [\(begin), \(data.count)]}"
            )
        }
        let json = Array("{\(header.joined(separator: ", "))}".utf8)
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { bytes += $0 }
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes + json + data))
    }

    deinit { unlink(path) }
}
