import LanguageModels
import SearchCore
import StrategyHost

extension StrategyDefaults {
    /// What the bundle sets for a strategy, checked against the strategy's table, with its files read.
    func checked(for loaded: LoadedStrategy) throws(StratagemError) -> [String: ParameterValue] {
        guard let typed = values[loaded.info.name] else { return [:] }
        return try loaded.check(parameters: typed, filesIn: folder).filter { typed[$0.key] != nil }
    }

    /// Fills in the bundle's value where neither the user nor the plugin's table sets one.
    func complete(_ params: [String: ParameterValue], with known: [String: ParameterValue]) -> [String: ParameterValue]
    {
        params.merging(known) { given, byBundle in given == .none ? byBundle : given }
    }

    /// A run's parameters as the strategy will see them.
    func complete(_ params: [String: ParameterValue], of loaded: LoadedStrategy) throws(StratagemError) -> [String:
        ParameterValue]
    {
        complete(params, with: try checked(for: loaded))
    }
}

extension ModelSource {
    /// A run's parameters as the strategy will see them, with what the bundle sets.
    ///
    /// - Throws: if a required parameter is missing, if the bundle lacks a role that the strategy says it needs, or if
    ///   FLOPs are limited that cannot be counted, so that a run is refused before anything is sampled.
    public func complete(
        _ params: [String: ParameterValue], of loaded: LoadedStrategy,
        limits: Limits = Limits()
    ) throws(StratagemError) -> [String: ParameterValue] {
        let complete = try strategyDefaults.complete(params, of: loaded)
        try loaded.requireAll(complete)
        try requireRoles(of: loaded.info, complete)
        try requireFLOPs(of: loaded.info, complete, limits)
        return complete
    }

    /// - Throws: if FLOPs are limited and those of a role that a run may use are not known. A strategy that does not
    ///   declare its roles may use all of them.
    func requireFLOPs(of info: StrategyInfo, _ params: [String: ParameterValue], _ limits: Limits)
        throws(StratagemError)
    {
        guard limits.flops != nil else { return }
        let used = info.roles.isEmpty ? modelRoles.union(verifierRoles) : Set(info.usedRoles(params))
        let promises = capabilities
        if let role = used.sorted().first(where: { promises[$0]?.countsFLOPs == false }) {
            throw StratagemError(
                .user, .noShape,
                "FLOPs are limited, but those of the bundle's role '\(role)' cannot be counted: "
                    + "the shape of its model is not known. Limit generations, tokens or seconds")
        }
    }

    /// - Throws: if the bundle lacks a role that a run with these parameters needs.
    func requireRoles(of info: StrategyInfo, _ params: [String: ParameterValue]) throws(StratagemError) {
        for (role, isVerifier) in info.neededRoles(params)
        where !(isVerifier ? verifierRoles : modelRoles).contains(role) {
            throw RunRefusal.missing(
                role, isVerifier: isVerifier, for: info.name, bundle: name, has: isVerifier ? verifierRoles : modelRoles
            )
        }
    }
}

/// Refusals that can occur before a run and during it: a strategy that does not declare its roles is refused only when
/// it asks for one that is missing.
enum RunRefusal {
    static func missing(_ role: String, isVerifier: Bool, for strategy: String, bundle: String, has: Set<String>)
        -> StratagemError
    {
        let list = has.isEmpty ? "none" : has.sorted().joined(separator: ", ")
        return isVerifier
            ? StratagemError(
                .user, .noVerifier,
                "strategy '\(strategy)' needs a verifier of role '\(role)', and bundle '\(bundle)' has \(list). Add one to the bundle, or choose a strategy (or a selection such as majority) that needs none"
            )
            : StratagemError(
                .user, .noModel,
                "strategy '\(strategy)' needs a model of role '\(role)', and bundle '\(bundle)' has: \(list)")
    }
}
