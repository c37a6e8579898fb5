import Foundation
import SearchCore

/// Takes a file apart into records: JSON lines, a JSON array, or a table with a header.
struct DataFormat {
    var file: String
    var bytes: Data

    /// A line longer than this is refused: a problem has 1 MiB at most, and
    /// escapes and a worked answer may take the rest.
    static let maximumLineBytes = (8 << 20) - 1

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let example = "{\"problem\": \"…\", \"answer\": \"…\"}"

    /// Calls `take` with every record until it returns false.
    func read(_ take: (DataRecord) throws(StratagemError) -> Bool) throws(StratagemError) {
        var text = bytes[...]
        if text.starts(with: Self.mark) { text = text.dropFirst(Self.mark.count) }
        if let reason = ForeignFile.reason(text, file) { throw refuse(reason) }
        let ending = (file as NSString).pathExtension.lowercased()
        if ending == "csv" || ending == "tsv" {
            try DataTable(file: file, isTabbed: ending == "tsv").read(text, take)
        } else if text.first(where: { !Self.isBlank($0) }) == UInt8(ascii: "[") {
            try readArray(text, take)
        } else {
            try readLines(text, take)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    // MARK: Lines

    private func readLines(_ text: Data.SubSequence, _ take: (DataRecord) throws(StratagemError) -> Bool)
        throws(StratagemError)
    {
        var rest = text
        var number = 0
        var isFirst = true
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: 0x0A)
            var line = rest[..<(end ?? rest.endIndex)]
            let whole = rest
            rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
            // Files that were joined have a mark where the second one begins.
            if line.starts(with: Self.mark) { line = line.dropFirst(Self.mark.count) }
            if line.allSatisfy(Self.isBlank) { continue }
            let found: DataRecord
            do throws(StratagemError) { found = try record(line, number, isUnended: end == nil) } catch {
                // The file may be one object over many lines.
                guard isFirst, end != nil, let object = try object(whole, number) else { throw error }
                _ = try take(object)
                return
            }
            guard try take(found) else { return }
            isFirst = false
        }
    }

    /// The whole text, if it is one object; nil if it is anything else.
    private func object(_ text: Data.SubSequence, _ number: Int) throws(StratagemError) -> DataRecord? {
        guard text.first(where: { !Self.isBlank($0) }) == UInt8(ascii: "{"),
            case .record(let fields)? = try? JSONDecoder().decode(DataValue.self, from: Data(text))
        else { return nil }
        try refuseRepeatedKey(text, from: number)
        return DataRecord(fields: fields, place: "\(file):\(number)", number: number)
    }

    private func record(_ line: Data.SubSequence, _ number: Int, isUnended: Bool) throws(StratagemError) -> DataRecord {
        func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badData, "\(file):\(number): \(why)") }
        guard line.count <= Self.maximumLineBytes else {
            throw refuse(
                "the line has \(line.count) bytes, which is too long for a problem. Is this JSON lines, one object per line?"
            )
        }
        guard !line.contains(0) else {
            throw refuse("the line holds a NUL byte, so the file is binary. Pass JSON lines in UTF-8")
        }
        guard String(validating: line, as: UTF8.self) != nil else {
            throw refuse("the line is not UTF-8. Convert the file first: iconv -f latin1 -t utf-8")
        }
        if case .record(let fields)? = try? JSONDecoder().decode(DataValue.self, from: Data(line)) {
            try refuseRepeatedKey(line, from: number)
            return DataRecord(fields: fields, place: "\(file):\(number)", number: number)
        }
        let written = String(decoding: line, as: UTF8.self).trimmed
        if isUnended, written.hasPrefix("{"), !written.hasSuffix("}"), !written.hasSuffix(",") {
            throw refuse(
                "the last line is truncated: the file ends inside it. The program that wrote it was stopped; write it again or delete that line"
            )
        }
        throw refuse(
            "the line is not a JSON object\(JSONMistake.hint(written).map { ": \($0)" } ?? ""). Write \(Self.example) on a line of its own"
        )
    }

    /// - Parameter from: the number of the line that `text` begins in.
    private func refuseRepeatedKey(_ text: Data.SubSequence, from line: Int) throws(StratagemError) {
        guard let found = RepeatedKey.first(in: text) else { return }
        let place = line + text[..<found.place].count { $0 == 0x0A }
        throw StratagemError(
            .user, .badData,
            "\(file):\(place): the key \"\(Plain.name(found.key))\" occurs twice in one object, and only one of its values can count. Remove one of them"
        )
    }

    // MARK: An array

    private func readArray(_ text: Data.SubSequence, _ take: (DataRecord) throws(StratagemError) -> Bool)
        throws(StratagemError)
    {
        guard case .list(let items)? = try? JSONDecoder().decode(DataValue.self, from: Data(text)) else {
            guard text.last(where: { !Self.isBlank($0) }) == UInt8(ascii: "]") else {
                throw refuse(
                    "the file begins as a JSON array and does not end as one. Write it again, or write one object per line"
                )
            }
            let hint = JSONMistake.hint(String(decoding: text, as: UTF8.self)).map { ": \($0)" } ?? ""
            throw refuse(
                "the file begins as a JSON array and is not JSON\(hint). Write one object per line, and the message names the line"
            )
        }
        try refuseRepeatedKey(text, from: 1)
        for (index, item) in items.enumerated() {
            let place = "\(file): element \(index + 1)"
            guard case .record(let fields) = item else {
                throw StratagemError(
                    .user, .badData, "\(place) is not an object, found \(item.kind). Write \(Self.example)")
            }
            guard try take(DataRecord(fields: fields, place: place, number: index + 1)) else { return }
        }
    }

    private func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badData, "\(file): \(why)") }
}

/// What people often write that is not JSON.
enum JSONMistake {
    static func hint(_ text: String) -> String? {
        let isArray = text.trimmed.hasPrefix("[")
        if text.hasSuffix("},") { return "remove the comma at its end" }
        if !isArray, !text.hasPrefix("{") {
            return "it does not begin with {. The name of a table ends in .csv or .tsv"
        }
        if text.hasPrefix("{'") { return "names and texts need double quotes" }
        // Within a text these mean nothing.
        let bare = text.replacing(/"(?:[^"\\]|\\.)*"/, with: "\"\"")
        if bare.contains(/\b(NaN|Infinity|None|True|False)\b/) {
            return "NaN, Infinity, None, True and False are words of Python"
        }
        if bare.contains(/}\s*{/) {
            return isArray ? "a comma between two objects is missing" : "there are two objects in it"
        }
        if bare.hasPrefix("{"), !bare.hasSuffix("}") {
            return "its object does not end on the line. If the objects have several lines each: jq -c . FILE"
        }
        return nil
    }
}
