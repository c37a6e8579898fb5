import SearchCore
import SearchRuntime
import StrategyHost

extension ModelBench {
    /// For each loaded strategy, the share of the processor time that host and plugin take beside the models. One that
    /// needs a role which the bundle has not, or a parameter without a default, is left out.
    public func shares() throws(StratagemError) -> [BenchFigure] {
        let names = registry.records.filter { $0.status == .loaded }.flatMap { $0.strategies.map(\.name) }
        var figures: [BenchFigure] = []
        for name in names.sorted() {
            let strategy = try registry.strategy(named: name)
            do {
                figures.append(try share(of: strategy))
            } catch {
                progress("\(name) is left out: \(error.message)")
            }
        }
        return figures
    }

    private func share(of strategy: LoadedStrategy) throws(StratagemError) -> BenchFigure {
        let limits = Limits(generations: samples)
        let params = try source.complete(try strategy.check(parameters: [:]), of: strategy, limits: limits)
        return try search(strategy, params).profile.host(atMost: 4)
    }
}
