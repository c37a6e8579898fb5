import BackendContract
import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

/// `make test-servers`: what a server holds that `servers/servers.py` has started. Every clause is a row of its table.
@Suite("What a server on loopback holds", .serialized)
struct ServerRowTests {
    private static let given = ProcessInfo.processInfo.environment["STRATAGEM_SERVER"]
    private static let rows = ProcessInfo.processInfo.environment["STRATAGEM_SERVER_ROWS"]

    private static let token = "good = \"<|good|>\"\nbad = [\"<|bad|>\"]"
    private static let turn =
        "read_out = \"turn\"\nask = \" Right? \"\nnext = \"\\n\"\ngood = \"<|good|>\"\nbad = [\"<|bad|>\", \"+\"]"
    private static let tag = "read_out = \"step-tag\"\ntag = \"<|end|>\"\ngood = \"<|good|>\"\nbad = [\"<|bad|>\"]"
    private static let likelihood = "read_out = \"likelihood\""
    /// Words that the reference models may begin with: they were not taught to judge.
    private static let judge =
        "read_out = \"judge\"\nyes = [\" a\", \"The\", \" have\", \"<|good|>\"]\nno = [\"\\n\", \" the\", \".\", \"<|bad|>\"]"

    private let name: String
    private let address: EndpointAddress

    init() throws {
        let words = (Self.given ?? "none http://127.0.0.1:1").split(separator: " ")
        name = words.dropLast().joined(separator: " ")
        address = try EndpointAddress(parsing: String(words.last ?? ""))
    }

    @Test(.enabled(if: given != nil))
    func everyClauseIsHeldOrRefusedAsItMustBe() throws {
        switch name {
        case "llama-server policy":
            try policy()
            try thoughts()
        case "vLLM policy":
            try policy()
            try thoughts()
            try template()
        case "llama-server verifier":
            for lines in [Self.token, Self.turn, Self.tag] { try values(lines, near: lines) }
            try contract("token", Self.token)
            try judges(["chat", "completions"])
            refused("likelihood", Self.likelihood, because: "does not return")
            refused("pooling", "route = \"pooling\"", because: "a route of vLLM")
        case "llama_cpp.server":
            refused("token", Self.token, because: "exact tokens")
            refused("likelihood", Self.likelihood, because: "those of the next place")
            refused("pooling", "route = \"pooling\"", because: "a route of vLLM")
            try judges(["chat", "completions"])
            try wholeAnswers()
        case "vLLM verifier":
            for lines in [Self.token, Self.turn, Self.tag] { try values(lines, near: lines) }
            try contract("token", Self.token)
            try judges(["completions"])
            refused("pooling", "route = \"pooling\"\ntag = \"<|good|>\"", because: "404", isProbed: true)
        case "vLLM likelihood":
            try values(Self.likelihood, near: Self.likelihood, weights: "prm.gguf")
            try contract("likelihood", Self.likelihood)
        case "vLLM pooling":
            let pooling = "route = \"pooling\"\ntag = \"\\n\""
            try values(pooling, near: Self.token)
            try contract("pooling", pooling)
            refused("classify", "route = \"classify\"", because: "501", isProbed: true)
            refused("token", Self.token, because: "404", isProbed: true)
        case "vLLM Qwen2ForProcessRewardModel": try published("route = \"pooling\"")
        case "vLLM classify":
            for route in ["classify", "score"] {
                try values("route = \"\(route)\"", near: Self.token)
                try contract(route, "route = \"\(route)\"")
            }
            refused("pooling", "route = \"pooling\"\ntag = \"\\n\"", because: "whole text", isProbed: true)
        default: Issue.record("an unknown server: \(name)")
        }
    }

    // MARK: Rows

    private func row(_ role: String, _ clause: String, _ outcome: String) {
        let line = [name, role, clause, outcome].map { $0.replacing("\n", with: " ").replacing("|", with: "/") }
        if outcome.hasPrefix("broken") { Issue.record("\(line.joined(separator: ", "))") }
        guard let file = Self.rows, let handle = open(file) else { return }
        handle.write(Data((line.joined(separator: "\t") + "\n").utf8))
        try? handle.close()
    }

