import Foundation
import Glibc
import Testing

/// The program itself as a server.
@Suite struct ServeCommandTests {
    /// A pipe as small as pipes get, which nobody reads until the server has answered far more requests than it holds
    /// lines for.
    @Test func aLogThatNobodyReadsHoldsNobodyUp() throws {
        let command = try Command()
        defer { command.remove() }
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        // F_SETPIPE_SZ, which Glibc does not show to Swift.
        let room = fcntl(ends[1], 1031, 4096)
        try #require(room > 0)
        let running = try command.start(
            ["serve", "--port", "0", "--bundle", try command.write("tree.script", Command.script)],
            errors: FileHandle(fileDescriptor: ends[1], closeOnDealloc: false))
        defer { running.interrupt() }
        let first = try #require(Self.line(ends[0]))
        let port = try #require(first.firstMatch(of: /127\.0\.0\.1:([0-9]+)/).flatMap { Int($0.1) }, "\(first)")
        // A line has a hundred bytes and more.
        for _ in 0..<Int(room) / 50 {
            let curl = Process()
            curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            curl.arguments = ["curl", "-s", "-m", "120", "-o", "/dev/null", "http://127.0.0.1:\(port)/healthz"]
            try curl.run()
            curl.waitUntilExit()
            try #require(curl.terminationStatus == 0, "the server does not answer")
        }
        // Nothing is lost that somebody reads in the end.
        running.interrupt()
        var lines = 0
        while let line = Self.line(ends[0]) {
            if line.contains("\"route\":\"/healthz\"") { lines += 1 }
            if line.contains("\"draining\"") { break }
        }
        #expect(lines == Int(room) / 50)
        let outcome = try running.wait()
        #expect(outcome.status == 0)
    }

    /// Up to its line feed; nil at the end.
    private static func line(_ descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
