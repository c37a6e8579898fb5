import Glibc
import SearchCore
import Synchronization

/// Looks at the plugin folders at intervals, and lets the registry load files that were added or changed:
/// `--watch-plugins`.
///
/// A file is read only when it has not changed between two looks, so that a file that is being written is left alone.
/// Runs in progress continue with the image that they began with; if a replacement cannot be loaded, the old one stays
/// in use. Ends with ``stop()``, or when it is released.
public final class ReloadWatch: Sendable {
    /// What a look found.
    public enum Change: Sendable, Equatable {
        /// The plugin is new, or its file is not the same as before.
        case loaded(PluginRecord)
        /// Why the new file is not used. The old plugin of that name stays in use.
        case refused(PluginRecord)
    }

    private let loop: Loop

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - seconds: the time between two looks
    ///   - onChange: called on the watching thread
    public init(_ registry: PluginRegistry, every seconds: Double = 1, onChange: @escaping @Sendable (Change) -> Void) {
        loop = Loop(registry, seconds, onChange)
        registry.discover()
        loop.begin()
    }

    deinit { loop.stop() }

    /// Stops looking. Does not wait for a look in progress.
    public func stop() { loop.stop() }

    private final class Loop: Sendable {
        private let registry: PluginRegistry
        private let seconds: Double
        private let onChange: @Sendable (Change) -> Void
        private let isStopped = Atomic<Bool>(false)

        init(_ registry: PluginRegistry, _ seconds: Double, _ onChange: @escaping @Sendable (Change) -> Void) {
            self.registry = registry
            self.seconds = max(0.001, seconds)
            self.onChange = onChange
        }

        func stop() { isStopped.store(true, ordering: .releasing) }

        func begin() {
            let known = registry.watchedPaths.compactMap { ReloadSignature($0) }
            _ = IsolatedThread.start { self.run(known) }
        }

        private func run(_ known: [ReloadSignature]) {
            var known = known
            var pending: [ReloadSignature]?
            while !isStopped.load(ordering: .acquiring) {
                usleep(UInt32(min(seconds, 3600) * 1e6))
                let found = registry.watchedPaths.compactMap { ReloadSignature($0) }
                if found == known {
                    pending = nil
                } else if found == pending {
                    (known, pending) = (found, nil)
                    look()
                } else {
                    pending = found
                }
            }
        }

        private func look() {
            func key(_ record: PluginRecord) -> String { "\(record.path)\0\(record.sha256)\0\(record.status.rawValue)" }
            let before = Set(registry.records.map(key))
            for record in registry.reload() where !before.contains(key(record)) {
                switch record.status {
                case .loaded: onChange(.loaded(record))
                case .refused, .shadowed: onChange(.refused(record))
                }
            }
        }
    }
}

extension PluginRegistry {
    /// Files that may be plugins, and those that the user has named.
    var watchedPaths: [String] {
        var paths = explicitPaths
        for folder in folders {
            let names = (try? SystemPaths.list(folder)) ?? []
            paths += names.filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }.map {
                folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)"
            }
        }
        return paths
    }
}
