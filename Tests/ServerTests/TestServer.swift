import AsyncHTTPClient
import Engine
import Foundation
import Glibc
import Locking
import NIOCore
import SearchCore
import Server

/// A real server on a free port of this machine, over a hand-made tree, with the plugins that lie beside the tests.
struct TestServer: Sendable {
    let engine: Engine
    let server: SearchServer
    let port: Int
    let log: Locked<[String]>

    var base: String { "http://127.0.0.1:\(port)" }

    /// Found once: each time takes seconds of a debug build's time.
    private static let registry = Engine.plugins()

    /// The wrong answer is likelier, the verifier knows better.
    static let script = """
        problem What is 2 + 2?
          Add them. | weight 3 value 0.8
            #### 4 | end value 0.9
          Guess. | weight 4 value 0.2
            #### 5 | end value 0.1
        problem It fails.
          Oh | model-fails
        """
    static let problem = "What is 2 + 2?"

    /// Calls `body` with a server that is ended afterwards.
    /// - Parameter hasSlow: the strategy `slow` is there too.
    static func run<Result: Sendable>(
        _ change: @Sendable (inout ServerOptions, inout EngineOptions) throws -> Void = { _, _ in },
        hasSlow: Bool = false,
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        let folder = try Folder()
        defer { folder.remove() }
        let file = folder.path + "/tree.script"
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        var engineOptions = EngineOptions()
        engineOptions.bundle = file
        var options = try ServerOptions(address: ListenAddress(port: 0))
        let log = Locked<[String]>([])
        options.log = { line in log.withLock { $0.append(line) } }
        try change(&options, &engineOptions)
        let isPlain = engineOptions.plugins.folders.isEmpty
        let engine = try Engine(engineOptions, registry: hasSlow ? SlowPlugin.registry.get() : isPlain ? registry : nil)
        let server = SearchServer(engine, options)
        let (ports, ready) = AsyncStream<Int>.makeStream()
        let running = Task {
            defer { ready.finish() }
            try await server.run { ready.yield($0) }
        }
        var port: Int?
        for await one in ports {
            port = one
            break
        }
        guard let port else {
            try await running.value
            throw StratagemError(.host, .serverFailed, "the server ended before it was ready")
        }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(TestServer(engine: engine, server: server, port: port, log: log))) } catch
        { result = .failure(error) }
        await server.drain()
        try await running.value
        return try result.get()
    }

    // MARK: Requests

    struct Reply: Sendable {
        var status: Int
        var headers: [String: String]
        var text: String

        var json: JSONValue { (try? JSONParser.parse(Array(text.utf8)[...])) ?? .null }
        /// An error's code and the field that it names.
        var error: (code: String?, param: String?) { (json["error"]?["code"]?.string, json["error"]?["param"]?.string) }
        /// Of a stream: what each event says, without the last word.
        var events: [JSONValue] {
            text.split(separator: "\n\n").filter { $0.hasPrefix("data: {") }.map {
                (try? JSONParser.parse(Array($0.dropFirst(6).utf8)[...])) ?? .null
            }
        }
    }

    func send(_ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]) async throws
        -> Reply
    {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Reply(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
            text: String(buffer: bytes))
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", path, headers: headers)
    }

    /// - Parameter more: fields after the messages.
    func chat(
        _ model: String, _ problem: String = TestServer.problem, _ more: String = "", headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send("POST", "/v1/chat/completions", Self.body(model, problem, more), headers: headers)
    }

    static func body(_ model: String, _ problem: String = TestServer.problem, _ more: String = "") -> String {
        let fields: JSON = ["model": .string(model), "messages": [["role": "user", "content": .string(problem)]]]
        return more.isEmpty ? fields.line : fields.line.dropLast() + ", \(more)}"
    }

    /// Asks until it is so. What is not so within two minutes never will be.
    func until(_ isSo: @Sendable () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try await !isSo() {
            guard ContinuousClock.now < end else {
                throw StratagemError(.host, .serverFailed, "it did not become so within two minutes")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A value of `/metrics`.
    func metric(_ line: String, headers: [String: String] = [:]) async throws -> Double? {
        let text = try await get("/metrics", headers: headers).text
        return text.split(separator: "\n").first { $0.hasPrefix(line + " ") }.flatMap {
            Double($0.dropFirst(line.count + 1))
        }
    }
}

/// Runs what blocks where nobody waits for the thread: the server's tasks and the tests' share a few.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result(catching: body)) }.start()
    }
}

/// A folder of its own, to be removed.
struct Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("server-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// A file that only its owner may read.
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

/// Bytes on a connection, without a client between.
final class Connection: @unchecked Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isOpen = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isOpen else { throw StratagemError(.host, .cannotListen, "errno \(errno)") }
    }

    func write(_ text: String) { write(bytes: Array(text.utf8)) }
    func write(bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// What comes until the server closes, or `enough` stands in it. Blocks.
    func read(until enough: String? = nil) async throws -> String { try await blocking { self.readNow(until: enough) } }

    private func readNow(until enough: String?) -> String {
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            guard count > 0 else { break }
            all += block[..<count]
            if let enough, String(decoding: all, as: UTF8.self).contains(enough) { break }
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// What comes until the server closes; nil if it has not closed after two minutes without a byte. Blocks.
    func readToEnd() async throws -> String? {
        try await blocking { [descriptor] in
            var patience = timeval(tv_sec: 120, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var all: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(descriptor, &block, block.count, 0)
                if count < 0, errno == EAGAIN { return nil }
                guard count > 0 else { return String(decoding: all, as: UTF8.self) }
                all += block[..<count]
            }
        }
    }

    func close() { _ = Glibc.close(descriptor) }
}
