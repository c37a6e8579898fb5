import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("What a file says of its tokenizer, and what it leaves out")
struct TokenizerTests {
    private func weights(_ header: TinyModel.Header) throws -> LlamaWeights {
        let path = TinyModel.write(header)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try LlamaWeights(path: path)
    }

    private func bundle(_ path: String, template: String) -> LanguageModels.Bundle {
        LanguageModels.Bundle(
            name: "tiny", file: "tiny.toml", contextTokens: 512,
            prompt: .init(problem: template, revise: "{attempts}{problem}", attempt: "{attempt}"),
            models: ["policy": .init(role: "policy", kind: .policy, source: .gguf(path))])
    }

    @Test func onePromptBeginsOnce() throws {
        // A vocabulary lives as long as its weights.
        let weights = try weights(.init(beginning: 257, addsBeginning: true))
        defer { withExtendedLifetime(weights) {} }
        let vocabulary = weights.vocabulary
        let plain = vocabulary.tokens(ofRoot: [PromptPart(template: "Q"), PromptPart(text: Array("x".utf8))])
        #expect(plain.first == 257 && plain.count == 3)
        let spelled = vocabulary.tokens(ofRoot: [
            PromptPart(template: "\(TinyModel.good)Q"), PromptPart(text: Array("x".utf8)),
        ])
        #expect(spelled == plain)
        // A problem cannot spell it.
        #expect(
            vocabulary.tokens(ofRoot: [PromptPart(text: Array(TinyModel.good.utf8))]).count == 1
                + TinyModel.good.utf8.count)
    }

    @Test func aTemplateThatSpellsWhatIsPutThereAnywayIsTold() throws {
        let path = TinyModel.write(.init(beginning: 257, addsBeginning: true))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let models = try BundleModels(
            bundle(path, template: "\(TinyModel.good)Q: {problem}"), backends: [GGUFBackend()])
        #expect(models.notes.count == 1 && models.notes[0].contains("only one of the two is kept"))
        #expect(try BundleModels(bundle(path, template: "Q: {problem}"), backends: [GGUFBackend()]).notes.isEmpty)
    }

    /// llama.cpp takes number 11, a letter here, where a byte-level vocabulary names none.
    @Test func noTokenIsBorrowedForTheBeginningOrTheEnd() throws {
        let lacking = try weights(.init(addsBeginning: true, end: nil))
        #expect(lacking.vocabulary.beginning == nil)
        #expect(!lacking.vocabulary.isEnd(11))
        #expect(
            try weights(.init(beginning: 11, addsBeginning: true)).vocabulary.beginning == 11,
            "where the file says so, it is so")
    }

    @Test func whatIsLeftOpenIsTold() throws {
        #expect(try weights(.init()).notes.isEmpty)
        let notes = try weights(.init(preTokenizer: nil)).notes
        #expect(notes.count == 1 && notes[0].contains("tokenizer.ggml.pre"))
    }

    @Test func aModelLargerThanMemoryIsRefusedBeforeItIsRead() throws {
        let error = try #require(throws: StratagemError.self) {
            try MachineMemory.check(bytes: 9 << 30, of: "big.gguf", limit: 2 << 30)
        }
        #expect(error.code == .modelTooLarge && error.message.contains("9.0 GiB") && error.message.contains("2.0 GiB"))
        try MachineMemory.check(bytes: 1 << 30, of: "small.gguf", limit: 2 << 30)
        #expect(try #require(MachineMemory.limit) > 1 << 20)
    }
}
