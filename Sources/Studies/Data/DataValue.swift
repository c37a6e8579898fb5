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

    /// What was written, of a text or a number that keeps its digits.
    var spelled: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Self.isExact(number) ? "\(number)" : nil
        default: nil
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
