import CConformance
import Glibc

/// What a child does: one check, in this process.
public enum ChildMain {
    /// Becomes a child of the kit's if the arguments say so; else returns at once.
    /// To be called before anything starts a thread.
    public static func runIfAsked(_ arguments: [String]) {
        if arguments.dropFirst() == ["check", "--serve"] { CheckServer.serve() }
        guard arguments.count > 3, arguments[1] == "check", arguments[2] == "--run-one",
            let request = ChildRequest(arguments: Array(arguments.dropFirst(2)))
        else { return }
        run(request)
    }

    /// Runs the check and reports to file descriptor 3. Never returns.
    static func run(_ request: ChildRequest) -> Never {
        kit_end_with_parent()
        let (name, seed, sequence, export) = (request.check, request.seed, request.sequence, request.exports)
        // The sandbox's working directory is another one.
        let path = absolute(request.plugin)
        ChildChannel.isOpen = fcntl(ChildChannel.descriptor, F_GETFD) >= 0
        let names = name.split(separator: ",").map(String.init)
        let checks = names.compactMap(CheckTable.named)
        guard checks.count == names.count, let check = checks.first else {
            report(ChildOutcome(status: .skipped, reason: "there is no check '\(name)'"))
        }
        limitProcessorTime()
        Effort.isBrief = request.isBrief
        Sandbox.makeCopies(path, for: name)
        // Before the plugin is there: what it reads is not for it.
        let carried = request.isSecond ? readAll(0) : nil
        var settings = request.settings
        settings.readFiles()
        FaultReport.install(descriptor: ChildChannel.isOpen ? ChildChannel.descriptor : STDERR_FILENO)
        Sandbox.confine(path)
        if export { TraceExport.plugin = path }
        func newContext() -> CheckContext {
            CheckContext(path: path, seed: seed, sequence: sequence, settings: settings, carried: carried)
        }
        if checks.count > 1 { report(sweep(checks, newContext)) }
        let context = newContext()
        var outcome = ChildOutcome(status: .passed)
        do throws(CheckStop) {
            try check.body(context)
        } catch {
            switch error {
            case .finding(let finding): outcome = ChildOutcome(status: .failed, finding: finding)
            case .warning(let finding): outcome = ChildOutcome(status: .warning, finding: finding)
            case .skip(let reason): outcome = ChildOutcome(status: .skipped, reason: reason)
            }
        }
        if context.hasDigest { outcome.digest = context.digest.value }
        outcome.carried = context.carries
        report(outcome)
    }

    /// All that comes from a descriptor.
    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                bytes += buffer[..<count]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func absolute(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func report(_ outcome: ChildOutcome) -> Never {
        kit_flush()
        ChildChannel.write(outcome.encoded)
        // Not exit(): a plugin's destructors do not concern this check.
        _exit(0)
    }

    /// What the sandbox leaves open: a plugin that spins ends even if nobody waits for it.
    private static func limitProcessorTime() {
        var limits = rlimit(rlim_cur: 120, rlim_max: 120)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limits)
    }
}
