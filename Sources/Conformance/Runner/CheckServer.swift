import CConformance
import Glibc
import Locking

/// What one child is to do.
struct ChildRequest {
    var check: String
    var plugin: String
    var seed: UInt64
    var sequence: String?
    var exports: Bool
    /// Less of what is done many times.
    var isBrief: Bool
    /// The second of two processes: it is told on its standard input what the first one left.
    var isSecond: Bool
    var timeoutSeconds: Double
    var settings: SearchSettings

    init(
        check: String, plugin: String, seed: UInt64, sequence: String?, exports: Bool, isBrief: Bool, isSecond: Bool,
        timeoutSeconds: Double, settings: SearchSettings
    ) {
        self.isBrief = isBrief
        self.isSecond = isSecond
        self.settings = settings
        self.check = check
        self.plugin = plugin
        self.seed = seed
        self.sequence = sequence
        self.exports = exports
        self.timeoutSeconds = timeoutSeconds
    }

    /// As a program's arguments, behind `check`.
    var arguments: [String] {
        ["--run-one", check, "\(seed)", sequence ?? "", words, "\(timeoutSeconds)", plugin] + settings.arguments
    }

    private var words: String {
        [exports ? "export" : nil, isBrief ? "brief" : nil, isSecond ? "second" : nil].compactMap { $0 }
            .joined(separator: " ")
    }

    init?(arguments: [String]) {
        guard arguments.count >= 7, arguments[0] == "--run-one", let seed = UInt64(arguments[2]),
            let timeout = Double(arguments[5]),
            let settings = SearchSettings(arguments: Array(arguments[7...]))
        else { return nil }
        let words = arguments[4].split(separator: " ")
        self.init(
            check: arguments[1], plugin: arguments[6], seed: seed, sequence: arguments[3].isEmpty ? nil : arguments[3],
            exports: words.contains("export"), isBrief: words.contains("brief"), isSecond: words.contains("second"),
            timeoutSeconds: timeout, settings: settings)
    }
}

/// A process that copies itself for each check: single-threaded, so that it may,
/// and without the plugin, so that no check finds what another left behind.
///
/// Requests and results go through two pipes, as counted strings.
final class CheckServer {
    let command: [String]
    /// Checks that had no end. From one that hangs, no more is to be learned by waiting long.
    var timeouts = 0
    private var pid: pid_t = 0
    private var toServer: Int32 = -1
    private var fromServer: Int32 = -1

    init(_ command: [String]) { self.command = command }

    deinit { stop() }

    /// Nil if there is no server available: then a new program must do.
    func run(_ request: ChildRequest) -> ChildProcess.Result? {
        if pid == 0, !start() { return nil }
        guard Wire.write(request.arguments, to: toServer), let reply = Wire.read(from: fromServer), reply.count == 5,
            let status = Int32(reply[2]), let seconds = Double(reply[4])
        else {
            stop()
            return nil
        }
        return ChildProcess.Result(
            report: reply[0], output: reply[1], status: status, timedOut: reply[3] == "yes", seconds: seconds)
    }

    private func start() -> Bool {
        var requests: [Int32] = [0, 0], results: [Int32] = [0, 0]
        guard kit_pipe(&requests, 0) == 0, kit_pipe(&results, 0) == 0 else { return false }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, requests[0], 0)
        posix_spawn_file_actions_adddup2(&actions, results[1], 1)
        // A checked plugin sees nothing of what its caller has open.
        _ = kit_close_from(&actions, 3)
        var argv = (command + ["--serve"]).map { strdup($0) } + [nil]
        var environment = ChildProcess.childEnvironment.map { strdup($0) } + [nil]
        let code = posix_spawn(&pid, command[0], &actions, nil, &argv, &environment)
        posix_spawn_file_actions_destroy(&actions)
        for text in argv + environment { free(text) }
        close(requests[0])
        close(results[1])
        (toServer, fromServer) = (requests[1], results[0])
        if code != 0 { stop() }
        return code == 0
    }

    private func stop() {
        if toServer >= 0 { close(toServer) }
        if fromServer >= 0 { close(fromServer) }
        (toServer, fromServer) = (-1, -1)
        // It ends with its end of the pipe.
        if pid > 0 {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        pid = 0
    }

    /// The server's side. Never returns.
    static func serve() -> Never {
        // Out of the way of what children have at 0 to 3.
        let requests = fcntl(0, F_DUPFD_CLOEXEC, 20), results = fcntl(1, F_DUPFD_CLOEXEC, 20)
        dup2(open("/dev/null", O_RDWR), 0)
        dup2(0, 1)
        dup2(0, ChildChannel.descriptor)
        warmUp()
        while let arguments = Wire.read(from: requests), let request = ChildRequest(arguments: arguments) {
            let result = ChildProcess.fork(timeoutSeconds: request.timeoutSeconds, caller: requests) {
                close(requests)
                close(results)
                ChildMain.run(request)
            }
            guard let result,
                Wire.write(
                    [
                        result.report, result.output, "\(result.status)", result.timedOut ? "yes" : "no",
                        "\(result.seconds)",
                    ], to: results)
            else { break }
        }
        _exit(0)
    }
}

/// Servers that no plugin needs now. To start one costs as much as ten checks, and it knows nothing of any plugin.
enum CheckServerPool {
    private static let idle = Locked<[CheckServer]>([])

    static func take(_ command: [String]) -> CheckServer {
        let found = idle.withLock { idle in
            idle.lastIndex { $0.command == command }.map { idle.remove(at: $0) }
        }
        found?.timeouts = 0
        return found ?? CheckServer(command)
    }

    static func giveBack(_ server: CheckServer) { idle.withLock { $0.append(server) } }
}

extension CheckServer {
    /// What each child would do first, and finds done: the table of checks, the tree of the standard scenario, and the
    /// types that a search needs, which the language's runtime puts together when they are first used.
    private static func warmUp() {
        _ = CheckTable.named("")
        let world = World(Scenario())
        guard let root = world.roots.first else { return }
        var ask = AskRecord()
        (ask.kind, ask.node, ask.count, ask.steps) = (1, root, 4, 1)
        let sampled = world.perform([ask], round: 0)
        (ask.kind, ask.node, ask.count, ask.steps) = (2, 0, 0, 0)
        ask.nodes = sampled.flatMap(\.nodes)
        _ = world.perform([ask], round: 1)
        _ = world.takeTouched()
    }
}

/// Strings through a pipe: how many, then each with its length before it.
private enum Wire {
    static func write(_ strings: [String], to descriptor: Int32) -> Bool {
        var bytes: [UInt8] = []
        func add(_ number: Int) { withUnsafeBytes(of: UInt64(number)) { bytes += $0 } }
        add(strings.count)
        for string in strings {
            add(string.utf8.count)
            bytes += string.utf8
        }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    static func read(from descriptor: Int32) -> [String]? {
        guard let count = number(descriptor), count <= 64 else { return nil }
        var strings: [String] = []
        for _ in 0..<count {
            guard let size = number(descriptor), size <= 1 << 30, let bytes = exactly(size, descriptor) else {
                return nil
            }
            strings.append(String(decoding: bytes, as: UTF8.self))
        }
        return strings
    }

    private static func number(_ descriptor: Int32) -> Int? {
        exactly(8, descriptor).map { bytes in bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) } }
    }

    private static func exactly(_ size: Int, _ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: size)
        var got = 0
        while got < size {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + got }, size - got)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            got += count
        }
        return bytes
    }
}
