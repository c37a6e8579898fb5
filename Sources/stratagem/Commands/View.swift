import ArgumentParser
import Conformance
import Foundation
import Glibc
import SearchCore
import Server

struct View: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at finished runs in a browser: a study's store, or traces.",
        discussion: """
            Serves a page at 127.0.0.1 and prints its address: the runs in a table, to be filtered (wrong, \
            truncated, split votes, two strategies that disagree), and each as its tree, two side by side. It \
            reads and changes nothing; a study may go on meanwhile. Ctrl-C ends it.

            Examples:
              stratagem view study.db
              stratagem view run.jsonl other.jsonl
              stratagem view study.db --port 0 --open
            """)

    @Argument(
        help: ArgumentHelp("A store that eval --out wrote, or traces of solve --trace.", valueName: "store-or-trace"),
        completion: .file(extensions: ["db", "jsonl"]))
    var files: [String]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The port; 0 takes a free one, and says which.", valueName: "number"))
    var port = 8081

    @Flag(help: "Open the page in a browser (xdg-open).")
    var open = false

    mutating func run() async throws {
        let address = try ListenAddress(port: port)
        let server = try server(address)
        Output.waitForNobody()
        Interrupt.onRequest { Task { await server.stop() } }
        try await server.run { [open] port in
            let page = "http://127.0.0.1:\(port)/"
            Output.note("stratagem shows it at \(page) (Ctrl-C ends it)")
            if open { Self.open(page) }
        }
    }

    private func server(_ address: ListenAddress) throws(StratagemError) -> ViewServer {
        let log: @Sendable (String) -> Void = { Output.note($0) }
        var store: String?
        for file in files where try Self.isStore(file) { store = store ?? file }
        guard let store else {
            return ViewServer(
                traces: try files.map { file throws(StratagemError) in try Self.trace(file) }, address, log: log)
        }
        guard files.count == 1 else {
            throw StratagemError(
                .user, .badView,
                "\(store) is a store, and one store is shown at a time. Name it alone, or traces alone; `stratagem merge` puts the parts of a study together"
            )
        }
        return try ViewServer(store: store, address, log: log)
    }

    private static func trace(_ file: String) throws(StratagemError) -> ViewedTrace {
        let contents = try TraceFile.read(file)
        return ViewedTrace(
            name: file.split(separator: "/").last.map(String.init) ?? file, trace: contents.trace,
            cutShort: contents.cutShort)
    }

    /// What it begins with says so. A trace begins with its header, in JSON.
    private static func isStore(_ file: String) throws(StratagemError) -> Bool {
        var status = stat()
        guard stat(file, &status) == 0 else {
            throw StratagemError(
                .user, .badView,
                "\(file) cannot be read: \(String(cString: strerror(errno))). Name a store (`stratagem eval --out FILE.db` makes one) or traces (`stratagem solve --trace FILE.jsonl`)"
            )
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StratagemError(
                .user, .badView, "\(file) is not a regular file. Name a store (eval --out) or traces (solve --trace)")
        }
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw StratagemError(.user, .badView, "\(file) cannot be read: \(String(cString: strerror(errno)))")
        }
        // Nil: it is empty.
        let head = (try? handle.read(upToCount: 16)) ?? Data()
        if head.starts(with: Array("SQLite format 3".utf8)) { return true }
        guard head.first == UInt8(ascii: "{") else {
            throw StratagemError(
                .user, .badView,
                "\(file) is neither a store (an SQLite file that eval --out wrote) nor a trace (JSON lines of solve --trace)"
            )
        }
        return false
    }

    /// Nobody waits for it.
    private static func open(_ page: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", page]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.terminationHandler = { ended in
            guard ended.terminationStatus != 0 else { return }
            Output.error(
                StratagemError(.user, .noBrowser, "no program opens the page (xdg-open). Open \(page) yourself"))
        }
        do { try process.run() } catch {
            Output.error(
                StratagemError(.user, .noBrowser, "no program opens the page: \(error). Open \(page) yourself"))
        }
    }
}
