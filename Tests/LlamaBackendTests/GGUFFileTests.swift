import Foundation
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("A GGUF file is checked before llama.cpp may abort over it")
struct GGUFFileTests {
    /// The error that loading these bytes gives.
    private func refusal(_ bytes: [UInt8]) throws -> StratagemError {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf").path
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = try #require(throws: StratagemError.self) { _ = try LlamaWeights(path: path) }
        #expect(error.origin == .model)
        #expect(error.message.contains(path))
        return error
    }

    @Test func aGoodFileIsRead() throws {
        let file = try GGUFFile(path: TinyModel.path)
        #expect(file.architecture == "llama")
        #expect(file.contextTokens == TinyModel.contextTokens)
        #expect(file.shape.vocabulary == TinyModel.vocabulary)
        #expect(
            file.shape.layers == TinyModel.layers && file.shape.heads == TinyModel.heads && file.shape.headWidth == 32)
        let layer = 4 * 64 * 64 + 3 * 64 * 96 + 2 * 64
        #expect(file.shape.parameters == 259 * 64 + 64 + 2 * layer)
    }

    @Test func missing() throws {
        let error = try #require(throws: StratagemError.self) { _ = try LlamaWeights(path: "/nonexistent/model.gguf") }
        #expect(error.code == .ggufUnreadable && error.message.contains("no such file"))
    }

    @Test func emptyOrAnotherKindOfFile() throws {
        #expect(try refusal([]).code == .ggufNot)
        #expect(try refusal(Array("{\"not\": \"a model\"}".utf8)).code == .ggufNot)
    }

    @Test func truncatedAnywhere() throws {
        let whole = TinyModel.file()
        for length in [4, 10, 23, 24, 40, 100, 1000, 5000, whole.count / 2, whole.count - 1] {
            #expect(try refusal(Array(whole.prefix(length))).code == .ggufTruncated, "cut at \(length)")
        }
    }

    @Test func damagedHeader() throws {
        var tensors = TinyModel.file()
        tensors.replaceSubrange(8..<16, with: [UInt8](repeating: 0xFF, count: 8))
        #expect(try refusal(tensors).code == .ggufDamaged)
        var key = TinyModel.file()
        key.replaceSubrange(24..<32, with: [UInt8](repeating: 0x7F, count: 8))
        #expect(try refusal(key).code == .ggufDamaged)
    }

    /// No single damaged byte of the header may crash: it is refused, or harmless.
    @Test func anyDamagedByteOfTheHeader() throws {
        let whole = TinyModel.file()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for at in stride(from: 0, to: 900, by: 7) {
            var bytes = whole
            bytes[at] ^= 0x5A
            _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
            _ = try? GGUFFile(path: path)
        }
    }

    @Test func wrongArchitectureOrVersion() throws {
        let architecture = try refusal(TinyModel.file(architecture: "mystery"))
        #expect(architecture.code == .ggufUnsupported && architecture.message.contains("mystery"))
        #expect(try refusal(TinyModel.file(version: 99)).code == .ggufUnsupported)
    }
}
