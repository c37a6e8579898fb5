import Foundation
import Testing

/// Examples that a newcomer meets first, in help texts and in the README: run as they
/// stand there, they print what is written here, or there.
@Suite struct ShownExampleTests {
    enum Outcome: Sendable {
        /// All of standard output, but for the seconds.
        case prints(String)
        /// It ends well, and these are in what it prints.
        case says([String])
        /// Not run here, and why.
        case elsewhere(String)
    }

    private static let pencils =
        "\"A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?\""
    private static let books =
        "\"A kid has 20 books. His sister has 8 fewer books than he has. How many books do they have together?\""

    /// Every example of every help text.
    static let examples: [String: Outcome] = [
        "stratagem solve \(pencils)": .prints(
            """
            answer  20
            text    His sister has 12 - 4 = 8 pencils.
                    Together, they have 12 + 8 = 20 pencils.
                    #### 20
            votes   20  ████████████████████████  15.00  15 solutions
                    18                            0.00  1 solution
            cost    16 generations, 720 tokens (and 43 of prompt, 133 by the verifier), 1.7 GFLOP, … s

            """),
        "echo \(books) | stratagem solve - --strategy majority --budget 8": .prints(
            """
            answer  32
            text    His sister has 20 - 8 = 12 books.
                    Together, they have 20 + 12 = 32 books.
                    #### 32
            votes   32  ████████████████████████  8.00  8 solutions
            cost    8 generations, 376 tokens (and 43 of prompt, 0 by the verifier), 801 MFLOP, … s

            """),
        "stratagem solve --example 7 --strategy beam-search --budget 16 --watch": .prints(
            """
            problem Sam went to their backyard to pick some cherries and found half as many ladybugs as
                    grasshoppers in the patch. If there were 168 grasshoppers, calculate the total number of
                    insects in the patch.
            answer  252  (right)
            text    If there were 168 grasshoppers, the total number of ladybugs in the patch is half * 168
                    grasshoppers = 84 ladybugs
                    The total number of insects in the patch is 84 ladybugs + 168 grasshoppers = 252 insects
                    #### 252
            votes   252  ████████████████████████  1.00  1 solution
            cost    16 generations, 1,520 tokens (and 75 of prompt, 170 by the verifier), 3.6 GFLOP, … s

            """),
        "stratagem solve --example 7 --strategy beam-search --watch": .says(["answer  252  (right)"]),
        "stratagem solve --example 7 --budget 16+seconds=5 --json --tree tree.svg": .says([
            "\"answer\": \"252\"", "\"correct\": true",
        ]),
        "stratagem solve --example 7 --strategy ./libmine.so --trace run.jsonl": .says(["answer  252  (right)"]),
        "stratagem plugins": .says(["\nbeam-search  ", "\nmajority  "]),
        "stratagem plugins --plugin-path ./my-plugins": .says(["\nbeam-search  ", "./my-plugins/libmine.so"]),
        "stratagem difficulty \(pencils) --samples 8": .prints(
            """
            predicted difficulty: mean final score of the verifier, 8 samples per problem
              ease 1.000
            cost per problem: 360 tokens, 88 by the verifier, 918 MFLOP

            """),
        "stratagem query quick.db": .says(["strategy", "best-of-n", "beam-search"]),
        "stratagem query quick.db cells --csv": .says(["strategy,params,budget,seed,problems,correct,"]),
        "stratagem eval --limit 20 --seeds 3 --strategy majority --budget 4": .says([
            "strategy @ budget  seeds  accuracy", "majority @ 4           3 ",
        ]),
        "stratagem eval --limit 20 --budget 4 --csv": .says([
            "name,strategy,params,budget,seed,", "\nbest-of-n @ 4,best-of-n,",
        ]),
        "stratagem doctor": .says(["ok       program ", "ok       worker "]),
        "stratagem doctor --bundle reference-pair --budget 64": .says(["64 solutions at once", "reference-pair: "]),
        "stratagem doctor --endpoint http://localhost:8080/v1": .elsewhere(
            "DoctorTests: no server is sure to be there, nor that none is"),
        "stratagem doctor --json": .says(["\"problems\": 0"]),
        "stratagem query quick.db study": .says(["data      test-500.jsonl", "bundle    "]),
        "stratagem query quick.db cells --strategy beam-search --json": .says(["\"beam-search\""]),
        "stratagem query quick.db --sql 'SELECT problem, count(*) FROM runs WHERE correct GROUP BY problem'": .says([
            "problem  count(*)"
        ]),
        "stratagem judge --data processbench.jsonl --bundle my-prm.toml": .elsewhere(
            "JudgeCommandTests: the data are not ours to ship"),
        "stratagem judge --data math.jsonl --dev-data gsm8k.jsonl --bundle my-prm.toml --json": .elsewhere(
            "JudgeCommandTests"),
        "stratagem judge --data processbench.jsonl --dev 200 --bundle my-prm.toml": .elsewhere("JudgeCommandTests"),
        "stratagem trust ./libmine.so": .says(["Trusted as it is now: ", "SHA-256 "]),
        "stratagem trust --list": .says([]),
        "stratagem trust --remove ./libmine.so": .elsewhere("TrustCommandTests: something must be trusted"),
        "stratagem plugins --json | jq '.[] | select(.status == \"refused\")'": .elsewhere(
            "jq is not everywhere; HelpTests reads the same JSON"),
        "stratagem eval --strategy best-of-n --strategy majority --budget 4,16": .elsewhere(
            "500 problems, and tokens a second"),
        "stratagem eval --limit 100": .elsewhere("half a minute, and tokens a second"),
        "stratagem eval --strategy majority --strategy best-of-n --budget 1,4,16,64": .elsewhere(
            "500 problems, and tokens a second"),
        "stratagem eval --strategy best-of-n:selection=naive --strategy beam-search:beam_width=4 --json": .elsewhere(
            "500 problems"),
        "stratagem eval --data gsm8k-test.jsonl --bundle smollm2.toml --out gsm8k.db --resume": .elsewhere(
            "a model that does not ship"),
        "stratagem eval --grid examples/reproduce/quick.toml --out quick.db --shard 2/8": .elsewhere(
            "StudyCommandTests"),
        "stratagem eval --grid study.toml --out a.db --shard 1/2 # on one machine": .elsewhere("StudyCommandTests"),
        "stratagem eval --grid study.toml --out b.db --shard 2/2 # on another": .elsewhere("StudyCommandTests"),
        "stratagem merge a.db b.db -o study.db": .elsewhere("StudyCommandTests"),
    ]

