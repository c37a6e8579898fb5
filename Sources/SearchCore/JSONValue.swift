/// A JSON value from outside. It has its own parser, since every streamed token arrives as one, and since nothing that
/// a server or a client sends may crash the program, recurse without end, or be taken for something that it is not.
public enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// Also NaN and the infinities, which Python's servers write although JSON does not have them.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public var key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The member of an object with that name; if there are several, the first.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var double: Double? { if case .number(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
    /// Nil unless the number is whole.
    public var int: Int? { double.flatMap { Int(exactly: $0) } }
    public var isNull: Bool { self == .null }
    /// A list of whole numbers, such as token ids.
    public var ids: [Int32]? {
        guard let items = array else { return nil }
        var ids: [Int32] = []
        ids.reserveCapacity(items.count)
        for item in items {
            guard let value = item.double, let id = Int32(exactly: value), id >= 0 else { return nil }
            ids.append(id)
        }
        return ids
    }
}

/// Why bytes are not JSON.
public struct JSONProblem: Error, Equatable {
    public var what: String
    public var offset: Int
    /// Where a value is at fault that stands in others: `messages[0].content`. Keys are as they came.
    public var path = ""

    /// The same, seen from the value around it.
    fileprivate func inside(_ part: String) -> JSONProblem {
        var outer = self
        outer.path = part + (path.isEmpty || path.hasPrefix("[") ? path : ".\(path)")
        return outer
    }
}

/// Reads one JSON value from a stretch of bytes.
public struct JSONParser {
    /// Deeper than any real reply or request, and far from exhausting the stack.
    static let depthMax = 64

    private let bytes: ArraySlice<UInt8>
    private let repairs: Bool
    private var at: Int

    /// - Parameter repairs: half of a surrogate pair, which no text can have, becomes U+FFFD, as for what servers send.
    ///   Otherwise it is refused: nobody asked for the text that the repair makes.
    public static func parse(_ bytes: ArraySlice<UInt8>, repairs: Bool = true) throws(JSONProblem) -> JSONValue {
        var parser = JSONParser(bytes: bytes, repairs: repairs, at: bytes.startIndex)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.at == bytes.endIndex else { throw parser.problem("something follows the value") }
        return value
    }

    private func problem(_ what: String) -> JSONProblem { JSONProblem(what: what, offset: at - bytes.startIndex) }
    private var next: UInt8? { at < bytes.endIndex ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.endIndex - at >= count, bytes[at..<at + count].elementsEqual(String(describing: word).utf8) else {
            return false
        }
        at += count
        return true
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
        guard depth < Self.depthMax else { throw problem("values are nested more than \(Self.depthMax) deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t") where skip("true"): return .boolean(true)
        case UInt8(ascii: "f") where skip("false"): return .boolean(false)
        case UInt8(ascii: "n") where skip("null"): return .null
        case UInt8(ascii: "N") where skip("NaN"): return .number(.nan)
        case UInt8(ascii: "I") where skip("Infinity"): return .number(.infinity)
        case UInt8(ascii: "-") where skip("-Infinity"): return .number(-.infinity)
        case .some: return try number()
        case nil: throw problem("it ends too early")
        }
    }

    private mutating func object(depth: Int) throws(JSONProblem) -> JSONValue {
        at += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if next == UInt8(ascii: "}") { at += 1; return .object([]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw problem("a key was expected") }
            let key = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw problem("a colon was expected") }
            at += 1
            do throws(JSONProblem) { members.append(.init(key: key, value: try value(depth: depth + 1))) } catch {
                throw error.inside(key)
            }
            skipSpace()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"): at += 1; return .object(members)
            default: throw problem("a comma or } was expected")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONProblem) -> JSONValue {
        at += 1
        var items: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") { at += 1; return .array([]) }
        while true {
            do throws(JSONProblem) { items.append(try value(depth: depth + 1)) } catch {
                throw error.inside("[\(items.count)]")
            }
            skipSpace()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"): at += 1; return .array(items)
            default: throw problem("a comma or ] was expected")
            }
        }
    }

    private mutating func number() throws(JSONProblem) -> JSONValue {
        let start = at
        var whole = 0
        var isNegative = false
        if next == UInt8(ascii: "-") { isNegative = true; at += 1 }
        let digits = at
        while let byte = next, byte >= 0x30, byte <= 0x39, at - digits < 15 {
            whole = whole * 10 + Int(byte - 0x30); at += 1
        }
        let isShort = at > digits
        var isPlain = true
        while let byte = next {
            switch byte {
            case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                isPlain = false
                at += 1
                continue
            default: break
            }
            break
        }
        if isShort, isPlain { return .number(Double(isNegative ? -whole : whole)) }
        guard at > start, let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else {
            throw problem("a value was expected")
        }
        return .number(value)
    }

    private mutating func string() throws(JSONProblem) -> String {
        at += 1
        let start = at
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { at += 1 }
        guard next != nil else { throw problem("a string does not end") }
        if next == UInt8(ascii: "\"") {
            defer { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        var text = Array(bytes[start..<at])
        while let byte = next {
            at += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else { text.append(byte); continue }
            try escape(into: &text)
        }
        throw problem("a string does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
        guard let kind = next else { throw problem("a string does not end") }
        at += 1
        switch kind {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "u"):
            let start = at - 2
            var scalar = UInt32(try hex())
            if scalar >= 0xD800, scalar < 0xDC00, skip("\\u") {
                let low = UInt32(try hex())
                scalar = low >= 0xDC00 && low < 0xE000 ? 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00) : 0xFFFD
                if scalar == 0xFFFD { try refuseHalf(start) }
            } else if Unicode.Scalar(scalar) == nil {
                try refuseHalf(start)
            }
            text += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default: throw problem("an escape that JSON does not have")
        }
    }

    private func refuseHalf(_ start: Int) throws(JSONProblem) {
        guard !repairs else { return }
        let escape = String(decoding: bytes[start..<start + 6], as: UTF8.self)
        throw JSONProblem(
            what: "\(escape) is half of a surrogate pair, and no character", offset: start - bytes.startIndex)
    }

    private mutating func hex() throws(JSONProblem) -> UInt16 {
        guard bytes.endIndex - at >= 4 else { throw problem("four hexadecimal digits were expected") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
                throw problem("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }
}
