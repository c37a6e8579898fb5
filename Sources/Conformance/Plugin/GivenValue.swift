import CStratagem

extension StrategyView {
    /// Why the strategy does not take this value, or nil.
    func wrong(_ given: stg_named_value) -> String? {
        guard let param = params.first(where: { text($0.id) == text(given.name) }) else {
            return "\(name) has no parameter \(quoted(given.name))"
        }
        let (value, id) = (given.value, text(given.name) ?? "?")
        switch (param.kind, value.kind) {
        case (_, STG_VALUE_NONE), (STG_PARAM_BOOL, STG_VALUE_BOOL), (STG_PARAM_TEXT, STG_VALUE_TEXT),
            (STG_PARAM_FILE, STG_VALUE_BYTES):
            return nil
        case (STG_PARAM_INT, STG_VALUE_INT):
            return Double(value.i) >= param.min && Double(value.i) <= param.max ? nil : "\(id) is \(value.i)"
        case (STG_PARAM_FLOAT, STG_VALUE_FLOAT):
            return value.f >= param.min && value.f <= param.max ? nil : "\(id) is \(value.f)"
        case (STG_PARAM_CHOICE, STG_VALUE_TEXT):
            guard let choices = param.choices, (1...1024).contains(param.choice_count) else { return nil }
            let isOne = (0..<param.choice_count).contains { text(choices[$0]) == text(value.s) }
            return isOne ? nil : "\(id) is \(quoted(value.s))"
        default: return "\(id) is a value of kind \(value.kind) for a parameter of kind \(param.kind)"
        }
    }
}
