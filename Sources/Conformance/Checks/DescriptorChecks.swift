import CStratagem

/// What the plugin and its strategies say of themselves.
let descriptorChecks: [Check] = [
    Check(
        "plugin-name", .descriptor, level: 1, proves: "The plugin's name is [a-z0-9-]+.",
        clause: "stg_plugin.name: [a-z0-9-]+"
    ) { context throws(CheckStop) in
        let name = try context.view().block.pointee.name
        if !(text(name).map(NameRules.isShortName) ?? false) {
            throw context.fail("a name of [a-z0-9-]+", quoted(name))
        }
    },
    Check(
        "plugin-version", .descriptor, level: 1, proves: "The plugin's version is semantic.",
        clause: "stg_plugin.version: semantic"
    ) { context throws(CheckStop) in
        let version = try context.view().block.pointee.version
        if !(text(version).map(NameRules.isVersion) ?? false) {
            throw context.fail("a version like \"1.0.0\"", quoted(version))
        }
    },
    Check(
        "plugin-offers", .descriptor, level: 1,
        proves: "The plugin offers a strategy or a function, each at its pointer.",
        clause: "stg_plugin.strategies, functions"
    ) { context throws(CheckStop) in
        let block = try context.view().block.pointee
        let limit = 0...PluginView.entriesMax
        guard limit.contains(block.strategy_count), limit.contains(block.function_count) else {
            throw context.fail(
                "counts of at most \(PluginView.entriesMax)",
                "\(UInt(bitPattern: block.strategy_count)) strategies and \(UInt(bitPattern: block.function_count)) functions"
            )
        }
        if block.strategy_count + block.function_count == 0 {
            throw context.fail("at least one strategy or function", "there is none")
        }
        if block.strategy_count > 0, block.strategies == nil {
            throw context.fail("an array of strategies", "strategies is NULL")
        }
        if block.function_count > 0, block.functions == nil {
            throw context.fail("an array of functions", "functions is NULL")
        }
        let view = try context.view()
        if view.strategies.count < block.strategy_count || view.functions.count < block.function_count {
            throw context.fail("every entry points to a descriptor", "an entry is NULL")
        }
    },
    strategyCheck(
        "strategy-sizes", level: 1, proves: "Every strategy's descriptor gives its size, and is large enough for 1.0.",
        clause: "Struct sizes"
    ) { strategy in
        let size = Int(strategy.raw.pointee.struct_size), needed = StrategyView.size1_0
        return size >= needed && size <= 65536
            ? nil : ("struct_size is sizeof(stg_strategy), \(needed)", "it is \(size)")
    },
    strategyCheck(
        "strategy-calls", level: 1,
        proves: "Every strategy has create, next and destroy, and both or none of save and restore.",
        clause: "save, restore: Optional (both or none; else NULL)"
    ) { strategy in
        let raw = strategy.raw.pointee
        let missing = [("create", raw.create == nil), ("next", raw.next == nil), ("destroy", raw.destroy == nil)]
            .filter(\.1).map(\.0)
        if !missing.isEmpty {
            return ("create, next and destroy are there", "NULL for \(missing.joined(separator: ", "))")
        }
        return (raw.save == nil) == (raw.restore == nil)
            ? nil : ("both save and restore, or neither", "one of them is NULL")
    },
    strategyCheck(
        "strategy-name", level: 1, proves: "Every strategy's short name is [a-z0-9-]+.",
        clause: "stg_strategy.name: [a-z0-9-]+"
    ) { strategy in
        let name = strategy.raw.pointee.name
        return text(name).map(NameRules.isShortName) ?? false ? nil : ("a name of [a-z0-9-]+", quoted(name))
    },
    strategyCheck(
        "strategy-id", level: 1, proves: "Every strategy's id is a reverse URI.",
        clause: "stg_strategy.id: reverse-URI, for ever"
    ) { strategy in
        let id = strategy.raw.pointee.id
        return text(id).map(NameRules.isReverseURI) ?? false ? nil : ("an id like \"org.example.beam\"", quoted(id))
    },
    strategyCheck(
        "strategy-version", level: 1, proves: "Every strategy's version is semantic.",
        clause: "stg_strategy.version: semantic"
    ) { strategy in
        let version = strategy.raw.pointee.version
        return text(version).map(NameRules.isVersion) ?? false ? nil : ("a version like \"1.0.0\"", quoted(version))
    },
    strategyCheck(
        "strategy-summary", level: 2, proves: "Every strategy's summary is one line of UTF-8.",
        clause: "stg_strategy.summary: UTF-8, one line"
    ) { strategy in
        NameRules.complaint(line: strategy.raw.pointee.summary).map { ("one line of UTF-8", $0) }
    },
    strategyCheck(
        "strategy-flags", level: 2, proves: "No strategy sets a flag that 1.0 does not have.",
        clause: "stg_strategy.flags: STG_STRATEGY_…"
    ) { strategy in
        let unknown = strategy.raw.pointee.flags & ~STG_STRATEGY_BATCH
        return unknown == 0 ? nil : ("no flag but STG_STRATEGY_BATCH", "0x\(String(unknown, radix: 16)) is set too")
    },
    strategyCheck(
        "strategy-roles", level: 2,
        proves:
            "Every role has a name, or a parameter of the strategy that names it, and no flag that 1.1 does not have.",
        clause:
            "stg_role: Empty where param names it; the id of a TEXT or CHOICE parameter; the id of a CHOICE or BOOL parameter"
    ) { strategy in
        complaint(aboutRolesOf: strategy)
    },
    Check(
        "strategies-distinct", .descriptor, level: 2, proves: "No two strategies share a name or an id.",
        clause: "stg_strategy.name: what people type"
    ) { context throws(CheckStop) in
        var names: Set<String> = []
        for strategy in try context.view().strategies {
            for name in [strategy.name, text(strategy.raw.pointee.id) ?? "?"] where !names.insert(name).inserted {
                throw context.fail("names and ids that differ", "\"\(name)\" is there twice", strategy)
            }
        }
    },
    strategyCheck(
        "strategy-described", level: 3, .warn,
        proves:
            "Every strategy has a summary and every parameter a help text, and a computed default says how it is computed.",
        clause: "stg_strategy.summary; stg_param.help; fallback_text"
    ) { strategy in
        if strategy.raw.pointee.summary.size == 0 { return ("a summary for people", "it is empty") }
        for param in strategy.params {
            if param.help.size == 0 {
                return ("a help text for every parameter", "parameter \(quoted(param.id)) has none")
            }
            if param.fallback.kind == STG_VALUE_NONE, param.fallback_text.size == 0, param.kind != STG_PARAM_FILE,
                param.flags & STG_PARAM_REQUIRED == 0
            {
                return ("fallback_text where there is no fixed default", "parameter \(quoted(param.id)) has neither")
            }
        }
        return nil
    },
]

