/// A JSON value whose objects keep the order in which they were written, so that reports have their fields in the
/// documented order and the same result gives the same bytes.
public enum JSON: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: JSON
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Field])

    /// Null for nil.
    public init(_ text: String?) { self = text.map(JSON.string) ?? .null }
    /// Null for nil, infinities and NaN: JSON has none of them.
    public init(_ number: Double?) {
        if let number, number.isFinite { self = .number(number) } else { self = .null }
    }

    /// One line, no spaces.
    public var line: String {
        var text = ""
        write(into: &text, indent: nil)
        return text
    }

    /// For people: two spaces a level, short arrays of plain values on one line.
    public var pretty: String {
        var text = ""
        write(into: &text, indent: 0)
        return text
    }

    private var isPlain: Bool {
        switch self {
        case .array(let items): items.isEmpty
        case .object(let fields): fields.isEmpty
        default: true
        }
    }

    private func write(into text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .number(let value): text += Self.spell(value)
        case .string(let value): Self.quote(value, into: &text)
        case .array(let items):
            let isShort = items.allSatisfy(\.isPlain) && items.count <= 4
            Self.list(items, "[", "]", into: &text, indent: isShort ? nil : indent, spaced: indent != nil) {
                item, text, inner in
                item.write(into: &text, indent: inner)
            }
        case .object(let fields):
            Self.list(fields, "{", "}", into: &text, indent: indent, spaced: indent != nil) { field, text, inner in
                Self.quote(field.name, into: &text)
                text += indent == nil ? ":" : ": "
                field.value.write(into: &text, indent: inner)
            }
        }
    }

    private static func list<Item>(
        _ items: [Item], _ open: String, _ close: String, into text: inout String, indent: Int?,
        spaced: Bool, write: (Item, inout String, Int?) -> Void
    ) {
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += indent == nil && spaced ? ", " : "," }
            if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
            write(item, &text, indent.map { $0 + 1 })
        }
        if let indent, !items.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
        text += close
    }

    /// The shortest text that reads back as the same number.
    private static func spell(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    /// A text in quotes. TOML reads it too.
    public static func quoted(_ text: String) -> String {
        var quoted = ""
        quote(text, into: &quoted)
        return quoted
    }

    private static func quote(_ value: String, into text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..."\u{1F}", "\u{7F}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Field($0.0, $0.1) }) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
}
