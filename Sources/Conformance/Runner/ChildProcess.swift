import CConformance
import Glibc

/// One child: started in a process group of its own, which dies with it.
struct ChildProcess {
    struct Result: Sendable {
        /// What it wrote to descriptor 3.
        var report: String
        /// What the plugin printed, standard output and error together.
        var output: String
        var status: Int32
        var timedOut: Bool
        var seconds: Double

        var signal: Int32? { status & 0x7F != 0 ? status & 0x7F : nil }
        var exitCode: Int32 { (status >> 8) & 0xFF }
    }

    /// At least as much is kept.
    private static let outputMax = 64 << 10
    private static let reportMax = 64 << 20

    /// Starts `arguments[0]`, waits for it and collects what it said.
    /// - Parameter input: what it finds on its standard input.
    static func run(_ arguments: [String], input: String = "", timeoutSeconds: Double) -> Result? {
        let file = input.isEmpty ? open("/dev/null", O_RDONLY | O_CLOEXEC) : memory(holding: input)
        defer { close(file) }
        return supervise(timeoutSeconds) { report, output in
            spawn(arguments, input: file, report: report, output: output)
        }
    }

    /// A file in memory, to be read from its beginning.
    private static func memory(holding text: String) -> Int32 {
        let file = kit_memory_file("input")
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = write(file, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                if count <= 0 { return }
                sent += count
            }
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    /// Runs `body`, which does not return, in a copy of this process: for one that
    /// has a single thread. Many times quicker than a new program.
    /// - Parameter caller: a pipe's end. Who wants the result has the other: once it is closed nobody waits.
    static func fork(timeoutSeconds: Double, caller: Int32, _ body: () -> Never) -> Result? {
        supervise(timeoutSeconds, caller) { report, output in
            let pid = kit_fork()
            guard pid == 0 else {
                // Here too: whichever is first, the group is there before it is killed.
                setpgid(pid, pid)
                return pid > 0 ? pid : nil
            }
            setpgid(0, 0)
            dup2(open("/dev/null", O_RDONLY), 0)
            dup2(output, 1)
            dup2(output, 2)
            // Never 3 already: the server's own lines are there.
            dup2(report, ChildChannel.descriptor)
            body()
        }
    }

    private static func supervise(_ timeoutSeconds: Double, _ caller: Int32 = -1, _ begin: (Int32, Int32) -> pid_t?)
        -> Result?
    {
        var reportPipe: [Int32] = [0, 0], outputPipe: [Int32] = [0, 0]
        guard kit_pipe(&reportPipe, 0) == 0 else { return nil }
        guard kit_pipe(&outputPipe, 0) == 0 else { close(reportPipe[0]); close(reportPipe[1]); return nil }
        let start = monotonicSeconds()
        let pid = begin(reportPipe[1], outputPipe[1])
        close(reportPipe[1])
        close(outputPipe[1])
        defer { close(reportPipe[0]); close(outputPipe[0]) }
        guard let pid else { return nil }
        var report: [UInt8] = [], output: [UInt8] = []
        let timedOut = !collect(reportPipe[0], &report, outputPipe[0], &output, caller, until: start + timeoutSeconds)
        // The group, not the child alone: what it started goes too.
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return Result(
            report: String(decoding: report, as: UTF8.self), output: String(decoding: output, as: UTF8.self),
            status: status, timedOut: timedOut, seconds: monotonicSeconds() - start)
    }

    /// No environment but what the dynamic loader needs to find the Swift runtime, and
    /// a word to that runtime: it is not to start a debugger in a crash.
    static var childEnvironment: [String] {
        ["SWIFT_BACKTRACE=enable=no"]
            + (getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(String(cString: $0))"] } ?? [])
    }

    private static func spawn(_ arguments: [String], input: Int32, report: Int32, output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        if report == ChildChannel.descriptor {
            // dup2 to itself would leave close-on-exec set.
            posix_spawn_file_actions_adddup2(&actions, report, 200)
            posix_spawn_file_actions_adddup2(&actions, 200, ChildChannel.descriptor)
            posix_spawn_file_actions_addclose(&actions, 200)
        } else {
            posix_spawn_file_actions_adddup2(&actions, report, ChildChannel.descriptor)
        }
        _ = kit_close_from(&actions, ChildChannel.descriptor + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var pid: pid_t = 0
        var argv = arguments.map { strdup($0) } + [nil]
        var environment = childEnvironment.map { strdup($0) } + [nil]
        defer { for text in argv + environment { free(text) } }
        return posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &environment) == 0 ? pid : nil
    }

    /// - Returns: false if the time was up first, or the caller gone. A child is done when its report is
    ///   whole or its end of the pipe is closed.
    private static func collect(
        _ first: Int32, _ report: inout [UInt8], _ second: Int32, _ output: inout [UInt8], _ caller: Int32,
        until end: Double
    ) -> Bool {
        var reportIsOpen = true
        var outputIsOpen = true
        while reportIsOpen {
            let left = end - monotonicSeconds()
            guard left > 0 else { return false }
            var polls = [
                pollfd(fd: first, events: Int16(POLLIN), revents: 0),
                pollfd(fd: outputIsOpen ? second : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: caller, events: 0, revents: 0),
            ]
            guard poll(&polls, 3, Int32(min(left * 1000 + 1, 60_000))) > 0 else { continue }
            if polls[2].revents != 0 { return false }
            if polls[1].revents != 0 { outputIsOpen = read(second, into: &output, most: outputMax) }
            if polls[0].revents != 0 { reportIsOpen = read(first, into: &report, most: reportMax) }
        }
        // What it printed last is in the pipe by now.
        _ = fcntl(second, F_SETFL, O_NONBLOCK)
        while outputIsOpen, read(second, into: &output, most: outputMax) {}
        return true
    }

    private static func read(_ descriptor: Int32, into bytes: inout [UInt8], most: Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return false }
            bytes += buffer[..<count]
            // Of a flood the end is what counts: the report stands there.
            if bytes.count > 2 * most { bytes.removeFirst(bytes.count - most) }
            return true
        }
    }
}

func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
        SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGABRT: "SIGABRT", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
        SIGTRAP: "SIGTRAP",
        SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGPIPE: "SIGPIPE",
        SIGSYS: "SIGSYS",
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGALRM: "SIGALRM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2",
    ]
    return names[number] ?? "signal \(number)"
}
