import Foundation
import SearchCore

/// From a record to a problem, by the rules of the data sets that people have:
/// docs/data.md lists them. What would carry a part of the question is joined by a rule or
/// refused by name; it is never dropped.
struct DataShape {
    var record: DataRecord
    var needsAnswer = true

    /// The problem, and the fields that no rule knows: the model does not see them.
    func read() throws(StratagemError) -> (problem: Problem, unused: [String]) {
        let choices = try DataChoices(record)
        return (try problem(choices), unused(choices))
    }

    /// All that the model reads of a problem whose answer is not asked for: what stands before the question, the
    /// question, its choices.
    func question() throws(StratagemError) -> (text: String, unused: [String]) {
        let choices = try DataChoices(record)
        return (try question(choices), unused(choices))
    }

    private func unused(_ choices: DataChoices?) -> [String] {
        record.fields.compactMap { name, value in
            DataFields.isKnown(DataFields.plain(name)) || value.isEmpty || choices?.uses(name) == true ? nil : name
        }
    }

    private func problem(_ choices: DataChoices?) throws(StratagemError) -> Problem {
        try refuseJudged()
        let text = try question(choices)
        let answer: String?
        var alsoRight: [String] = []
        if let choices {
            let place = try ChoiceAnswer(record: record, choices: choices).place()
            answer = place.map { choices.letter($0) }
            alsoRight = place.flatMap(choices.rightText).map { [$0] } ?? []
        } else {
            answer = try self.answer()
        }
        guard answer != nil || !needsAnswer else { throw missingAnswer }
        return Problem(text: text, answer: answer, alsoRight: alsoRight)
    }

    // MARK: The question

    private func question(_ choices: DataChoices?) throws(StratagemError) -> String {
        try refuseOtherParts()
        let asked = try asked()
        var parts: [String] = []
        for name in DataFields.before { parts += try before(name).map { $0 + "\n\n" } }
        if let body = try record.text([DataFields.body]) {
            let story = body.text.trimmed
            parts.append(story.last.map { ".?!,:;".contains($0) } == true ? story + " " : story + ", ")
        }
        // A question alone stands as it was written, to the byte.
        var text = parts.isEmpty ? asked.text : parts.joined() + asked.text.trimmed
        if let choices { text += "\n" + choices.shown }
        return try ProblemText.check(text.utf8, source: record.place)
    }

    private func asked() throws(StratagemError) -> (name: String, text: String) {
        let input = try record.text([DataFields.input])
        if let asked = try record.text(DataFields.questions) {
            if let input, input.text.trimmed != asked.text.trimmed {
                throw record.refuse(
                    "\"\(input.name)\" beside \"\(asked.name)\" may be a part of the question, and no rule says where. Write both into \"\(asked.name)\", or remove \"\(input.name)\""
                )
            }
            return asked
        }
        if let input { return input }
        if let blank = record.blank(DataFields.questions + [DataFields.input]) {
            throw record.refuse(
                "the problem is empty: \"\(blank)\" has no text in it. Write the question there, or remove the line")
        }
        throw record.refuse(
            "the line has no \"problem\" or \"question\". \(found)Write {\"problem\": \"…\", \"answer\": \"…\"}")
    }

    /// What is there instead.
    private var found: String {
        let lists = record.fields.sorted { $0.key < $1.key }.compactMap { name, value in
            if case .list(let items) = value, items.contains(where: { if case .record = $0 { true } else { false } }) {
                (name, items.count)
            } else {
                nil
            }
        }
        if let (name, count) = lists.first {
            return
                "Its field \"\(Plain.name(name))\" is a list of \(Readable.count(count, "object")): write each on a line of its own (jq -c '.[\"\(Plain.name(name))\"][]'). "
        }
        return record.fields.isEmpty ? "" : "Its fields are \(record.shownNames): if one is the question, rename it. "
    }

    /// Texts that belong before the question.
    private func before(_ name: String) throws(StratagemError) -> [String] {
        var parts: [String] = []
        for (name, value) in record.numbered(name) {
            guard let texts = value.texts else {
                throw record.refuse(
                    "\"\(name)\" must be a string or a list of strings to stand before the question, found \(value.kind). Write it as the text that the model should read, or remove it"
                )
            }
            for text in texts.map(\.trimmed) where !text.isEmpty && !parts.contains(text) { parts.append(text) }
        }
        return parts
    }

