import Foundation
import Glibc
import Testing

/// `stratagem doctor`: what it finds, and the command that mends it.
@Suite struct DoctorTests {
    private let command: Command
    init() throws { command = try Command() }

    private struct Check: Decodable {
        var area: String
        var state: String
        var text: String
        var remedy: String?
        var usable: Int?
        var needed_bytes: Int?
        var cache_bytes: Int?
        var strategies: Int?
    }
    private struct Found: Decodable {
        var version: String
        var problems: Int
        var checks: [Check]
    }

    private func doctor(_ arguments: String..., environment: [String: String] = [:]) throws -> (
        status: Int32, found: Found
    ) {
        let outcome = try command.start(["doctor", "--json"] + arguments, environment: environment).wait()
        return (outcome.status, try JSONDecoder().decode(Found.self, from: Data(outcome.output.utf8)))
    }

    /// Where it was built everything is there. What this kernel lacks is nobody's to mend.
    @Test func allIsWell() throws {
        defer { command.remove() }
        let (status, found) = try doctor()
        #expect(status == 0 && found.problems == 0, "\(found.checks.filter { $0.state == "problem" })")
        for area in [
            "program", "worker", "models", "plugins", "isolation", "processor", "cores", "bundle", "policy", "prm",
            "memory",
        ] {
            #expect(found.checks.contains { $0.area == area }, "\(area)")
        }
        #expect(found.checks.first { $0.area == "plugins" }?.strategies ?? 0 > 5)
        let text = try command.run("doctor")
        #expect(text.status == 0 && text.output.hasPrefix("ok       program "), "\(text.output)")
        #expect(text.output.contains("All is well.") || text.output.contains("nothing has to be mended."))
        #expect(
            text.output.split(separator: "\n").filter { !$0.contains("$ ") }.allSatisfy { $0.count <= 100 },
            "\(text.output)")
    }

    @Test func coresAreThoseThatMayBeUsed() throws {
        defer { command.remove() }
        let line = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n").first {
            $0.hasPrefix("Cpus_allowed_list:")
        }
        let first = try #require(line?.split { !$0.isNumber }.first)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "taskset -c \(first) '\(Command.program)' doctor --json > '\(command.path("out"))'"]
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path]
        try process.run()
        process.waitUntilExit()
        let found = try JSONDecoder().decode(
            Found.self, from: Data(contentsOf: URL(fileURLWithPath: command.path("out"))))
        #expect(found.checks.first { $0.area == "cores" }?.usable == 1)
    }

    /// More solutions need more, up to what the caches hold.
    @Test func memoryIsOfTheModelAndTheBudget() throws {
        defer { command.remove() }
        func memory(_ arguments: String...) throws -> Check {
            let outcome = try command.start(["doctor", "--json"] + arguments).wait()
            let found = try JSONDecoder().decode(Found.self, from: Data(outcome.output.utf8))
            return try #require(found.checks.first { $0.area == "memory" })
        }
        let (one, two) = (try memory("--budget", "1"), try memory("--budget", "2"))
        // Policy and verifier: 1,024 tokens, 2 roles, keys and values of two bytes.
        let each = try #require(one.cache_bytes)
        #expect(each > 1 << 20 && two.cache_bytes == 2 * each && two.needed_bytes == one.needed_bytes.map { $0 + each })
        #expect(try memory("--budget", "100000").cache_bytes == 98 << 20)
        #expect(try memory("--budget", "100000", "--cache-memory", "64").cache_bytes == 56 << 20)
        #expect(try memory("--budget", "100000").text.contains("a larger --cache-memory saves time"))
    }

    @Test func refusedPluginsAreNamed() throws {
        defer { command.remove() }
        let folder = command.path("plugins")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = try command.write("plugins/broken.so", "no ELF file at all, but long enough to be looked at")
        let (status, found) = try doctor("--plugin-path", folder)
        #expect(status == 1 && found.problems == 1, "\(found.checks.filter { $0.state == "problem" })")
        let check = try #require(found.checks.first { $0.area == "plugin" })
        #expect(
            check.text.hasPrefix("\(file) was refused: ") && check.remedy?.hasPrefix("stratagem check \(file) ") == true
        )
        let text = try command.run("doctor", "--plugin-path", folder)
        #expect(
            text.status == 1 && text.output.contains("problem  plugin") && text.output.hasSuffix("1 problem.\n")
                || text.output.contains("1 problem, "), "\(text.output)")
        let lost = try doctor(environment: ["STRATAGEM_PATH": command.path("nowhere")])
        #expect(
            lost.status == 1
                && lost.found.checks.contains {
                    $0.text.contains("nowhere, which STRATAGEM_PATH names, is not there")
                        && $0.remedy?.hasPrefix("mkdir") == true
                })
    }

    /// The program alone in a folder: nothing that belongs beside it is there.
    @Test func anIncompleteInstallation() throws {
        defer { command.remove() }
        let program = command.path("stratagem")
        if link(Command.program, program) != 0 {
            try FileManager.default.copyItem(atPath: Command.program, toPath: program)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["doctor", "--json"]
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path]
        try Data().write(to: URL(fileURLWithPath: command.path("out")))
        process.standardOutput = FileHandle(forWritingAtPath: command.path("out"))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        let found = try JSONDecoder().decode(
            Found.self, from: Data(contentsOf: URL(fileURLWithPath: command.path("out"))))
        let broken = Set(found.checks.filter { $0.state == "problem" }.map(\.area))
        #expect(broken.isSuperset(of: ["worker", "models", "plugins"]), "\(found.checks)")
        #expect(found.checks.filter { $0.state == "problem" }.allSatisfy { $0.remedy != nil })
        let astray = try doctor(environment: ["STRATAGEM_MODELS": "/nonexistent"])
        #expect(
            astray.status == 1
                && astray.found.checks.contains { $0.area == "models" && $0.remedy == "unset STRATAGEM_MODELS" })
    }

    @Test func modelsAndServersOfABundle() throws {
        defer { command.remove() }
        let silent = try command.write(
            "silent.toml",
            """
            name = "silent"
            step_delimiter = "\\n"
            context = 512
            [template]
            problem = "{problem}\\n"
            [models.policy]
            endpoint = ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"]
            [models.prm]
            gguf = "nowhere.gguf"
            kind = "prm"
            template = "{problem}\\n"
            read_out = "likelihood"
            """)
        let (status, found) = try doctor("--bundle", silent)
        let problems = found.checks.filter { $0.state == "problem" }
        #expect(status == 1 && problems.map(\.area) == ["endpoint", "endpoint", "prm"], "\(problems)")
        try #require(problems.count == 3)
        #expect(
            problems[0].remedy?.hasPrefix("llama-server --model FILE.gguf --port 1 ") == true
                && problems[1].remedy?.contains("--port 2 ") == true, "\(problems)")
        #expect(
            problems[2].text.contains("nowhere.gguf")
                && problems[2].remedy?.hasPrefix("curl -L --create-dirs -o ") == true,
            "\(problems[2])")
        let locked = try command.write(
            "locked.toml",
            String(contentsOfFile: silent, encoding: .utf8).replacing(
                "[models.prm]\n", with: "key_env = \"NO_SUCH_KEY\"\n[models.prm]\n"))
        #expect(
            try doctor("--bundle", locked).found.checks.first { $0.area == "endpoint" }?.remedy
                == "export NO_SUCH_KEY=SECRET")
        let none = try doctor("--endpoint", "http://127.0.0.1:1/v1")
        #expect(none.status == 1 && none.found.checks.contains { $0.area == "endpoint" && $0.state == "problem" })
        let bad = try doctor("--bundle", "refernce")
        #expect(
            bad.status == 1
                && bad.found.checks.contains { $0.area == "bundle" && $0.text.contains("did you mean \"reference\"?") })
        let script = try command.write("tree.script", Command.script)
        #expect(try doctor("--bundle", script).status == 0)
        #expect(try command.run("doctor", "--budget", "0").status == 2)
    }
}