    private func open(_ file: String) -> FileHandle? {
        let files = FileManager.default
        guard files.fileExists(atPath: file) || files.createFile(atPath: file, contents: nil) else { return nil }
        let handle = FileHandle(forWritingAtPath: file)
        _ = try? handle?.seekToEnd()
        return handle
    }

    private func outcome(_ violations: Violations) -> String {
        violations.isEmpty ? "held" : "broken: " + violations.prefix(3).joined(separator: "; ")
    }

    /// Clause `shares` is not asked for: see docs/servers.md.
    private func policy() throws {
        let role = try EndpointRole(
            .init(urls: [address.base]), of: RealServer.bundle(.endpoint(.init(urls: [address.base]))))
        let contract = ModelContract(
            problems: [
                SpelledAnswers.problem, "Question: A box holds 12 pens. How many pens are in 5 boxes?\nSolution:\n",
            ],
            capabilities: role.capabilities
        ) { wakes in
            guard case .model(let model) = try role.make(for: LaneSeat(wake: wakes.wake)) else { throw NoModel() }
            return model
        }
        for clause in ModelContract.Clause.allCases where clause != .shares {
            let isPromised = clause != .repeats || role.capabilities.repeatsSamples
            row("policy", clause.rawValue, isPromised ? outcome(try contract.violations(of: clause)) : "not promised")
        }
    }

    private struct NoModel: Error {}

    /// The template that the server was started with (servers.py) is the prompt; the special token in it is one.
    private func template() throws {
        let starter = try StarterBundle.ask(address.base)
        let prompt = try BundleReader.parse(starter.text, file: "starter.toml", checkingFiles: false).prompt.problem
        let isOwn = prompt.hasPrefix("user: {problem}") && prompt.hasSuffix("<|end|>\nSolution:\n")
        row("policy", "chat template", isOwn ? "held" : "broken: \(prompt.debugDescription)")
        let chat = EndpointChat(starter.profile, EndpointClient(address))
        let turns = [ChatTurn(role: "system", text: "Be brief."), ChatTurn(role: "user", text: "3 + 4?")]
        let text = try chat.lay(out: turns)
        let isWhole = text == "system: Be brief.<|end|>\nuser: 3 + 4?<|end|>\nSolution:\n"
        row("policy", "conversation", isWhole ? "held" : "broken: \(text.debugDescription)")
    }

