import SearchCore

/// The argument of `--strategy`: `NAME`, or `NAME:key=value,key=value`. A value may contain commas if no `key=` follows
/// them.
public struct StrategySpec: Sendable, Equatable {
    public var name: String
    public var params: [String: String]
    /// The text as it was typed; reports use it as the row's name.
    public var text: String

    public init(parsing text: String) throws(StratagemError) {
        func refuse(_ why: String) -> StratagemError {
            StratagemError(
                .user, .badStrategy,
                "strategy '\(text)': \(why). Write NAME or NAME:key=value,key=value, such as beam-search:beam_width=4")
        }
        self.text = text
        // A path may contain a colon; the parameters begin after the last colon before the first "=".
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let isPath = parts.count == 1 && text.contains("/")
        guard !isPath, let colon = parts[0].lastIndex(of: ":") else {
            guard parts.count == 1 else { throw refuse("there is '=' but no ':' before the first parameter") }
            guard !text.isEmpty else { throw refuse("the name is empty") }
            name = text
            params = [:]
            return
        }
        name = String(text[..<colon])
        guard !name.isEmpty else { throw refuse("the name is empty") }
        params = [:]
        var last: String?
        for piece in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
            let pair = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, !pair[0].isEmpty {
                let key = String(pair[0])
                guard params.updateValue(String(pair[1]), forKey: key) == nil else {
                    throw refuse("\(key) is given twice")
                }
                last = key
            } else if let last, pair.count == 1 {
                params[last]? += ",\(piece)"
            } else {
                throw refuse("'\(piece)' is not key=value")
            }
        }
    }

    /// - Parameter pairs: of `--param key=value`, which adds to those in the text.
    public init(parsing text: String, params pairs: [String]) throws(StratagemError) {
        try self.init(parsing: text)
        for (key, value) in try Self.params(parsing: pairs) {
            guard params.updateValue(value, forKey: key) == nil else {
                throw StratagemError(.user, .badParam, "\(key) is given twice: by --strategy '\(text)' and by --param")
            }
        }
    }

    /// Reads `--param key=value`, given any number of times.
    public static func params(parsing pairs: [String]) throws(StratagemError) -> [String: String] {
        var params: [String: String] = [:]
        for text in pairs {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty else {
                throw StratagemError(
                    .user, .badParam, "--param '\(text)' is not key=value, such as --param beam_width=4")
            }
            guard params.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
                throw StratagemError(.user, .badParam, "--param \(pair[0]) is given twice")
            }
        }
        return params
    }
}
