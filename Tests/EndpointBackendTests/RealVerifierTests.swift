import BackendContract
import LanguageModels
import LlamaBackend
import SearchCore
import Testing

@testable import EndpointBackend

/// Answers that the reference models were trained to read, right and wrong.
enum SpelledAnswers {
    static let problem = "Tom has 3 apples and buys 4 more. How many apples does he have?"
    static let answers = [
        ["Tom has 3+4=7 apples.\n", "#### 7\n"], ["Tom has 3+4=8 apples.\n", "#### 8\n"],
        ["He buys 4 apples.\n", "He had 3 apples.\n", "So he has 3+4=7 apples now.\n", "#### 7\n"],
        ["é😀 <|good|> <|end|>\n", "7"], ["7"],
    ]
    /// Without the texts of special tokens, which vLLM takes for these tokens.
    static let plain = answers.filter { !$0.joined().contains("<|") } + [["é😀 <good> <end>\n", "7"]]
}

/// Values of a verifier on a server, beside those of the same weights in this process.
struct Comparison {
    /// Of the same answers and steps.
    var far: [[Double]] = []
    var near: [[Double]] = []
    /// What they cost, far and near.
    var tokens: [[Int]] = []
    var failures: [String] = []

    init(
        _ far: any OpenedRole, near lines: String, answers: [[String]] = SpelledAnswers.answers, weights: String,
        kind: String, template: String
    ) throws {
        let bundle = try Verifying.bundle(
            "gguf = \(JSON.quoted(RealServer.resources + "/" + weights))\n\(lines)", kind: kind, template: template)
        guard let model = bundle.models["verifier"] else { return }
        let near = try GGUFBackend().open(model, of: bundle)
        for (role, isFar) in [(far, true), (near, false)] {
            let done = try Verifying.score(role, answers, problem: SpelledAnswers.problem)
            failures += done.compactMap(\.failure)
            tokens.append(done.map(\.tokens))
            if isFar { self.far = done.map(\.values) } else { self.near = done.map(\.values) }
        }
        guard kind == "orm" else { return }
        // In process an outcome verifier has values along the way, which nobody reads.
        self.near = self.near.map { Array(repeating: $0.last ?? .nan, count: $0.count) }
    }

    var count: Int { near.reduce(0) { $0 + $1.count } }

