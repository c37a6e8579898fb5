import Locking
import Foundation
@testable import StrategyHost

/// Builds real plugins, and runs compilers and small C programs, for the tests.
enum Fixture {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let sources = here.appendingPathComponent("Fixtures")
    static let include = here.appendingPathComponent("../../Sources/CStratagem/include").standardized

    struct CommandFailed: Error, CustomStringConvertible {
        var description: String
    }

    /// A folder that only this test run uses; removed when the process ends.
    static let scratch: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-tests-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: Fixture.scratch) }
        return folder
    }()

    /// A fresh, empty folder.
    static func folder(_ name: String = "folder") throws -> URL {
        let folder = scratch.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    /// Whichever is there; Swift brings a clang.
    static let compiler = ["cc", "gcc", "clang"].first(where: has) ?? "cc"

    private static let built = Locked<[[String]: Data]>([:])

    /// The bytes of a C file of Fixtures as a plugin, built with these macros: `["ABI_MAJOR=2"]`.
    static func plugin(_ macros: [String] = [], source: String = "plugin.c") throws -> Data {
        let key = [source] + macros
        if let data = built.withLock({ $0[key] }) { return data }
        let output = try folder("build").appendingPathComponent("plugin.so")
        try run(
            [
                compiler, "-std=c11", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-const-variable",
                "-I\(include.path)",
            ]
                + macros.map { "-D\($0)" } + ["-o", output.path, sources.appendingPathComponent(source).path])
        let data = try Data(contentsOf: output)
        built.withLock { $0[key] = data }
        return data
    }

    /// The same, as a file in a folder.
    @discardableResult
    static func install(_ macros: [String] = [], in folder: URL, as name: String = "fixture.so") throws -> String {
        let path = folder.appendingPathComponent(name)
        try plugin(macros).write(to: path)
        return path.path
    }

    /// A macro whose value is a C string.
    static func text(_ name: String, _ value: String) -> String { "\(name)=\"\(value)\"" }

    /// Runs a command found on PATH, and returns what it wrote to its output.
    @discardableResult
    static func run(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailed(
                description: "\(command.joined(separator: " ")) exited with \(process.terminationStatus):\n\(text)")
        }
        return text
    }
}
