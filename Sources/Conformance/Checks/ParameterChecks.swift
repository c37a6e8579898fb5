import CStratagem
import SearchCore

/// Parameters at work: whatever the table allows must be taken.
let parameterChecks: [Check] = [
    valueCheck("param-choices-taken", level: 4, proves: "Every choice of a parameter makes a search that ends.") {
        param in
        guard param.kind == STG_PARAM_CHOICE, let choices = param.choices, (1...1024).contains(param.choice_count)
        else { return [] }
        return (0..<param.choice_count).compactMap { text(choices[$0]).map { .text($0) } }
    },
    valueCheck("param-bools-taken", level: 4, proves: "Both values of a BOOL make a search that ends.") { param in
        param.kind == STG_PARAM_BOOL ? [.bool(true), .bool(false)] : []
    },
    valueCheck("param-minimum-taken", level: 4, proves: "The minimum of every number makes a search that ends.") {
        param in
        if param.kind == STG_PARAM_INT, param.min >= -9e18 { return [.int(Int64(param.min.rounded(.up)))] }
        return param.kind == STG_PARAM_FLOAT && param.min.isFinite ? [.float(param.min)] : []
    },
    valueCheck("param-maximum-taken", level: 4, proves: "The maximum of every number makes a search that ends.") {
        param in
        if param.kind == STG_PARAM_INT, param.max <= 9e18 { return [.int(Int64(param.max.rounded(.down)))] }
        return param.kind == STG_PARAM_FLOAT && param.max.isFinite ? [.float(param.max)] : []
    },
    valueCheck("param-texts-taken", level: 6, proves: "Any text, and any file, is accepted or refused with a message.")
    { param in
        switch param.kind {
        case STG_PARAM_TEXT: [.text(""), .text("naïve Ω 漢字"), .text(String(repeating: "long ", count: 20_000))]
        case STG_PARAM_FILE:
            [.bytes([]), .bytes([0, 255, 10, 195, 40]), .bytes(Array(repeating: 0x7B, count: 1 << 20))]
        default: []
        }
    },
    Check(
        "param-out-of-range", .parameters, level: 9, .warn,
        proves: "Values that the table forbids, which a host should never pass, do no harm.",
        clause: "stg_param: The host checks values against it before the plugin sees them"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            for param in strategy.params {
                guard let id = text(param.id) else { continue }
                for value in hostileValues(param) {
                    let record = context.searchOrRefusal(strategy, context.standard.with { $0.params[id] = value })
                    // A host ends a run that asks for what cannot be, as most that come of such values do.
                    let isEnded = record.violations.contains { CheckTable.named($0.check)?.group == .asks }
                    if case .endless(let why) = record.ending, !isEnded {
                        throw context.fail("a refusal or an end", "\(id) = \(value): \(why)", strategy)
                    }
                }
            }
        }
    },
]

private func hostileValues(_ param: stg_param) -> [ParameterValue] {
    switch param.kind {
    case STG_PARAM_INT: [.int(.max), .int(.min), .int(0), .int(-1)]
    case STG_PARAM_FLOAT: [.float(.nan), .float(.infinity), .float(-1), .float(1e300)]
    case STG_PARAM_BOOL: [.int(7)]
    case STG_PARAM_CHOICE: [.text("no such choice"), .text("")]
    default: []
    }
}

private func valueCheck(
    _ name: String, level: Int, proves: String, _ values: @escaping @Sendable (stg_param) -> [ParameterValue]
) -> Check {
    Check(
        name, .parameters, level: level, proves: proves,
        clause: "stg_param: The host checks values against it before the plugin sees them"
    ) { context throws(CheckStop) in
        var tried = 0
        for strategy in try context.strategies() {
            let plain = try context.requireClean(strategy)
            for param in strategy.params {
                guard let id = text(param.id) else { continue }
                for value in values(param) {
                    tried += 1
                    let situation = "\(id) = \(shown(value))"
                    let record = try context.expectEnd(
                        strategy, context.standard.with { $0.params[id] = value }, in: situation)
                    // A role may be a parameter, and the bundle lacks it then: a host refuses that beforehand.
                    try context.judgeAsks(record, besides: plain, strategy, in: situation, except: ["ask-role"])
                }
            }
        }
        if tried == 0 { throw .skip("no parameter is of that kind") }
    }
}

func shown(_ value: ParameterValue) -> String {
    switch value {
    case .text(let text): quoted(Array(text.utf8))
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    case .none: "none"
    }
}

extension CheckContext {
    /// Skips unless a search without anything amiss ends well: else nothing that is
    /// told of one with something amiss could be blamed on that.
    /// - Returns: that search.
    @discardableResult
    func requireClean(_ strategy: StrategyView) throws(CheckStop) -> SearchRecord {
        let record = try search(strategy, standard)
        guard case .done = record.ending else {
            throw .skip(
                "even an ordinary search does not end well (search-succeeds, search-ends): \(record.endingText)")
        }
        return record
    }

    /// The search must come to an end: DONE, or a status with a reason to it.
    @discardableResult
    func expectEnd(_ strategy: StrategyView, _ scenario: Scenario, in situation: String, rules: MemoryRules = .plain)
        throws(CheckStop) -> SearchRecord
    {
        let record = searchOrRefusal(strategy, scenario, rules: rules)
        switch record.ending {
        case .endless, .ignoredStop, .unreadable:
            throw fail("the search ends", "\(record.endingText) (\(situation))", strategy)
        case .done, .refused, .failed: return record
        }
    }
}
