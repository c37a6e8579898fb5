import CLlama
import Foundation
import LanguageModels
import SearchCore

/// The header of a GGUF file. We read and check it before llama.cpp sees the file, since llama.cpp may abort the
/// process if a file is damaged.
struct GGUFFile: Sendable {
    let path: String
    let architecture: String
    let shape: ModelShape
    /// The number of tokens that the model was trained to hold.
    let contextTokens: Int
    let bytes: Int
    /// The name that its makers gave it.
    let name: String?
    let tokenizer: GGUFTokenizer

    init(path: String) throws(StratagemError) {
        let refuse = { (code: ErrorCode, why: String) in StratagemError(.model, code, "\(path): \(why)") }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw refuse(
                .ggufUnreadable,
                exists ? "cannot be read. Name a GGUF file that may be read" : "there is no such file. Check its path")
        }
        var reader = GGUFReader(data: data, path: path)
        let header = try reader.readHeader()

        func required(_ key: String) throws(StratagemError) -> Int {
            guard let value = header.integer(key), value > 0, value < 1 << 31 else {
                throw refuse(
                    .ggufUnsupported,
                    "its header has no usable \(header.architecture).\(key). Only causal transformers that continue text can be used"
                )
            }
            return value
        }
        let width = try required("embedding_length")
        let heads = try required("attention.head_count")
        self.path = path
        architecture = header.architecture
        bytes = data.count
        name = header.texts["general.name"]
        tokenizer = GGUFTokenizer(header)
        contextTokens = try required("context_length")
        shape = ModelShape(
            parameters: header.parameters, layers: try required("block_count"), width: width, heads: heads,
            keyValueHeads: header.integer("attention.head_count_kv") ?? heads,
            headWidth: header.integer("attention.key_length") ?? width / heads,
            feedForward: header.integer("feed_forward_length") ?? 0, vocabulary: header.vocabulary)
        guard shape.vocabulary > 0 else {
            throw refuse(
                .ggufUnsupported,
                "it holds no tokenizer (tokenizer.ggml.tokens). Convert the model again, with its vocabulary")
        }
        if let complaint = GGUFCheck(header: header).complaint {
            throw refuse(
                .ggufDamaged,
                "its header is inconsistent: \(complaint). Convert the model again, or copy the file again")
        }
    }
}

/// Reads the header's fields in order; every length is checked against the file.
private struct GGUFReader {
    let data: Data
    let path: String
    private var at = 0

    init(data: Data, path: String) {
        self.data = data
        self.path = path
    }

    /// No field of a real header comes near these limits.
    private static let maximumEntries = 1 << 20
    private static let maximumString = 1 << 24

    private func refuse(_ code: ErrorCode, _ why: String) -> StratagemError {
        StratagemError(.model, code, "\(path): \(why)")
    }
    private var truncated: StratagemError {
        refuse(
            .ggufTruncated,
            "the file ends at byte \(data.count), inside its header: it is cut short. Copy or download it again")
    }

    mutating func readHeader() throws(StratagemError) -> GGUFHeader {
        guard data.count >= 4, data.prefix(4).elementsEqual(Array("GGUF".utf8)) else {
            if data.prefix(200).starts(with: Array("version https://git-lfs".utf8)) {
                throw refuse(
                    .ggufNot, "this is a Git LFS pointer, not the file itself. Fetch the file itself: git lfs pull")
            }
            throw refuse(
                .ggufNot,
                data.isEmpty
                    ? "the file is empty. Name a GGUF file"
                    : "this is not a GGUF file: it does not begin with 'GGUF'. Convert the weights to GGUF")
        }
        at = 4
        let version = try unsigned(4)
        guard version == 2 || version == 3 else {
            throw refuse(
                .ggufUnsupported,
                "it has GGUF version \(version); versions 2 and 3 are supported. Convert the model with a current tool")
        }
        let tensors = try count("tensors")
        let entries = try count("metadata entries")
        var header = GGUFHeader()
        for _ in 0..<entries { try readEntry(into: &header) }
        guard !header.architecture.isEmpty else {
            throw refuse(.ggufUnsupported, "its header names no general.architecture. Convert the model again")
        }
        try checkTensors(tensors, &header)
        return header
    }

    private mutating func count(_ what: String) throws(StratagemError) -> Int {
        let value = try unsigned(8)
        guard value <= UInt64(Self.maximumEntries) else {
            throw refuse(.ggufDamaged, "its header claims \(value) \(what): it is damaged. Copy or download it again")
        }
        return Int(value)
    }

