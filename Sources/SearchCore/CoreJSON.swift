/// How core values are written in every report. docs/json.md is the contract.
extension JSON {
    public init(_ value: ParameterValue) {
        self =
            switch value {
            case .none: .null
            case .int(let number): .int(Int(number))
            case .float(let number): JSON(number)
            case .bool(let flag): .bool(flag)
            case .text(let text): .string(text)
            case .bytes(let bytes): .string("\(bytes.count) bytes")
            }
    }

    public init(_ params: [String: ParameterValue]) {
        self = .object(params.sorted { $0.key < $1.key }.map { Field($0.key, JSON($0.value)) })
    }

    /// What was read, to be written again.
    public init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .boolean(let flag): .bool(flag)
            case .number(let number): Int(exactly: number).map(JSON.int) ?? JSON(number)
            case .string(let text): .string(text)
            case .array(let items): .array(items.map { JSON($0) })
            case .object(let members): .object(members.map { Field($0.key, JSON($0.value)) })
            }
    }

    public init(_ cost: Cost) {
        self = [
            "generations": .int(cost.generations),
            "tokens": .int(cost.tokens),
            "prompt_tokens": .int(cost.promptTokens),
            "verifier_tokens": .int(cost.verifierTokens),
            "flops": JSON(cost.flops),
            "seconds": JSON(cost.seconds),
            "wasted_tokens": .int(cost.wastedTokens),
        ]
        guard cost.programCalls > 0 else { return }
        self = adding([
            Field("program_calls", .int(cost.programCalls)), Field("program_seconds", JSON(cost.programSeconds)),
        ])
    }

    public init(_ error: StratagemError) {
        self = [
            "origin": .string(error.origin.rawValue), "code": .string(error.code.rawValue),
            "message": .string(error.message),
        ]
    }

    public init(_ interval: ClosedRange<Double>) {
        self = .array([JSON(interval.lowerBound), JSON(interval.upperBound)])
    }

    /// The fields of `more` after those of `self`. Both must be objects.
    public func adding(_ more: [Field]) -> JSON {
        guard case .object(let fields) = self else { return self }
        return .object(fields + more)
    }
}
