import LanguageModels
import SearchCore
import StrategyHost

extension StrategyDefaults {
    /// What the bundle sets for a strategy, checked against its table; its files are read.
    func checked(for loaded: LoadedStrategy) throws(StratagemError) -> [String: ParameterValue] {
        guard let typed = values[loaded.info.name] else { return [:] }
        return try loaded.check(parameters: typed, filesIn: folder).filter { typed[$0.key] != nil }
    }

    /// What neither the user nor the plugin's table sets is as the bundle says.
    func complete(_ params: [String: ParameterValue], with known: [String: ParameterValue]) -> [String: ParameterValue] {
        params.merging(known) { given, byBundle in given == .none ? byBundle : given }
    }

    /// A run's parameters as the strategy will see them.
    public func complete(_ params: [String: ParameterValue], of loaded: LoadedStrategy) throws(StratagemError) -> [String: ParameterValue] {
        complete(params, with: try checked(for: loaded))
    }
}
