import Foundation
import Reporting
import SearchCore
import StrategyHost

/// The plugins that were found, those that were refused, and how those that are not trusted are held.
struct DoctorPlugins {
    private let registry: PluginRegistry
    private let records: [PluginRecord]
    private let requiresIsolation: Bool

    init(_ registry: PluginRegistry, requiresIsolation: Bool) {
        (self.registry, self.requiresIsolation) = (registry, requiresIsolation)
        records = registry.records
    }

    func checks() -> [DoctorReport.Check] {
        [found] + folders + records.filter { $0.status == .refused }.map(refused)
            + records.filter { $0.status == .shadowed }.map(shadowed) + isolation
    }

    private var loaded: [PluginRecord] { records.filter { $0.status == .loaded } }

    private var found: DoctorReport.Check {
        let strategies = loaded.flatMap(\.strategies).count
        let isolated = loaded.count { $0.process == .worker }
        let places = registry.folders.isEmpty ? "no folder at all" : registry.folders.joined(separator: ", ")
        let values: [JSON.Field] = [
            .init("plugins", .int(loaded.count)), .init("strategies", .int(strategies)),
            .init("isolated", .int(isolated)),
            .init("folders", .array(registry.folders.map { .string($0) })),
        ]
        guard strategies > 0 else {
            return .init(
                "plugins", .problem, "no strategy was found. Looked in \(places)",
                remedy: DoctorRemedy.again, values: values)
        }
        let held =
            isolated > 0
            ? "; \(isolated) of them \(isolated == 1 ? "is" : "are") not trusted and \(isolated == 1 ? "runs" : "run") isolated"
            : ""
        return .init(
            "plugins", .ok, "\(loaded.count) with \(strategies) strategies, from \(places)\(held)", values: values)
    }

    /// A folder that somebody named and that is not there is searched in silence.
    private var folders: [DoctorReport.Check] {
        registry.folders.filter { !FileManager.default.fileExists(atPath: $0) }.map {
            .init(
                "plugins", .problem, "\($0), which STRATAGEM_PATH names, is not there",
                remedy: "mkdir -p \(ShellWord.quoted($0))    # or name another folder in STRATAGEM_PATH")
        }
    }

    private func refused(_ record: PluginRecord) -> DoctorReport.Check {
        .init(
            "plugin", .problem, "\(record.path) was refused: \(record.reason ?? "no reason was given")",
            remedy:
                "stratagem check \(ShellWord.quoted(record.path))    # says what it lacks; or take it out of the folder",
            values: [.init("path", .string(record.path))])
    }

    private func shadowed(_ record: PluginRecord) -> DoctorReport.Check {
        .init(
            "plugin", .note, "\(record.path) is not used: \(record.reason ?? "another one has its name")",
            values: [.init("path", .string(record.path))])
    }

    // MARK: Isolation

    /// A remedy for each piece that a kernel may lack.
    private static let remedies: [(piece: String, command: String)] = [
        (
            "Landlock",
            "cat /sys/kernel/security/lsm    # Linux 5.13 or later with landlock in lsm=… on the kernel's command line"
        ),
        (
            "seccomp",
            "grep -i seccomp /proc/self/status    # a kernel with CONFIG_SECCOMP_FILTER, a container that allows filters"
        ),
    ]

    private var isolation: [DoctorReport.Check] {
        let available = Confinement.available
        let missing = available.missing
        guard !missing.isEmpty else {
            return [
                .init(
                    "isolation", .ok,
                    "this kernel has all that holds plugins that are not trusted: Landlock (version \(available.landlockABI)), seccomp filters",
                    values: [.init("landlock", .int(available.landlockABI)), .init("seccomp", .bool(true))])
            ]
        }
        let isUsed = requiresIsolation || loaded.contains { $0.process == .worker }
        return missing.map { piece in
            let what =
                requiresIsolation
                ? ", and --require-isolation refuses them" : isUsed ? "" : "; none of the plugins found needs it"
            return .init(
                "isolation", isUsed ? .problem : .note,
                "this system lacks \(piece): plugins that are not trusted are not held in full\(what)",
                remedy: Self.remedies.first { piece.hasPrefix($0.piece) }?.command,
                values: [
                    .init("landlock", .int(available.landlockABI)), .init("seccomp", .bool(available.systemCallFilter)),
                ])
        }
    }
}
