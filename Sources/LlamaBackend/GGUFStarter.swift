import Foundation
import LanguageModels
import SearchCore

/// A bundle made from a GGUF file alone: its own chat template, its context, and the ends of its answers.
public struct GGUFStarter: Sendable {
    /// A description of the file, on one line.
    public let summary: String
    /// The bundle's TOML.
    public let text: String

    private static let contextMost = 4096
    /// The form in which most instruction-tuned models were trained to be asked for an answer.
    private static let task = "{problem}\n\nReason step by step, and put the final answer in \\boxed{}."
    private static let revisedTask =
        "{problem}\n\nEarlier attempts, which may be wrong:\n{attempts}\nReason step by step once more, and put the final answer in \\boxed{}."

    /// The prompt for the model, and the ends of its answers.
    private struct Prompt {
        var problem: String
        var revise: String
        var attempt = "Attempt {number}:\n{attempt}\n"
        var stop: [String] = []
        var extract = "math"
        /// Whether the model marks its thoughts before it answers.
        var thinks = false
        var says: String
    }

    /// - Parameters:
    ///   - path: the file.
    ///   - plain: whether to ignore the chat template.
    /// - Throws: the reason why the file or its chat template cannot be used.
    public static func make(_ path: String, plain: Bool = false) throws(StratagemError) -> GGUFStarter {
        let file = try GGUFFile(path: path)
        let known = try VocabularyOnly(file)
        let prompt =
            if let source = file.tokenizer.chatTemplate, !plain {
                try chat(
                    ChatTemplate(
                        source: source, beginning: file.tokenizer.beginning ?? "", end: file.tokenizer.end ?? "",
                        path: path), file, known.vocabulary)
            } else {
                base(hasTemplate: file.tokenizer.chatTemplate != nil)
            }
        return withExtendedLifetime(known) { GGUFStarter(summary: summary(file, prompt), text: write(file, prompt)) }
    }

    private init(summary: String, text: String) { (self.summary, self.text) = (summary, text) }

    // MARK: Prompts

    private static func chat(_ template: ChatTemplate, _ file: GGUFFile, _ vocabulary: Vocabulary)
        throws(StratagemError) -> Prompt
    {
        func asked(_ task: String) throws(StratagemError) -> String {
            try LlamaChat(template: template, vocabulary: vocabulary).lay(out: [ChatTurn(role: "user", text: task)])
        }
        let problem = try asked(task)
        guard problem.contains("{problem}") else {
            throw StratagemError(
                .model, .badTemplate,
                "\(file.path): its chat template drops the question. Write a bundle with a prompt of your own: `stratagem bundle \(file.path) --plain` prints one to start from"
            )
        }
        let stop = try turnEnd(template, vocabulary)
        let ends = stop.map { " that ends a turn with \($0.debugDescription)" } ?? ""
        return Prompt(
            problem: problem, revise: try asked(revisedTask), stop: stop.map { [$0] } ?? [],
            thinks: template.source.contains("</think>"), says: "its own chat template\(ends)")
    }

    /// The text that follows an answer when the conversation continues; the model writes it when it has finished. Nil
    /// if it is a token that ends an answer anyway.
    private static func turnEnd(_ template: ChatTemplate, _ vocabulary: Vocabulary) throws(StratagemError) -> String? {
        let (answer, next) = ("FIRSTANSWER", "NEXTQUESTION")
        // A template that refuses such a conversation can still be good for a single question.
        guard
            let text = try? template.render(
                [
                    .init(role: "user", content: "QUESTION"), .init(role: "assistant", content: answer),
                    .init(role: "user", content: next),
                ], opensAnswer: false),
            let begins = text.range(of: answer)?.upperBound,
            let ends = text.range(of: next, range: begins..<text.endIndex)?.lowerBound
        else { return nil }
        let between = text[begins..<ends].trimmingCharacters(in: .whitespacesAndNewlines)
        guard let mark = vocabulary.firstControl(in: Array(between.utf8)) else {
            return between.isEmpty || between.utf8.count > 64 ? nil : between
        }
        return vocabulary.isEnd(mark.token) ? nil : String(decoding: mark.text, as: UTF8.self)
    }

    /// For a model that was never trained to follow instructions: it continues in the way of the examples.
    private static func base(hasTemplate: Bool) -> Prompt {
        let examples = """
            Question: A shelf has 3 rows of 8 books, and 5 books are lent. How many books are left?
            Solution:
            There are 3 * 8 = 24 books on the shelf.
            24 - 5 = 19 books are left.
            #### 19

            Question: Ana is 12 years old. Her brother is 4 years older than half her age. How old is he?
            Solution:
            Half of 12 is 12 / 2 = 6.
            He is 6 + 4 = 10 years old.
            #### 10


            """
        return Prompt(
            problem: examples + "Question: {problem}\nSolution:\n",
            revise: examples + "Question: {problem}\n{attempts}Solution:\n",
            attempt: "Attempt {number}, which may be wrong:\n{attempt}\n", stop: ["\nQuestion:"], extract: "math-first",
            says: hasTemplate
                ? "its chat template is ignored, a plain prompt with two examples"
                : "no chat template, so a plain prompt with two examples, as for a base model")
    }

    // MARK: Writing

    private static func summary(_ file: GGUFFile, _ prompt: Prompt) -> String {
        let parameters =
            file.shape.parameters >= 1_000_000
            ? "\(file.shape.parameters / 1_000_000) million" : "\(file.shape.parameters)"
        return
            "\(file.architecture) with \(parameters) parameters, context of \(file.contextTokens) tokens, \(prompt.says)"
    }

    private static func write(_ file: GGUFFile, _ prompt: Prompt) -> String {
        let quote = JSON.quoted
        let path = URL(fileURLWithPath: file.path).standardizedFileURL.path
        let name = URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent
        let context = min(file.contextTokens, contextMost)
        return """
            # Written for \(URL(fileURLWithPath: file.path).lastPathComponent.filter { !$0.isNewline }): \(summary(file, prompt).filter { !$0.isNewline }).
            name = \(quote(name.isEmpty ? "model" : name))
            # Each line is a step, except inside \\boxed{…} and code. Or "paragraph", "sentence", "Step k:": docs/bundles.md.
            steps = "line"
            stop = \(BundleText.list(prompt.stop))
            # Tokens of one sequence, prompt included: the model was trained for \(file.contextTokens).
            context = \(max(16, context))

            [answers]
            extract = \(quote(prompt.extract))
            equal = "math"
            \(prompt.thinks ? "thought = [\"<think>\", \"</think>\"]" : "# A model that thinks aloud: thought = [\"<think>\", \"</think>\"]")

            [template]
            problem = \(quote(prompt.problem))
            revise = \(quote(prompt.revise))
            attempt = \(quote(prompt.attempt))

            [models.policy]
            gguf = \(quote(path))

            # The model's own likelihood scores its steps. A trained verifier is better: docs/bundles.md.
            [models.prm]
            gguf = \(quote(path))
            kind = "prm"
            template = \(quote(prompt.problem))
            read_out = "likelihood"

            """
    }
}
