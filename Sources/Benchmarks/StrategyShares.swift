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
        let (used, found) = try search(strategy, params)
        let tokens = found.results.reduce(0) { $0 + $1.cost.tokens }
        let nodes = found.results.reduce(0) { $0 + $1.tree.count }
        let seconds = used.hostSeconds + used.pluginSeconds
        func percent(_ part: Double) -> Double { used.busySeconds > 0 ? part / used.busySeconds * 100 : 0 }
        func micro(_ count: Int) -> Double { (seconds / Double(max(1, count)) * 1e8).rounded() / 100 }
        return BenchFigure(
            "\(strategy.info.name) \(samples): host and plugin time", percent(seconds), "%", atMost: 4,
            note:
                "plugin \((percent(used.pluginSeconds) * 100).rounded() / 100) %; \(micro(tokens)) µs a sampled token, \(micro(nodes)) µs a node; \(tokens) tokens in \((found.seconds * 10).rounded() / 10) s"
        )
    }
}
