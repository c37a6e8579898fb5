import LanguageModels
import SearchCore
import SearchRuntime
import StrategyHost

/// What a study runs: every strategy at every budget, checked.
public struct EvalPlan: Sendable {
    public private(set) var cases: [EvalCase] = []
    /// The strategy of each case.
    public private(set) var strategies: [LoadedStrategy] = []
    private var specs: [StrategySpec] = []

    public init() {}

    /// - Parameters:
    ///   - specs: as typed: `NAME` or `NAME:key=value,…`.
    ///   - budgets: as typed, with commas between.
    ///   - seeds: all of them are run at every budget.
    public init(strategies specs: [String], budgets: String, seeds: [UInt64], registry: PluginRegistry)
        throws(StratagemError)
    {
        let typed = budgets.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for text in specs {
            let spec = try StrategySpec(parsing: text)
            guard !specs.dropFirst((specs.firstIndex(of: text) ?? 0) + 1).contains(text) else {
                throw StratagemError(.user, .badStrategy, "--strategy \(text) is given twice. Give each once")
            }
            try add(spec, budgets: typed, seeds: seeds, registry, namesSeeds: seeds.count > 1)
        }
    }

    /// The same with one seed.
    public init(strategies specs: [String], budgets: String, seed: UInt64, registry: PluginRegistry)
        throws(StratagemError)
    {
        try self.init(strategies: specs, budgets: budgets, seeds: [seed], registry: registry)
    }

    /// Adds what the bundle sets, because it is part of what is measured.
    public mutating func complete(_ models: any ModelSource) throws(StratagemError) {
        for index in cases.indices {
            cases[index].params = try models.complete(
                cases[index].params, of: strategies[index], limits: cases[index].limits)
        }
    }

    /// Marks the strategies that take part to be measured with their difficulty free: see ``DifficultyFree``.
    public mutating func freeDifficulty() throws(StratagemError) { cases = try DifficultyFree.mark(cases, strategies) }

    /// A cell for each seed and budget.
    ///
    /// - Parameter namesSeeds: whether the names of cells include their seeds.
    public mutating func add(
        _ spec: StrategySpec, budgets: [String], seeds: [UInt64], _ registry: PluginRegistry,
        namesSeeds: Bool = false
    ) throws(StratagemError) {
        let limits = try Self.limits(budgets)
        let loaded = try registry.strategy(named: spec.name)
        let params = try loaded.check(parameters: spec.params)
        for seed in seeds {
            for limit in limits {
                cases.append(
                    EvalCase(
                        spec: spec.text, strategy: loaded.info.name, params: params, limits: limit, seed: seed,
                        namesSeed: namesSeeds, takesBatch: loaded.info.takesBatch))
                strategies.append(loaded)
                specs.append(spec)
            }
        }
    }

    /// A case's strategy and parameters, with the current version of the plugins.
    public func current(_ entry: Int, in watch: PluginWatch) -> (LoadedStrategy, [String: ParameterValue]) {
        watch.current(strategies[entry], named: specs[entry].name, specs[entry].params, cases[entry].params)
    }

    private static func limits(_ typed: [String]) throws(StratagemError) -> [Limits] {
        var limits: [Limits] = []
        for text in typed {
            let limit = try Limits(parsing: text)
            guard !limits.contains(limit) else {
                throw StratagemError(
                    .user, .badBudget,
                    "budget '\(typed.joined(separator: ","))': \(limit) is given twice. Give each once")
            }
            limits.append(limit)
        }
        return limits
    }
}
