import Evaluation
import LanguageModels
import SearchCore
import SearchRuntime
import StrategyHost

/// Every strategy at every budget, checked.
struct EvalPlan: Sendable {
    var cases: [EvalCase] = []
    /// One for each case.
    var strategies: [LoadedStrategy] = []
    var specs: [StrategySpec] = []

    init(strategies specs: [String], budgets: String, seed: UInt64, registry: PluginRegistry) throws(StratagemError) {
        let typed = budgets.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let limits = try Self.limits(typed, budgets)
        for text in specs {
            let spec = try StrategySpec(parsing: text)
            guard !specs.dropFirst((specs.firstIndex(of: text) ?? 0) + 1).contains(text) else {
                throw StratagemError(.user, "bad_strategy", "--strategy \(text) is given twice. Name each once")
            }
            try add(spec, limits, seeds: [seed], registry, namesSeeds: false)
        }
    }

    /// - Parameter confirm: asked if the grid is large, with its number of cells; throws to refuse.
    init(grid: GridFile, registry: PluginRegistry, confirm: (Int) throws(StratagemError) -> Void) throws(StratagemError) {
        if grid.count > GridFile.cellsAsked { try confirm(grid.count) }
        let namesSeeds = Set(grid.lines.flatMap(\.seeds)).count > 1
        for line in grid.lines {
            let limits = try Self.limits(line.budgets, line.budgets.joined(separator: ","))
            for params in line.choices {
                let typed = params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                var spec = try StrategySpec(parsing: line.strategy)
                spec.params = params
                spec.text = line.strategy + (typed.isEmpty ? "" : ":" + typed)
                try add(spec, limits, seeds: line.seeds, registry, namesSeeds: namesSeeds)
            }
        }
        var seen: Set<String> = []
        for (one, loaded) in zip(cases, strategies) {
            // Two spellings of one cell would be one row of the store.
            let key = "\(loaded.info.id) \(JSON(one.params).line) \(one.limits) \(one.seed)"
            guard seen.insert(key).inserted else {
                throw StratagemError(.user, "bad_grid", "\(grid.file): \(one.name) is there twice (perhaps once with a default typed out). Name each cell once")
            }
        }
    }

    /// What the bundle sets is part of what is measured.
    mutating func complete(_ defaults: StrategyDefaults) throws(StratagemError) {
        for index in cases.indices { cases[index].params = try defaults.complete(cases[index].params, of: strategies[index]) }
    }

    private mutating func add(_ spec: StrategySpec, _ limits: [Limits], seeds: [UInt64], _ registry: PluginRegistry, namesSeeds: Bool) throws(StratagemError) {
        let loaded = try registry.strategy(named: spec.name)
        let params = try loaded.check(parameters: spec.params)
        for seed in seeds {
            for limit in limits {
                cases.append(EvalCase(spec: spec.text, strategy: loaded.info.name, params: params, limits: limit, seed: seed,
                                      namesSeed: namesSeeds, takesBatch: loaded.info.takesBatch))
                strategies.append(loaded)
                specs.append(spec)
            }
        }
    }

    private static func limits(_ typed: [String], _ whole: String) throws(StratagemError) -> [Limits] {
        var limits: [Limits] = []
        for text in typed {
            let limit = try Limits(parsing: text)
            guard !limits.contains(limit) else {
                throw StratagemError(.user, "bad_budget", "budget '\(whole)': \(limit) is given twice. Name each once")
            }
            limits.append(limit)
        }
        return limits
    }
}
