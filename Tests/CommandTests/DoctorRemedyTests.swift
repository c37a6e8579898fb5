import Foundation
import Glibc
import Testing

/// The commands that `doctor` shows: they can be pasted as they are, and those that cost nothing are run here.
@Suite struct DoctorRemedyTests {
    private let command: Command
    init() throws { command = try Command() }

    private struct Check: Decodable {
        var area: String
        var state: String
        var text: String
        var remedy: String?
    }
    private struct Found: Decodable { var checks: [Check] }

    /// The problems of one area, by what a program at another place finds.
    private func problems(
        _ arguments: String..., program: String = Command.program, environment: [String: String] = [:]
    ) throws -> [Check] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["doctor", "--json"] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path].merging(environment) { $1 }
        process.currentDirectoryURL = command.folder
        try command.write("out", "")
        process.standardOutput = FileHandle(forWritingAtPath: command.path("out"))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let text = try Data(contentsOf: URL(fileURLWithPath: command.path("out")))
        let found = try JSONDecoder().decode(Found.self, from: text).checks
        for check in found {
            guard let remedy = check.remedy else {
                #expect(check.state != "problem", "\(check)")
                continue
            }
            #expect(!remedy.contains("…"), "\(remedy)")
            #expect(try shell("set -n\n" + remedy) == 0, "\(remedy)")
        }
        return found.filter { $0.state == "problem" }
    }

    /// As somebody would paste it, where `stratagem` is in PATH.
    private func shell(_ line: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        let programs = URL(fileURLWithPath: Command.program).deletingLastPathComponent().path
        process.environment = ["PATH": "\(programs):/usr/bin:/bin", "HOME": command.folder.path]
        process.currentDirectoryURL = command.folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func aMisspeltBundle() throws {
        defer { command.remove() }
        let remedy = try #require(try problems("--bundle", "refernce-pair").first?.remedy)
        #expect(remedy == "stratagem doctor --bundle reference-pair")
        #expect(try shell(remedy) == 0)
        #expect(
            try problems("--bundle", "it's mine.toml").first?.remedy
                == "stratagem bundle FILE.gguf > 'it'\\''s mine.toml'")
        let broken = try command.write("broken.toml", "name = 3\n")
        #expect(try problems("--bundle", broken).first?.remedy == "${EDITOR:-nano} \(broken)    # docs/bundles.md")
    }

    @Test func aFolderThatIsNotThere() throws {
        defer { command.remove() }
        let folder = ["STRATAGEM_PATH": command.path("it's gone/plugins")]
        let remedy = try #require(try problems(environment: folder).first?.remedy)
        #expect(try shell(remedy) == 0)
        #expect(try problems(environment: folder).isEmpty)
    }

    /// What is not in the place where it was installed: its prefix is known, and who may not run the worker is helped.
    @Test func anInstallationThatIsNotWhole() throws {
        defer { command.remove() }
        let home = command.path("opt/lib/stratagem")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        for name in ["stratagem", "stratagem-worker"] {
            let here = URL(fileURLWithPath: Command.program).deletingLastPathComponent().appendingPathComponent(name)
            try FileManager.default.copyItem(atPath: here.path, toPath: "\(home)/\(name)")
        }
        chmod("\(home)/stratagem-worker", 0o644)
        let found = try problems(program: "\(home)/stratagem")
        let again = "make install PREFIX=\(command.path("opt"))    # in the repository; or install the package again"
        for area in ["models", "plugins"] { #expect(found.first { $0.area == area }?.remedy == again, "\(found)") }
        let remedy = try #require(found.first { $0.area == "worker" }?.remedy)
        #expect(remedy == "chmod +x \(home)/stratagem-worker")
        #expect(try shell(remedy) == 0)
        #expect(try problems(program: "\(home)/stratagem").contains { $0.area == "worker" } == false)
    }

    /// A server of another machine is not started here, and a tree of steps is not fetched from a hub of models.
    @Test func modelsAndServers() throws {
        defer { command.remove() }
        let far = try problems("--endpoint", "https://127.0.0.1:1/v1").first?.remedy
        #expect(far == "curl -sS https://127.0.0.1:1/v1/models    # says whether it answers, and what")
        let near = try problems("--endpoint", "http://localhost:1/v1").first?.remedy
        #expect(near == "llama-server --model FILE.gguf --port 1    # or: vllm serve MODEL --port 1")
        let gone = try problems("--model", "models/gone.gguf").first?.remedy
        #expect(
            gone == "curl -L --create-dirs -o models/gone.gguf https://huggingface.co/OWNER/NAME/resolve/main/gone.gguf"
        )
        let text = try command.write("text.gguf", "this is no model")
        #expect(try problems("--model", text).first?.remedy?.hasPrefix("curl -L --create-dirs -o \(text) ") == true)
        let bundle = try command.write(
            "tree.toml",
            """
            name = "t"
            step_delimiter = "\\n"
            context = 512
            [template]
            problem = "{problem}\\n"
            [models.policy]
            script = "gone.script"
            """)
        let lost = try problems("--bundle", bundle)
        #expect(lost.first?.remedy == "${EDITOR:-nano} \(bundle)    # docs/bundles.md", "\(lost)")
    }
}
