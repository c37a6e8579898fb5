import CStratagem

/// The table of parameters, by itself.
let parameterTableChecks: [Check] = [
    strategyCheck(
        "param-table", .parameters, level: 1,
        proves: "The table of parameters is at its pointer, and its rows are large enough for 1.0.",
        clause: "Struct sizes; stg_strategy.params, param_count"
    ) { strategy in
        let raw = strategy.raw.pointee
        guard (0...1024).contains(raw.param_count) else {
            return ("at most 1024 parameters", "param_count is \(UInt(bitPattern: raw.param_count))")
        }
        guard raw.param_count > 0 else { return nil }
        guard let first = raw.params else { return ("a table of \(raw.param_count) parameters", "params is NULL") }
        let size = Int(first.pointee.struct_size), needed = StrategyView.paramSize1_0
        guard size >= needed, size <= 4096, size % 8 == 0 else {
            return ("stg_param.struct_size is sizeof(stg_param), \(needed)", "it is \(size)")
        }
        let others = strategy.params.filter { Int($0.struct_size) != size }
        return others.isEmpty
            ? nil : ("all rows have the same struct_size", "some have \(size), some \(others[0].struct_size)")
    },
    rowCheck(
        "param-ids", level: 2, proves: "Every parameter's id is [a-z][a-z0-9_]*.",
        clause: "stg_param.id: [a-z][a-z0-9_]*"
    ) { param in
        text(param.id).map(NameRules.isIdentifier) ?? false ? nil : ("an id of [a-z][a-z0-9_]*", quoted(param.id))
    },
    strategyCheck(
        "param-ids-distinct", .parameters, level: 2, proves: "No two parameters of a strategy share an id.",
        clause: "stg_param.id: what people type"
    ) { strategy in
        var ids: Set<String> = []
        let twice = strategy.params.compactMap { text($0.id) }.first { !ids.insert($0).inserted }
        return twice.map { ("ids that differ", "\"\($0)\" is there twice") }
    },
    rowCheck("param-kinds", level: 2, proves: "Every parameter is of a kind that 1.0 has.", clause: "stg_param_kind") {
        param in
        (1...6).contains(param.kind)
            ? nil
            : ("a kind from STG_PARAM_INT (1) to STG_PARAM_FILE (6)", "\(quoted(param.id)) is of kind \(param.kind)")
    },
    rowCheck(
        "param-flags", level: 2,
        proves:
            "No parameter has a flag or reserved bits that 1.1 does not have, and no required one has a default.",
        clause: "stg_param.flags: Of a REQUIRED one fallback is NONE"
    ) { param in
        if param.flags & ~STG_PARAM_REQUIRED != 0 || param.reserved != 0 || param.fallback.reserved != 0 {
            return (
                "no flag but STG_PARAM_REQUIRED, and reserved fields of 0",
                "\(quoted(param.id)) has flags 0x\(String(param.flags, radix: 16)), reserved \(param.reserved), fallback.reserved \(param.fallback.reserved)"
            )
        }
        let hasDefault = param.fallback.kind != STG_VALUE_NONE || param.fallback_text.size > 0
        return param.flags != 0 && hasDefault
            ? ("a required parameter without a default", "\(quoted(param.id)) has one") : nil
    },
    rowCheck(
        "param-texts", level: 2, proves: "Help texts are one line of UTF-8 each.",
        clause: "stg_param.help: UTF-8: one line"
    ) { param in
        (NameRules.complaint(line: param.help) ?? NameRules.complaint(line: param.fallback_text)).map {
            ("one line of UTF-8", $0)
        }
    },
    rowCheck(
        "param-ranges", level: 2, proves: "The range of every number is not empty.",
        clause: "stg_param.min, max: INT, FLOAT: inclusive"
    ) { param in
        guard param.kind == STG_PARAM_INT || param.kind == STG_PARAM_FLOAT else { return nil }
        return param.min <= param.max
            ? nil : ("min <= max", "\(quoted(param.id)) goes from \(param.min) to \(param.max)")
    },
    rowCheck(
        "param-choices", level: 2, proves: "Every CHOICE has choices, all different and UTF-8.",
        clause: "stg_param.choices: CHOICE"
    ) { param in
        guard param.kind == STG_PARAM_CHOICE else { return nil }
        guard let choices = param.choices, (1...1024).contains(param.choice_count) else {
            return (
                "1 to 1024 choices",
                "\(quoted(param.id)) has \(UInt(bitPattern: param.choice_count)) at \(param.choices == nil ? "NULL" : "a pointer")"
            )
        }
        var seen: Set<String> = []
        for index in 0..<param.choice_count {
            guard let choice = text(choices[index]), !choice.isEmpty else {
                return ("choices of UTF-8", quoted(choices[index]))
            }
            if !seen.insert(choice).inserted { return ("choices that differ", "\"\(choice)\" is there twice") }
        }
        return nil
    },
    rowCheck(
        "param-defaults", level: 2, proves: "Every default is a value that its own parameter allows, or none.",
        clause: "stg_param.fallback: the default"
    ) { param in complaint(param).map { ("a default that the parameter allows", "\(quoted(param.id)) \($0)") } },
]

private func rowCheck(
    _ name: String, level: Int, proves: String, clause: String,
    _ judge: @escaping @Sendable (stg_param) -> (String, String)?
) -> Check {
    strategyCheck(name, .parameters, level: level, proves: proves, clause: clause) { strategy in
        for param in strategy.params {
            if let found = judge(param) { return found }
        }
        return nil
    }
}

/// What is wrong with a default. A wrong range or choice is another check's subject.
private func complaint(_ param: stg_param) -> String? {
    let value = param.fallback
    if value.kind == STG_VALUE_NONE { return nil }
    let wanted: [Int32: Int32] = [
        STG_PARAM_INT: STG_VALUE_INT, STG_PARAM_FLOAT: STG_VALUE_FLOAT, STG_PARAM_BOOL: STG_VALUE_BOOL,
        STG_PARAM_CHOICE: STG_VALUE_TEXT,
        STG_PARAM_TEXT: STG_VALUE_TEXT, STG_PARAM_FILE: STG_VALUE_BYTES,
    ]
    guard let kind = wanted[param.kind] else { return nil }
    if value.kind != kind { return "has a default of value kind \(value.kind), not \(kind)" }
    switch param.kind {
    case STG_PARAM_INT where param.min <= param.max:
        return Double(value.i) < param.min || Double(value.i) > param.max
            ? "has the default \(value.i), outside \(param.min) to \(param.max)" : nil
    case STG_PARAM_FLOAT where param.min <= param.max:
        return !(value.f.isFinite && value.f >= param.min && value.f <= param.max)
            ? "has the default \(value.f), outside \(param.min) to \(param.max)" : nil
    case STG_PARAM_BOOL: return value.i == 0 || value.i == 1 ? nil : "has the default \(value.i) for a truth value"
    case STG_PARAM_CHOICE:
        guard let choices = param.choices, (1...1024).contains(param.choice_count) else { return nil }
        let wanted = text(value.s)
        return (0..<param.choice_count).contains { text(choices[$0]) == wanted }
            ? nil : "has the default \(quoted(value.s)), which is not one of the choices"
    case STG_PARAM_TEXT: return text(value.s) == nil ? "has a default that is not UTF-8" : nil
    default: return nil
    }
}
