import Foundation
import SearchCore
import SwiftCSV

/// Takes a file apart into records: JSON lines, a JSON array, or a table with a header.
struct DataFormat {
    var file: String
    var bytes: Data

    /// A line longer than this is refused: a problem has 1 MiB at most, and
    /// escapes and a worked answer may take the rest.
    static let maximumLineBytes = (8 << 20) - 1

    /// Calls `take` with every record until it returns false.
    func read(_ take: (DataRecord) throws(StratagemError) -> Bool) throws(StratagemError) {
        var text = bytes[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        try refuseForeign(text)
        let ending = (file as NSString).pathExtension.lowercased()
        if ending == "csv" || ending == "tsv" {
            try readTable(text, delimiter: ending == "tsv" ? .tab : .comma, take)
        } else if text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "[") {
            try readArray(text, take)
        } else {
            try readLines(text, take)
        }
    }

    private func refuseForeign(_ text: Data.SubSequence) throws(StratagemError) {
        if text.starts(with: Array("PAR1".utf8)) {
            throw refuse(
                "this is a Parquet file. Convert it: python3 -c 'import pyarrow.parquet as p, json, sys; open(\"data.jsonl\", \"w\").writelines(json.dumps(r) + chr(10) for r in p.read_table(sys.argv[1]).to_pylist())' \(file) (pip install pyarrow)"
            )
        }
        if text.starts(with: Array("version https://git-lfs".utf8)) {
            throw refuse("this is a Git LFS pointer, and not the file itself. Fetch it: git lfs pull")
        }
        if text.starts(with: [0x1F, 0x8B]) { throw refuse("this is a gzip file. Unpack it: gunzip -k \(file)") }
        if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) {
            throw refuse("this is UTF-16. Convert it: iconv -f utf-16 -t utf-8 \(file)")
        }
    }

    // MARK: JSON

    private func readLines(_ text: Data.SubSequence, _ take: (DataRecord) throws(StratagemError) -> Bool)
        throws(StratagemError)
    {
        var rest = text
        var number = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: 0x0A)
            let line = rest[..<(end ?? rest.endIndex)]
            rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            guard try take(try record(line, number, isUnended: end == nil)) else { return }
        }
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
            return DataRecord(fields: fields, place: "\(file):\(number)", number: number)
        }
        let isCut =
            isUnended && line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{") && line.last != UInt8(ascii: "}")
        throw refuse(
            isCut
                ? "the last line is truncated: the file ends inside it. The program that wrote it was stopped; write it again or delete that line"
                : "the line is not a JSON object. Write {\"problem\": \"…\", \"answer\": \"…\"} on a line of its own")
    }

    private func readArray(_ text: Data.SubSequence, _ take: (DataRecord) throws(StratagemError) -> Bool)
        throws(StratagemError)
    {
        guard case .list(let items)? = try? JSONDecoder().decode(DataValue.self, from: Data(text)) else {
            throw refuse(
                "the file begins as a JSON array and does not end as one. Write it again, or write one object per line")
        }
        for (index, item) in items.enumerated() {
            let place = "\(file): element \(index + 1)"
            guard case .record(let fields) = item else {
                throw StratagemError(
                    .user, .badData, "\(place) is not an object. Write {\"problem\": \"…\", \"answer\": \"…\"}")
            }
            guard try take(DataRecord(fields: fields, place: place, number: index + 1)) else { return }
        }
    }

    // MARK: Tables

    private func readTable(
        _ text: Data.SubSequence, delimiter: CSVDelimiter, _ take: (DataRecord) throws(StratagemError) -> Bool
    ) throws(StratagemError) {
        guard let string = String(validating: text, as: UTF8.self), !string.contains("\0") else {
            throw refuse("the table is not UTF-8 text. Convert it first: iconv -f latin1 -t utf-8")
        }
        let table: CSV<Enumerated>
        do {
            table = try CSV<Enumerated>(string: string, delimiter: delimiter, loadColumns: false)
        } catch {
            throw refuse("the table cannot be read: \(error). Are all quotes closed?")
        }
        let names = table.header.map(\.trimmed)
        let known = Set(DataShape.questionNames + ["input", "body", "correct answer"])
        guard names.contains(where: { known.contains($0.lowercased()) }) else {
            throw refuse(
                "the first row does not name a column with problems. Begin with a header such as problem,answer")
        }
        for (index, row) in table.rows.enumerated() {
            guard !row.allSatisfy(\.isEmpty) else { continue }
            guard row.count == names.count else {
                throw refuse(
                    "row \(index + 2) has \(row.count) cells, and the header \(names.count). A cell with a comma in it needs quotes"
                )
            }
            var fields: [String: DataValue] = [:]
            for (name, cell) in zip(names, row) where !cell.isEmpty { fields[name] = .text(cell) }
            guard try take(DataRecord(fields: fields, place: "\(file): row \(index + 2)", number: index + 2)) else {
                return
            }
        }
    }

    private func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badData, "\(file): \(why)") }
}
