import Foundation
import SearchCore

/// From a record to a problem, by the rules of the data sets that people have:
/// docs/data.md lists them. What would carry a part of the question is joined by a rule or
/// refused by name; it is never dropped.
struct DataShape {
    var record: DataRecord
    var needsAnswer = true

    static let questionNames = ["problem", "question", "prompt"]
    static let answerNames = ["answer", "final_answer", "expected_answer", "target"]

    func problem() throws(StratagemError) -> Problem {
        try refuseOtherKinds()
        var text = try question()
        let choices = try DataChoices(record)
        if let choices { text += "\n" + choices.shown }
        let checked = try ProblemText.check(text.utf8, source: record.place)
        if let choices {
            guard let letter = choices.letter else {
                if !needsAnswer { return Problem(text: checked) }
                throw missingAnswer
            }
            return Problem(text: checked, answer: letter, alsoRight: choices.right.map { [$0] } ?? [])
        }
        guard let answer = try answer() else {
            if !needsAnswer { return Problem(text: checked) }
            throw missingAnswer
        }
        return Problem(text: checked, answer: answer)
    }

    private var missingAnswer: StratagemError {
        record.refuse("the problem has no \"answer\", so it cannot be used for measuring. Add one or remove the line")
    }

    // MARK: The question

    /// SVAMP and ASDiv tell the story in "Body" and ask in "Question"; reading
    /// comprehension has a "context" or a "passage" before the question.
    private func question() throws(StratagemError) -> String {
        var asked = try record.text(Self.questionNames)
        if asked == nil { asked = try gsmHard() }
        guard let asked else {
            throw record.refuse(
                "the line has no \"problem\" or \"question\". Write {\"problem\": \"…\", \"answer\": \"…\"}")
        }
        var parts: [String] = []
        for name in ["context", "passage"] {
            if let before = try record.text([name]) { parts.append(before.text.trimmed + "\n\n") }
        }
        if let body = try record.text(["body"]) {
            let story = body.text.trimmed
            parts.append(story.last.map { ".?!,:;".contains($0) } == true ? story + " " : story + ", ")
        }
        // A question alone stands as it was written, to the byte.
        return parts.isEmpty ? asked.text : parts.joined() + asked.text.trimmed
    }

    /// GSM-Hard asks in "input" and answers in "target".
    private func gsmHard() throws(StratagemError) -> (name: String, text: String)? {
        record.first(["target"]) == nil ? nil : try record.text(["input"])
    }

    private func refuseOtherKinds() throws(StratagemError) {
        if record.first(["steps"]) != nil, record.first(["label"]) != nil {
            throw record.refuse(
                "this is a solution with judged steps, as in ProcessBench, and not a problem to solve. It is for measuring a verifier: stratagem judge --data FILE"
            )
        }
        if record.first(["label"]) != nil, case .record? = record.first(["question"])?.value {
            throw record.refuse(
                "this is a solution with rated steps, as in PRM800K, and not a problem to solve. It is for measuring a verifier: stratagem judge --data FILE"
            )
        }
        for name in ["image", "images", "decoded_image", "audio"] {
            if let found = record.first([name]) {
                throw record.refuse(
                    "\"\(found.name)\" is a part of the question, and models here read only text. Remove these problems"
                )
            }
        }
    }

    // MARK: The answer

    var boxesItsSolution: Bool {
        guard case .text(let solution)? = record.first(["solution"])?.value else { return false }
        return BoxedAnswer.last(in: solution) != nil
    }

    private func answer() throws(StratagemError) -> String? {
        guard let found = record.first(Self.answerNames) else { return try boxedSolution() }
        guard let written = found.value.spelled else {
            if case .number = found.value {
                throw record.refuse(
                    "\"\(found.name)\" is a number with more than 37 digits, which are not kept. Write it as a string, in quotes"
                )
            }
            throw record.refuse(
                "\"\(found.name)\" must be a string or a number, and not empty. Add the final answer or remove the line"
            )
        }
        guard let key = Self.answerKey(written) else {
            throw record.refuse(
                "\"\(found.name)\" must be a string or a number, and not empty. Add the final answer or remove the line"
            )
        }
        return key
    }

    /// MATH as it was published has no field for the answer: it is the last box of the solution.
    private func boxedSolution() throws(StratagemError) -> String? {
        guard let solution = try record.text(["solution"]) else { return nil }
        guard let answer = BoxedAnswer.last(in: solution.text) else {
            throw record.refuse(
                "there is no \"answer\", and no \\boxed{…} in \"solution\" to take it from. Add one or remove the line")
        }
        return answer
    }

    /// The final answer in an answer field: GSM8K writes a worked solution that
    /// ends in `#### 1,234`; anything else stands as it is.
    static func answerKey(_ written: String) -> String? {
        var text = Substring(written)
        if let mark = written.range(of: "####", options: .backwards) {
            text = written[mark.upperBound...]
            if let line = text.split(whereSeparator: \.isNewline).first { text = line }
            text.removeAll { $0 == "," || $0 == "$" }
        }
        let trimmed = String(text).trimmed
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