/// A check of each strategy's descriptor alone.
func strategyCheck(
    _ name: String, _ group: Check.Group = .descriptor, level: Int, _ severity: Check.Severity = .fail, proves: String,
    clause: String,
    _ judge: @escaping @Sendable (StrategyView) -> (String, String)?
) -> Check {
    Check(name, group, level: level, severity, proves: proves, clause: clause) { context throws(CheckStop) in
        let strategies = try context.view().strategies
        if strategies.isEmpty { throw .skip("it offers no strategy") }
        for strategy in strategies {
            if let (expected, happened) = judge(strategy) { throw context.fail(expected, happened, strategy) }
        }
    }
}

private func complaint(aboutRolesOf strategy: StrategyView) -> (String, String)? {
    guard strategy.saysRoles else { return nil }
    let raw = strategy.raw.pointee
    guard (0...256).contains(raw.role_count) else {
        return ("at most 256 roles", "role_count is \(UInt(bitPattern: raw.role_count))")
    }
    if raw.role_count > 0, raw.roles == nil { return ("a table of \(raw.role_count) roles", "roles is NULL") }
    let roles = strategy.roles, size = MemoryLayout<stg_role>.size
    guard roles.count == raw.role_count, roles.allSatisfy({ $0.struct_size == roles[0].struct_size }) else {
        return (
            "roles of one struct_size, sizeof(stg_role), \(size)",
            "it is \(raw.roles?.pointee.struct_size ?? 0), or differs"
        )
    }
    let kinds = Dictionary(strategy.params.map { (text($0.id) ?? "?", $0.kind) }) { first, _ in first }
    for role in roles {
        if role.flags & ~(STG_ROLE_VERIFIER | STG_ROLE_OPTIONAL) != 0 {
            return ("no flag but VERIFIER and OPTIONAL", "0x\(String(role.flags, radix: 16))")
        }
        if let bad = NameRules.complaint(line: role.name) ?? NameRules.complaint(line: role.help) {
            return ("one line of UTF-8", bad)
        }
        if (role.name.size > 0) == (role.param.size > 0) {
            return ("a name, or a parameter that names it", "it has both or neither")
        }
        if role.param.size > 0, ![STG_PARAM_TEXT, STG_PARAM_CHOICE].contains(kinds[text(role.param) ?? ""] ?? 0) {
            return ("param is the id of a TEXT or CHOICE parameter", quoted(role.param))
        }
        if role.unless_param.size > 0,
            ![STG_PARAM_BOOL, STG_PARAM_CHOICE].contains(kinds[text(role.unless_param) ?? ""] ?? 0)
        {
            return ("unless_param is the id of a CHOICE or BOOL parameter", quoted(role.unless_param))
        }
        if let wrong = neverHas(role.unless_value, strategy, role.unless_param) {
            return ("unless_value is a value that unless_param can have", wrong)
        }
    }
    return nil
}

/// The text in quotes, if the parameter can never have that value.
private func neverHas(_ value: stg_str, _ strategy: StrategyView, _ id: stg_str) -> String? {
    guard id.size > 0, let param = strategy.params.first(where: { text($0.id) == text(id) }) else { return nil }
    var allowed = ["true", "false"]
    if param.kind == STG_PARAM_CHOICE, let choices = param.choices, (1...1024).contains(param.choice_count) {
        allowed = (0..<param.choice_count).compactMap { text(choices[$0]) }
    }
    return text(value).map(allowed.contains) == true ? nil : quoted(value)
}
