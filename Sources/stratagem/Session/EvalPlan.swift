import Evaluation
import SearchCore
import StrategyHost

/// Every strategy at every budget, checked.
struct EvalPlan: Sendable {
    var cases: [EvalCase] = []
    /// One for each case.
    var strategies: [LoadedStrategy] = []
    var specs: [StrategySpec] = []

    init(strategies specs: [String], budgets: String, registry: PluginRegistry) throws(StratagemError) {
        var limits: [Limits] = []
        for text in budgets.split(separator: ",", omittingEmptySubsequences: false) {
            let limit = try Limits(parsing: String(text))
            guard !limits.contains(limit) else {
                throw StratagemError(.user, "bad_budget", "budget '\(budgets)': \(limit) is given twice. Name each once")
            }
            limits.append(limit)
        }
        for text in specs {
            let spec = try StrategySpec(parsing: text)
            let loaded = try registry.strategy(named: spec.name)
            let params = try loaded.check(parameters: spec.params)
            guard !specs.dropFirst((specs.firstIndex(of: text) ?? 0) + 1).contains(text) else {
                throw StratagemError(.user, "bad_strategy", "--strategy \(text) is given twice. Name each once")
            }
            for limit in limits {
                cases.append(EvalCase(spec: text, strategy: loaded.info.name, params: params, limits: limit, takesBatch: loaded.info.takesBatch))
                strategies.append(loaded)
                self.specs.append(spec)
            }
        }
    }

    /// What must be the same for an earlier run's results to hold: one word a case.
    func fingerprint(models: [String], seed: UInt64) -> [String] {
        zip(cases, strategies).map { one, loaded in
            var hash = StableHash()
            for part in [loaded.info.id, loaded.pluginHash, JSON(one.params).line, "\(one.limits)"] + models { hash.combine(part.utf8) }
            hash.combine(seed)
            return String(hash.value, radix: 16)
        }
    }
}
