import Foundation
import SearchCore
import Testing
import Engine
@testable import Studies

/// The forms that data sets come in.
struct DataShapeTests {
    private func problem(_ line: String, file: String = "d.jsonl") throws -> Problem {
        try #require(try DataSet.parse(Data(line.utf8), file: file).problems.first)
    }

    @Test func numbersKeepTheirDigits() throws {
        for (written, key) in [
            ("0.00001", "0.00001"), ("1e-05", "0.00001"), ("12345678901234567890", "12345678901234567890"),
            ("-7", "-7"), ("2.50", "2.5"),
            ("18446744073709551617", "18446744073709551617"), ("0", "0"), ("1E3", "1000"), ("0.1", "0.1"),
        ] {
            #expect(try problem("{\"problem\":\"a\",\"answer\":\(written)}").answer == key, "\(written)")
        }
    }

    @Test func stories() throws {
        // SVAMP
        #expect(
            try problem(
                #"{"Body":"Ann had 5 pens. She lost 2.","Question":"How many does she have left?","Answer":3.0,"Equation":"(5-2)"}"#
            )
                == Problem(text: "Ann had 5 pens. She lost 2. How many does she have left?", answer: "3"))
        // A story that stops in the middle of its sentence
        #expect(
            try problem(#"{"Body":"If Ann had 5 pens","Question":"how many are there?","Answer":5}"#).text
                == "If Ann had 5 pens, how many are there?")
        #expect(
            try problem(#"{"question":"How many?","context":"A bowl held 9.","answer":"5"}"#).text
                == "A bowl held 9.\n\nHow many?")
        #expect(
            try problem(#"{"question":"Why?","passage":"It rained.","context":"A day.","answer":"x"}"#).text
                == "A day.\n\nIt rained.\n\nWhy?")
    }

    @Test func otherNames() throws {
        // GSM-Hard
        #expect(
            try problem(#"{"input":"How much is 2 + 3?","code":"return 5","target":5.0}"#)
                == Problem(text: "How much is 2 + 3?", answer: "5"))
        // AIME
        #expect(
            try problem(#"{"ID":"2024-I-1","Problem":"Find it.","Answer":204}"#)
                == Problem(text: "Find it.", answer: "204"))
        // reasoning-gym
        #expect(
            try problem(
                #"{"question":"Spell it.","answer":"a b","metadata":{"difficulty":1.0,"source":["x",null,true]}}"#
            ).answer == "a b")
    }

    @Test func boxesOfSolutions() throws {
        for (solution, answer) in [
            (#"So it is $\\boxed{\\frac{1}{2}}$."#, #"\frac{1}{2}"#), (#"First \\boxed{1}, then \\boxed{2}."#, "2"),
            (#"\\boxed {7}"#, "7"), (#"First $\\boxed{7}$ … so $\\boxed 2$."#, "2"),
            (#"So \\boxed\\frac{1}{2}."#, #"\frac{1}{2}"#), (#"\\boxed{\\left\\{ x \\right.}"#, #"\left\{ x \right."#),
            (#"\\boxed{1 + \\boxed{2}}"#, "2"),
            (#"\\fbox{3}"#, "3"), (#"\\boxed{4} and \\boxed{5"#, "4"), (#"\\boxed{\\{1, 2\\}}"#, #"\{1, 2\}"#),
        ] {
            #expect(
                try problem("{\"problem\":\"a\",\"level\":\"Level 3\",\"solution\":\"\(solution)\"}").answer == answer,
                "\(solution)")
        }
    }

    /// Forty thousand boxes in one another: a program that looked for each one's end would take a minute.
    @Test(.timeLimit(.minutes(1))) func boxesInBoxes() {
        let deep = String(repeating: "\\boxed{", count: 40_000)
        #expect(BoxedAnswer.last(in: deep + "5}") == "5")
        #expect(BoxedAnswer.last(in: deep) == nil)
        #expect(BoxedAnswer.last(in: String(repeating: "\\boxed x", count: 40_000)) == "x")
    }

    @Test func choices() throws {
        let shown = "Which?\nA. 7\nB. 12\nC. 9"
        let right = Problem(text: shown, answer: "B", alsoRight: ["12"])
        for line in [
            #"{"question":"Which?","choices":["7","12","9"],"answer":1}"#,
            #"{"question":"Which?","choices":[7,12,9],"answer":"B"}"#,
            #"{"question":"Which?","options":["7","12","9"],"answer":"12"}"#,
            #"{"question":"Which?","options":{"A":"7","B":"12","C":"9"},"answer":"(B)"}"#,
            #"{"question":"Which?","choices":{"text":["7","12","9"],"label":["1","2","3"]},"answer":"2"}"#,
            #"{"question":"Which?","choices":["7","12","9"],"answer":"1"}"#,
        ] {
            #expect(try problem(line) == right, "\(line)")
        }
    }

    /// GPQA names the right one apart: where it stands in the question must not tell.
    @Test func theRightOneIsHidden() throws {
        var places: Set<String> = []
        for number in 0..<20 {
            let found = try problem(
                #"{"Question":"Which?","Correct Answer":"right \#(number)","Incorrect Answer 1":"x \#(number)","Incorrect Answer 2":"y \#(number)","Incorrect Answer 3":"z \#(number)"}"#
            )
            #expect(found.alsoRight == ["right \(number)"])
            let letter = try #require(found.answer)
            #expect(found.text.contains("\n\(letter). right \(number)"))
            places.insert(letter)
        }
        #expect(places.count == 4)
    }

    @Test func anAnswerInEitherSpellingIsRight() throws {
        let grader = Grader { $0 == $1 }
        let one = Problem(text: "Which?", answer: "B", alsoRight: ["12"])
        #expect(grader.isCorrect("B", of: one) == true && grader.isCorrect("12", of: one) == true)
        #expect(grader.isCorrect("A", of: one) == false && grader.isCorrect(nil, of: one) == false)
    }

    @Test func arrays() throws {
        let set = try DataSet.parse(
            Data("\u{FEFF} [\n{\"problem\":\"a\",\"answer\":1},\n{\"problem\":\"b\",\"answer\":2}]".utf8),
            file: "d.json")
        #expect(set.items.map(\.problem.text) == ["a", "b"] && set.items.map(\.line) == [1, 2])
    }

    @Test func tables() throws {
        let text = "id,Question,Answer\n1,\"Tom has 1,000 pens, and \"\"more\"\".\nHow many?\",1000\n2,b,0.10\n"
        let set = try DataSet.parse(Data(text.utf8), file: "d.csv")
        #expect(
            set.problems == [
                Problem(text: "Tom has 1,000 pens, and \"more\".\nHow many?", answer: "1000"),
                Problem(text: "b", answer: "0.10"),
            ])
        #expect(
            try DataSet.parse(Data("problem\tanswer\na, b\t1\n".utf8), file: "d.tsv").problems == [
                Problem(text: "a, b", answer: "1")
            ])
    }

    @Test(arguments: [
        ("What is 1 + 1?,2\n", "d.csv:1: the first row does not name a column"),
        ("question,answer\na\n", "d.csv:2: the row has 1 cells"),
        ("question,answer\n\"a,2\n", "d.csv:2: the cell that begins with a quote here has no quote at its end"),
        ("question,answer\n", "d.csv: there are no problems"),
        ("question,answer\na,\n", "d.csv:2: the problem has no \"answer\""),
    ]) func tablesRefused(text: String, message: String) {
        let error = #expect(throws: StratagemError.self) { try DataSet.parse(Data(text.utf8), file: "d.csv") }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test func doubledProblemsAreCounted() throws {
        let line = #"{"problem":"a","answer":"1"}"#
        let set = try DataSet.parse(
            Data("\(line)\n\(line)\n{\"problem\":\"b\",\"answer\":\"1\"}\n\(line)\n".utf8), file: "d.jsonl")
        #expect(set.repeated == 2)
    }
}
