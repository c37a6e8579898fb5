import Foundation
import SearchCore
import Testing
@testable import Studies

/// Choices in every form that data sets have them, and which one is right.
struct DataChoiceTests {
    private func set(_ text: String, file: String = "d.jsonl") throws -> DataSet {
        try DataSet.parse(Data(text.utf8), file: file)
    }
    private func problem(_ fields: String) throws -> Problem {
        try #require(try set(#"{"question":"Which?",\#(fields)}"#).problems.first)
    }

    private func refusal(_ fields: String) -> String {
        let error = #expect(throws: StratagemError.self, "\(fields)") { try set(#"{"question":"Which?",\#(fields)}"#) }
        return error?.message ?? "(accepted)"
    }

    private static let right = Problem(text: "Which?\nA. 7\nB. 12\nC. 9", answer: "B", alsoRight: ["12"])

    @Test(arguments: [
        "A,B,C", "a,b,c", "option_a,option_b,option_c", "opa,opb,opc", "choice_A,choice_B,choice_C",
        "Option A,Option B,Option C", "optA,optB,optC",
        "option1,option2,option3", "choice0,choice1,choice2", "answer_a,answer_b,answer_c",
        "Choice 1,Choice 2,Choice 3",
    ])
    func aFieldForEach(names: String) throws {
        let columns = names.split(separator: ",").map(String.init)
        let digits = columns[0].last?.isNumber == true
        for answer in [digits ? String(columns[1].suffix(1)) : "B", "12"] {
            let fields = zip(columns, ["7", "12", "9"]).map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
            #expect(try problem(#"\#(fields),"answer":"\#(answer)""#) == Self.right, "\(answer)")
            let table = try set("question,\(names),answer\nWhich?,7,12,9,\(answer)\n", file: "d.csv")
            #expect(table.problems == [Self.right] && table.unused.names.isEmpty, "\(answer)")
        }
    }

    @Test func rowsMayHaveFewerChoices() throws {
        let table = try set("question,A,B,C,D,answer\nWhich?,7,12,9,,B\nTrue?,yes,no,,,A\n", file: "d.csv")
        #expect(table.problems == [Self.right, Problem(text: "True?\nA. yes\nB. no", answer: "A", alsoRight: ["yes"])])
    }

