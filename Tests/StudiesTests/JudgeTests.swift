import Foundation
import SearchCore
import Testing
@testable import Studies

/// Judged solutions, and F1 as ProcessBench defines it.
struct JudgeTests {
    private func read(_ lines: String...) throws -> JudgeData {
        try JudgeData.parse(Data(lines.joined(separator: "\n").utf8), file: "p.jsonl")
    }

    private func refusal(_ line: String) -> String {
        do { _ = try read(line) } catch let error as StratagemError { return error.message } catch {}
        return ""
    }

    @Test func processBench() throws {
        let data = try read(
            #"{"id":"gsm8k-0","generator":"g","problem":"P","steps":["One.","Two."],"final_answer_correct":true,"label":-1}"#,
            #"{"problem":"Q","steps":["One."],"label":0}"#)
        #expect(data.samples.map(\.firstWrong) == [nil, 0])
        #expect(data.samples[0].solution.steps == ["One.", "Two."] && data.samples[0].solution.problem == "P")
    }

    @Test(arguments: [
        (#"{"problem":"P","steps":["One."],"label":1}"#, "\"label\" must be -1"),
        (#"{"problem":"P","steps":["One."],"label":-2}"#, "found -2"),
        (#"{"problem":"P","steps":["One."],"label":0.5}"#, "found 0.5"),
        (#"{"problem":"P","steps":[],"label":-1}"#, "at least one"),
        (#"{"problem":"P","steps":["One.",3],"label":-1}"#, "steps[1]"),
        (#"{"problem":"P","steps":["One.",""],"label":-1}"#, "steps[1]"),
        (#"{"steps":["One."],"label":-1}"#, "no \"problem\""),
        (#"{"problem":"P","answer":"4"}"#, "not a judged solution"),
        (
            #"{"question":{"problem":"P"},"label":{"steps":[{"completions":[{"text":"a","rating":7}],"chosen_completion":0}]}}"#,
            "-1, 0 or 1"
        ),
        (
            #"{"question":{"problem":"P"},"label":{"steps":[{"completions":[],"chosen_completion":3}]}}"#,
            "chosen_completion"
        ),
        (#"{"question":{"problem":"P"},"label":{"steps":"x"}}"#, "no list \"steps\""),
        (#"{"question":{},"label":{"steps":[]}}"#, "\"problem\""),
    ]) func badInput(line: String, words: String) {
        let message = refusal(line)
        #expect(message.hasPrefix("p.jsonl:1:") && message.contains(words), "\(message)")
    }

    /// The chosen completions, a step that the labeler wrote, and the wrong one that ended it.
    @Test func prm800k() throws {
        func step(_ completions: String, chosen: String = "null", human: String = "null") -> String {
            "{\"completions\":\(completions),\"human_completion\":\(human),\"chosen_completion\":\(chosen)}"
        }
        func line(_ steps: [String], _ reason: String) -> String {
            "{\"labeler\":\"x\",\"question\":{\"problem\":\"P\",\"ground_truth_answer\":\"4\"},\"label\":{\"steps\":[\(steps.joined(separator: ","))],\"finish_reason\":\"\(reason)\"}}"
        }
        let good = step(#"[{"text":"bad","rating":-1},{"text":"good","rating":1,"flagged":null}]"#, chosen: "1")
        let fair = step(#"[{"text":"fair","rating":0}]"#, chosen: "0")
        let own = step("[]", human: #"{"text":"own","rating":null}"#)
        let wrong = step(#"[{"text":"wrong","rating":-1,"flagged":false}]"#)
        let data = try read(
            line([good, fair, own, wrong], "found_error"), line([good, fair], "solution"), line([good], "give_up"),
            line([good, wrong], "bad_problem"), line([step(#"[{"text":"x","rating":null}]"#, chosen: "0")], "solution"))
        #expect(data.samples.map(\.solution.steps) == [["good", "fair", "own", "wrong"], ["good", "fair"]])
        #expect(data.samples.map(\.firstWrong) == [3, nil])
        #expect(data.skipped == ["give_up": 1, "bad_problem": 1, "a step without a rating": 1])
    }

    private static let cases: [Judgement.Case] = [
        .init(firstWrong: 1, values: [0.9, 0.2]), .init(firstWrong: 0, values: [0.6, 0.3]),
        .init(firstWrong: nil, values: [0.9, 0.8]),
        .init(firstWrong: nil, values: []),
    ]

    /// By hand: of two wrong ones the first is found, of two right ones the one that could be scored.
    @Test func harmonicMean() throws {
        let found = Judgement(Self.cases, threshold: 0.5)
        #expect(found.erroneous == .init(samples: 2, right: 1) && found.correct == .init(samples: 2, right: 1))
        #expect(found.f1 == 0.5)
        let all = Judgement(Array(Self.cases.prefix(3)), threshold: 0.5)
        #expect(abs(try #require(all.f1) - 2 * 0.5 / 1.5) < 1e-12)
        #expect(Judgement(Array(Self.cases.prefix(2)), threshold: 0.5).f1 == nil, "there is nothing without an error")
        #expect(Judgement(Self.cases, threshold: 0).f1 == 0, "nothing is wrong")
    }

    @Test func bestThreshold() throws {
        let part = Array(Self.cases.prefix(3))
        let best = try #require(Judgement.bestThreshold(part))
        #expect(best > 0.6 && best < 0.8)
        #expect(Judgement(part, threshold: best).f1 == 1)
        #expect(Judgement.bestThreshold(Array(part.prefix(2))) == nil)
    }
}
