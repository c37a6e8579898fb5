import Engine
import SearchCore
import StrategyHost

extension EvalPlan {
    /// Every cell of a grid.
    ///
    /// - Parameter confirm: asked if the grid is large, with its number of cells; throws to refuse.
    public init(grid: GridFile, registry: PluginRegistry, confirm: (Int) throws(StratagemError) -> Void)
        throws(StratagemError)
    {
        self.init()
        if grid.count > GridFile.cellsAsked { try confirm(grid.count) }
        let namesSeeds = Set(grid.lines.flatMap(\.seeds)).count > 1
        for line in grid.lines {
            for params in line.choices {
                let typed = params.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                var spec = try StrategySpec(parsing: line.strategy)
                spec.params = params
                spec.text = line.strategy + (typed.isEmpty ? "" : ":" + typed)
                try add(spec, budgets: line.budgets, seeds: line.seeds, registry, namesSeeds: namesSeeds)
            }
        }
        try checkUnique(grid.file)
    }

    /// Two spellings of one cell would be one row of the store.
    private func checkUnique(_ file: String) throws(StratagemError) {
        struct Key: Hashable {
            var strategy: String
            var params: [String: ParameterValue]
            var limits: String
            var seed: UInt64
        }
        var seen: Set<Key> = []
        for (one, loaded) in zip(cases, strategies) {
            guard
                !seen.insert(Key(strategy: loaded.info.id, params: one.params, limits: "\(one.limits)", seed: one.seed))
                    .inserted
            else { continue }
            throw StratagemError(
                .user, .badGrid,
                "\(file): \(one.name) occurs twice (perhaps once with a default written out). Name each cell once")
        }
    }
}
