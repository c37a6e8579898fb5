import Foundation
import Testing

private let canCompare = FileManager.default.isExecutableFile(atPath: "/usr/bin/abidiff") && CompiledPluginTests.canRun

/// The headers' types against the dumps of 1.0 and 1.1 (abidiff): a minor version may append
/// fields to structs, and nothing else (docs/abi-policy.md).
@Suite(.enabled(if: canCompare, "needs abidiff (package abigail-tools) on x86-64")) struct ABIGuardTests {
    private static let include = Harness.here.appendingPathComponent("../../Sources/CStratagem/include").standardized
        .path

    @discardableResult
    private func run(_ command: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// What abidiff says of the headers in `folder`.
    private func differences(_ folder: String, since version: String = "1.0") throws -> String {
        let library = try Harness.folder() + "/types.so"
        let compiled = try run(
            "cc -g -gdwarf-4 -shared -fPIC -I \(folder) \(CompiledPluginTests.folder)/header_types.c -o \(library)")
        try #require(compiled.status == 0, "\(compiled.output)")
        let found = try run("abidiff --leaf-changes-only \(CompiledPluginTests.folder)/abi-\(version).xml \(library)")
        // 4: there are changes. Anything else that is not 0 is not what was asked.
        try #require([0, 4, 12].contains(found.status), "\(found.output)")
        return found.output
    }

    /// The lines of a report that tell of more than fields at the end of a struct.
    private func breaches(_ report: String) -> [String] {
        var end = 0
        return report.split(separator: "\n").map(String.init).filter { line in
            if line.contains("summary:") { return line.firstMatch(of: /[1-9][0-9]* (Removed|Changed)/) != nil }
            // What header_types.c shows of a later version's extensions.
            if line.wholeMatch(of: /\d+ Added functions?:/) != nil || line.contains("  [A] 'function ") { return false }
            if line.wholeMatch(of: /'struct \w+' changed:/) != nil || line.contains("data member insertion") {
                return false
            }
            if let size = line.firstMatch(of: /type size changed from (\d+) to/) {
                end = Int(size.1) ?? 0
                return false
            }
            if let added = line.firstMatch(of: /^ +'.* \w+', at offset (\d+) \(in bits\)/) {
                return (Int(added.1) ?? 0) < end
            }
            return !line.allSatisfy(\.isWhitespace)
        }
    }

    @Test(arguments: ["1.0", "1.1"]) func theHeaderIsCompatibleWith(version: String) throws {
        let report = try differences(Self.include, since: version)
        #expect(breaches(report).isEmpty, "\(report)")
    }

    /// The guard can fail: headers with one line changed.
    @Test(arguments: [
        ("a field at a struct's end", "    stg_str answer;          /", "    stg_str answer; double added; /", false),
        (
            "two fields swapped",
            "    uint64_t tokens;           /* limit: sampled tokens */\n    double flops;              /* limit */\n",
            "    double flops;\n    uint64_t tokens;\n", true
        ),
        ("a field between two", "    stg_node parent;  ", "    stg_node between; stg_node parent;  ", true),
        ("a field gone", "    double share;             /", "    /", true),
        ("another type", "    double weight;\n", "    uint64_t weight;\n", true),
        (
            "a function with one argument more", "    uint64_t (*random)(const struct stg_host *host);",
            "    uint64_t (*random)(const struct stg_host *host, int32_t more);", true
        ),
        (
            "another result", "    void (*destroy)(stg_instance *instance);",
            "    stg_status (*destroy)(stg_instance *instance);", true
        ),
    ]) func aChangeIsSeen(what: String, from: String, to: String, isBreach: Bool) throws {
        let folder = try Harness.folder()
        for name in ["stratagem.h", "stratagem_confidence.h", "stratagem_capabilities.h"] {
            var text = try String(contentsOfFile: "\(Self.include)/\(name)", encoding: .utf8)
            if name == "stratagem.h" {
                let place = try #require(text.range(of: from), "the header has changed: '\(from)' is nowhere in it")
                text.replaceSubrange(place, with: to)
            }
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let report = try differences(folder)
        #expect(report.contains("stg_"), "abidiff sees nothing")
        #expect(breaches(report).isEmpty != isBreach, "\(report)")
    }
}
