/// Writes one JSON object, flat but for the turns of a conversation: the body of a request.
struct JSONWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// The object, closed.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    mutating func add(_ key: String, _ value: Bool) { begin(key); bytes += (value ? "true" : "false").utf8 }
    mutating func add(_ key: String, _ value: Int) { begin(key); bytes += String(value).utf8 }
    /// - Parameter value: finite.
    mutating func add(_ key: String, _ value: Double) { begin(key); bytes += "\(value)".utf8 }
    mutating func add(_ key: String, _ value: String) { begin(key); write(Array(value.utf8)) }
    /// Bytes that are not UTF-8 become U+FFFD, because JSON cannot contain them.
    mutating func add(_ key: String, bytes value: [UInt8]) {
        begin(key)
        write(Array(String(decoding: value, as: UTF8.self).utf8))
    }

    mutating func add(_ key: String, _ values: [String]) {
        begin(key)
        list(values) { writer, value in writer.write(Array(value.utf8)) }
    }

    mutating func add(_ key: String, _ values: [Int32]) {
        begin(key)
        bytes.reserveCapacity(bytes.count + 6 * values.count)
        list(values) { writer, value in writer.bytes += String(value).utf8 }
    }

    /// Adds OpenAI's `messages` with a single one, the user's.
    mutating func addMessage(ofUser text: [UInt8]) { addMessages([("user", text)]) }

    /// Adds OpenAI's `messages`.
    mutating func addMessages(_ turns: [(role: String, text: [UInt8])]) {
        begin("messages")
        list(turns) { writer, turn in
            var message = JSONWriter()
            message.add("role", turn.role)
            message.add("content", bytes: turn.text)
            writer.bytes += message.finish()
        }
    }

    /// Adds a value that is JSON already.
    mutating func add(_ key: String, json: String) { begin(key); bytes += json.utf8 }

    private mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        write(Array(key.utf8))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func list<Value>(_ values: [Value], _ one: (inout JSONWriter, Value) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            one(&self, value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ text: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes += (byte < 16 ? "0" : "").utf8
                bytes += String(byte, radix: 16).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