    private mutating func unsigned(_ width: Int) throws(StratagemError) -> UInt64 {
        guard at + width <= data.count else { throw truncated }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(data[data.startIndex + at + index]) << UInt64(8 * index) }
        at += width
        return value
    }

    private mutating func string() throws(StratagemError) -> String { String(decoding: try bytes(), as: UTF8.self) }

    private mutating func bytes() throws(StratagemError) -> [UInt8] {
        let length = try unsigned(8)
        guard length <= UInt64(Self.maximumString) else {
            throw refuse(
                .ggufDamaged, "its header holds a text of \(length) bytes: it is damaged. Copy or download it again")
        }
        guard at + Int(length) <= data.count else { throw truncated }
        let start = data.startIndex + at
        at += Int(length)
        return Array(data[start..<start + Int(length)])
    }

    private mutating func skip(_ bytes: Int) throws(StratagemError) {
        guard bytes <= data.count - at else { throw truncated }
        at += bytes
    }

    /// The size in bytes of a value of a fixed-size type.
    private func width(of type: UInt64) throws(StratagemError) -> Int {
        switch type {
        case 0, 1, 7: return 1
        case 2, 3: return 2
        case 4, 5, 6: return 4
        case 10, 11, 12: return 8
        default:
            throw refuse(
                .ggufDamaged,
                "its header holds a value of unknown type \(type): it is damaged. Copy or download it again")
        }
    }

    private mutating func readEntry(into header: inout GGUFHeader) throws(StratagemError) {
        let key = try string()
        guard !key.isEmpty else {
            throw refuse(
                .ggufDamaged, "its header has a value without a name: it is damaged. Copy or download it again")
        }
        let type = try unsigned(4)
        switch type {
        case 8:
            let value = try string()
            if key == "general.architecture" { header.architecture = value }
            if value.utf8.count <= 64 { header.texts[key] = value }
            if key == "tokenizer.chat_template" { header.chatTemplate = value }
        case 9:
            let element = try unsigned(4)
            let count = try unsigned(8)
            guard count <= 1 << 28 else {
                throw refuse(
                    .ggufDamaged,
                    "its header claims a list of \(count) values: it is damaged. Copy or download it again")
            }
            header.lists[key] = (element, Int(count))
            if element == 8 {
                let isTokens = key == "tokenizer.ggml.tokens"
                for _ in 0..<count {
                    if isTokens { header.tokens.append(try bytes()) } else { try skip(Int(clamping: try unsigned(8))) }
                }
            } else {
                let size = try width(of: element)
                guard size * Int(count) <= data.count - at else { throw truncated }
                let start = at
                if key == "tokenizer.ggml.token_type", size == 4 {
                    // The numbers are little-endian and small, so the first byte of each is enough.
                    header.tokenTypes = (0..<Int(count)).map { data[data.startIndex + start + 4 * $0] }
                }
                if count <= Self.maximumList {
                    for _ in 0..<count { try readScalar(key, element, size, into: &header) }
                }
                at = start + Int(count) * size
            }
        default:
            try readScalar(key, type, try width(of: type), into: &header)
        }
    }

    /// Longer lists are lists of tokens, not of layers.
    private static let maximumList: UInt64 = 1024

    private mutating func readScalar(_ key: String, _ type: UInt64, _ size: Int, into header: inout GGUFHeader)
        throws(StratagemError)
    {
        let value = try unsigned(size)
        switch type {
        case 6: header.reals[key, default: []].append(Double(Float(bitPattern: UInt32(value))))
        case 12: header.reals[key, default: []].append(Double(bitPattern: value))
        case 7: header.flags[key] = value != 0
        // Signed numbers, of 1, 2, 4 and 8 bytes.
        case 1, 3, 5, 11:
            let shift = UInt64(64 - 8 * size)
            header.integers[key, default: []].append(Int(Int64(bitPattern: value << shift) >> Int64(shift)))
        default: header.integers[key, default: []].append(Int(clamping: value))
        }
    }

    /// A product too large for an Int is replaced by a number that exceeds the size of any file.
    private static func product(_ one: Int, _ other: Int) -> Int {
        let (value, overflow) = one.multipliedReportingOverflow(by: other)
        return overflow || value > 1 << 60 ? 1 << 60 : value
    }

    /// Every tensor must lie inside the file.
    private mutating func checkTensors(_ count: Int, _ header: inout GGUFHeader) throws(StratagemError) {
        guard count > 0 else { throw refuse(.ggufUnsupported, "it holds no tensors. Name a file with weights") }
        var end = 0
        var farthest = ""
        for _ in 0..<count {
            let name = try string()
            let dimensions = try unsigned(4)
            guard (1...4).contains(dimensions) else {
                throw refuse(
                    .ggufDamaged,
                    "tensor \(name) has \(dimensions) dimensions: the file is damaged. Copy or download it again")
            }
            var rows = 1
            var rowLength = 0
            var sizes: [Int] = []
            for dimension in 0..<dimensions {
                let size = try unsigned(8)
                guard size >= 1, size < 1 << 32 else {
                    throw refuse(
                        .ggufDamaged,
                        "tensor \(name) has a dimension of \(size): the file is damaged. Copy or download it again")
                }
                sizes.append(Int(size))
                if dimension == 0 { rowLength = Int(size) } else { rows = Self.product(rows, Int(size)) }
            }
            let type = try unsigned(4)
            let offset = try unsigned(8)
            guard type < UInt64(GGML_TYPE_COUNT.rawValue), ggml_blck_size(ggml_type(UInt32(type))) > 0 else {
                throw refuse(.ggufUnsupported, "tensor \(name) is of type \(type), which this llama.cpp does not know")
            }
            let block = Int(ggml_blck_size(ggml_type(UInt32(type))))
            header.tensors.append(.init(name: name, dimensions: sizes, block: block))
            let rowBytes = ggml_row_size(ggml_type(UInt32(type)), Int64(rowLength))
            let (size, overflow) = rowBytes.multipliedReportingOverflow(by: rows)
            guard !overflow, offset < 1 << 60, size < 1 << 60 else {
                throw refuse(
                    .ggufDamaged,
                    "tensor \(name) has an impossible size: the file is damaged. Copy or download it again")
            }
            if Int(offset) + size > end {
                end = Int(offset) + size
                farthest = name
            }
        }
        let alignment = header.integers["general.alignment"]?.first ?? 32
        guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
            throw refuse(
                .ggufDamaged,
                "general.alignment is \(alignment), and must be a power of two: the file is damaged. Copy or download it again"
            )
        }
        let start = (at + alignment - 1) / alignment * alignment
        guard start + end <= data.count else {
            throw refuse(
                .ggufTruncated,
                "tensor \(farthest) should end at byte \(start + end), but the file has \(data.count): it is cut short. Copy or download it again"
            )
        }
    }
}
