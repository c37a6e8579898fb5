import SearchCore
import StrategyHost

/// Loads plugins that are added or changed while a program runs, so that later runs use them. It logs each of these
/// plugins. It ends with ``stop()``, or when it is released.
public final class PluginWatch: Sendable {
    private let registry: PluginRegistry
    private let log: EngineLog
    private let watch: ReloadWatch

    /// Starts to watch, on a thread of its own.
    public init(_ registry: PluginRegistry, log: @escaping EngineLog) {
        (self.registry, self.log) = (registry, log)
        watch = ReloadWatch(registry) { change in
            switch change {
            case .loaded(let record):
                let place = record.process == .worker ? ", isolated" : ""
                log(
                    .notice,
                    "loaded \(record.name) \(record.version) from \(record.path) (SHA-256 \(record.sha256.prefix(12))…\(place))"
                )
            case .refused(let record):
                log(
                    .warning,
                    "not loaded: \(record.path) \(record.reason ?? ""). A version that was loaded before stays in use"
                )
            }
        }
    }

    public func stop() { watch.stop() }

    /// The current version of a strategy, or the old one if no current one fits any more.
    ///
    /// - Parameters:
    ///   - name: the name that was used before.
    ///   - typed: its parameters as they were typed.
    ///   - checked: the parameters in the form that `old` takes.
    public func current(
        _ old: LoadedStrategy, named name: String, _ typed: [String: String],
        _ checked: [String: ParameterValue]
    ) -> (LoadedStrategy, [String: ParameterValue]) {
        // A path would be read again for every problem, which the watch has already done.
        guard let new = name.contains("/") ? registry.latest(old) : try? registry.strategy(named: name),
            new.pluginHash != old.pluginHash,
            new.info.takesBatch == old.info.takesBatch
        else { return (old, checked) }
        do throws(StratagemError) {
            return (new, try new.check(parameters: typed))
        } catch {
            log(
                .warning,
                "\(new.info.name) has changed and no longer takes these parameters: \(error.message). The old one stays in use"
            )
            return (old, checked)
        }
    }
}
