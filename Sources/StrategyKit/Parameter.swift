/// One row of a strategy's parameter table: what people type, see and may set.
public struct ParameterRow: Sendable {
    public enum Fallback: Sendable {
        case int(Int)
        case float(Double)
        case bool(Bool)
        case text(String)
        /// The strategy computes the default; the text says how.
        case derived(String)
        /// Required: the user has to give a value.
        case required
    }

    public var id: String
    public var kind: stg_param_kind
    public var help: String
    public var fallback: Fallback
    public var min: Double
    public var max: Double
    public var choices: [String]

    init(
        _ id: String, _ kind: stg_param_kind, _ help: String, _ fallback: Fallback, min: Double = 0, max: Double = 0,
        choices: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.help = help
        self.fallback = fallback
        self.min = min
        self.max = max
        self.choices = choices
    }

    func allows(_ value: stg_value) -> Bool {
        switch kind {
        case STG_PARAM_INT: (min...max).contains(Double(value.i)) && Int(exactly: value.i) != nil
        case STG_PARAM_FLOAT: (min...max).contains(value.f)
        default: true
        }
    }
}

/// A parameter of any type, for the table.
public protocol AnyParameter: Sendable {
    var row: ParameterRow { get }
}

/// A typed parameter: declared once, listed in `StrategyInfo.parameters` and read
/// with `setup[parameter]`.
///
///     static let width = Parameter.int("beam_width", "M in the paper", derived: "floor of sqrt(N)", in: 1...4096)
///     …
///     let width = try setup[Self.width] ?? squareRoot(n)
public struct Parameter<Value>: AnyParameter {
    public let row: ParameterRow
    let decode: @Sendable (stg_value) throws -> Value
}

extension Parameter {
    private init(
        _ row: ParameterRow, kind: stg_value_kind, fallback: Value, _ read: @escaping @Sendable (stg_value) -> Value?
    )
    where Value: Sendable {
        self.row = row
        decode = { value in
            if value.kind == STG_VALUE_NONE { return fallback }
            guard value.kind == kind else {
                throw StrategyError(
                    "parameter \(row.id) came with a value of kind \(value.kind)", status: STG_INVALID_ARGUMENT)
            }
            // The host has checked the value. But a value from a faulty host must not cause a trap later.
            guard row.allows(value), let result = read(value) else {
                throw StrategyError(
                    "parameter \(row.id) came with a value outside its table", status: STG_INVALID_ARGUMENT)
            }
            return result
        }
    }
}

extension Parameter {
    /// A parameter that the user has to give. A host of ABI 1.0 does not check that.
    private init(required row: ParameterRow, kind: stg_value_kind, _ read: @escaping @Sendable (stg_value) -> Value?) {
        self.row = row
        decode = { value in
            guard value.kind != STG_VALUE_NONE else {
                throw StrategyError("a value for \(row.id) is needed: \(row.help)", status: STG_INVALID_ARGUMENT)
            }
            guard value.kind == kind, row.allows(value), let result = read(value) else {
                throw StrategyError(
                    "parameter \(row.id) came with a value outside its table", status: STG_INVALID_ARGUMENT)
            }
            return result
        }
    }
}

extension Parameter where Value == Int {
    /// A whole number that the user has to give.
    public static func requiredInt(_ id: String, _ help: String, in range: ClosedRange<Int>) -> Self {
        Self(
            required: ParameterRow(
                id, STG_PARAM_INT, help, .required, min: Double(range.lowerBound), max: Double(range.upperBound)),
            kind: STG_VALUE_INT
        ) { Int($0.i) }
    }

    public static func int(_ id: String, _ help: String, default value: Int, in range: ClosedRange<Int>) -> Self {
        Self(
            ParameterRow(
                id, STG_PARAM_INT, help, .int(value), min: Double(range.lowerBound), max: Double(range.upperBound)),
            kind: STG_VALUE_INT, fallback: value
        ) { Int($0.i) }
    }
}

