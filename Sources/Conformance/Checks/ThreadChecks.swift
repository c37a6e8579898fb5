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
            let here = try context.requireClean(strategy)
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
            // Many short searches, and a few whose tells give a turn enough to do to meet another one. More than once:
            // what two threads do at one moment is a matter of chance.
            try Crowd(threads: 4, rounds: 24, generations: 8, times: 3).judge(context, strategy)
            try Crowd(threads: 4, rounds: 3, generations: 600, times: 2).judge(context, strategy)
            try Crowd(threads: 4, rounds: 4, generations: 8, pauses: true).judge(context, strategy)
        }
    },
    Check(
        "threads-short-lived", .threads, level: 7,
        proves: "Hundreds of threads, each there for one search only, ask for the same as one thread.",
        clause: "[any]: any thread, at any time, many at once"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try Crowd(threads: 8, rounds: 1, generations: 2, times: 40).judge(context, strategy)
        }
    },
    Check(
        "threads-first", .threads, level: 7,
        proves: "The first searches of a process, and the first calls of functions, may come at the same time.",
        clause: "create: [any]; Known hooks, all [any]: any thread, at any time, many at once"
    ) { context throws(CheckStop) in
        try judgeFirst(context)
    },
    Check(
        "threads-joined", .threads, level: 6, proves: "No thread that it started outlives its instance.",
        clause: "destroy: Joins every thread that the instance started"
    ) { context throws(CheckStop) in
        try judgeThreadsLeft(context)
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
    runCheck(
        "run-settings", .settings,
        "A search changes no signal mask and no limit, and draws nothing from the C library's random numbers.",
        "all that the process's threads share is as before"),
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
        clause: "stg_plugin_entry: no thread, file or global state of the process changes"
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

/// A runtime may start threads once, for all instances; that each instance leaves one is another matter.
private func judgeThreadsLeft(_ context: CheckContext) throws(CheckStop) {
    let searches = 4
    for strategy in try context.strategies() {
        let before = ProcessState.now().threads
        var left: [Set<String>] = []
        for _ in 0..<2 {
            for _ in 0..<searches {
                guard case .done = try context.search(strategy, context.standard).ending else {
                    throw .skip("even an ordinary search does not end well (search-succeeds, search-ends)")
                }
            }
            left.append(threadsLeft(before, besides: left.last ?? []))
        }
        // Those of the first searches may have ended by now: later ones left some of their own.
        if left[1].subtracting(left[0]).count >= searches {
            throw context.fail(
                "no thread is left", "\(left[1].count) threads are left after \(2 * searches) searches", strategy)
        }
        if !left[1].isEmpty {
            throw context.warn(
                "no thread is left",
                "\(left[1].count) threads are left, however many searches there were: those of a runtime, which stay in every "
                    + "process that has run it once", strategy)
        }
    }
}

/// A thread that was joined is listed for a moment longer.
private func threadsLeft(_ before: Set<String>, besides expected: Set<String>) -> Set<String> {
    var left = ProcessState.now().threads.subtracting(before)
    for _ in 0..<25 where !left.isSubset(of: expected) {
        usleep(2000)
        left = ProcessState.now().threads.subtracting(before)
    }
    return left
}
