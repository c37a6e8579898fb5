import SearchCore

/// Checks values against a strategy's parameter table before the plugin sees them.
enum ParameterCheck {
    /// The contents of a `file` parameter's file are kept in memory and passed to every instance.
    static let fileBytesMax = 64 << 20
    static let textBytesMax = 1 << 20

    /// Every parameter's value, from values typed as `name=text`.
    static func typed(_ given: [String: String], _ strategy: StrategyInfo, filesIn folder: String? = nil)
        throws(StratagemError) -> [String: ParameterValue]
    {
        var values: [String: ParameterValue] = [:]
        for (name, text) in given.sorted(by: { $0.key < $1.key }) {
            let info = try find(name, strategy, blame: .user)
            let isRelative = info.kind == .file && !text.hasPrefix("/")
            values[name] = try parse(isRelative ? (folder.map { $0 + "/" } ?? "") + text : text, info, strategy)
        }
        return try complete(values, strategy, blame: .user)
    }

    /// Every parameter's value, from the values that another strategy gave in a RUN ask.
    static func complete(
        _ given: [String: ParameterValue], _ strategy: StrategyInfo, blame: Origin
    ) throws(StratagemError) -> [String: ParameterValue] {
        var values: [String: ParameterValue] = [:]
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            let info = try find(name, strategy, blame: blame)
            let value = widened(value, info)
            if let complaint = complaint(value, info) {
                throw refusal(blame, "parameter \(name) of \(strategy.name) \(complaint)", info)
            }
            values[name] = value == .none ? info.fallback : value
        }
        for info in strategy.params where values[info.id] == nil { values[info.id] = info.fallback }
        return values
    }

    /// Checks one typed value.
    static func typed(_ name: String, _ text: String, _ strategy: StrategyInfo) throws(StratagemError) {
        let info = try find(name, strategy, blame: .user)
        let value = try parse(text, info, strategy)
        if let complaint = complaint(value, info) {
            throw refusal(.user, "parameter \(name) of \(strategy.name) \(complaint)", info)
        }
    }

    /// Refuses a run without a value that the user must give.
    static func requireAll(_ values: [String: ParameterValue], _ strategy: StrategyInfo, blame: Origin)
        throws(StratagemError)
    {
        guard let missing = strategy.missingParameter(values) else { return }
        let remedy =
            blame == .user ? "Give it with --param \(missing.id)=…, or in the bundle" : "The RUN ask has to give it"
        throw StratagemError(
            blame, .missingParameter,
            "\(strategy.name) needs a value for its parameter \(missing.id) (\(allowed(missing))\(missing.help.isEmpty ? "" : ": \(missing.help)")). \(remedy)"
        )
    }

    /// What is wrong with a value, in words that follow the parameter's name; nil if nothing is wrong.
    static func complaint(_ value: ParameterValue, _ info: ParameterInfo) -> String? {
        switch (info.kind, value) {
        case (_, .none): return nil
        case (.int, .int(let number)): return complaint(Double(number), shown: String(number), info)
        case (.float, .float(let number)):
            guard number.isFinite else { return "is \(number), not a finite number" }
            return complaint(number, shown: shown(number), info)
        case (.bool, .bool): return nil
        case (.choice, .text(let text)):
            if info.choices.contains(text) { return nil }
            return "is \"\(text)\"" + Nearest.suggestion(text, among: info.choices)
        case (.text, .text(let text)):
            return text.utf8.count <= textBytesMax
                ? nil : "has \(text.utf8.count) bytes of text; at most \(textBytesMax) are taken"
        case (.file, .bytes(let bytes)):
            return bytes.count <= fileBytesMax ? nil : "has \(bytes.count) bytes; at most \(fileBytesMax) are taken"
        default: return "is \(kindName(value)), not \(kindName(info.kind))"
        }
    }

    // MARK: - From text

    private static func parse(_ text: String, _ info: ParameterInfo, _ strategy: StrategyInfo) throws(StratagemError)
        -> ParameterValue
    {
        switch info.kind {
        case .int:
            if let number = Int64(text) { return .int(number) }
        case .float:
            if let number = Double(text) { return .float(number) }
        case .bool:
            if ["true", "yes", "on", "1"].contains(text) { return .bool(true) }
            if ["false", "no", "off", "0"].contains(text) { return .bool(false) }
        case .choice, .text: return .text(text)
        case .file: return .bytes(try read(text, info, strategy))
        }
        throw refusal(
            .user, "parameter \(info.id) of \(strategy.name) is \"\(text)\", not \(kindName(info.kind))", info)
    }

    private static func read(_ path: String, _ info: ParameterInfo, _ strategy: StrategyInfo) throws(StratagemError)
        -> [UInt8]
    {
        do { return try FileReading.regularFile(path, bytesMax: fileBytesMax) } catch {
            throw StratagemError(
                .user, .unreadableFile, "parameter \(info.id) of \(strategy.name): the file \(path) \(error.reason)")
        }
    }

    // MARK: - Helpers

    private static func find(_ name: String, _ strategy: StrategyInfo, blame: Origin) throws(StratagemError)
        -> ParameterInfo
    {
        if let info = strategy.params.first(where: { $0.id == name }) { return info }
        let names = strategy.params.map(\.id)
        let known = names.isEmpty ? "It has none." : "It has: \(names.joined(separator: ", "))."
        throw StratagemError(
            blame, .unknownParameter,
            "\(strategy.name) has no parameter \"\(name)\"\(Nearest.suggestion(name, among: names)). \(known)")
    }

    private static func refusal(_ blame: Origin, _ message: String, _ info: ParameterInfo) -> StratagemError {
        StratagemError(blame, .badParameter, "\(message). Allowed: \(allowed(info)).")
    }

    /// The values that a parameter accepts, for messages.
    static func allowed(_ info: ParameterInfo) -> String {
        switch info.kind {
        case .int, .float:
            let kind = info.kind == .int ? "a whole number" : "a number"
            switch (info.min, info.max) {
            case (let low?, let high?): return "\(kind) from \(shown(low)) to \(shown(high))"
            case (let low?, nil): return "\(kind) of at least \(shown(low))"
            case (nil, let high?): return "\(kind) of at most \(shown(high))"
            case (nil, nil): return kind
            }
        case .bool: return "true or false"
        case .choice: return info.choices.joined(separator: ", ")
        case .text: return "text"
        case .file: return "a file of at most \(fileBytesMax >> 20) MiB"
        }
    }

    /// A whole number is accepted where any number is expected.
    private static func widened(_ value: ParameterValue, _ info: ParameterInfo) -> ParameterValue {
        if info.kind == .float, case .int(let number) = value { return .float(Double(number)) }
        return value
    }

    private static func complaint(_ number: Double, shown: String, _ info: ParameterInfo) -> String? {
        if let low = info.min, number < low { return "is \(shown), less than \(Self.shown(low))" }
        if let high = info.max, number > high { return "is \(shown), more than \(Self.shown(high))" }
        return nil
    }

    /// "4", not "4.0".
    private static func shown(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? String(number)
    }

    private static func kindName(_ kind: ParameterInfo.Kind) -> String {
        switch kind {
        case .int: "a whole number"
        case .float: "a number"
        case .bool: "true or false"
        case .choice: "one of its choices"
        case .text: "text"
        case .file: "a file"
        }
    }

    private static func kindName(_ value: ParameterValue) -> String {
        switch value {
        case .none: "nothing"
        case .int: "a whole number"
        case .float: "a number"
        case .bool: "a truth value"
        case .text: "text"
        case .bytes: "bytes"
        }
    }
}