extension Parameter where Value == Int? {
    /// A whole number that the strategy computes if the user does not give one.
    public static func int(_ id: String, _ help: String, derived: String, in range: ClosedRange<Int>) -> Self {
        Self(
            ParameterRow(
                id, STG_PARAM_INT, help, .derived(derived), min: Double(range.lowerBound), max: Double(range.upperBound)
            ),
            kind: STG_VALUE_INT, fallback: nil
        ) { Int($0.i) }
    }
}

extension Parameter where Value == Double {
    /// A number that the user has to give.
    public static func requiredFloat(_ id: String, _ help: String, in range: ClosedRange<Double>) -> Self {
        Self(
            required: ParameterRow(id, STG_PARAM_FLOAT, help, .required, min: range.lowerBound, max: range.upperBound),
            kind: STG_VALUE_FLOAT
        ) { $0.f }
    }

    public static func float(_ id: String, _ help: String, default value: Double, in range: ClosedRange<Double>) -> Self
    {
        Self(
            ParameterRow(id, STG_PARAM_FLOAT, help, .float(value), min: range.lowerBound, max: range.upperBound),
            kind: STG_VALUE_FLOAT, fallback: value
        ) { $0.f }
    }
}

extension Parameter where Value == Bool {
    public static func bool(_ id: String, _ help: String, default value: Bool) -> Self {
        Self(ParameterRow(id, STG_PARAM_BOOL, help, .bool(value)), kind: STG_VALUE_BOOL, fallback: value) { $0.i != 0 }
    }
}

extension Parameter where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of an enum's cases, typed by its raw value.
    public static func choice(_ id: String, _ help: String, default value: Value) -> Self {
        Self(
            ParameterRow(id, STG_PARAM_CHOICE, help, .text(value.rawValue), choices: Value.allCases.map(\.rawValue)),
            kind: STG_VALUE_TEXT, fallback: value
        ) { Value(rawValue: String(Text($0.s))) }
    }
}

extension Parameter where Value == String {
    /// A text that the user has to give.
    public static func requiredText(_ id: String, _ help: String) -> Self {
        Self(required: ParameterRow(id, STG_PARAM_TEXT, help, .required), kind: STG_VALUE_TEXT) { String(Text($0.s)) }
    }

    public static func text(_ id: String, _ help: String, default value: String) -> Self {
        Self(ParameterRow(id, STG_PARAM_TEXT, help, .text(value)), kind: STG_VALUE_TEXT, fallback: value) {
            String(Text($0.s))
        }
    }
}

extension Parameter where Value == String? {
    /// A text that the strategy computes if the user does not give one.
    public static func text(_ id: String, _ help: String, derived: String) -> Self {
        Self(ParameterRow(id, STG_PARAM_TEXT, help, .derived(derived)), kind: STG_VALUE_TEXT, fallback: nil) {
            String(Text($0.s))
        }
    }
}

extension Parameter where Value == Double? {
    /// A number that the strategy computes if the user does not give one.
    public static func float(_ id: String, _ help: String, derived: String, in range: ClosedRange<Double>) -> Self {
        Self(
            ParameterRow(id, STG_PARAM_FLOAT, help, .derived(derived), min: range.lowerBound, max: range.upperBound),
            kind: STG_VALUE_FLOAT, fallback: nil
        ) { $0.f }
    }
}

extension Parameter where Value == [UInt8] {
    /// The bytes of a file that the user has to name; the host reads it.
    public static func requiredFile(_ id: String, _ help: String) -> Self {
        Self(required: ParameterRow(id, STG_PARAM_FILE, help, .required), kind: STG_VALUE_BYTES) {
            Array(Text($0.s).bytes)
        }
    }
}

extension Parameter where Value == [UInt8]? {
    /// The bytes of a file that the user names; the host reads it.
    public static func file(_ id: String, _ help: String, derived: String) -> Self {
        Self(ParameterRow(id, STG_PARAM_FILE, help, .derived(derived)), kind: STG_VALUE_BYTES, fallback: nil) {
            Array(Text($0.s).bytes)
        }
    }
}