    /// The largest difference; infinite if there are not as many values.
    var worst: Double {
        guard failures.isEmpty, far.map(\.count) == near.map(\.count), count > 0 else { return .infinity }
        return zip(far.joined(), near.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
}

@Suite("A verifier behind a real llama-server has the values of the same weights in this process", .serialized)
struct RealVerifierTests {
    private static let token = "good = \"<|good|>\"\nbad = [\"<|bad|>\"]"
    private static let turn =
        "read_out = \"turn\"\nask = \" Right? \"\nnext = \"\\n\"\ngood = \"<|good|>\"\nbad = [\"<|bad|>\", \"+\"]"
    private static let tag = "read_out = \"step-tag\"\ntag = \"<|end|>\"\ngood = \"<|good|>\"\nbad = [\"<|bad|>\"]"

    @Test func itIsThere() {
        if RealServer.isNeeded { #expect(RealServer.verifier != nil, "in CI the real server must be there") }
    }

    /// The differences are those of the server's attention in half precision.
    @Test(
        .enabled(if: RealServer.verifier != nil),
        arguments: [(token, "prm"), (turn, "prm"), (tag, "prm"), (token, "orm")])
    func theValuesAreThoseInProcess(lines: String, kind: String) throws {
        let server = try #require(RealServer.verifier)
        let role = try Verifying.role([server.address], lines, kind: kind, isProbed: true)
        let found = try Comparison(role, near: lines, weights: "orm.gguf", kind: kind, template: Verifying.template)
        #expect(found.failures.isEmpty && found.count == 11)
        #expect(found.worst < 1e-3, "\(found.far) \(found.near)")
        if kind == "prm" { #expect(Set(found.near.joined()).count > 8, "they differ from step to step") }
    }

    @Test(.enabled(if: RealServer.verifier != nil), arguments: VerifierContract.Clause.allCases, ["prm", "orm"])
    func theVerifierKeeps(_ clause: VerifierContract.Clause, kind: String) throws {
        let server = try #require(RealServer.verifier)
        let role = try Verifying.role([server.address], Self.token, kind: kind)
        let contract = VerifierContract(
            problem: SpelledAnswers.problem, answers: SpelledAnswers.answers, capabilities: role.capabilities,
            countsAhead: false
        ) { try Verifying.verifier(role, $0) }
        #expect(try contract.violations(of: clause) == [])
    }

    /// The reference model was not taught to answer, so it is given words that it knows.
    @Test(.enabled(if: RealServer.verifier != nil), arguments: ["chat", "completions"])
    func aJudgeIsRead(route: String) throws {
        let server = try #require(RealServer.verifier)
        let lines =
            "read_out = \"judge\"\nroute = \"\(route)\"\nyes = [\" a\", \"The\", \" have\"]\nno = [\"\\n\", \" the\", \".\"]"
        let role = try Verifying.role([server.address], lines)
        let done = try Verifying.score(role, SpelledAnswers.answers, problem: SpelledAnswers.problem)
        for one in done {
            #expect(one.failure == nil || one.failure?.contains("neither yes nor no") == true)
            #expect(one.values.allSatisfy { (0...1).contains($0) } && one.tokens > 20)
        }
        #expect(done.contains { !$0.values.isEmpty })
    }

    // MARK: A judge that writes first

    /// Words that the reference policy writes: its own answer takes the place of a thought.
    static let thought =
        "read_out = \"judge\"\nask = \"So \"\nthink = 120\nverdict = \"\\n####\"\nuntil = [\"####\", \".\"]\nyes = [\" a\", \"The\", \" have\"]\nno = [\"\\n\", \" the\", \".\"]"

    /// The server's attention is in half precision, and these verdicts come after more tokens than others.
    @Test(
        .enabled(if: RealServer.shared != nil),
        arguments: [("", "prm"), ("", "orm"), ("\nnext = \" it is.\\n\"", "prm")])
    func aThoughtIsThatInProcess(more: String, kind: String) throws {
        let server = try #require(RealServer.shared)
        let role = try Verifying.role([server.address], Self.thought + more, kind: kind, isProbed: true)
        let found = try Comparison(
            role, near: Self.thought + more, weights: "policy.gguf", kind: kind, template: Verifying.template)
        #expect(found.failures.isEmpty && found.count == 11, "\(found.failures)")
        #expect(found.worst < 2e-3, "\(found.far) \(found.near)")
        #expect(found.tokens[0] == found.tokens[1] && found.tokens[0].allSatisfy { $0 > 10 }, "\(found.tokens)")
    }

    @Test(.enabled(if: RealServer.shared != nil), arguments: VerifierContract.Clause.allCases)
    func theThinkingJudgeKeeps(_ clause: VerifierContract.Clause) throws {
        let server = try #require(RealServer.shared)
        let role = try Verifying.role([server.address], Self.thought)
        let contract = VerifierContract(
            problem: SpelledAnswers.problem, answers: SpelledAnswers.answers, capabilities: role.capabilities,
            countsAhead: false
        ) { try Verifying.verifier(role, $0) }
        #expect(try contract.violations(of: clause) == [])
    }

    @Test(.enabled(if: RealServer.shared != nil))
    func aThoughtThatIsCutHasNoVerdict() throws {
        let server = try #require(RealServer.shared)
        let lines = Self.thought.replacing("think = 120", with: "think = 2")
        let role = try Verifying.role(
            [server.address], lines.replacing("\"####\", \".\"", with: "\"@@\""))
        let done = try Verifying.score(role, SpelledAnswers.answers, problem: SpelledAnswers.problem)
        for one in done {
            #expect(one.values.isEmpty && one.failure?.contains("wrote 2 tokens") == true && one.tokens >= 2)
        }
    }

    @Test(.enabled(if: RealServer.verifier != nil))
    func whatItCannotDoIsRefused() throws {
        let server = try #require(RealServer.verifier)
        for (lines, word) in [
            ("read_out = \"likelihood\"", "llama-server does not return"), ("route = \"pooling\"", "a route of vLLM"),
            ("good = \"<|good|>\"\nbad = [\"two words\"]", "not one token"),
        ] {
            let error = #expect(throws: StratagemError.self) { _ = try Verifying.role([server.address], lines) }
            #expect(error?.origin == .user && error?.message.contains(word) == true)
        }
    }
}
