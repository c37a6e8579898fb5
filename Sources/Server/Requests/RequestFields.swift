import SearchCore

/// The fields of a request's body: each is read once, and what nobody has read at the end
/// is refused. So nothing that a client asks for is ignored.
struct RequestFields {
    private var members: [String: JSONValue] = [:]
    /// The field above these, for messages.
    private var path = ""

    init(_ bytes: [UInt8]) throws(Refusal) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .request("invalid_utf8", "the body is not UTF-8 text")
        }
        let value: JSONValue
        do throws(JSONProblem) { value = try JSONParser.parse(bytes[...], repairs: false) } catch {
            let field = error.path.isEmpty ? nil : Plain.name(error.path)
            let place = field.map { "'\($0)', " } ?? ""
            throw .request(
                "invalid_json", "the body is no JSON: \(error.what), at \(place)byte \(error.offset)", param: field)
        }
        try self.init(value, path: "")
    }

    private init(_ value: JSONValue, path: String) throws(Refusal) {
        self.path = path
        guard case .object(let all) = value else {
            throw .request(
                "invalid_type", "\(path.isEmpty ? "the body" : "'\(path)'") has to be an object",
                param: path.isEmpty ? nil : path)
        }
        for member in all where member.value != .null || !path.isEmpty {
            guard members.updateValue(member.value, forKey: member.key) == nil else {
                throw .request("given_twice", "'\(name(member.key))' is there twice", param: name(member.key))
            }
        }
    }

    private func name(_ key: String) -> String { path.isEmpty ? Plain.name(key) : "\(path).\(Plain.name(key))" }

    private func wrong(_ key: String, _ expected: String) -> Refusal {
        .request("invalid_type", "'\(name(key))' has to be \(expected)", param: name(key))
    }

    mutating func take(_ key: String) -> JSONValue? { members.removeValue(forKey: key) }

    mutating func string(_ key: String) throws(Refusal) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw wrong(key, "a string") }
        return text
    }

    mutating func bool(_ key: String) throws(Refusal) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let flag = value.bool else { throw wrong(key, "true or false") }
        return flag
    }

    mutating func int(_ key: String) throws(Refusal) -> Int? {
        guard let value = take(key) else { return nil }
        guard let number = value.int else { throw wrong(key, "a whole number") }
        return number
    }

    mutating func number(_ key: String) throws(Refusal) -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = value.double, number.isFinite else { throw wrong(key, "a number") }
        return number
    }

    mutating func array(_ key: String) throws(Refusal) -> [JSONValue]? {
        guard let value = take(key) else { return nil }
        guard let items = value.array else { throw wrong(key, "an array") }
        return items
    }

    mutating func fields(_ key: String) throws(Refusal) -> RequestFields? {
        guard let value = take(key) else { return nil }
        return try RequestFields(value, path: name(key))
    }

    /// A number; above what JSON's readers hold exactly, a string, as results spell it.
    mutating func seed() throws(Refusal) -> UInt64? {
        guard let value = take("seed") else { return nil }
        if let text = value.string, let seed = UInt64(text) { return seed }
        guard let number = value.double, number >= 0, number <= 0x1p53, let seed = UInt64(exactly: number) else {
            throw wrong("seed", "a whole number from 0 to 2^53, or such a number up to 2^64 - 1 as a string")
        }
        return seed
    }

    /// As they would be typed after `--param`.
    mutating func parameters(_ key: String) throws(Refusal) -> [String: String] {
        guard let inner = try fields(key) else { return [:] }
        var typed: [String: String] = [:]
        for (id, value) in inner.members {
            switch value {
            case .string(let text): typed[id] = text
            case .boolean(let flag): typed[id] = flag ? "true" : "false"
            case .number(let number) where number.isFinite:
                typed[id] = Int(exactly: number).map(String.init) ?? "\(number)"
            default:
                throw Refusal.request(
                    "invalid_type", "'\(inner.name(id))' has to be a string, a number, true or false",
                    param: inner.name(id))
            }
        }
        return typed
    }

    /// Refuses a field that asks for what no search can do, unless its value asks for nothing.
    mutating func refuse(_ key: String, unless harmless: (JSONValue) -> Bool = { _ in false }, because why: String)
        throws(Refusal)
    {
        guard let value = take(key), !harmless(value) else { return }
        throw .request("unsupported_parameter", "'\(name(key))' is not supported: \(why)", param: name(key))
    }

    /// Refuses what nobody has read.
    func finish(known: [String] = []) throws(Refusal) {
        guard let key = members.keys.min() else { return }
        throw .request(
            "unknown_parameter", "there is no field '\(name(key))'\(Nearest.suggestion(key, among: known))",
            param: name(key))
    }
}
