import CStratagem
import Glibc
import Locking
import SearchCore

/// Threads, and the process that it shares with others.
let threadChecks: [Check] = [
    Check(
        "thread-migration", .threads, level: 6, proves: "Each call may come from another thread.",
        clause: "Threads: Calls on one instance never overlap, but may come from different threads one after another"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let here = try context.search(strategy, context.standard)
            let there = context.searchOrRefusal(strategy, context.standard, call: onNewThread)
            if here.turns != there.turns {
                throw context.fail("the same search as on one thread", "\(there.endingText), and other asks", strategy)
            }
        }
    },
    Check(
        "thread-own-calls", .threads, level: 6, proves: "It calls host functions on the thread of the current call.",
        clause: "[call]: only from inside an [inst] call of the plugin's, same thread"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.judge(
                try context.search(strategy, context.standard), "host-calls-own-thread", strategy,
                in: "an ordinary search")
        }
    },
    Check(
        "threads-parallel", .threads, level: 6,
        proves: "Instances on four threads at once ask for the same as each alone.",
        clause: "Different instances run at the same time"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try judgeParallel(context, strategy)
        }
    },
    Check(
        "threads-joined", .threads, level: 6, proves: "No thread that it started outlives its instance.",
        clause: "destroy: Joins every thread that the instance started"
    ) { context throws(CheckStop) in
        try judgeProcess(context, .threads, "no thread is left")
    },
    runCheck("run-files", .files, "No file that it opened stays open after a search.", "no file is left open"),
    runCheck("run-signals", .signals, "A search changes no signal handler.", "the signal handlers are as before"),
    runCheck(
        "run-environment", .environment, "A search changes no environment variable.", "the environment is as before"),
    runCheck("run-locale", .locale, "A search does not change the locale.", "the locale is as before"),
    runCheck(
        "run-directory", .directory, "A search changes neither the working directory nor the umask.",
        "both are as before"),
    runCheck(
        "run-rounding", .rounding, "A search does not change how the processor rounds.",
        "the rounding mode is as before"),
    Check(
        "run-silent", .threads, level: 6, .warn, proves: "A search prints nothing: messages go through log.",
        clause: "log: A line for the user's log"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let printed = try Capture.run { () throws(CheckStop) in _ = try context.search(strategy, context.standard) }
            if !printed.isEmpty { throw context.fail("nothing is printed", "it printed \(quoted(printed))", strategy) }
        }
    },
]

private func runCheck(_ name: String, _ aspect: ProcessState.Aspect, _ proves: String, _ expected: String) -> Check {
    Check(
        name, .threads, level: 6, proves: proves,
        clause: "next() … must never block on I/O; no global state of the process changes"
    ) { context throws(CheckStop) in
        try judgeProcess(context, aspect, expected)
    }
}

private func judgeProcess(_ context: CheckContext, _ aspect: ProcessState.Aspect, _ expected: String) throws(CheckStop)
{
    for strategy in try context.strategies() {
        let before = ProcessState.now()
        // Not a first search to be sure of: what it changes, it changes then.
        let record = try context.search(strategy, context.standard)
        guard case .done = record.ending else {
            throw .skip("even an ordinary search does not end well (search-succeeds, search-ends)")
        }
        if let change = ProcessState.now().change(of: aspect, since: before) {
            throw context.fail(expected, change, strategy)
        }
    }
}

/// Runs `body` on its own thread, and waits for it.
func onNewThread(_ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Box>.fromOpaque(raw).takeUnretainedValue().body()
                return nil
            }, box.toOpaque())
        if code == 0 { pthread_join(thread, nil) } else { body() }
        box.release()
    }
}

private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

private func judgeParallel(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let scenarios = (0..<4).map { index in context.standard.with { $0.seed &+= UInt64(index) } }
    var alone: [[Turn]] = []
    for scenario in scenarios { alone.append(try context.search(strategy, scenario).turns) }
    let results = Locked([[[Turn]]](repeating: [], count: scenarios.count))
    let raw = UInt(bitPattern: strategy.raw)
    var threads: [pthread_t] = []
    for index in scenarios.indices {
        let box = Unmanaged.passRetained(
            Box {
                guard let pointer = UnsafePointer<stg_strategy>(bitPattern: raw) else { return }
                for _ in 0..<8 {
                    let turns = Search.run(StrategyView(raw: pointer), scenarios[index]).turns
                    results.withLock { $0[index].append(turns) }
                }
            })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        if code == 0 { threads.append(thread) }
    }
    for thread in threads { pthread_join(thread, nil) }
    for (index, runs) in results.withLock({ $0 }).enumerated() where runs.contains(where: { $0 != alone[index] }) {
        throw context.fail(
            "the same asks as alone",
            "instance \(index + 1) of four asks for something else when the others run at the same time", strategy)
    }
}
