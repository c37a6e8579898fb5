import BackendContract
import Foundation
import LanguageModels
import Locking
import SearchCore
import Testing

@testable import SearchRuntime

/// A command as a verifier: real processes, which answer, hang, crash and write nonsense.
@Suite(.timeLimit(.minutes(2))) struct CommandVerifiers {
    /// Where the programs are, until this process exits.
    private static let root: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("commands-\(UUID().uuidString)").path
        atexit { try? FileManager.default.removeItem(atPath: CommandVerifiers.root) }
        return path
    }()

    /// A Python program that handles each question in the body of its loop.
    private struct Program {
        let folder = CommandVerifiers.root + "/\(UUID().uuidString)"

        init(_ body: String, before: String = "") throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let text = """
                import json, os, sys, time
                \(before)
                def say(**answer): print(json.dumps(answer), flush=True)
                for line in sys.stdin:
                    q = json.loads(line)
                    \(body.replacing("\n", with: "\n    "))

                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/verify.py"))
        }

        func command(timeout: Double = 30, requests: Int = 1) -> LanguageModels.Bundle.Command {
            .init(arguments: ["python3", "verify.py"], folder: folder, timeout: timeout, requests: requests)
        }
    }

    /// The share of digits in each step.
    private static let digits = """
        share = lambda text: sum(c.isdigit() for c in text) / max(1, len(text))
        steps = q["steps"] if JUDGES_STEPS else ["".join(q["steps"])]
        say(id=q["id"], values=[share(step) for step in steps])
        """

    private func verifier(
        _ program: Program, _ wakes: Wakes, isOutcome: Bool = false, timeout: Double = 30, requests: Int = 1
    ) -> FunctionVerifier {
        let service = CommandService(program.command(timeout: timeout, requests: requests), name: "verify.py")
        return FunctionVerifier(calls: CommandCalls(service, wake: { wakes.wake() }), isOutcome: isOutcome)
    }

    /// Each of these answers is one step.
    private func finish(_ verifier: FunctionVerifier, _ wakes: Wakes, _ texts: [String]) -> [ScoreCompletion] {
        let (root, _) = verifier.makeRoot(problem: Array("p".utf8), attempts: [])
        for (id, text) in texts.enumerated() {
            verifier.submit(ScoreJob(id: UInt64(id), prefix: root, steps: [Array(text.utf8)], isFinished: true))
        }
        var done: [ScoreCompletion] = []
        while verifier.hasWork {
            if verifier.advance(into: &done) == .waiting { #expect(wakes.wait()) }
        }
        return done.sorted { $0.id < $1.id }
    }

    @Test(arguments: VerifierContract.Clause.allCases, [false, true])
    func keepsTheContract(_ clause: VerifierContract.Clause, isOutcome: Bool) throws {
        let program = try Program(Self.digits, before: "JUDGES_STEPS = \(isOutcome ? "False" : "True")")
        let answers = [["3 + 4 = 7\n", "So 7.\n", "7"], ["3 + 4 = 8\n", "8"], ["7"]]
        let contract = VerifierContract(problem: "3 + 4?", answers: answers) {
            verifier(program, $0, isOutcome: isOutcome, requests: 4)
        }
        #expect(try contract.violations(of: clause) == [])
    }

    @Test func aQuestionHasTheProblemAllStepsAndWhetherTheyEnd() throws {
        let program = try Program(
            """
            good = q["problem"] == "é\\n" and q["steps"] == ["a\\n", "b"] and q["finished"] is False
            say(id=q["id"], values=[0.25, 1 if good else 0])
            """)
        let wakes = Wakes()
        let verifier = verifier(program, wakes)
        let (root, _) = verifier.makeRoot(problem: Array("é\n".utf8), attempts: [])
        verifier.submit(
            ScoreJob(id: 7, prefix: root, steps: [Array("a\n".utf8), Array("b".utf8)], isFinished: false))
        var done: [ScoreCompletion] = []
        while verifier.hasWork {
            if verifier.advance(into: &done) == .waiting { #expect(wakes.wait()) }
        }
        #expect(done.first?.values == [0.25, 1] && done.first?.calls == 1)
    }

    /// The program dies of the second answer: only that one fails, and what it said is shown.
    @Test(arguments: [1, 3]) func aCrashFailsOneAndTheOthersAreAskedAgain(requests: Int) throws {
        let program = try Program(
            """
            if q["steps"] == ["1"]:
                print("no idea", file=sys.stderr)
                sys.exit(3)
            say(id=q["id"], values=[0.5])
            """)
        let wakes = Wakes()
        let done = finish(verifier(program, wakes, requests: requests), wakes, ["0", "1", "2", "3"])
        #expect(done.map { $0.failure == nil } == [true, false, true, true])
        #expect(done[1].failure == "verify.py ended with status 3 before it answered. It wrote: no idea")
    }

    @Test func aLateAnswerFailsAndTheProgramIsStartedAgain() throws {
        let program = try Program(
            """
            if q["steps"] == ["1"]: time.sleep(600)
            say(id=q["id"], values=[0.5])
            """)
        let wakes = Wakes()
        let done = finish(verifier(program, wakes, timeout: 1.5), wakes, ["0", "1", "2"])
        #expect(done.map { $0.failure == nil } == [true, false, true], "\(done.map { $0.failure ?? "-" })")
        #expect(done[1].failure == "verify.py did not answer within 1.5 seconds")
    }

    @Test(arguments: [
        ("say(id=q['id'], values=[0.5, 0.5])", "gave 2 values for one"),
        ("say(id=q['id'], values=['good'])", "it gave a value that is no number"),
        ("say(id=q['id'], value=0.5)", "it gave no values"),
        ("say(id=q['id'], error='no units')", "verify.py: no units"),
        ("say(values=[0.5])", "wrote a line without the id of a question"),
        ("say(id=1000, values=[0.5])", "answered a question with the id 1000, which was not asked"),
        ("print('loading', flush=True)", "wrote a line that is not JSON: loading"),
        ("print('[' * 100000, flush=True)", "wrote a line that is not JSON"),
        ("print('x' * 3000000, flush=True)", "wrote a line of more than 1048576 bytes"),
    ]) func badAnswersAreFailures(answer: String, reason: String) throws {
        let wakes = Wakes()
        let program = try Program("if q['steps'] == ['0']: say(id=q['id'], values=[1])\nelse: \(answer)")
        let done = finish(verifier(program, wakes), wakes, ["0", "1", "0"])
        #expect(done.map { $0.failure == nil } == [true, false, true])
        #expect(done[1].failure?.contains(reason) == true, "\(done[1].failure ?? "")")
    }

    /// The runtime takes a value outside [0, 1] as a failure of the verifier.
    @Test func whatIsNoNumberReachesTheRuntime() throws {
        let wakes = Wakes()
        let done = finish(verifier(try Program("say(id=q['id'], values=[float('nan')])"), wakes), wakes, ["0"])
        #expect(done[0].values.first?.isNaN == true, "\(done[0])")
    }

    @Test func aProgramThatAlwaysEndsIsGivenUp() throws {
        let wakes = Wakes()
        let program = try Program("pass", before: "open('starts', 'a').write('x'); sys.exit('no model')")
        let done = finish(verifier(program, wakes), wakes, (0..<50).map { "\($0)" })
        #expect(done.allSatisfy { $0.failure?.contains("It wrote: no model") == true })
        #expect(done.last?.failure?.hasSuffix("It is not started again") == true)
        #expect(try String(contentsOfFile: program.folder + "/starts", encoding: .utf8) == "xxx")
    }

    @Test func aProgramThatDoesNotExistIsAFailure() throws {
        let wakes = Wakes()
        let service = CommandService(.init(arguments: ["/no/such/program"], folder: "/"), name: "it")
        let verifier = FunctionVerifier(calls: CommandCalls(service, wake: { wakes.wake() }), isOutcome: false)
        #expect(finish(verifier, wakes, ["0"])[0].failure == "it could not be started: no such file or directory")
    }

    /// Its whole process group ends with the verifier, and nobody stays a zombie.
    @Test func nothingIsLeftBehind() throws {
        let program = try Program(
            """
            if os.fork() == 0:
                while True: time.sleep(1)
            open("pid", "w").write(str(os.getpid()))
            say(id=q["id"], values=[1])
            """)
        do {
            let wakes = Wakes()
            #expect(finish(verifier(program, wakes), wakes, ["0"])[0].values == [1])
        }
        let pid = try #require(Int32(try String(contentsOfFile: program.folder + "/pid", encoding: .utf8)))
        for _ in 0..<500 where kill(-pid, 0) == 0 { usleep(10_000) }
        #expect(kill(-pid, 0) == -1 && errno == ESRCH)
    }

    @Test func aBundleMayRunCommandsOnlyIfTheUserSaysSo() throws {
        let text = """
            name = "x"
            context = 64
            [template]
            problem = "{problem}"
            [models.policy]
            script = "tree.script"
            [models.orm]
            command = ["python3", "it's.py"]
            """
        let bundle = try BundleReader.parse(text, file: "/b/x.toml", checkingFiles: false)
        let model = try #require(bundle.models["orm"])
        #expect(model.kind == .orm && model.source.kind == .command)
        let error = #expect(throws: StratagemError.self) {
            try CommandBackend(isAllowed: false).open(model, of: bundle)
        }
        #expect(error?.code == .commandNotAllowed)
        #expect(
            error?.message
                == "/b/x.toml: models.orm runs a program with your rights: python3 'it'\\''s.py'. If you trust this bundle, add --allow-commands"
        )
        #expect(throws: Never.self) { try CommandBackend(isAllowed: true).open(model, of: bundle) }
    }

    /// A changed script is another verifier.
    @Test func theContentsOfItsFilesAreItsIdentity() throws {
        let (one, other) = (try Program("pass"), try Program("pass"))
        func identity(_ program: Program) throws -> WeightsIdentity {
            let bundle = try BundleReader.parse(
                "name = \"x\"\ncontext = 64\n[template]\nproblem = \"{problem}\"\n[models.policy]\nscript = \"t\"\n[models.prm]\ncommand = [\"python3\", \"verify.py\"]",
                file: program.folder + "/x.toml", checkingFiles: false)
            return try CommandBackend(isAllowed: true).open(try #require(bundle.models["prm"]), of: bundle).identity
        }
        #expect(try identity(one) == identity(other))
        try Data("print()".utf8).write(to: URL(fileURLWithPath: other.folder + "/verify.py"))
        #expect(try identity(one) != identity(other))
    }
}
