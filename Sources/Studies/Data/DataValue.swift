import Foundation

/// A value of a data set's record: JSON, or a cell of a table as text.
enum DataValue: Decodable, Equatable {
    case text(String)
    /// As it was written, but for its notation: 1e-05 is 0.00001.
    case number(Decimal)
    case truth(Bool)
    case none
    case list([DataValue])
    case record([String: DataValue])

    init(from decoder: any Decoder) throws {
        if let keys = try? decoder.container(keyedBy: Key.self) {
            var fields: [String: DataValue] = [:]
            for key in keys.allKeys { fields[key.stringValue] = try keys.decode(DataValue.self, forKey: key) }
            self = .record(fields)
        } else if var items = try? decoder.unkeyedContainer() {
            var list: [DataValue] = []
            while !items.isAtEnd { list.append(try items.decode(DataValue.self)) }
            self = .list(list)
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .none
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else {
                self = .number(try value.decode(Decimal.self))
            }
        }
    }

    /// Nil if `json` is something else.
    init?(json: String) {
        guard let first = json.first(where: { !$0.isWhitespace }), first == "[" || first == "{",
            let value = try? JSONDecoder().decode(DataValue.self, from: Data(json.utf8))
        else { return nil }
        self = value
    }

    /// What was written, of a text or a number that keeps its digits.
    var spelled: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Self.isExact(number) ? "\(number)" : nil
        default: nil
        }
    }

    /// Nothing was written.
    var isBlank: Bool {
        switch self {
        case .none: true
        case .text(let text): !text.contains { !$0.isWhitespace }
        default: false
        }
    }

    /// Nothing, or a list or an object without anything in it.
    var isEmpty: Bool {
        switch self {
        case .list(let items): items.allSatisfy(\.isEmpty)
        case .record(let fields): fields.values.allSatisfy(\.isEmpty)
        default: isBlank
        }
    }

    /// For messages: "found …".
    var kind: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .truth(let truth): "\(truth)"
        case .none: "null"
        case .list(let items): "a list of \(items.count)"
        case .record: "an object"
        }
    }

    /// A text, or a list of texts alone; nil if it is something else.
    var texts: [String]? {
        switch self {
        case .text(let text): return [text]
        case .list(let items):
            let texts = items.compactMap { if case .text(let text) = $0 { text } else { nil } }
            return texts.count == items.count ? texts : nil
        default: return nil
        }
    }

    /// A `Decimal` holds 38 digits: a number that fills them may have had more.
    private static func isExact(_ number: Decimal) -> Bool {
        number.isFinite && "\(number.magnitude)".filter { $0.isNumber }.drop { $0 == "0" }.count < 38
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}
