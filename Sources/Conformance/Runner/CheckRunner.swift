import Dispatch
import Foundation
import Glibc
import Locking
import SearchCore
import Synchronization

/// The result of one check on one plugin, for people and programs.
public struct CheckResult: Sendable {
    public var check: Check
    public var plugin: String
    public var status: CheckStatus
    public var finding: CheckFinding?
    /// How its process died, in few words, if it did: the same for all that died alike.
    var death: String?
    /// Why it was skipped.
    public var reason: String?
    /// What the plugin printed while it was checked.
    public var output: String
    public var seconds: Double
    public var rerun: String
    /// Of a check that draws many sequences: the shortest that still fails.
    public var sequence: String?
    /// Where the trace of the failing search was left.
    public var trace: String?
}

/// Runs checks over plugins, each in a child process.
public struct CheckRunner: Sendable {
    public struct Options: Sendable {
        public var level = CheckTable.defaultLevel
        public var only: [String] = []
        public var seed: UInt64 = 1
        public var timeoutSeconds = 20.0
        /// Begin no check after one has failed, and begin with those that ask for the least.
        public var failsFast = false
        /// Checks that take as long as they need; of the others, those that do something many times because chance
        /// decides, or much because only much shows it, do less. Nil: all of them.
        public var thorough: Set<String>?
        /// Children at work at once.
        public var width = 2
        public var exportFolder: String?
        /// Runs this sequence alone (of a check that draws many).
        public var sequence: String?
        public var settings = SearchSettings()
        /// What the settings were typed as, for the command that runs a check again.
        public var typed: [String] = []
        public init() {}
    }

    let options: Options
    /// The program and the arguments that come before a child's own.
    let command: [String]

    /// - Parameter command: what starts a child: this program and `check`.
    public init(command: [String], options: Options = Options()) {
        self.command = command
        self.options = options
    }

    public var checks: [Check] {
        if !options.only.isEmpty { return CheckTable.all.filter { options.only.contains($0.name) } }
        return CheckTable.all.filter { $0.level <= options.level }
    }

    /// All the chosen checks over one plugin, in the table's order.
    /// - Parameter onResult: called as each is done, in whatever order that is.
    public func run(_ plugin: String, onResult: (@Sendable (CheckResult) -> Void)? = nil) -> [CheckResult] {
        guessing(plugin).runAll(plugin, onResult)
    }

    /// With values for the parameters that have no default.
    private func guessing(_ plugin: String) -> CheckRunner {
        guard let check = CheckTable.named(RequiredParameters.check) else { return self }
        let server = CheckServerPool.take(command)
        defer { CheckServerPool.giveBack(server) }
        var guessing = options
        guessing.settings.guessed = RequiredParameters.decoded(attempt(check, plugin, nil, server).1?.carried ?? "")
        return CheckRunner(command: command, options: guessing)
    }

    private func runAll(_ plugin: String, _ onResult: (@Sendable (CheckResult) -> Void)?) -> [CheckResult] {
        let checks = checks
        let order =
            options.failsFast
            ? checks.indices.sorted { (checks[$0].level, $0) < (checks[$1].level, $1) } : Array(checks.indices)
        let hasFailed = Atomic<Bool>(false)
        let results = Locked([CheckResult?](repeating: nil, count: checks.count))
        let next = Atomic<Int>(0)
        let swept = options.thorough == nil ? [:] : sweepAll(checks, plugin)
        DispatchQueue.concurrentPerform(iterations: min(options.width, max(1, checks.count))) { _ in
            let server = CheckServerPool.take(command)
            defer { CheckServerPool.giveBack(server) }
            while true {
                let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard place < checks.count, !(options.failsFast && hasFailed.load(ordering: .relaxed)) else { return }
                let index = order[place]
                let result = swept[checks[index].name] ?? run(checks[index], plugin, server)
                if result.isFailure { hasFailed.store(true, ordering: .relaxed) }
                results.withLock { $0[index] = result }
                onResult?(result)
            }
        }
        return results.withLock { $0.compactMap { $0 } }
    }

    private func sweepAll(_ checks: [Check], _ plugin: String) -> [String: CheckResult] {
        let server = CheckServerPool.take(command)
        defer { CheckServerPool.giveBack(server) }
        return sweep(checks, plugin, server)
    }

    /// One check over one plugin.
    func run(_ check: Check, _ plugin: String, _ server: CheckServer) -> CheckResult {
        var (result, outcome) = attempt(check, plugin, options.sequence, server)
        if let difference = check.twice, result.status == .passed {
            // A new program: a fork would have the first one's addresses.
            let (second, other) = attempt(check, plugin, options.sequence, nil, after: outcome?.carried ?? "")
            if second.status != .passed {
                result = second
            } else if outcome?.digest != other?.digest {
                result.status = failing(check)
                result.finding = CheckFinding(
                    expected: "two processes with the same seed ask for the same", happened: difference)
            }
            outcome = other
        }
        if let sequence = result.sequence, result.isBad, options.sequence == nil {
            shrink(&result, from: sequence, server)
        }
        return result
    }