    private func refuseJudged() throws(StratagemError) {
        guard record.first(["label"]) != nil else { return }
        if record.first(["steps"]) != nil {
            throw record.refuse(
                "this is a solution with judged steps, as in ProcessBench, and not a problem to solve. It is for measuring a verifier: stratagem judge --data FILE"
            )
        }
        if case .record? = record.first(["question"])?.value {
            throw record.refuse(
                "this is a solution with rated steps, as in PRM800K, and not a problem to solve. It is for measuring a verifier: stratagem judge --data FILE"
            )
        }
    }

    private func refuseOtherParts() throws(StratagemError) {
        for name in DataFields.pictures {
            if let found = record.numbered(name).first(where: { $0.value != .truth(false) }) {
                throw record.refuse(
                    "\"\(found.name)\" is a part of the question, and models here read only text. Remove these problems, or write what it shows into the question"
                )
            }
        }
        for name in DataFields.moreQuestions where record.first(DataFields.questions) != nil {
            if let found = record.numbered(name).first {
                throw record.refuse(
                    "\"\(found.name)\" asks more than one question, and there is one reference answer. Write each question on a line of its own, or remove \"\(found.name)\""
                )
            }
        }
    }

    // MARK: The answer

    var boxesItsSolution: Bool {
        guard case .text(let solution)? = record.first([DataFields.solution])?.value else { return false }
        return BoxedAnswer.last(in: solution) != nil
    }

    private var missingAnswer: StratagemError {
        let blank =
            record.blank(DataFields.answers).map { "\"\($0)\" is empty" } ?? "its fields are \(record.shownNames)"
        return record.refuse(
            "the problem has no \"answer\", so it cannot be used for measuring: \(blank). Add one or remove the line")
    }

    /// Several fields may name it, if they agree.
    private func answer() throws(StratagemError) -> String? {
        var first: (name: String, key: String)?
        for (name, value) in record.all(DataFields.answers) {
            let key = try key(name, value)
            if let first, !Self.agree(first.key, key) {
                throw record.refuse(
                    "\"\(first.name)\" is \(Plain.line(first.key, max: 40)) and \"\(name)\" is \(Plain.line(key, max: 40)): these are two reference answers. Keep the right one"
                )
            }
            first = first ?? (name, key)
        }
        if let first { return first.key }
        return try boxedSolution()
    }

    /// The same text or the same number.
    private static func agree(_ a: String, _ b: String) -> Bool {
        func number(_ text: String) -> Decimal? {
            let isGrouped = text.wholeMatch(of: /[+-]?\$?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?/) != nil
            let text = isGrouped ? text.filter { $0 != "," && $0 != "$" } : text
            return text.wholeMatch(of: /[+-]?[0-9]*\.?[0-9]+/) == nil ? nil : Decimal(string: text)
        }
        return a == b || number(a).map { $0 == number(b) } == true
    }

    private func key(_ name: String, _ value: DataValue) throws(StratagemError) -> String {
        guard let written = value.spelled else {
            if case .number = value {
                throw record.refuse(
                    "\"\(name)\" is a number with more than 37 digits, which are not kept. Write it as a string, in quotes"
                )
            }
            let several =
                if case .list = value { ": no rule says whether one of several answers is enough" } else { "" }
            throw record.refuse(
                "\"\(name)\" must be a string or a number, found \(value.kind)\(several). Write the final answer or remove the line"
            )
        }
        guard let key = Self.answerKey(written) else {
            throw record.refuse(
                "\"\(name)\" must be a string or a number, and not empty: nothing stands after its last \"####\". Write the final answer there or remove the line"
            )
        }
        return key
    }

    /// MATH as it was published has no field for the answer: it is the last box of the solution.
    private func boxedSolution() throws(StratagemError) -> String? {
        guard let solution = try record.text([DataFields.solution]) else { return nil }
        guard let answer = BoxedAnswer.last(in: solution.text) else {
            guard needsAnswer else { return nil }
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
            // The commas of "1,234"; those of a point or a list stay.
            if !text.contains(where: { "([{\\".contains($0) }) { text.removeAll { $0 == "," || $0 == "$" } }
        }
        let trimmed = String(text).trimmed
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
