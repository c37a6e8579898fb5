import Foundation
import Hashing
import SearchCore

/// A file of tensors in the form of Hugging Face's safetensors: eight bytes with the length of a header, the header as
/// JSON, and the tensors' numbers. Heads are small, so everything is read at once, and larger files are refused.
struct Safetensors {
    struct Tensor: Equatable {
        var shape: [Int]
        /// Row after row.
        var values: [Float]
    }

    /// Why a file cannot be read, as the end of a sentence that names it.
    struct Problem: Error, Equatable { var what: String }

    /// A head of two layers over the widest models that exist takes a quarter of this.
    static let bytesMax = 1 << 30
    /// A head has a few tensors, so its header is a few lines.
    static let headerMax = 1 << 20

    let tensors: [String: Tensor]
    /// The file's own notes.
    let notes: [String: String]
    /// SHA-256 of the file.
    let digest: String

    init(file: String) throws(Problem) {
        let bytes: [UInt8]
        do {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            guard size <= Self.bytesMax else {
                throw Problem(what: "has \(size) bytes, and a head has \(Self.bytesMax) at most. Name the head alone")
            }
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(what: "cannot be read: \(BundleReader.reason(error))")
        }
        try self.init(bytes: bytes)
    }

    init(bytes: [UInt8]) throws(Problem) {
        let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard bytes.count >= 8, length >= 2, length <= Self.headerMax, Int(length) <= bytes.count - 8 else {
            throw Problem(what: "is not a safetensors file: its first eight bytes are not the length of a header")
        }
        let start = 8 + Int(length)
        let header: JSONValue
        do {
            header = try JSONParser.parse(bytes[8..<start])
        } catch {
            throw Problem(what: "is not a safetensors file: its header is not JSON (\(error.what))")
        }
        guard case .object(let members) = header else {
            throw Problem(what: "is not a safetensors file: its header is not a JSON object")
        }
        var tensors: [String: Tensor] = [:]
        var notes: [String: String] = [:]
        for member in members {
            if member.key == "__metadata__" {
                if case .object(let texts) = member.value {
                    for text in texts { notes[text.key] = text.value.string }
                }
                continue
            }
            guard tensors[member.key] == nil else { throw Problem(what: "has two tensors named '\(member.key)'") }
            tensors[member.key] = try Self.tensor(member.key, member.value, bytes[start...])
        }
        (self.tensors, self.notes) = (tensors, notes)
        digest = SHA256.hex(bytes)
    }

    private static func tensor(_ name: String, _ entry: JSONValue, _ data: ArraySlice<UInt8>) throws(Problem) -> Tensor
    {
        let name = name.prefix(80)
        guard let kind = entry["dtype"]?.string, let sizes = entry["shape"]?.array,
            let ends = entry["data_offsets"]?.array,
            ends.count == 2, let first = ends[0].int, let last = ends[1].int
        else { throw Problem(what: "is damaged: its tensor '\(name)' has no dtype, shape and data_offsets") }
        guard let width = ["F32": 4, "F16": 2, "BF16": 2][kind] else {
            throw Problem(
                what: "has the tensor '\(name)' in \(kind.prefix(16)), and only F32, F16 and BF16 are read. Convert it")
        }
        var count = 1
        var shape: [Int] = []
        for size in sizes {
            guard let size = size.int, size >= 0, count.multipliedReportingOverflow(by: size).overflow == false,
                count * size <= bytesMax
            else { throw Problem(what: "is damaged: its tensor '\(name)' has a size that cannot be") }
            count *= size
            shape.append(size)
        }
        guard first >= 0, last >= first, last <= data.count, last - first == count * width else {
            throw Problem(
                what:
                    "is damaged or cut short: its tensor '\(name)' should have \(count * width) bytes of the \(data.count) that there are"
            )
        }
        return Tensor(shape: shape, values: numbers(data.dropFirst(first).prefix(count * width), kind: kind))
    }

    private static func numbers(_ bytes: ArraySlice<UInt8>, kind: String) -> [Float] {
        let start = bytes.startIndex
        func half(_ index: Int) -> UInt16 {
            UInt16(bytes[start + 2 * index]) | UInt16(bytes[start + 2 * index + 1]) << 8
        }
        switch kind {
        case "F16": return (0..<bytes.count / 2).map { Float(Float16(bitPattern: half($0))) }
        case "BF16": return (0..<bytes.count / 2).map { Float(bitPattern: UInt32(half($0)) << 16) }
        default:
            return (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(half(2 * $0)) | UInt32(half(2 * $0 + 1)) << 16)
            }
        }
    }
}
