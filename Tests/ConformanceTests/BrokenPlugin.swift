import Conformance
import Foundation

/// Compiles Broken/broken.c, with one defect or without.
enum BrokenPlugin {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let include = here.appendingPathComponent("../../Sources/CStratagem/include").standardized.path
    static let plugins = here.appendingPathComponent("../../Plugins").standardized

    struct CommandFailed: Error, CustomStringConvertible { var description: String }

    /// A folder that only this run uses; removed when the process ends.
    static let scratch: URL = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-kit-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: BrokenPlugin.scratch) }
        return folder
    }()

    /// The program lies beside the tests: its hidden arguments make the children.
    static let program: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("stratagem").path
    }()

    /// What a check's name is in the C file.
    static func defect(_ check: String) -> String { check.replacing("-", with: "_") }

    /// Defects that the linker makes.
    private static let linking = [
        "library-stack": ["-Wl,-z,execstack"], "library-needs": ["-Wl,--no-as-needed", "-lresolv"],
    ]

    /// The path of the shared object with this defect; nil: the correct one.
    static func build(_ check: String?, macros: [String] = []) throws -> String {
        let name = check.map(defect) ?? "correct"
        let path = scratch.appendingPathComponent("\(name).so").path
        try compile(
            here.appendingPathComponent("Broken/broken.c").path, to: path,
            check.map { ["-DBREAK_\(defect($0))=1"] + (linking[$0] ?? []) } ?? [] + macros)
        return path
    }

    static func compile(_ source: String, to path: String, _ more: [String]) throws {
        try run(
            ["cc", "-std=gnu11", "-O0", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-I\(include)"]
                + more.filter { !$0.hasPrefix("-l") && !$0.hasPrefix("-Wl") }
                + [source, "-o", path, "-lm"] + more.filter { $0.hasPrefix("-l") || $0.hasPrefix("-Wl") })
    }

    static func run(_ command: [String]) throws {
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
    }

    /// Runs the kit over a plugin.
    static func check(
        _ path: String, level: Int, only: [String] = [], configure: (inout CheckRunner.Options) -> Void = { _ in }
    ) -> [CheckResult] {
        var options = CheckRunner.Options()
        options.level = level
        options.only = only
        configure(&options)
        return CheckRunner(command: [program, "check"], options: options).run(path)
    }
}
