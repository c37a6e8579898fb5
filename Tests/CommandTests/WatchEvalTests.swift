import Foundation
import Testing

/// `eval --watch-plugins`: an eval that is under way picks up a plugin's new file.
@Suite struct WatchEvalTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// examples/early-stop with another default and in no hurry; it says when it begins.
    private func plugin(window: Int, at path: String, in command: Command) throws {
        let source = try String(contentsOfFile: Self.root + "/examples/early-stop/early_stop.c", encoding: .utf8)
            .replacing(".i = 4}", with: ".i = \(window)}")
            .replacing("#include <stdlib.h>", with: "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>")
            .replacing(
                "    int settled = ",
                with:
                    "    static int said;\n    if (!said++) puts(\"it begins\"), fflush(stdout);\n    usleep(20000);\n    int settled = "
            )
        let file = try command.write("slow-\(window).c", source)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-w", "-shared", "-fPIC", "-I", Self.root + "/Sources/CStratagem/include", file, "-o", path + ".new",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        try #require(rename(path + ".new", path) == 0)
    }

    @Test func anEvalGoesOnWithTheNewFile() throws {
        let command = try Command()
        defer { command.remove() }
        let folder = command.path("plugins")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/early-stop.so"
        try plugin(window: 4, at: path, in: command)
        let data = try command.write(
            "data.jsonl", (1...300).map { "{\"problem\": \"What is 2 + 2? (\($0))\", \"answer\": \"4\"}\n" }.joined())
        let script = try command.write("settled.script", "problem What is 2 + 2?\n  Add them.\n    #### 4 | end\n")
        let running = try command.start([
            "eval", "--data", data, "--strategy", "early-stop", "--budget", "64", "--json", "--lanes", "1",
            "--watch-plugins", "--plugin-path", folder, "--bundle", script,
        ])
        func wait(for words: String) throws {
            for _ in 0..<2500
            where try !String(contentsOfFile: running.errors, encoding: .utf8).contains(words)
                && running.process.isRunning
            { usleep(20_000) }
            #expect(try String(contentsOfFile: running.errors, encoding: .utf8).contains(words))
        }
        try wait(for: "it begins")
        try plugin(window: 6, at: path, in: command)
        try wait(for: "loaded early-stop")
        let outcome = try running.wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let result = try #require((report["results"] as? [[String: Any]])?.first)
        #expect(result["correct"] as? Int == 300)
        // Four samples a problem before, six after.
        let mean = try #require((result["cost"] as? [String: Any])?["generations"] as? Double)
        #expect(mean > 4 && mean < 6, "\(mean)")
    }
}