    /// Thorough checks take their time.
    private func timeout(_ check: Check) -> Double { options.timeoutSeconds * (check.level >= 8 ? 4 : 1) }

    private func failing(_ check: Check) -> CheckStatus { check.severity == .warn ? .warning : .failed }

    /// - Parameter carried: what the first of two processes left for the second, which this is; nil: it is no second one.
    func attempt(
        _ check: Check, _ plugin: String, _ sequence: String?, _ server: CheckServer?, after carried: String? = nil,
        sweeping: [String] = []
    ) -> (CheckResult, ChildOutcome?) {
        let seconds = (server?.timeouts ?? 0) == 0 ? timeout(check) : min(timeout(check), 5)
        let request = ChildRequest(
            check: sweeping.isEmpty ? check.name : sweeping.joined(separator: ","), plugin: plugin, seed: options.seed,
            sequence: sequence,
            exports: options.exportFolder != nil, isBrief: options.thorough.map { !$0.contains(check.name) } ?? false,
            isSecond: carried != nil, timeoutSeconds: seconds, settings: options.settings)
        var result = CheckResult(
            check: check, plugin: plugin, status: .skipped, output: "", seconds: 0,
            rerun: rerun(check, plugin, sequence))
        guard
            let child = server?.run(request)
                ?? ChildProcess.run(command + request.arguments, input: carried ?? "", timeoutSeconds: seconds)
        else {
            result.reason = "the kit could not start a child process: \(String(cString: strerror(errno)))"
            return (result, nil)
        }
        result.output = child.output
        result.seconds = child.seconds
        result.sequence = sequence ?? lastSequence(child.report)
        let outcome = ChildOutcome(parsing: child.report)
        if child.timedOut { server?.timeouts += 1 }
        judge(check, child, outcome, seconds, &result)
        if result.isBad { export(child.report, &result) }
        return (result, outcome)
    }

    private func judge(
        _ check: Check, _ child: ChildProcess.Result, _ outcome: ChildOutcome?, _ timeout: Double,
        _ result: inout CheckResult
    ) {
        if let outcome {
            result.status = outcome.status == .failed ? failing(check) : outcome.status
            result.finding = outcome.finding
            result.reason = outcome.reason
            return
        }
        let expected = "the check runs to its end: \(check.proves)"
        if child.timedOut {
            result.status = .timedOut
            result.death = "timed out"
            result.finding = CheckFinding(
                expected: expected, happened: "no end within \(timeout) s; its process group was killed")
        } else if let signal = child.signal {
            result.status = .crashed
            result.death = "died of \(signalName(signal))" + FaultReport.place(in: child.report)
            result.finding = CheckFinding(expected: expected, happened: "the process \(result.death ?? "died")")
        } else {
            result.status = .crashed
            result.death = "exited with status \(child.exitCode)"
            result.finding = CheckFinding(
                expected: expected,
                happened: "the process exited with status \(child.exitCode) in the middle of the check")
        }
        if let ending = check.ending, !child.timedOut, [nil, SIGABRT, SIGILL, SIGTRAP].contains(child.signal) {
            result.status = .warning
            result.finding?.happened += ": \(ending)"
        }
        if check.severity == .warn { result.status = .warning }
    }

    private func rerun(_ check: Check, _ plugin: String, _ sequence: String?) -> String {
        var line = "stratagem check \(ShellWord.quoted(plugin)) --only \(check.name) --seed \(options.seed)"
        for word in options.typed { line += " \(ShellWord.quoted(word))" }
        if let sequence { line += " --sequence \(ShellWord.quoted(sequence))" }
        return line
    }

    private func lastSequence(_ report: String) -> String? {
        report.split(separator: "\n").last { $0.hasPrefix("sequence ") }.map { String($0.dropFirst(9)) }
    }

    private func export(_ report: String, _ result: inout CheckResult) {
        guard let folder = options.exportFolder else { return }
        let lines = TraceExport.lastSearch(in: report)
        guard !lines.isEmpty else { return }
        let stem = result.plugin.split(separator: "/").last.map(String.init) ?? "plugin"
        let path = "\(folder)/\(stem)-\(result.check.name).jsonl"
        // Whole or not at all: a trace that ends too soon would replay as another search.
        let text = lines.map { $0 + "\n" }.joined()
        guard (try? Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)) != nil else { return }
        result.trace = path
    }
}

extension CheckResult {
    /// Failed, crashed, timed out, or a warning.
    public var isBad: Bool { status != .passed && status != .skipped }
    /// What makes `check` exit with 1.
    public var isFailure: Bool { status == .failed || status == .crashed || status == .timedOut }
}
