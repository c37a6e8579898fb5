import CConformance
import Glibc

/// What the hidden command `check --run-one` does: one check, in this process.
public enum ChildMain {
    /// Runs the check and reports to file descriptor 3. Never returns.
    public static func run(check name: String, plugin path: String, seed: UInt64, sequence: String? = nil, export: Bool = false) -> Never {
        ChildChannel.isOpen = fcntl(ChildChannel.descriptor, F_GETFD) >= 0
        guard let check = CheckTable.named(name) else {
            report(ChildOutcome(status: .skipped, reason: "there is no check '\(name)'"))
        }
        limitResources()
        FaultReport.install(descriptor: ChildChannel.isOpen ? ChildChannel.descriptor : STDERR_FILENO)
        let context = CheckContext(path: path, seed: seed, sequence: sequence)
        var outcome = ChildOutcome(status: .passed)
        do throws(CheckStop) {
            try check.body(context)
        } catch {
            switch error {
            case .finding(let finding): outcome = ChildOutcome(status: .failed, finding: finding)
            case .skip(let reason): outcome = ChildOutcome(status: .skipped, reason: reason)
            }
        }
        if context.hasDigest { outcome.digest = context.digest.value }
        if export, outcome.status == .failed, let search = context.lastSearch {
            for line in TraceExport.lines(search.strategy, search.scenario, search.record, plugin: path) {
                ChildChannel.write("trace \(line)\n")
            }
        }
        report(outcome)
    }

    private static func report(_ outcome: ChildOutcome) -> Never {
        kit_flush()
        ChildChannel.write(outcome.encoded)
        // Not exit(): a plugin's destructors are no business of this check's.
        _exit(0)
    }

    /// A plugin that runs wild takes this process with it, not the machine.
    private static func limitResources() {
        func limit(_ resource: __rlimit_resource, _ value: UInt) {
            var limits = rlimit(rlim_cur: value, rlim_max: value)
            setrlimit(__rlimit_resource_t(resource.rawValue), &limits)
        }
        limit(RLIMIT_CORE, 0)
        limit(RLIMIT_CPU, 60)
        limit(RLIMIT_FSIZE, 16 << 20)
        limit(RLIMIT_DATA, 4 << 30)
    }
}