    /// Commands whose examples need a study, a project or minutes: their own tests run them.
    private static let others = [
        "difficulty --", "fit", "match", "report", "new", "label", "check", "bench", "replay", "manual",
    ]

    /// Of a help text, each in one line.
    static func examples(in help: String) -> [String] {
        var (found, isInside) = ([String](), false)
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text == "Examples:" {
                isInside = true
            } else if text.isEmpty {
                isInside = false
            } else if isInside {
                // Wrapped at the terminal's width.
                if line.hasPrefix("  ") {
                    found.append(text)
                } else if let last = found.indices.last {
                    found[last] += " " + text
                }
            }
        }
        return found.map { $0.replacing(/[ ]+/, with: " ") }
    }

    private static func mask(_ text: String) -> String { text.replacing(/[0-9]+\.[0-9]+ s\n/, with: "… s\n") }

    /// What the examples speak of.
    private func prepare(_ command: Command) throws {
        let folder = URL(fileURLWithPath: Command.program).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: command.path("my-plugins"), withIntermediateDirectories: true)
        // Another file than the shipped one, by a byte after its end; not the same plugin twice.
        let mine = try Data(contentsOf: URL(fileURLWithPath: folder + "/libstg-majority.so")) + Data([0])
        for place in ["libmine.so", "my-plugins/libmine.so"] {
            try mine.write(to: URL(fileURLWithPath: command.path(place)))
        }
    }

    private func run(_ line: String, in command: Command) throws -> Command.Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "stratagem() { '\(Command.program)' \"$@\"; }\n\(line)"]
        process.currentDirectoryURL = command.folder
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": command.folder.path, "TMPDIR": command.folder.path]
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: command.path(name))) }
        process.standardOutput = FileHandle(forWritingAtPath: command.path("out"))
        process.standardError = FileHandle(forWritingAtPath: command.path("err"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Command.Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: command.path("out"), encoding: .utf8),
            errors: try String(contentsOfFile: command.path("err"), encoding: .utf8))
    }

    @Test(arguments: ["", "solve", "eval", "merge", "query", "plugins", "trust", "difficulty", "doctor"])
    func helpShowsWhatHappens(name: String) throws {
        let command = try Command()
        defer { command.remove() }
        try prepare(command)
        let help = try command.start((name.isEmpty ? [] : [name]) + ["--help"]).wait().output
        let shown = Self.examples(in: help).filter { example in
            !Self.others.contains { example.hasPrefix("stratagem \($0)") }
        }
        #expect(!shown.isEmpty)
        if name == "query" {
            let made = try run(
                "stratagem eval --limit 2 --budget 2 --strategy best-of-n --strategy beam-search --out quick.db",
                in: command)
            #expect(made.status == 0, "\(made.errors)")
        }
        for example in shown {
            let outcome = try #require(Self.examples[example], "an example that nobody runs: \(example)")
            if case .elsewhere = outcome { continue }
            let found = try run(example, in: command)
            #expect(found.status == 0, "\(example): \(found.errors)")
            switch outcome {
            case .prints(let text): #expect(Self.mask(found.output) == text, "\(example)")
            case .says(let words):
                for word in words { #expect(("\n" + found.output).contains(word), "\(example): \(found.output)") }
            case .elsewhere: break
            }
        }
    }

    /// The README's first page, and what it says to type next.
    @Test func theReadmeShowsWhatHappens() throws {
        let command = try Command()
        defer { command.remove() }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = Self.mask(try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8))
        for line in ["--strategy greedy --budget 1", "", "--strategy beam-search"] {
            let found = try run("stratagem solve --example 42 \(line)", in: command)
            // The demo shows the problem once, above all of them.
            let shown =
                Self.mask(found.output).split(separator: "\n").drop { !$0.hasPrefix("answer") }.map { "    " + $0 }
                .joined(separator: "\n") + "\n"
            #expect(readme.contains(shown), "\(line): \(shown)")
        }
        for line in readme.split(separator: "\n")
        where line.hasPrefix("stratagem solve --example") && !line.contains("./") {
            let found = try run(String(line), in: command)
            #expect(found.status == 0 && found.output.contains("(right)"), "\(line): \(found.output)\(found.errors)")
        }
        #expect(FileManager.default.fileExists(atPath: command.path("search.html")))
    }

    /// Every score near 0: it says so, and draws no full bar for nothing.
    @Test func aGuessIsSaidToBeOne() throws {
        let command = try Command()
        defer { command.remove() }
        let guess = "stratagem solve \"Ann has 3 apples and buys 4 more. How many has she?\""
        let found = try run(guess, in: command)
        #expect(
            found.output.contains("\n        a guess: the verifier scores every solution near 0 (at most 0.00)\n"),
            "\(found.output)")
        #expect(!found.output.contains("█"), "\(found.output)")
        #expect(try run(guess + " --json", in: command).output.contains("\"guess\": true"))
        // No verifier, no guess.
        let vote = try run(guess + " --strategy majority", in: command)
        #expect(!vote.output.contains("a guess") && vote.output.contains("█"), "\(vote.output)")
        let sure = try run("stratagem solve --example 42 --json", in: command)
        #expect(!sure.output.contains("\"guess\""))
    }
}
