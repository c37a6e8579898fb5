import CLlama
import Foundation
import LanguageModels
import Testing

@testable import LlamaBackend

/// Products of quantised weights (Sources/CLlama/quantised-rows.c), against the same weights as ggml decodes them.
/// On a processor without AVX-512 VNNI there is nothing to test: ggml's own kernels are used.
@Suite("Products of quantised weights", .enabled(if: rows_can(GGML_TYPE_Q8_0, 256)))
struct QuantisedRowsTests {
    /// Not whole strips of 16, and more than one panel of 2,048 values.
    private let width = 2560, height = 37

    private static let formats: [ggml_type] = [
        GGML_TYPE_Q4_0, GGML_TYPE_Q4_1, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_Q8_0,
        GGML_TYPE_Q4_K, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K,
    ]

    private func values(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(bitPattern: state) >> 40) / 8_388_608
        }
    }

    /// The weights' bytes in a format, and the values that these mean.
    private func weights(_ format: ggml_type) -> (bytes: [UInt8], rowSize: Int, values: [Float]) {
        let exact = values(width * height, seed: 7)
        let rowSize = ggml_row_size(format, Int64(width))
        var bytes = [UInt8](repeating: 0, count: rowSize * height)
        #expect(ggml_quantize_chunk(format, exact, &bytes, 0, Int64(height), Int64(width), nil) == bytes.count)
        var meant = [Float](repeating: 0, count: exact.count)
        ggml_get_type_traits(format).pointee.to_float(bytes, &meant, Int64(meant.count))
        return (bytes, rowSize, meant)
    }

    /// Each row prepared in so many parts, as by so many threads.
    private func prepare(_ rows: [Float], count: Int, parts: Int) -> [UInt8] {
        let size = rows_size(Int64(width))
        var prepared = [UInt8](repeating: 0, count: size * count)
        prepared.withUnsafeMutableBytes { bytes in
            rows.withUnsafeBufferPointer { rows in
                for row in 0..<count {
                    for part in 0..<parts {
                        let bounds = [part, part + 1].map { Int64($0 * (width / 32) / parts * 32) }
                        rows_prepare(
                            rows.baseAddress! + row * width, bytes.baseAddress! + row * size, Int64(width), bounds[0],
                            bounds[1])
                    }
                }
            }
        }
        return prepared
    }

    private func products(_ format: ggml_type, _ bytes: [UInt8], _ rowSize: Int, _ rows: ArraySlice<UInt8>) -> [Float] {
        let count = rows.count / rows_size(Int64(width))
        // One more, to see that nothing is written behind the last weight row.
        var result = [Float](repeating: .nan, count: count * height + 1)
        bytes.withUnsafeBytes { bytes in
            Array(rows).withUnsafeBytes { rows in
                result.withUnsafeMutableBytes { result in
                    var product = rows_product(
                        type: format, k: Int64(width), weight_rows: Int64(height), count: Int64(count),
                        weights: bytes.baseAddress, weight_stride: rowSize, rows: rows.baseAddress,
                        result: result.baseAddress, result_stride: height * 4)
                    for first in stride(from: 0, to: height, by: Int(ROWS_STRIP)) {
                        rows_multiply(&product, Int64(first))
                    }
                }
            }
        }
        #expect(result.last?.isNaN == true)
        return Array(result.dropLast())
    }

    @Test(arguments: formats) func equalTheDecodedWeightsProducts(format: ggml_type) {
        let (bytes, rowSize, meant) = weights(format)
        let count = 5
        let rows = values(width * count, seed: 11)
        let found = products(format, bytes, rowSize, prepare(rows, count: count, parts: 1)[...])
        var error = 0.0, size = 0.0
        for row in 0..<count {
            for place in 0..<height {
                let exact = (0..<width).reduce(0.0) {
                    $0 + Double(meant[place * width + $1]) * Double(rows[row * width + $1])
                }
                error += pow(Double(found[row * height + place]) - exact, 2)
                size += exact * exact
            }
        }
        // What is left is that activations have eight bits.
        #expect((error / size).squareRoot() < 0.008)
    }

    /// 31 = 16 + 8 + 4 + 2 + 1: a tile of every size.
    @Test(arguments: formats) func aRowHasTheSameBitsInEveryCompany(format: ggml_type) {
        let (bytes, rowSize, _) = weights(format)
        let count = 31, size = rows_size(Int64(width))
        let rows = prepare(values(width * count, seed: 13), count: count, parts: 1)
        let together = products(format, bytes, rowSize, rows[...])
        for row in 0..<count {
            let alone = products(format, bytes, rowSize, rows[row * size..<(row + 1) * size])
            #expect(alone.map(\.bitPattern) == together[row * height..<(row + 1) * height].map(\.bitPattern))
        }
    }

    @Test func threadsPrepareARowTogether() {
        let rows = values(width * 3, seed: 17)
        #expect(prepare(rows, count: 3, parts: 1) == prepare(rows, count: 3, parts: 3))
    }

    /// Through llama.cpp: a quantised model computes nearly what the whole one does, and the same in every company.
    /// Random weights suffer much from four bits; a wrong product would be off by more than the whole.
    @Test(arguments: [(LLAMA_FTYPE_MOSTLY_Q8_0, 0.05), (LLAMA_FTYPE_MOSTLY_Q4_1, 0.5)])
    func aModel(format: llama_ftype, most: Double) throws {
        let path = TinyModel.path + ".\(format.rawValue).gguf"
        defer { unlink(path) }
        var options = llama_model_quantize_default_params()
        options.ftype = format
        options.nthread = 1
        try #require(llama_model_quantize(TinyModel.path, path, &options) == 0)
        let quantised = try LlamaWeights(path: path)
        func rows(_ weights: LlamaWeights, company: Int, threads: Int) throws -> [Float] {
            let context = try LlamaContext(
                weights: weights, options: .init(contextTokens: 256, sequences: 32, threads: threads))
            context.beginBatch()
            for sequence in 0...company {
                context.add(Token(65 + sequence), sequence: sequence, position: 0, owner: sequence)
            }
            #expect(context.decode() == nil)
            let ours = try #require(context.outputs.first { $0.owner == 0 })
            return Array(UnsafeBufferPointer(start: context.logits(ours), count: TinyModel.vocabulary))
        }
        let alone = try rows(quantised, company: 0, threads: 1)
        #expect(try rows(quantised, company: 30, threads: 1).map(\.bitPattern) == alone.map(\.bitPattern))
        #expect(try rows(quantised, company: 5, threads: 2).map(\.bitPattern) == alone.map(\.bitPattern))
        let whole = try rows(TinyModel.weights, company: 0, threads: 1)
        let spread = zip(alone, whole).map { pow(Double($0) - Double($1), 2) }.reduce(0, +)
        let size = whole.map { pow(Double($0), 2) }.reduce(0, +)
        #expect(spread > 0 && (spread / size).squareRoot() < most)
    }
}
