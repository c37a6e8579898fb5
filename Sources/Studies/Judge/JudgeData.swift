import Engine
import Foundation
import SearchCore

/// Solutions whose steps people have judged, to measure a verifier on: ProcessBench and PRM800K.
public struct JudgeData: Sendable, Equatable {
    public struct Sample: Sendable, Equatable {
        public var solution: GivenSolution
        /// Place of the first wrong step, from 0; nil: all are right.
        public var firstWrong: Int?
        /// Where it stands in the file, from 1.
        public var line: Int

        public init(solution: GivenSolution, firstWrong: Int?, line: Int) {
            self.solution = solution
            self.firstWrong = firstWrong
            self.line = line
        }
    }

    public var file: String
    public var samples: [Sample]
    /// Solutions that nobody can be measured on, by the reason.
    public var skipped: [String: Int] = [:]
    /// What the file has and no verifier sees.
    public var unused = UnusedFields()

    public static func read(file: String, limit: Int? = nil) throws(StratagemError) -> JudgeData {
        try parse(try DataSet.bytes(of: file, example: example), file: file, limit: limit)
    }

    static let example = "{\"problem\": \"…\", \"steps\": [\"…\"], \"label\": -1}"

    public static func parse(_ bytes: Data, file: String, limit: Int? = nil) throws(StratagemError) -> JudgeData {
        var data = JudgeData(file: file, samples: [])
        try DataFormat(file: file, bytes: bytes).read { record throws(StratagemError) in
            switch try JudgeShape(record: record).read() {
            case .sample(let sample, let unused):
                data.samples.append(sample)
                data.unused.add(unused)
            case .skipped(let reason): data.skipped[reason, default: 0] += 1
            }
            return data.samples.count < limit ?? .max
        }
        guard !data.samples.isEmpty else {
            throw StratagemError(
                .user, .badData, "\(file): there are no judged solutions in it. Write one per line: \(example)")
        }
        return data
    }
}

/// From a record to a judged solution.
private struct JudgeShape {
    var record: DataRecord

    enum Read {
        case sample(JudgeData.Sample, unused: [String])
        case skipped(String)
    }

    func read() throws(StratagemError) -> Read {
        if case .record(let question)? = record.first(["question"])?.value,
            case .record(let label)? = record.first(["label"])?.value
        {
            return try prm800k(question, label)
        }
        if let steps = record.first(["steps"]), let label = record.first(["label"]) {
            return try processBench(steps.value, label.value)
        }
        throw record.refuse(
            "this is not a judged solution: it has no \"steps\" with a \"label\" (ProcessBench), and no \"question\" and \"label\" with rated steps (PRM800K). Write \(JudgeData.example); problems with answers are for stratagem eval"
        )
    }

    // MARK: ProcessBench

    /// `label` is the place of the first wrong step, from 0; −1 if all are right.
    private func processBench(_ steps: DataValue, _ label: DataValue) throws(StratagemError) -> Read {
        guard case .list(let items) = steps, !items.isEmpty else {
            throw record.refuse("\"steps\" must be a list of texts with at least one in it")
        }
        var texts: [String] = []
        for (index, item) in items.enumerated() { texts.append(try text(item, "steps[\(index)]")) }
        guard let written = label.spelled, let place = Int(written), (-1..<texts.count).contains(place) else {
            throw record.refuse(
                "\"label\" must be -1 (all steps are right), or the index of the first wrong step, from 0 to \(texts.count - 1), found \(label.spelled.map { String($0.prefix(40)) } ?? "something else")"
            )
        }
        guard record.first(DataFields.questions) != nil else {
            throw record.refuse("the line has no \"problem\". Write \(JudgeData.example)")
        }
        let question = try DataShape(record: record).question()
        let unused = question.unused.filter {
            !["label", "generator", "finalanswercorrect"].contains(DataFields.plain($0))
        }
        return .sample(try sample(question.text, texts, place < 0 ? nil : place), unused: unused)
    }

    // MARK: PRM800K

    /// Labelers rated several completions of each step and continued from one; what they found wrong ends the solution.
    private func prm800k(_ question: [String: DataValue], _ label: [String: DataValue]) throws(StratagemError) -> Read {
        guard case .text(let problem)? = question["problem"] else {
            throw record.refuse("\"question\" has no \"problem\" that is a text")
        }
        guard case .list(let steps)? = label["steps"] else { throw record.refuse("\"label\" has no list \"steps\"") }
        if case .text(let reason)? = label["finish_reason"], reason == "give_up" || reason == "bad_problem" {
            return .skipped(reason)
        }
        var texts: [String] = []
        for (index, step) in steps.enumerated() {
            guard let (text, rating) = try completion(step, "label.steps[\(index)]") else {
                return .skipped("a step without a rating")
            }
            texts.append(text)
            if rating < 0 { return .sample(try sample(problem, texts, index), unused: []) }
        }
        return texts.isEmpty ? .skipped("no steps") : .sample(try sample(problem, texts, nil), unused: [])
    }

    /// The completion that the labeler continued from; else the wrong one that ended it. Nil if it was not rated.
    private func completion(_ step: DataValue, _ place: String) throws(StratagemError) -> (text: String, rating: Int)? {
        guard case .record(let fields) = step else {
            throw record.refuse("\"\(place)\" must be an object with \"completions\"")
        }
        var completions: [[String: DataValue]] = []
        if case .list(let items)? = fields["completions"] {
            for item in items {
                guard case .record(let one) = item else {
                    throw record.refuse("\"\(place).completions\" must be a list of objects")
                }
                completions.append(one)
            }
        }
        if let chosen = fields["chosen_completion"], chosen != .none {
            guard let index = chosen.spelled.flatMap({ Int($0) }), completions.indices.contains(index) else {
                throw record.refuse(
                    "\"\(place).chosen_completion\" must be the index of one of the \(completions.count) completions, from 0"
                )
            }
            return try rated(completions[index], place)
        }
        // A step that the labeler wrote is right.
        if case .record(let human)? = fields["human_completion"] {
            return (try text(human["text"] ?? .none, "\(place).human_completion.text"), 1)
        }
        for one in completions {
            if let found = try rated(one, place), found.rating < 0 { return found }
        }
        return nil
    }

    private func rated(_ completion: [String: DataValue], _ place: String) throws(StratagemError) -> (
        text: String, rating: Int
    )? {
        guard let rating = completion["rating"], rating != .none else { return nil }
        guard let value = rating.spelled.flatMap({ Int($0) }), (-1...1).contains(value) else {
            throw record.refuse("a \"rating\" in \"\(place)\" must be -1, 0 or 1")
        }
        return (try text(completion["text"] ?? .none, "\(place).completions[…].text"), value)
    }

    // MARK: Both

    private func text(_ value: DataValue, _ name: String) throws(StratagemError) -> String {
        guard case .text(let text) = value, !text.trimmed.isEmpty else {
            throw record.refuse("\"\(name)\" must be a text, and not empty")
        }
        return text
    }

    private func sample(_ problem: String, _ steps: [String], _ firstWrong: Int?) throws(StratagemError)
        -> JudgeData.Sample
    {
        let checked = try ProblemText.check(problem.utf8, source: record.place)
        return JudgeData.Sample(
            solution: GivenSolution(problem: checked, steps: steps), firstWrong: firstWrong, line: record.number)
    }
}
