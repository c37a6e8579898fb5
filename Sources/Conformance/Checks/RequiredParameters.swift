import CStratagem
import SearchCore

/// What has no default, and is given by nobody: something that makes an instance is found for it.
let requiredParameterChecks: [Check] = [
    Check(
        RequiredParameters.check, .parameters, level: 2, .warn,
        proves: "For each parameter that must be given, a plausible value makes an instance, or the user gives one.",
        clause: "STG_PARAM_REQUIRED: the user has to give it: there is no default"
    ) { context throws(CheckStop) in
        let strategies = try context.view().strategies.filter(\.isUsable)
        if strategies.isEmpty { throw .skip("it offers no strategy that can be run") }
        var found: [String: String] = [:]
        var untested: CheckStop?
        for strategy in strategies {
            let missing = RequiredParameters.missing(strategy, context.settings)
            if missing.isEmpty { continue }
            if let values = RequiredParameters.values(strategy, missing, context, found) {
                found.merge(values) { first, _ in first }
            } else {
                let ids = missing.map { text($0.id) ?? "?" }
                untested =
                    untested
                    ?? context.warn(
                        "an instance with one of the usual values for \(ids.joined(separator: " and "))",
                        "create refuses all that the kit tried: nothing else of \(strategy.name) is tested. Give a value with "
                            + ids.map { "--param \($0)=…" }.joined(separator: " "), strategy)
            }
        }
        context.carries = RequiredParameters.encoded(found)
        if let untested { throw untested }
    }
]

enum RequiredParameters {
    static let check = "param-required"

    static func missing(_ strategy: StrategyView, _ settings: SearchSettings) -> [stg_param] {
        strategy.params.filter {
            $0.flags & STG_PARAM_REQUIRED != 0 && settings.params[text($0.id) ?? ""] == nil
        }
    }

    /// The first values, of what people give such parameters, with which there is an instance.
    static func values(
        _ strategy: StrategyView, _ missing: [stg_param], _ context: CheckContext, _ known: [String: String]
    ) -> [String: String]? {
        var sets: [[String: String]] = [[:]]
        for param in missing {
            guard let id = text(param.id) else { return nil }
            let tried = known[id].map { [$0] } ?? usual(param)
            sets = Array(sets.flatMap { set in tried.map { set.merging([id: $0]) { _, new in new } } }.prefix(400))
        }
        return sets.first { set in
            let session = PluginSession(
                strategy, world: World(context.standard.with { $0.settings.guessed = set }))
            defer { session.abandon() }
            return session.create() == STG_OK
        }
    }

    private static func usual(_ param: stg_param) -> [String] {
        switch param.kind {
        case STG_PARAM_TEXT:
            return ["majority", "policy", "prm", "word", "1", "0.5", "a,b", "[]", "{}", "#### ", "\\d+"]
        case STG_PARAM_FILE: return ["word\n", "{}", "[]", "1\n", "", "a,b\n1,2\n", "[a]\nb = 1\n"]
        case STG_PARAM_BOOL: return ["true", "false"]
        case STG_PARAM_CHOICE:
            return edgeValues(param).compactMap { if case .text(let text) = $0 { text } else { nil } }
        case STG_PARAM_INT:
            return ([4, 1] + [param.min, param.max].filter { abs($0) < 9e18 }).map {
                "\(Int64(min(max($0, param.min.rounded(.up)), param.max.rounded(.down)).clamped))"
            }
        case STG_PARAM_FLOAT:
            return ([0.5, 1] + [param.min, param.max].filter(\.isFinite)).map {
                "\(min(max($0, param.min), param.max))"
            }
        default: return []
        }
    }

    static func encoded(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=" + $0.value.utf8.map { "\($0)" }.joined(separator: ",") }
            .joined(separator: " ")
    }

    static func decoded(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: " ") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = String(
                decoding: parts[1].split(separator: ",").compactMap { UInt8($0) }, as: UTF8.self)
        }
        return values
    }
}

extension Double {
    /// Within what Int64 holds.
    fileprivate var clamped: Double { Swift.min(Swift.max(self, -9e18), 9e18) }
}
