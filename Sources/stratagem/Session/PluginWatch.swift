import Evaluation
import SearchCore
import StrategyHost

/// `--watch-plugins`: what is picked up is said on standard error.
enum PluginWatch {
    static func begin(_ registry: PluginRegistry) -> ReloadWatch {
        ReloadWatch(registry) { change in
            switch change {
            case .loaded(let record):
                let place = record.process == .worker ? ", isolated" : ""
                Output.warning("picked up \(record.name) \(record.version) from \(record.path) (SHA-256 \(record.sha256.prefix(12))…\(place))")
            case .refused(let record):
                Output.warning("not picked up: \(record.path) \(record.reason ?? ""). What was loaded before stays in use")
            }
        }
    }

    /// The strategy as it is now, or as it was if there is none that fits any more.
    static func current(_ old: LoadedStrategy, named name: String, _ params: [String: String], _ registry: PluginRegistry,
                        _ checked: [String: ParameterValue]) -> (LoadedStrategy, [String: ParameterValue]) {
        // A path would be read again for every problem: the watch has done that.
        let name = name.contains("/") ? old.info.id : name
        guard let new = try? registry.strategy(named: name), new.pluginHash != old.pluginHash,
            new.info.takesBatch == old.info.takesBatch
        else { return (old, checked) }
        do throws(StratagemError) {
            return (new, try new.check(parameters: params))
        } catch {
            Output.warning("\(new.info.name) has changed and no longer takes these parameters: \(error.message). The old one stays in use")
            return (old, checked)
        }
    }
}

extension EvalPlan {
    /// A case's strategy and parameters, with the plugins as they are now.
    func current(_ entry: Int, _ registry: PluginRegistry) -> (LoadedStrategy, [String: ParameterValue]) {
        let (old, params) = (strategies[entry], cases[entry].params)
        return PluginWatch.current(old, named: specs[entry].name, specs[entry].params, registry, params)
    }
}