    /// A server that has nothing else answers in a conversation, and its bundle to start from says so.
    private func wholeAnswers() throws {
        let starter = try StarterBundle.ask(address.base)
        let bundle = try BundleReader.parse(starter.text, file: "starter.toml", checkingFiles: false)
        let role = try EndpointBackend().open(try #require(bundle.models["policy"]), of: bundle)
        let wakes = Wakes()
        guard starter.profile.isChat, case .model(let model) = try role.make(for: LaneSeat(wake: wakes.wake)) else {
            throw NoModel()
        }
        let (root, _) = try model.makePrefix(parent: nil, text: [PromptPart(text: Array("3 + 4?".utf8))])
        model.submit(SampleJob(id: 1, prefix: root, until: .end, maxTokens: 20, temperature: 1, seed: 1))
        var done: [SampleCompletion] = []
        while model.hasWork { if model.advance(into: &done) == .waiting, !wakes.wait() { break } }
        let one = try #require(done.first)
        let isWhole = one.tokens > 0 && one.tokens <= 20 && (one.ending == .finished || one.ending == .truncated)
        row("policy, chat", "whole answers", isWhole ? "held" : "broken: \(one.tokens) tokens, \(one.ending)")
    }

    private func contract(_ role: String, _ lines: String) throws {
        for kind in ["prm", "orm"] {
            let opened = try Verifying.role([address], lines, kind: kind, isProbed: true)
            let contract = VerifierContract(
                problem: SpelledAnswers.problem, answers: SpelledAnswers.answers, capabilities: opened.capabilities,
                countsAhead: false
            ) { try Verifying.verifier(opened, $0) }
            for clause in VerifierContract.Clause.allCases {
                let isPromised = clause != .repeats || opened.capabilities.repeatsSamples
                row(
                    "\(kind), \(role)", clause.rawValue,
                    isPromised ? outcome(try contract.violations(of: clause)) : "not promised")
            }
        }
    }

    /// The values are those of the same weights in this process.
    private func values(_ lines: String, near: String, weights: String = "orm.gguf") throws {
        let word = lines.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
        for kind in near == Self.token || near == Self.likelihood ? ["prm", "orm"] : ["prm"] {
            let role = try Verifying.role([address], lines, kind: kind, isProbed: true)
            let isThinking = lines.contains("think")
            var answers = name.hasPrefix("vLLM") ? SpelledAnswers.plain : SpelledAnswers.answers
            // Behind this text, two tokens of a thought are equally likely to 0.002: half precision may choose either.
            if isThinking { answers.removeAll { $0[0].contains("<good>") } }
            let found = try Comparison(
                role, near: near, answers: answers, weights: weights, kind: kind, template: Verifying.template)
            let isHeld = found.worst < (isThinking ? 2e-3 : 1e-3)
            row(
                "\(kind), \(lines == Self.token ? "token" : isThinking ? "judge, think" : word)",
                "as in process",
                isHeld
                    ? "held: \(found.count) values, largest difference \(String(format: "%.1e", found.worst))"
                    : "broken: \(found.far) against \(found.near) \(found.failures.first ?? "")")
        }
    }

    /// A judge that writes before its verdict: the policy's own answer takes the place of a thought.
    private func thoughts() throws {
        try values(RealVerifierTests.thought, near: RealVerifierTests.thought, weights: "policy.gguf")
        try contract("judge, think", RealVerifierTests.thought)
    }

    /// The values are those that transformers computes.
    private func published(_ lines: String) throws {
        let file = try #require(ProcessInfo.processInfo.environment["STRATAGEM_SERVER_EXPECTED"])
        let known = try JSONParser.parse(Array(Data(contentsOf: URL(fileURLWithPath: file)))[...])
        let answers = known["answers"]?.array?.map { $0.array?.compactMap(\.string) ?? [] } ?? []
        let expected = known["values"]?.array?.map { $0.array?.compactMap(\.double) ?? [] } ?? []
        let role = try Verifying.role([address], lines, isProbed: true)
        var worst = answers.isEmpty ? Double.infinity : 0
        for (answer, values) in zip(answers, expected) {
            // `Verifying.score` would number the problems.
            let wakes = Wakes()
            let verifier = try Verifying.verifier(role, wakes)
            let (root, _) = try verifier.makeRoot(problem: Array(SpelledAnswers.problem.utf8), attempts: [])
            verifier.submit(
                ScoreJob(id: 1, prefix: root, steps: answer.map { Array($0.utf8) }, isFinished: true))
            var done: [ScoreCompletion] = []
            while verifier.hasWork, verifier.advance(into: &done) != .waiting || wakes.wait() {}
            let far = done.first?.values ?? []
            worst = far.count == values.count ? zip(far, values).reduce(worst) { max($0, abs($1.0 - $1.1)) } : .infinity
        }
        row(
            "prm, pooling", "as transformers",
            worst < 1e-3
                ? "held: \(expected.joined().count) values, largest difference \(String(format: "%.1e", worst))"
                : "broken: another by \(worst)")
    }

    private func judges(_ routes: [String]) throws {
        for route in routes {
            let role = try Verifying.role([address], Self.judge + "\nroute = \"\(route)\"")
            let done = try Verifying.score(role, SpelledAnswers.answers, problem: SpelledAnswers.problem)
            let isHeld = done.allSatisfy { one in
                one.failure?.contains("neither yes nor no") == true
                    || one.failure == nil && one.tokens > 20 && one.values.allSatisfy { (0...1).contains($0) }
            }
            let count = done.count { $0.failure == nil }
            row(
                "prm, judge, \(route)", "values",
                isHeld && count > 0
                    ? "held: \(count) of \(done.count) answers begin with a verdict"
                    : "broken: \(done.compactMap(\.failure).first ?? "no verdict")")
        }
    }

    private func refused(_ role: String, _ lines: String, because word: String, isProbed: Bool = false) {
        do {
            _ = try Verifying.role([address], lines, isProbed: isProbed)
            row("prm, \(role)", "refused", "broken: it was opened")
        } catch {
            let text = "\(error)"
            row(
                "prm, \(role)", "refused",
                text.contains(word) ? "refused as it must be (… \(word) …)" : "broken: refused, but: \(text)")
        }
    }
}
