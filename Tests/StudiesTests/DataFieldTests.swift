import Foundation
import SearchCore
import Testing
@testable import Studies

/// No field that may be a part of the question is dropped without a word.
struct DataFieldTests {
    private func set(_ text: String, file: String = "d.jsonl") throws -> DataSet {
        try DataSet.parse(Data(text.utf8), file: file)
    }
    private func problem(_ line: String) throws -> Problem { try #require(try set(line).problems.first) }

    private func refusal(_ text: String) -> String {
        let error = #expect(throws: StratagemError.self) { try set(text) }
        return error?.message ?? "(accepted)"
    }

    @Test(arguments: [
        "instruction", "background", "Context", "ctx", "passage", "passages", "paragraph", "article", "story",
        "premise", "scenario", "table", "hint", "hints", "Hint_1",
    ])
    func textsStandBeforeTheQuestion(name: String) throws {
        #expect(
            try problem(#"{"question":"How many?","\#(name)":" A bowl held 9. ","answer":"5"}"#).text
                == "A bowl held 9.\n\nHow many?")
        let rows = try set("question,\(name),answer\nHow many?,A bowl held 9.,5\nHow few?,,4\n", file: "d.csv")
        #expect(rows.problems.map(\.text) == ["A bowl held 9.\n\nHow many?", "How few?"])
        #expect(rows.unused.names.isEmpty)
    }

    @Test func severalTextsKeepTheirOrder() throws {
        let line =
            #"{"passages":["One.","Two."],"hint2":"Late.","hint1":"Early.","hint10":"Last.","background":"First.","question":"Why?","answer":"x"}"#
        #expect(try problem(line).text == "First.\n\nOne.\n\nTwo.\n\nEarly.\n\nLate.\n\nLast.\n\nWhy?")
        #expect(
            try problem(#"{"context":[],"hint":null,"story":" ","question":"Why? ","answer":"x"}"#).text == "Why? ",
            "what is empty adds nothing")
    }

    @Test(arguments: [
        (
            #""table":[["a","b"],["1","2"]]"#,
            #""table" must be a string or a list of strings to stand before the question, found a list of 2"#
        ),
        (
            #""context":{"title":["a"]}"#,
            #""context" must be a string or a list of strings to stand before the question, found an object"#
        ),
        (
            #""passage":7"#,
            #""passage" must be a string or a list of strings to stand before the question, found a number"#
        ),
        (#""figure":"a.png""#, #""figure" is a part of the question, and models here read only text"#),
        (#""Image_1":{"bytes":"x"}"#, #""Image_1" is a part"#),
        (#""diagram":["a"]"#, #""diagram" is a part"#), (#""chart":"x""#, #""chart" is a part"#),
        (#""sub_questions":["a","b"]"#, #""sub_questions" asks more than one question"#),
        (#""input":"b""#, #""input" beside "question" may be a part of the question"#),
    ]) func partsThatNoRuleJoins(field: String, message: String) {
        #expect(refusal(#"{"question":"a","answer":"1",\#(field)}"#).hasPrefix("d.jsonl:1: \(message)"))
    }

    @Test func emptyPicturesAreNone() throws {
        #expect(
            try problem(#"{"question":"a","answer":"1","image":null,"figure":"","images":[],"diagram":false}"#).text
                == "a")
    }

    // MARK: Two of a kind

    @Test func twoQuestions() throws {
        #expect(try problem(#"{"problem":"","question":"full","answer":"1"}"#).text == "full")
        #expect(try problem(#"{"problem":null,"prompt":"full","answer":"1"}"#).text == "full")
        #expect(try problem(#"{"problem":"same","question":"same ","answer":"1"}"#).text == "same")
        let found = refusal(#"{"problem":"a","answer":"1"}"# + "\n" + #"{"problem":"a","question":"b","answer":"1"}"#)
        #expect(found.hasPrefix(#"d.jsonl:2: "problem" and "question" have different texts"#), "\(found)")
        #expect(
            refusal(#"{"problem":"a","Problem":"b","answer":"1"}"#).hasPrefix(
                #"d.jsonl:1: "Problem" and "problem" have different texts"#))
        #expect(
            refusal(#"{"problem":" ","question":"","answer":"1"}"#).hasPrefix(
                #"d.jsonl:1: the problem is empty: "problem" has no text"#))
        #expect(refusal(#"{"text":"a","answer":"1"}"#).contains(#"Its fields are "answer", "text""#))
    }

    @Test func twoAnswers() throws {
        for (fields, answer) in [
            (#""answer":"So 4 + 1.\n#### 5","final_answer":5"#, "5"), (#""answer":"5","target":"5.0""#, "5"),
            (#""answer":"","target":"7""#, "7"), (#""answer":"1,234.5","target":1234.5"#, "1,234.5"),
            (#""answer":null,"ground_truth":"8""#, "8"), (#""Final Answer":"9","finalAnswer":"9""#, "9"),
            (#""answer":"x","expected_answer":" x ""#, "x"),
        ] {
            #expect(try problem(#"{"problem":"a",\#(fields)}"#).answer == answer, "\(fields)")
        }
        for (fields, message) in [
            (#""answer":"4","target":"5""#, #""answer" is 4 and "target" is 5: these are two reference answers"#),
            (#""answer":4,"gold":"four""#, #""answer" is 4 and "gold" is four"#),
            (#""answer":"4","target":["4"]"#, #""target" must be a string or a number, found a list of 1"#),
            (#""answer":{"value":4}"#, #""answer" must be a string or a number, found an object"#),
            (#""answer":false"#, #""answer" must be a string or a number, found false"#),
            (
                #####""answer":"#### ""#####,
                #####""answer" must be a string or a number, and not empty: nothing stands after its last "####". Write the final answer there"#####
            ),
            (#####""answer":"So it is 5.\n####""#####, #""answer" must be a string or a number, and not empty"#),
            (#""answer":" ""#, #"the problem has no "answer", so it cannot be used for measuring: "answer" is empty"#),
        ] {
            let found = refusal(#"{"problem":"a",\#(fields)}"#)
            #expect(found.hasPrefix("d.jsonl:1: \(message)"), "\(found)")
        }
    }

    // MARK: Unknown fields

    @Test func unknownFieldsAreCounted() throws {
        let found = try set(
            #"{"problem":"a","answer":"1","id":7,"Solution-Type":"x","equation":"y","code":"return 1","level":3}"#
                + "\n"
                + #"{"problem":"b","answer":"1","code":"return 1","legend":"red","extra":null,"more":[""],"subject":"x"}"#
        )
        #expect(
            found.unused.counts == ["Solution-Type": 1, "code": 2, "equation": 1, "legend": 1])
        let note = try #require(found.unused.note)
        #expect(
            note.hasPrefix(
                #"4 fields are not known, so the model is not shown them: "Solution-Type" (1 problem), "code" (2 problems), "equation" (1 problem), "legend" (1 problem)."#
            ), "\(note)")
        #expect(
            try set(#"{"problem":"a","answer":"1","legend":"x"}"#).unused.note?.hasPrefix(
                #"1 field is not known, so the model is not shown it: "legend" (1 problem)."#) == true)
        #expect(
            try set(
                #"{"problem":"a","answer":"1","solution":"x","metadata":{"a":1},"unique_id":"t/1","url":"u","split":"test"}"#
            ).unused.note == nil)
        let many = (0..<10).map { ",\"field \($0)x\":1" }.joined()
        #expect(
            try set("{\"problem\":\"a\",\"answer\":\"1\"\(many)}").unused.note?.contains(
                "\"field 7x\" (1 problem) and 2 more.") == true)
    }

    /// Judged solutions are solutions of the same questions.
    @Test func judgedSolutionsHaveThemToo() throws {
        let line = #"{"context":"A bowl held 9.","problem":"How many?","steps":["One."],"label":-1}"#
        #expect(
            try JudgeData.parse(Data(line.utf8), file: "d.jsonl").samples.first?.solution.problem
                == "A bowl held 9.\n\nHow many?")
        #expect(throws: StratagemError.self) {
            try JudgeData.parse(Data(line.replacing("context", with: "image").utf8), file: "d.jsonl")
        }
        let others =
            #"{"problem":"a","steps":["b"],"label":0,"id":"x","generator":"g","final_answer_correct":true,"legend":"y"}"#
        #expect(try JudgeData.parse(Data(others.utf8), file: "d.jsonl").unused.names == ["legend"])
    }
}
