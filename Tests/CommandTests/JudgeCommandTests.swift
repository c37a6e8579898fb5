import Foundation
import Testing

/// `judge`: a verifier measured on solutions whose steps people have judged.
struct JudgeCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    private static let script = """
        problem P1
          Good. | value 0.9
            Bad. | end value 0.2
        problem P2
          Good. | value 0.9
            Good too. | end value 0.8
        problem P3
          Doubtful. | value 0.6
            Bad. | end value 0.3
        problem P4
          Broken. | end value nan
        """

    private static let lines = [
        #"{"problem":"P1","steps":["Good.","Bad."],"label":1,"final_answer_correct":false}"#,
        #"{"problem":"P2","steps":["Good.","Good too."],"label":-1,"final_answer_correct":true}"#,
        #"{"problem":"P3","steps":["Doubtful.","Bad."],"label":0,"final_answer_correct":false}"#,
    ]

    private func judge(_ lines: [String], _ more: [String]) throws -> Command.Outcome {
        let data = try command.write("p.jsonl", lines.joined(separator: "\n") + "\n")
        return try command.start(
            ["judge", "--data", data, "--bundle", try command.write("v.script", Self.script)] + more
        ).wait()
    }

    private func object(_ outcome: Command.Outcome) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any],
            "\(outcome.output)\(outcome.errors)")
    }

    @Test func harmonicMean() throws {
        defer { command.remove() }
        let text = try judge(Self.lines, [])
        #expect(
            text.status == 0 && text.output.contains("F1         66.7 %")
                && text.output.contains("with a wrong step    1/2"), "\(text.output)\(text.errors)")
        let found = try object(try judge(Self.lines, ["--threshold", "0.7", "--json"]))
        #expect(
            found["f1"] as? Double == 1 && found["threshold"] as? Double == 0.7 && found["complete"] as? Bool == true)
        #expect((found["erroneous"] as? [String: Any])?["right"] as? Int == 2)
    }

    @Test func theThresholdIsChosenElsewhere() throws {
        defer { command.remove() }
        let dev = try command.write("dev.jsonl", Self.lines.joined(separator: "\n") + "\n")
        let found = try object(try judge(Self.lines, ["--dev-data", dev, "--json"]))
        #expect(found["f1"] as? Double == 1)
        #expect((found["development"] as? [String: Any])?["f1"] as? Double == 1)
        let part = try object(try judge(Self.lines, ["--dev", "2", "--json"]))
        #expect((part["correct"] as? [String: Any])?["samples"] as? Int == 0, "the first two are not measured")
        #expect((part["erroneous"] as? [String: Any])?["samples"] as? Int == 1)
        #expect(part["f1"] is NSNull)
    }

    @Test func whatCannotBeScoredCountsAsWrong() throws {
        defer { command.remove() }
        let broken = #"{"problem":"P4","steps":["Broken."],"label":-1}"#
        let outcome = try judge(Self.lines + [broken], ["--json"])
        let found = try object(outcome)
        #expect(
            outcome.status == 0 && found["failed"] as? Int == 1
                && (found["correct"] as? [String: Any])?["right"] as? Int == 1)
        #expect(try judge([broken], []).status == 1, "nothing was measured")
    }

    @Test func badInputIsRefused() throws {
        defer { command.remove() }
        for (lines, more, words) in [
            ([#"{"problem":"P1","answer":"4"}"#], [], "p.jsonl:1: this is not a judged solution"),
            (Self.lines, ["--role", "orm"], "no verifier 'orm'"),
            (Self.lines, ["--threshold", "2"], "--threshold must be from 0 to 1"),
            (Self.lines, ["--dev", "3"], "none are left to measure"),
            (Self.lines, ["--dev", "2", "--threshold", "0.5"], "exclude each other"), ([], [], "no judged solutions"),
        ] as [([String], [String], String)] {
            let outcome = try judge(lines, more)
            #expect(outcome.status == 2 && outcome.errors.contains(words), "\(more): \(outcome.errors)")
        }
        // …and problems are not judged solutions, nor the other way round.
        let data = try command.write("p.jsonl", Self.lines[0] + "\n")
        #expect(try command.run("eval", "--data", data).errors.contains("stratagem judge --data FILE"))
    }
}
