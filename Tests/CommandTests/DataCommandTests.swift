import Foundation
import Testing

/// What is said of a data set, through the built program.
struct DataCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    private static let note =
        "d.jsonl: 2 fields are not known, so the model is not shown them: \"legend\" (2 problems), \"unit\" (1 problem)."

    @Test func unknownFieldsAreToldOnce() throws {
        defer { command.remove() }
        let file = try command.write(
            "d.jsonl",
            #"{"problem":"What is 2 + 2?","answer":"4","id":1,"legend":"red"}"# + "\n"
                + #"{"problem":"What is 2 + 2?","answer":"4","legend":"red","unit":"cm"}"# + "\n")
        let arguments = ["eval", "--data", file, "--strategy", "greedy", "--budget", "1", "--seeds", "2"]
        let outcome = try command.start(arguments + ["--json"]).wait()
        #expect(
            outcome.status == 0 && outcome.errors.components(separatedBy: Self.note).count == 2, "\(outcome.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(report["unused_fields"] as? [String] == ["legend", "unit"])
        let csv = try command.start(arguments + ["--csv"]).wait()
        #expect(csv.errors.contains(Self.note) && !csv.output.contains("legend"))
        let tree = command.path("tree.script")
        for others in [
            ["label", "--rollouts", "0", "--samples", "1"], ["difficulty", "--samples", "2", "--thresholds", "0.5"],
        ] {
            let outcome = try command.start(others + ["--data", file, "--bundle", tree]).wait()
            #expect(outcome.errors.components(separatedBy: Self.note).count == 2, "\(others): \(outcome.errors)")
        }
        let known = try command.write("k.jsonl", #"{"problem":"What is 2 + 2?","answer":"4","id":1,"level":"x"}"#)
        let quiet = try command.start(["eval", "--data", known, "--strategy", "greedy", "--budget", "1", "--json"])
            .wait()
        #expect(quiet.errors == "" && !quiet.output.contains("unused_fields"))
    }

    @Test func judgedSolutionsAreLookedAtToo() throws {
        defer { command.remove() }
        let lines = #"{"problem":"What is 2 + 2?","steps":["Add them."],"label":-1,"generator":"g","legend":"red"}"#
        let file = try command.write("d.jsonl", lines)
        let script = try command.write("v.script", Command.script)
        let outcome = try command.start(["judge", "--data", file, "--bundle", script]).wait()
        #expect(
            outcome.errors.contains("d.jsonl: 1 field is not known, so the model is not shown it: \"legend\""),
            "\(outcome.errors)")
    }

    /// A question with its choices reaches the model, and both spellings of the answer are right.
    @Test func choicesInColumns() throws {
        defer { command.remove() }
        let file = try command.write(
            "d.csv", "question,A,B,answer\nWhich is larger?,7,12,B\nWhich is larger?,7,12,12\n")
        let script = try command.write("c.script", "problem x\n  #### 12 | end\n")
        let store = command.path("s.db")
        let arguments = ["--bundle", script, "--strategy", "greedy", "--budget", "1", "--json", "--out", store]
        let outcome = try command.start(["eval", "--data", file] + arguments).wait()
        #expect(outcome.status == 0 && outcome.output.contains("\"correct\": 2"), "\(outcome.output)\(outcome.errors)")
        let texts = try command.start(["query", store, "--sql", "SELECT text FROM problems LIMIT 1", "--json"]).wait()
        #expect(texts.output.contains(#"Which is larger?\nA. 7\nB. 12""#), "\(texts.output)\(texts.errors)")
    }

    /// Fault, place, what was found and what to do; nothing on standard output.
    @Test(arguments: [
        (
            #"{"question":"a","options":["x","x"],"answer":"A"}"#,
            "d.jsonl:1: choices A and B of \"options\" are both \"x\""
        ),
        (#"{"question":"a","answer":"1","answer":"2"}"#, "d.jsonl:1: the key \"answer\" occurs twice"),
        (
            #"{"question":"a","problem":"b","answer":"1"}"#,
            "d.jsonl:1: \"problem\" and \"question\" have different texts"
        ),
        (#"{"question":"a","answer":"1","target":"2"}"#, "d.jsonl:1: \"answer\" is 1 and \"target\" is 2"),
    ]) func refused(line: String, message: String) throws {
        defer { command.remove() }
        let outcome = try command.run("eval", "--data", try command.write("d.jsonl", line))
        #expect(outcome.status == 2 && outcome.output == "" && outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errors.contains("user: ") && outcome.errors.hasSuffix("[bad_data]\n"))
    }
}
