import Foundation
import GRDB
import SearchCore

/// Something that no eval writes into a store. `StoreFile.catching` says it with the store's name.
struct StoreDamage: Error {
    /// "in the table runs, tokens is -1, and must be …"
    var what: String
}

/// The values of one row, each checked where it enters the program: whoever gets them may count, add and look up
/// with them. They are taken in the order of the statement's columns.
struct StoreFields {
    /// No run has more of anything; so many runs' sums are still whole numbers.
    static let counts = 0...(1 << 40)
    /// Generations of one run, for which the readers have a place each in memory: the most
    /// samples that one ask may want (`STG_MAX_COUNT`).
    static let generations = 0...(1 << 20)
    /// Places in lists that are in memory.
    static let places = 0...Int(Int32.max)

    private let row: Row
    private let table: String
    private var next = 0

    init(_ row: Row, of table: String) {
        self.row = row
        self.table = table
    }

    mutating func integer(in range: ClosedRange<Int> = counts) throws(StoreDamage) -> Int {
        guard let value = try optionalInteger(in: range) else { throw damage("NULL", Self.words(range)) }
        return value
    }

    mutating func optionalInteger(in range: ClosedRange<Int> = counts) throws(StoreDamage) -> Int? {
        switch take().storage {
        case .null: return nil
        case .int64(let value) where range.contains(Int(value)): return Int(value)
        case let other: throw damage(Self.shown(other), Self.words(range))
        }
    }

    mutating func real(in range: ClosedRange<Double> = -Double.infinity...(.infinity)) throws(StoreDamage) -> Double {
        guard let value = try optionalReal(in: range) else { throw damage("NULL", Self.words(range)) }
        return value
    }

    mutating func optionalReal(in range: ClosedRange<Double> = -Double.infinity...(.infinity)) throws(StoreDamage)
        -> Double?
    {
        switch take().storage {
        case .null: return nil
        case .double(let value) where range.contains(value): return value
        case .int64(let value) where range.contains(Double(value)): return Double(value)
        case let other: throw damage(Self.shown(other), Self.words(range))
        }
    }

    mutating func text() throws(StoreDamage) -> String {
        guard let value = try optionalText() else { throw damage("NULL", "text") }
        return value
    }

    mutating func optionalText() throws(StoreDamage) -> String? {
        switch take().storage {
        case .null: return nil
        case .string(let value): return value
        case let other: throw damage(Self.shown(other), "text")
        }
    }

    /// 32-bit floats, little-endian.
    mutating func floats() throws(StoreDamage) -> [Float] {
        switch take().storage {
        case .null: return []
        case .blob(let data) where data.count % 4 == 0: return StoreRows.floats(data)
        case let other: throw damage(Self.shown(other), "a blob of 32-bit numbers")
        }
    }

    mutating func flag() throws(StoreDamage) -> Bool { try integer(in: 0...1) == 1 }

    /// Of what was taken last.
    func damage(_ found: String, _ expected: String) -> StoreDamage {
        let column = Array(row.columnNames)[max(0, next - 1)]
        return StoreDamage(what: "in the table \(table), \(column) is \(found), and must be \(expected)")
    }

    private mutating func take() -> DatabaseValue {
        defer { next += 1 }
        return row[next]
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func words(_ range: ClosedRange<Double>) -> String {
        range.upperBound.isInfinite ? "a number" : "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func shown(_ value: DatabaseValue.Storage) -> String {
        switch value {
        case .null: "NULL"
        case .int64(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): "the text '\(text.prefix(40))'"
        case .blob(let data): "a blob of \(data.count) bytes"
        }
    }
}
