import Foundation
import SearchCore
import SwiftCSV

/// A table with a header. Rows are found here, so that messages name their lines and nothing runs over an
/// unclosed quote; SwiftCSV takes each apart into cells.
struct DataTable {
    var file: String
    var isTabbed: Bool

    func read(_ text: Data.SubSequence, _ take: (DataRecord) throws(StratagemError) -> Bool) throws(StratagemError) {
        guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
            throw StratagemError(
                .user, .badData, "\(file): the table is not UTF-8 text. Convert it first: iconv -f latin1 -t utf-8")
        }
        if let first = text.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            throw refuse(1, "this is JSON, and the file's name says that it is a table. Name it .jsonl")
        }
        var rows = TableRows(bytes: Array(text), delimiter: UInt8(ascii: isTabbed ? "\t" : ","))
        var names: [String]?
        while let row = try next(&rows) {
            let cells = try cells(row)
            guard !cells.allSatisfy(\.isEmpty) else { continue }
            guard let header = names else {
                names = try self.names(cells, row.line)
                continue
            }
            guard cells.count == header.count else {
                throw refuse(
                    row.line,
                    "the row has \(cells.count) cells, and the header \(header.count). A cell with a \(isTabbed ? "tab" : "comma") in it needs quotes"
                )
            }
            var fields: [String: DataValue] = [:]
            for (name, cell) in zip(header, cells) where !cell.isEmpty { fields[name] = .text(cell) }
            guard try take(DataRecord(fields: fields, place: "\(file):\(row.line)", number: row.line, isRow: true))
            else { return }
        }
    }

    private func next(_ rows: inout TableRows) throws(StratagemError) -> TableRows.Row? {
        do throws(TableRows.OpenQuote) { return try rows.next() } catch {
            throw refuse(
                error.opened,
                error.closed.map {
                    "the cell that begins with a quote here ends with one in line \($0), and text follows it. Write a quote within a cell twice (\"\")"
                }
                    ?? "the cell that begins with a quote here has no quote at its end. Add it, or write a quote that belongs to the text twice (\"\")"
            )
        }
    }

    private func cells(_ row: TableRows.Row) throws(StratagemError) -> [String] {
        // With its end, or an empty last cell is lost.
        if let table = try? CSV<Enumerated>(
            string: row.text + "\n", delimiter: isTabbed ? .tab : .comma, loadColumns: false), table.rows.isEmpty
        {
            return table.header
        }
        throw refuse(
            row.line,
            "the row cannot be read: a quote stands within a cell. Write the cell in quotes, and each quote within it twice (\"\")"
        )
    }

    private func names(_ cells: [String], _ line: Int) throws(StratagemError) -> [String] {
        // pandas writes its index without a name.
        let names = cells.enumerated().map { $1.trimmed.isEmpty ? "column \($0 + 1)" : $1.trimmed }
        guard
            names.contains(where: {
                (DataFields.questions + [DataFields.input, DataFields.body]).contains(DataFields.plain($0))
            })
        else {
            let hint = names.count == 1 && names[0].contains(";") ? ", with commas between the names" : ""
            throw refuse(
                line,
                "the first row does not name a column with problems: it has \(DataRecord.shown(names)). Begin with a header such as problem,answer\(hint)"
            )
        }
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw refuse(
                line,
                "the header names the column \"\(Plain.name(twice))\" twice, and only one of them can count. Rename or remove one"
            )
        }
        return names
    }

    private func refuse(_ line: Int, _ why: String) -> StratagemError {
        StratagemError(.user, .badData, "\(file):\(line): \(why)")
    }
}

/// The rows of a table: a line break within quotes ends none.
struct TableRows {
    struct Row {
        var text: String
        /// Where it begins, from 1.
        var line: Int
    }

    struct OpenQuote: Error {
        /// The line where the quote stands.
        var opened: Int
        /// The line of the quote that seems to close it; nil: there is none.
        var closed: Int?
    }

    var bytes: [UInt8]
    var delimiter: UInt8
    private var place = 0
    private var line = 1

    init(bytes: [UInt8], delimiter: UInt8) {
        (self.bytes, self.delimiter) = (bytes, delimiter)
    }

    private enum State { case begin, bare, quoted, closed }

    /// - Throws: where a quote is open at the end, or closed too early.
    mutating func next() throws(OpenQuote) -> Row? {
        guard place < bytes.count else { return nil }
        let (begin, first) = (place, line)
        var state = State.begin
        var opened = line
        while place < bytes.count {
            let byte = bytes[place]
            let isEnd = byte == 0x0A || byte == 0x0D
            if isEnd, state != .quoted { break }
            switch state {
            case .begin:
                if byte == UInt8(ascii: "\"") {
                    (state, opened) = (.quoted, line)
                } else if byte != delimiter, byte != 0x20, byte != 0x09 {
                    state = .bare
                }
            case .bare: if byte == delimiter { state = .begin }
            case .quoted: if byte == UInt8(ascii: "\"") { state = .closed }
            case .closed:
                if byte == UInt8(ascii: "\"") {
                    state = .quoted
                } else if byte == delimiter {
                    state = .begin
                } else if byte != 0x20, byte != 0x09 {
                    throw OpenQuote(opened: opened, closed: line)
                }
            }
            place += isEnd ? lineEnd() : 1
        }
        if state == .quoted { throw OpenQuote(opened: opened) }
        let text = String(decoding: bytes[begin..<place], as: UTF8.self)
        if place < bytes.count { place += lineEnd() }
        return Row(text: text, line: first)
    }

    /// Counts the line that ends at `place`, and says how many bytes its end has.
    private mutating func lineEnd() -> Int {
        line += 1
        return bytes[place] == 0x0D && place + 1 < bytes.count && bytes[place + 1] == 0x0A ? 2 : 1
    }
}
