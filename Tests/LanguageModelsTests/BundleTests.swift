import Foundation
import SearchCore
import Testing
@testable import LanguageModels

struct BundleTests {
    private static let whole = """
        name = "reference"
        step_delimiter = "\\n"
        stop = ["<|end|>"]
        context = 512
        temperature = 0.7

        [answers]
        extract = "boxed"

        [template]
        problem = "Question: {problem}\\nSolution:\\n"
        revise = "Question: {problem}\\n{attempts}Solution:\\n"
        attempt = "Attempt:\\n{attempt}\\n"

        [models.policy]
        gguf = "policy.gguf"

        [models.prm]
        gguf = "/abs/prm.gguf"
        template = "Question: {problem}\\nSolution:\\n"
        good = "<|good|>"
        bad = "<|bad|>"

        [strategies.best-of-n]
        selection = "naive"
        n = 4
        temperature = 0.5
        """

    private func parse(_ text: String) throws -> LanguageModels.Bundle {
        try BundleReader.parse(text, file: "/b/x.toml", checkingFiles: false)
    }

    @Test func everyKey() throws {
        let bundle = try parse(Self.whole)
        #expect(
            bundle
                == LanguageModels.Bundle(
                    name: "reference", file: "/b/x.toml", stop: ["<|end|>"], contextTokens: 512, temperature: 0.7,
                    answers: AnswerFunctions(extract: "boxed"), namesAnswers: true,
                    prompt: PromptTemplate(
                        problem: "Question: {problem}\nSolution:\n",
                        revise: "Question: {problem}\n{attempts}Solution:\n",
                        attempt: "Attempt:\n{attempt}\n"),
                    models: [
                        "policy": .init(role: "policy", kind: .policy, source: .gguf("/b/policy.gguf")),
                        "prm": .init(
                            role: "prm", kind: .prm, source: .gguf("/abs/prm.gguf"),
                            template: "Question: {problem}\nSolution:\n",
                            readOut: TokenReadOut(good: "<|good|>", bad: ["<|bad|>"])),
                    ],
                    strategies: StrategyDefaults(
                        folder: "/b", values: ["best-of-n": ["selection": "naive", "n": "4", "temperature": "0.5"]])))
        #expect(bundle.policies.map(\.role) == ["policy"])
        #expect(bundle.verifiers.map(\.role) == ["prm"])
    }

    @Test func aStrategysParameterIsAPlainValue() throws {
        let error = try #require(throws: StratagemError.self) {
            try parse(Self.whole.replacing("n = 4", with: "n = [4]"))
        }
        #expect(
            error.message.contains("strategies.best-of-n.n must be a text, a number or true or false, found a list"))
    }

    @Test func defaults() throws {
        let bundle = try parse(
            """
            name = "tiny"
            context = 64
            template = { problem = "{problem}" }
            models.policy.gguf = "p.gguf"
            models.large.gguf = "l.gguf"
            """)
        #expect(bundle.steps == .delimiter("\n"))
        #expect(bundle.answers == AnswerFunctions(extract: "gsm8k", equal: "numeric", aggregate: "last"))
        #expect(bundle.prompt.revise.contains("{attempts}"))
        #expect(bundle.policies.map(\.role) == ["large", "policy"])
    }

    @Test func anyMixOfSources() throws {
        let bundle = try parse(
            """
            name = "mixed"
            context = 64
            template = { problem = "{problem}" }
            [models.policy]
            endpoint = ["http://a:8000/v1", "http://b:8000/v1"]
            model = "m"
            key_env = "KEY"
            timeout = 2
            requests = 8
            [models.prm]
            script = "tree.script"
            [models.checker]
            function = "arithmetic"
            [models.each]
            function = "arithmetic"
            kind = "prm"
            """)
        #expect(
            bundle.models["policy"]?.source
                == .endpoint(
                    .init(
                        urls: ["http://a:8000/v1", "http://b:8000/v1"], model: "m", keyVariable: "KEY",
                        timeout: 2, requests: 8)))
        #expect(bundle.models["prm"]?.source == .script("/b/tree.script") && bundle.models["prm"]?.kind == .prm)
        #expect(bundle.models["checker"]?.source == .function("arithmetic") && bundle.models["checker"]?.kind == .orm)
        #expect(bundle.models["each"]?.kind == .prm)
    }

    /// (what to replace, with what, what the refusal says)
    @Test(arguments: [
        (
            "step_delimiter", "step_delimeter",
            "/b/x.toml:2: step_delimeter is not a key of a bundle, did you mean 'step_delimiter'?"
        ),
        ("extract =", "exctract =", "/b/x.toml:8: answers.exctract is not a key of [answers], did you mean 'extract'?"),
        ("good =", "god =", "/b/x.toml: models.prm.good is missing"),
        ("bad = \"<|bad|>\"", "bad = []", "/b/x.toml:22: models.prm.bad is empty"),
        ("bad = \"<|bad|>\"", "bad = \"<|good|>\"", "/b/x.toml:22: models.prm.bad contains the same token as good"),
        ("[models.policy]", "[models.polcy]", "/b/x.toml: [models.policy] is missing"),
        (
            "Question: {problem}\\nSolution:\\n\"\nrevise", "Question\"\nrevise",
            "/b/x.toml:11: template.problem must contain {problem}"
        ),
        ("context = 512", "context = \"512\"", "/b/x.toml:4: context must be a whole number, found a string"),
        ("context = 512", "context = 1", "/b/x.toml:4: context must be from 16 to 1048576, found 1"),
        ("context = 512", "", "/b/x.toml: context is missing"),
        ("temperature = 0.7", "temperature = nan", "/b/x.toml:5: temperature must be from 0"),
        (
            "name = \"reference\"", "name = [\"reference\"]",
            "/b/x.toml:1: name must be a string in quotes, found a list"
        ),
        (
            "gguf = \"policy.gguf\"", "gguf = \"policy.gguf\"\nkind = \"prm\"",
            "/b/x.toml:17: models.policy.kind is 'prm'"
        ),
        (
            "good =", "kind = \"pmr\"\ngood =",
            "/b/x.toml:21: models.prm.kind is 'pmr', which is not one of policy, prm, orm, did you mean 'prm'?"
        ),
        ("name =", "name ==", "/b/x.toml:1:"),
        ("stop = [\"<|end|>\"]", "stop = [\"\"]", "/b/x.toml:3: stop has an empty string"),
        ("stop = [\"<|end|>\"]", "answers = 3", "/b/x.toml:"),
        ("gguf = \"policy.gguf\"", "", "/b/x.toml: models.policy.gguf is missing. Name the role's source"),
        (
            "gguf = \"policy.gguf\"", "ggfu = \"policy.gguf\"",
            "/b/x.toml:16: models.policy.ggfu is not a key of [models.policy], did you mean 'gguf'?"
        ),
        (
            "gguf = \"policy.gguf\"", "gguf = \"p\"\nscript = \"s\"",
            "/b/x.toml:17: models.policy.script and gguf are both given"
        ),
        ("gguf = \"policy.gguf\"", "function = \"f\"", "/b/x.toml:16: models.policy.function is a program that judges"),
        ("gguf = \"policy.gguf\"", "endpoint = []", "/b/x.toml:16: models.policy.endpoint is empty"),
        (
            "gguf = \"policy.gguf\"", "endpoint = \"u\"\nrequests = 0",
            "/b/x.toml:17: models.policy.requests must be from 1"
        ),
    ]) func refused(old: String, new: String, message: String) {
        do {
            _ = try parse(Self.whole.replacingOccurrences(of: old, with: new))
            Issue.record("accepted")
        } catch let error as StratagemError {
            #expect(error.origin == .user)
            #expect(error.message.hasPrefix(message), "\(error.message)")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func refusal(_ path: String) -> String {
            do throws(StratagemError) {
                _ = try BundleReader.read(file: path)
                return "(accepted)"
            } catch {
                return error.message
            }
        }
        let file = folder.appendingPathComponent("b.toml")
        #expect(refusal(file.path).hasSuffix("there is no such file. Name the bundle's TOML file"))
        #expect(refusal(folder.path).contains("this is a folder"))
        try Data(Self.whole.replacingOccurrences(of: "/abs/", with: "").utf8).write(to: file)
        #expect(refusal(file.path).contains("policy.gguf, which does not exist"))
        for name in ["policy.gguf", "prm.gguf"] { try Data().write(to: folder.appendingPathComponent(name)) }
        #expect(
            try BundleReader.read(file: file.path).models["prm"]?.source
                == .gguf(folder.appendingPathComponent("prm.gguf").path))
        try Data("GGUF\u{3}\0\0\0".utf8).write(to: file)
        #expect(refusal(file.path).contains("This is a GGUF file"))
        try Data([0x6E, 0xFF, 0xFE]).write(to: file)
        #expect(refusal(file.path).contains("this is not text"))
        try Data(repeating: 0x20, count: BundleReader.maximumBytes + 1).write(to: file)
        #expect(refusal(file.path).contains("is too large for a bundle"))
        #expect(refusal("/dev/zero").contains("not a regular file"))
    }

    @Test(arguments: [("beem", ", did you mean 'beam'?"), ("bema", ", did you mean 'beam'?"), ("zzzzzz", ""), ("", "")])
    func suggestions(word: String, text: String) {
        #expect(suggestion(for: word, among: ["beam", "lookahead"]) == text)
    }
}
