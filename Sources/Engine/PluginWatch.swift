import SearchCore
import StrategyHost

/// Loads plugins that are added or changed while a program runs: later runs use them. What is picked
/// up is logged. Ends with ``stop()``, or when it is released.
public final class PluginWatch: Sendable {
    private let registry: PluginRegistry
    private let log: EngineLog
    private let watch: ReloadWatch

    /// Starts to watch, on its own thread.
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
                    "not loaded: \(record.path) \(record.reason ?? ""). The version that was loaded before stays in use"
                )
            }
        }
    }

    public func stop() { watch.stop() }

    /// The strategy as it is now, or as it was if there is none that fits any more.
    ///
    /// - Parameters:
    ///   - name: as it was named before.
    ///   - typed: its parameters as they were typed.
    ///   - checked: as `old` takes them.
    public func current(
        _ old: LoadedStrategy, named name: String, _ typed: [String: String],
        _ checked: [String: ParameterValue]
    ) -> (LoadedStrategy, [String: ParameterValue]) {
        // A path would be read again for every problem: the watch has done that.
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
