import SearchCore

/// One record of a data set: a line, an element of an array, a row.
struct DataRecord {
    var fields: [String: DataValue]
    /// Its place, for messages: "d.jsonl:7".
    var place: String
    /// The same as a number, from 1.
    var number: Int

    /// The first of `names` that has a value, however it is capitalised.
    func first(_ names: [String]) -> (name: String, value: DataValue)? {
        for name in names {
            if let value = fields[name], value != .none { return (name, value) }
            let other = fields.keys.filter { $0.lowercased() == name.lowercased() }.min()
            if let other, let value = fields[other], value != .none { return (other, value) }
        }
        return nil
    }

    /// A text under one of `names`; nil if there is none.
    func text(_ names: [String]) throws(StratagemError) -> (name: String, text: String)? {
        guard let found = first(names) else { return nil }
        guard case .text(let text) = found.value else { throw refuse("\"\(found.name)\" must be a string") }
        return (found.name, text)
    }

    func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badData, "\(place): \(why)") }
}
