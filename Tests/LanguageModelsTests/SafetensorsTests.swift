import Foundation
import SearchCore
import Testing

@testable import LanguageModels

@Suite("Heads are read from safetensors files, and what is no head is refused") struct SafetensorsTests {
    private func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8) + data
    }

    private func entry(_ name: String, _ shape: [Int], _ bytes: Range<Int>, _ type: String = "F32") -> String {
        "\"\(name)\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": [\(bytes.lowerBound), \(bytes.upperBound)]}"
    }

    private func bytes(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
    }

    private func head(_ entries: [String], _ data: [UInt8]) throws -> ValueHead {
        try ValueHead(Safetensors(bytes: file("{\(entries.joined(separator: ", "))}", data)))
    }

    @Test func numbersOfAllThreeWidths() throws {
        let data = bytes([1.5, -2]) + [0x00, 0x3E, 0x00, 0xC0] + [0xC0, 0x3F, 0x00, 0xC0]
        let header =
            "{\(entry("a", [2], 0..<8)), \(entry("b", [2], 8..<12, "F16")), \(entry("c", [2], 12..<16, "BF16"))}"
        let read = try Safetensors(bytes: file(header, data))
        for name in ["a", "b", "c"] { #expect(read.tensors[name] == .init(shape: [2], values: [1.5, -2])) }
    }

    @Test func layersFollowTheirNumbers() throws {
        let data = bytes([1, 0, 0, 1, /* bias */ 0, -1, /* second */ 2, 3, /* bias */ 0.5])
        let two = try head(
            [
                entry("score.0.weight", [2, 2], 0..<16), entry("score.0.bias", [2], 16..<24),
                entry("score.2.weight", [1, 2], 24..<32), entry("score.2.bias", [1], 32..<36),
            ], data)
        #expect(two.width == 2 && two.outputs == 1)
        // ReLU between: (4, 5 − 1) and (−4, 5 − 1).
        #expect(two([4, 5]) == [2 * 4 + 3 * 4 + 0.5] && two([-4, 5]) == [3 * 4 + 0.5])
    }

    @Test func sumsOfManyNumbers() throws {
        let width = 37
        let weights = (0..<width).map { Float($0) - 18 }
        let one = try head([entry("v_head.summary.weight", [1, width], 0..<4 * width)], bytes(weights))
        let state = (0..<width).map { Float($0 % 5) }
        #expect(one(state) == [zip(weights, state).reduce(0) { $0 + $1.0 * $1.1 }])
    }

    @Test(
        arguments: [
            ([], "first eight bytes"), ([71, 71, 85, 70, 3, 0, 0, 0, 1, 2, 3], "first eight bytes"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 65, 65], "its header is not JSON"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 49, 50], "not a JSON object"),
            ([255, 255, 255, 255, 255, 255, 255, 255, 123, 125], "first eight bytes"),
            ([10, 0, 0, 0, 0, 0, 0, 0, 123, 125, 32, 32], "first eight bytes"),
        ] as [([UInt8], String)])
    func otherFilesAreRefused(bytes: [UInt8], reason: String) {
        let problem = #expect(throws: Safetensors.Problem.self) { try Safetensors(bytes: bytes) }
        #expect(problem?.what.contains(reason) == true)
    }

    @Test(arguments: [
        ("\"score.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2]}", "has no dtype, shape and data_offsets"),
        (
            "\"score.weight\": {\"dtype\": \"I8\", \"shape\": [1, 2], \"data_offsets\": [0, 2]}",
            "only F32, F16 and BF16"
        ),
        (
            "\"score.weight\": {\"dtype\": \"F32\", \"shape\": [1, 3], \"data_offsets\": [0, 12]}",
            "damaged or cut short"
        ),
        (
            "\"score.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [-8, 0]}",
            "damaged or cut short"
        ),
        ("\"score.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [8, 0]}", "damaged or cut short"),
        ("\"score.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 4]}", "damaged or cut short"),
        (
            "\"score.weight\": {\"dtype\": \"F32\", \"shape\": [9000000000, 9000000000], \"data_offsets\": [0, 8]}",
            "a size that cannot be"
        ),
        ("\"score.weight\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}", "a layer is a matrix"),
        (
            "\"score\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}",
            "no weight or bias of a layer"
        ),
        ("\"model.norm.bias\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}", "no weight or bias"),
        ("", "so it is no head"),
        (
            "\"a.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}, \"b.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}",
            "not those of one head"
        ),
        (
            "\"s.0.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}, \"s.2.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}",
            "1 outputs before one of 2 inputs"
        ),
        (
            "\"__metadata__\": {\"activation\": \"gelu\"}, \"s.weight\": {\"dtype\": \"F32\", \"shape\": [1, 2], \"data_offsets\": [0, 8]}",
            "only relu is known"
        ),
    ])
    func badTensorsAreRefused(entry: String, reason: String) {
        let problem = #expect(throws: Safetensors.Problem.self) { try head([entry], bytes([1, 2])) }
        #expect(problem?.what.contains(reason) == true, "\(problem?.what ?? "")")
    }

    /// The bundles of docs/verifiers.md are complete: each can be read as it stands.
    @Test func theBundlesOfThePageCanBeRead() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/verifiers.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.split(separator: "```toml\n").dropFirst().compactMap { $0.split(separator: "```").first }
        let bundles = blocks.filter { $0.hasPrefix("name") }
        #expect(bundles.count == 8)
        for block in bundles {
            let bundle = try BundleReader.parse(String(block), file: "/docs/x.toml", checkingFiles: false)
            #expect(bundle.verifiers.count == 1)
        }
    }

    /// White space goes at both ends of a turn, but the first step continues the problem's turn.
    @Test func aStepAsATurn() {
        func turn(_ text: String, begins: Bool = false) -> String {
            let step = StepText(
                Array(text.utf8), delimiter: [10], lead: begins ? [32] : [], place: StepPlace(begins: begins))
            return String(decoding: step.asTurn, as: UTF8.self)
        }
        #expect(turn("  - 1 + 1\t\n") == "- 1 + 1" && turn("  - 1\n", begins: true) == "   - 1")
        #expect(turn(" \n") == "" && turn("\n", begins: true) == " " && turn("") == "")
    }

    @Test(arguments: [Float.nan, .infinity]) func aNumberThatIsNoneIsRefused(number: Float) {
        let problem = #expect(throws: Safetensors.Problem.self) {
            try head([entry("score.weight", [1, 2], 0..<8)], bytes([1, number]))
        }
        #expect(problem?.what.contains("NaN or infinite") == true)
    }

    /// The error names the bundle's line, the key, the file and what is wrong.
    @Test(arguments: [
        ("head = \"HEAD\"", "is not a safetensors file"),
        ("", "models.prm.head is missing"), ("head = \"none.safetensors\"", "does not exist"),
    ]) func theBundleNamesTheFile(line: String, reason: String) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("no-head-\(UUID().uuidString)").path
        try Data("this is text".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = """
            name = "x"
            context = 512
            [template]
            problem = "{problem}"
            [models.policy]
            gguf = "\(path)"
            [models.prm]
            gguf = "\(path)"
            read_out = "head"
            template = "{problem}"
            \(line.replacing("HEAD", with: path))
            """
        let error = #expect(throws: StratagemError.self) { try BundleReader.parse(text, file: "/tmp/x.toml") }
        #expect(error?.code == .badBundle && error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("/tmp/x.toml") == true)
    }
}