    @Test(arguments: [
        #""options":["A)7","B)12","C)9"],"correct":"B""#, #""options":["A)7","B)12","C)9"],"answer":"B)12""#,
        #""choices":["7","12","9"],"answer":"(B) 12""#, #""choices":["7","12","9"],"answer":"B. 12""#,
        #""choices":"[\"7\", \"12\", \"9\"]","answer":"B""#,
        #""options":"{\"A\": 7, \"B\": 12, \"C\": 9}","answer":"B""#, #""choices":["7","12","9"],"answerKey":"B""#,
        #""options":["7","12","9"],"answer":"12","answer_idx":"B""#,
        #""options":["7","12","9"],"answer":"B","answer_index":1"#, #""endings":["7","12","9"],"label":"1""#,
        #""choices":["7","12","9"],"answer":"b""#,
        #""choices":[{"label":"A","text":"7"},{"label":"B","text":"12"},{"label":"C","text":"9"}],"answerKey":"B""#,
        #""options":{"1":"7","2":"12","3":"9"},"answer":2"#,
        #""options":{"A":"7","B":"12","C":"9","D":null},"answer":"B""#,
        #""choices":["7","12","9"],"A":"7","B":"12","C":"9","answer":"B""#,
        ##""choices":["7","12","9"],"answer":"It is twelve.\n#### B""##,
        #""choices":["7","12","9"],"distractors":["9","7"],"answer":"B","correct_answer":"12""#,
    ]) func otherForms(fields: String) throws {
        let found = try set(#"{"question":"Which?",\#(fields)}"#)
        #expect(found.problems == [Self.right] && found.unused.names.isEmpty)
    }

    @Test func theRightOneApart() throws {
        for fields in [
            #""correct_answer":"12","incorrect_answers":["7","9"]"#,
            #""answer":"12","distractor1":"7","distractor2":"9""#,
        ] {
            let found = try problem(fields)
            let letter = try #require(found.answer)
            #expect(
                found.text.contains("\n\(letter). 12") && found.text.contains(". 7") && found.text.contains(". 9")
                    && found.alsoRight == ["12"])
        }
        // A table does not tell numbers from texts: the text alone counts.
        let row = try set(
            "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2\nWhich?,1,0,2\n", file: "d.csv"
        ).problems[0]
        #expect(row.text.contains("\n\(row.answer ?? "-"). 1") && row.alsoRight == ["1"])
        #expect(
            refusal(#""distractor1":"7","distractor2":"9""#).contains(
                "\"distractor1\" is a wrong choice, and no field has the right one"))
    }

    @Test func lettersInAnotherOrder() {
        #expect(
            refusal(#""choices":["B)1","A)2","C)3"],"correct":"B""#).contains(
                "choices that begin with letters in another order than A, B, C"))
    }

    /// The index of JSON is a number; the text of a choice is a text.
    @Test func numbersAmongChoices() throws {
        #expect(try problem(#""choices":["4","2","1","0"],"answer":1"#).answer == "B")
        #expect(try problem(#""choices":["4","2","1","0"],"answer":"1""#).answer == "C")
        #expect(try problem(#""choices":[0,1,2],"answer":1"#).answer == "B")
        #expect(
            refusal(#""choices":[4,2,1,0],"answer":1"#).contains(
                #""answer" is 1, which is the text of one choice and the letter or index of another one"#))
        #expect(
            refusal(#""choices":["B","A"],"answer":"A""#).contains(
                "which is the text of one choice and the letter or index of another one"))
        #expect(try problem(#""choices":{"A":"4","B":"2","C":"1"},"answer":"C""#).answer == "C")
        // The text of the right one would read as the letter of a wrong one.
        #expect(
            try problem(#""options":{"A":"B","B":"C","C":"A"},"answer":"A""#)
                == Problem(text: "Which?\nA. B\nB. C\nC. A", answer: "A"))
        let error = #expect(throws: StratagemError.self) {
            try set("question,A,B,C,answer\nWhich?,4,2,1,1\n", file: "d.csv")
        }
        #expect(
            error?.message.contains("is the text of one choice and the letter or index of another one") == true,
            "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (
            #""choices":["7","12","7"],"answer":"B""#,
            #"choices A and C of "choices" are both "7", and a question needs different choices. Correct one, or remove the line"#
        ),
        (#""A":"7","B":"7","answer":"A""#, #"choices A and B of "A" to "B" are both "7""#),
        (
            #""choices":["7","12","9","1"],"answer":4"#,
            #""answer" is 4, which is not one of the 4 choices ("choices"): give a letter up to D, a choice's text, or its index, from 0 to 3. If this file counts from 1, write letters"#
        ),
        (#""choices":["7","12"],"answer":"C""#, #""answer" is C, which is not one of the 2 choices"#),
        (#""choices":["7","12"],"answer":-1"#, #""answer" is -1, which is not one"#),
        (#""choices":["7","12"],"answer":0.5"#, #""answer" is 0.5, which is not one"#),
        (#""a":3,"b":4,"answer":7"#, #""answer" is 7, which is not one of the 2 choices ("a" to "b")"#),
        (
            #""choices":["7","12"],"answer":["A"]"#,
            #""answer" must be a letter, a choice's text, or its index, counted from 0, found a list of 1"#
        ),
        (
            #""choices":["7","12"],"answer":true"#,
            #""answer" must be a letter, a choice's text, or its index, counted from 0, found true"#
        ),
        (
            #""choices":["7","12"],"answer":"A","answer_index":1"#,
            #""answer" names choice A and "answer_index" names choice B"#
        ),
        (#""choices":["7","12"],"options":["7","9"],"answer":"A""#, #""choices" and "options" have different choices"#),
        (#""A":"7","B":"12","D":"9","answer":"A""#, #""A" to "D" are choices, and choice C between them is missing"#),
        (#""option_a":"7","answer":"A""#, #""option_a" must be 2 to 26 choices"#),
        (
            #""option_a":"7","option_b":{"x":1},"answer":"A""#,
            #""option_b" is a choice and must be a string or a number, found an object"#
        ),
        (
            #""choices":["7",""],"answer":"A""#,
            #""choices" must be 2 to 26 choices, each a string or a number, found 2, with an empty one"#
        ),
        (
            #""choices":["7",["9"]],"answer":"A""#,
            #""choices" must be 2 to 26 choices, each a string or a number, found a list of 1 among them"#
        ),
        (#""options":"A) 7 B) 12","answer":"A""#, #""options" must be a list of choices"#),
        (#""choices":["7","12"]"#, #"the problem has no "answer""#),
    ]) func refused(fields: String, message: String) {
        let found = refusal(fields)
        #expect(found.hasPrefix("d.jsonl:1: \(message)"), "\(found)")
    }

    @Test func letterAloneIsAField() throws {
        let found = try set(#"{"question":"Which?","A":"7","answer":"1","choices":[]}"#)
        #expect(found.problems == [Problem(text: "Which?", answer: "1")] && found.unused.names == ["A"])
    }
}
