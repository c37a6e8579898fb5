import SearchCore

/// One record of a data set: a line, an element of an array, a row.
struct DataRecord {
    let fields: [String: DataValue]
    /// Its place, for messages: "d.jsonl:7".
    var place: String
    /// The same as a number, from 1.
    var number: Int
    /// A row of a table: all of its values are texts.
    var isRow = false
    /// The fields' own names by their plain ones (``DataFields/plain(_:)``), and by these without a number at the end.
    private var names: [String: [String]] = [:]
    private var numbers: [String: [(number: Int, name: String)]] = [:]

    init(fields: [String: DataValue], place: String, number: Int, isRow: Bool = false) {
        (self.fields, self.place, self.number, self.isRow) = (fields, place, number, isRow)
        for name in fields.keys.sorted() {
            let plain = DataFields.plain(name)
            names[plain, default: []].append(name)
            let base = DataFields.base(plain)
            numbers[base, default: []].append((Int(plain.dropFirst(base.count)) ?? -1, name))
        }
    }

    /// Fields of these plain names that have a value, in the order of `names`. A blank text is none.
    func all(_ names: [String]) -> [(name: String, value: DataValue)] {
        names.flatMap { name in self.names[name].map(filled) ?? [] }
    }

    func first(_ names: [String]) -> (name: String, value: DataValue)? { all(names).first }

    /// "hint", "hint1", "hint2" … in the order of their numbers, without those that are empty.
    func numbered(_ base: String) -> [(name: String, value: DataValue)] {
        guard let found = numbers[base] else { return [] }
        return filled(found.sorted { $0 < $1 }.map(\.name)).filter { !$0.value.isEmpty }
    }

    private func filled(_ names: [String]) -> [(name: String, value: DataValue)] {
        names.compactMap { name in fields[name].flatMap { $0.isBlank ? nil : (name, $0) } }
    }

    /// The name in the file of a field that has no value; nil if there is none.
    func blank(_ names: [String]) -> String? {
        names.flatMap { self.names[$0] ?? [] }.first { fields[$0]?.isBlank == true && fields[$0] != DataValue.none }
    }

    /// A text under one of `names`; nil if there is none. Two names may have the same text, but not different ones.
    func text(_ names: [String]) throws(StratagemError) -> (name: String, text: String)? {
        var found: (name: String, text: String)?
        for (name, value) in all(names) {
            guard case .text(let text) = value else {
                throw refuse("\"\(name)\" must be a string, found \(value.kind). Write the text itself")
            }
            if let found, found.text.trimmed != text.trimmed {
                throw refuse(
                    "\"\(found.name)\" and \"\(name)\" have different texts, and nobody can tell which one is meant. Keep one of them, or join them in \"\(found.name)\""
                )
            }
            found = found ?? (name, text)
        }
        return found
    }

    /// Names of the fields that have a value: "a", "b" and 3 more.
    var shownNames: String { Self.shown(fields.keys.filter { fields[$0]?.isEmpty == false }.sorted()) }

    static func shown(_ names: [String]) -> String {
        let first = names.prefix(6).map { "\"\(Plain.name($0))\"" }.joined(separator: ", ")
        return names.count > 6 ? "\(first) and \(names.count - 6) more" : first
    }

    func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badData, "\(place): \(why)") }
}
