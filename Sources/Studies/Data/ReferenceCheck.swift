import Engine
import LanguageModels
import SearchCore

/// What can be said of a data set's reference answers before anything runs: those that the
/// chosen functions cannot use, and what that costs. Asked of the functions themselves.
public struct ReferenceCheck: Sendable, Equatable {
    public struct Reference: Sendable, Equatable {
        public var line: Int
        public var answer: String
    }

    public var extract: String
    public var equal: String
    public var chosenBy: AnswerChoice.Origin
    /// Problems that have a reference answer.
    public var references: Int
    /// Known to the equality by their text alone.
    public var unread: [Reference] = []
    /// Of these, those that `math` reads.
    public var readByMath = 0
    /// However a solution ends in one of them, something else is found in it: nobody can be right.
    public var unreachable: [Reference] = []

    /// What suits data that look like MATH.
    public static let math = AnswerFunctions(extract: "math", equal: "math")

    /// - Parameter others: the functions of ``math``; nil if no plugin has them.
    public init(_ items: [DataSet.Item], answers: Answers, others: Answers?) {
        (extract, equal, chosenBy) = (answers.extract, answers.equal, answers.chosenBy)
        references = 0
        for item in items {
            guard let answer = item.problem.answer else { continue }
            references += 1
            // A choice's letter is right as well as its text.
            let right = [answer] + item.problem.alsoRight
            if !right.contains(where: answers.reads) {
                unread.append(Reference(line: item.line, answer: answer))
                if let others, others.equal != equal, right.contains(where: others.reads) { readByMath += 1 }
            }
            if !right.contains(where: { Self.isReachable($0, answers) }) {
                unreachable.append(Reference(line: item.line, answer: answer))
            }
        }
    }

    /// - Parameter engine: whose functions are asked.
    public init(_ items: [DataSet.Item], engine: Engine) {
        self.init(
            items, answers: engine.answers,
            others: engine.answers.others(extract: Self.math.extract, equal: Self.math.equal, engine.registry))
    }

    /// Whether a solution that ends in `answer`, in one of the usual ways, is found right.
    private static func isReachable(_ answer: String, _ answers: Answers) -> Bool {
        ["#### \(answer)", "\\boxed{\(answer)}", "The answer is \(answer).", answer].contains { text in
            answers.find(in: text).map { answers.areEqual($0, answer) } ?? false
        }
    }

    // MARK: For people

    /// A line each.
    public func notes(file: String) -> [String] {
        var notes: [String] = []
        if chosenBy == .data {
            notes.append(
                "\(file) looks like MATH, so answers are found with '\(extract)' and compared with '\(equal)' (docs/data.md). --extract and --equal choose others"
            )
        }
        if !unread.isEmpty { notes.append("\(file): \(unreadNote)") }
        if !unreachable.isEmpty { notes.append("\(file): \(unreachableNote)") }
        return notes
    }

    private var unreadNote: String {
        let many = unread.count > 1
        return
            "\(share(unread.count)) not readable as a value by '\(equal)': \(examples(unread)). \(many ? "They are" : "It is") compared by \(many ? "their" : "its") text, "
            + "so an equal answer in another spelling counts as wrong. " + unreadRemedy
    }

    private var unreadRemedy: String {
        if readByMath == unread.count { return "'math' reads \(unread.count == 1 ? "it" : "them all"): \(Self.choice)" }
        let rest =
            "Correct the reference\(unread.count - readByMath == 1 ? "" : "s"), or remove the line\(unread.count - readByMath == 1 ? "" : "s")"
        return readByMath == 0
            ? rest
            : "'math' reads \(readByMath) of them: \(Self.choice). The others: " + rest.prefix(1).lowercased()
                + rest.dropFirst()
    }

    private static let choice = "pass --extract math --equal math, or name them in the bundle's [answers]"

    private var unreachableNote: String {
        "\(share(unreachable.count)) impossible to match by any solution: '\(extract)' finds something else in the text: \(examples(unreachable)). "
            + "\(unreachable.count == 1 ? "It counts" : "They count") as wrong always. Choose another function (--extract math), or correct the data"
    }

    /// "3 of 10 reference answers are"
    private func share(_ count: Int) -> String {
        "\(Readable.count(count)) of \(Readable.count(references, "reference answer")) \(count == 1 ? "is" : "are")"
    }

    private func examples(_ all: [Reference]) -> String {
        all.prefix(3).map { "\(Plain.line($0.answer, max: 40)) (line \($0.line))" }.joined(separator: ", ")
            + (all.count > 3 ? " …" : "")
    }
}
