import Foundation
import Testing

struct SolveTests {
    private let command: Command
    init() throws { command = try Command() }

    @Test func answersVotesAndCost() throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "What is 2 + 2?")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(
            outcome.output.hasPrefix(
                "answer  4\ntext    Add them.\n        #### 4\nvotes   4  ████████████████████████  "))
        #expect(outcome.output.contains("cost    16 generations, "))
        #expect(!outcome.output.contains("\u{1B}"), "no colours in a file")
    }

    @Test func json() throws {
        defer { command.remove() }
        let outcome = try command.run(
            "solve", "What is 2 + 2?", "--json", "--strategy", "beam-search", "--param", "beam_width=2", "--budget",
            "4", "--seed", "5")
        #expect(outcome.status == 0)
        let result = try object(outcome.output)
        #expect(
            Set(result.keys) == [
                "answer", "problem", "strategy", "params", "budget", "seed", "votes", "candidates", "cost",
            ])
        #expect(result["answer"] as? String == "4")
        #expect(result["strategy"] as? String == "beam-search")
        #expect(result["budget"] as? String == "4")
        #expect(result["seed"] as? Int == 5)
        #expect((result["params"] as? [String: Any])?["beam_width"] as? Int == 2)
        let cost = try #require(result["cost"] as? [String: Any])
        #expect(cost["generations"] as? Int == 4)
    }

    @Test func sameSeedSameBytes() throws {
        defer { command.remove() }
        func text(_ seed: String) throws -> String {
            try command.run("solve", "What is 2 + 2?", "--json", "--seed", seed).output.replacing(
                /"seconds": .*/, with: "")
        }
        #expect(try text("1") == text("1"))
        #expect(try text("1") != text("2"))
    }

    @Test func problemFromStandardInput() throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "-", "--strategy", "greedy", input: Data("What is 2 + 2?\n".utf8))
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("answer  5\n"))
    }

    /// The shipped problems are found beside the program.
    @Test func shippedExamples() throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "--example", "1", "--strategy", "greedy", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try object(outcome.output)["expected"] is String)
        // Nobody has written the problem here: it is shown, and then what came of it.
        let text = try command.run("solve", "--example", "1", "--strategy", "greedy").output
        #expect(
            text.hasPrefix("problem ") && text.contains("\nanswer  ") && text.contains("\ntext    ")
                && text.contains("\nvotes   "), "\(text)")
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text)")
        let typed = try command.run("solve", "What is 2 + 2?")
        #expect(!typed.output.contains("problem "), "whoever typed it knows it")
        let none = try command.run("solve", "--example", "501")
        #expect(none.status == 2)
        #expect(none.errors.contains("numbered from 1 to 500"))
        let astray = try command.run("solve", "--example", "1", environment: ["STRATAGEM_MODELS": "/nonexistent"])
        #expect(astray.status == 2)
        #expect(astray.errors.contains("STRATAGEM_MODELS names /nonexistent"))
    }

    /// It tells how hard the problem was found, and what it ran.
    @Test func computeOptimalTellsItsChoice() throws {
        defer { command.remove() }
        let bundle = ["--bundle", "reference", "--strategy", "compute-optimal"]
        let outcome = try command.start(["solve", "--example", "7"] + bundle).wait()
        #expect(
            outcome.output.contains(
                /\nnotes   ease [01]\.[0-9]{3} \(of [0-9]+ samples?\), bin . of . \(1 is the easiest\): .*[a-z-]+/
            ), "\(outcome.output)\(outcome.errors)")
        let json = try command.start(["solve", "--example", "7", "--json"] + bundle).wait()
        #expect((try object(json.output)["notes"] as? [String])?.first?.hasPrefix("ease ") == true, "\(json.output)")
        let known = try command.start(["solve", "--example", "7", "--param", "ease=0.1"] + bundle).wait()
        #expect(
            known.output.contains(/notes   ease 0.100 \(given\), bin [345] of 5 \(1 is the easiest\): ran [a-z]/),
            "\(known.output)")
    }

    @Test func traceAndPictures() throws {
        defer { command.remove() }
        for ending in ["svg", "html", "dot"] {
            let outcome = try command.run(
                "solve", "What is 2 + 2?", "--tree", command.path("t.\(ending)"), "--trace", command.path("t.jsonl"))
            #expect(outcome.status == 0)
            let picture = try String(contentsOfFile: command.path("t.\(ending)"), encoding: .utf8)
            #expect(picture.contains(ending == "dot" ? "digraph" : "<svg"))
        }
        let lines = try String(contentsOfFile: command.path("t.jsonl"), encoding: .utf8).split(separator: "\n").map {
            try object(String($0))
        }
        #expect(lines[0]["strategy"] as? String == "best-of-n")
        #expect(lines.last?["answers"] != nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: command.folder.path).filter { $0.hasSuffix(".part") }
                == [])
    }

    @Test func abiTrace() throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "What is 2 + 2?", "--budget", "1", "--trace-abi")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("abi: "))
        #expect(outcome.output.hasPrefix("answer"))
    }

    /// (arguments, what the message says)
    @Test(arguments: [
        (["solve"], "there is no problem to solve"),
        (["solve", ""], "the problem is empty"),
        (["solve", " \n "], "the problem is empty"),
        (["solve", "x", "--example", "1"], "there are two problems"),
        (["solve", "x", "--budget", "0"], "generations must be between 1 and"),
        (["solve", "x", "--budget", "-5"], "budget '-5'"),
        (["solve", "x", "--budget", "NaN"], "'NaN' is not a whole number"),
        (["solve", "x", "--budget", "seconds=nan"], "seconds must be a finite number"),
        (["solve", "x", "--budget", "99999999999999999999"], "is not a whole number"),
        (["solve", "x", "--budget", "minutes=1"], "'minutes' is not a kind of budget"),
        (["solve", "x", "--strategy", "beem-search"], "did you mean \"beam-search\"?"),
        (["solve", "x", "--strategy", "./nothing.so"], "nothing.so does not exist"),
        (["solve", "x", "--param", "selecton=naive"], "did you mean \"selection\"?"),
        (["solve", "x", "--param", "selection=best"], "weighted"),
        (["solve", "x", "--param", "temperature=nan"], "not a finite number"),
        (["solve", "x", "--param", "temperature=11"], "temperature of best-of-n is 11"),
        (["solve", "x", "--param", "temperature"], "is not key=value"),
        (["solve", "x", "--seed", "-1"], "--seed"),
        (["solve", "x", "--lanes", "0"], "--lanes must be from 1"),
        (["solve", "x", "--tree", "t.png"], "must end in .svg, .html or .dot"),
        (["solve", "x", "--tree", "/nonexistent/t.svg"], "No such file or directory"),
        (["solve", "x", "--trace", "/proc/version/t"], "cannot be written"),
        (["solve", "x", "--bundle", "/nonexistent.toml"], "there is no such file"),
        (["solve", "x", "--bundle", "/tmp"], "this is a folder"),
        (["solve", "x", "--bundle", "/nonexistent.script"], "cannot be read"),
        (["solve", "x", "--plugin-path", "/nonexistent"], "--plugin-path /nonexistent: there is no such folder"),
        (["solve", "x", "--nonsense"], "Unknown option '--nonsense'"),
        (["solve", "x", "--budgte", "4"], "Did you mean '--budget'?"),
        (["slove"], "there is no command 'slove' (did you mean \"solve\"?). The commands are solve, eval, "),
        (["help", "evla"], "there is no command 'evla' (did you mean \"eval\"?)"),
        (["2 + 2?"], "If it is a problem: stratagem solve '2 + 2?'. The commands are"),
    ]) func refused(arguments: [String], message: String) throws {
        defer { command.remove() }
        let outcome = try command.start(arguments).wait()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.output == "", "nothing but results on standard output")
    }

    @Test func refusalAsJSON() throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "x", "--json", "--budget", "0")
        #expect(outcome.status == 2)
        let error = try #require(try object(outcome.output)["error"] as? [String: String])
        #expect(error["origin"] == "user")
        #expect(error["code"] == "bad_budget")
    }

    @Test(arguments: [
        (Data("a\0b".utf8), "NUL byte at byte 2"),
        (Data([0x63, 0x61, 0x66, 0xE9]), "not UTF-8"),
        (Data(repeating: 0x61, count: 8 << 20), "8388608 bytes"),
        (Data(), "the problem is empty"),
    ]) func badStandardInput(input: Data, message: String) throws {
        defer { command.remove() }
        let outcome = try command.run("solve", "-", input: input)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test func fullDisk() throws {
        defer { command.remove() }
        let closed = try command.run("solve", "What is 2 + 2?", output: "/dev/full")
        #expect(closed.status == 1)
        #expect(closed.errors.contains("No space left on device"))
        let trace = try command.run("solve", "What is 2 + 2?", "--trace", "/dev/full")
        #expect(trace.status == 1)
        #expect(trace.output.hasPrefix("answer  4"), "the result is not lost")
        #expect(trace.errors.contains("No space left on device"))
    }
}
