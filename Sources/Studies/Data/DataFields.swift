/// What the fields of data sets mean, by their names: one table, which docs/data.md repeats. A field that is not
/// in it is reported before the run (``UnusedFields``).
enum DataFields {
    /// Upper and lower case, spaces and punctuation make no difference: "Final Answer", "final_answer" and
    /// "finalAnswer" are one name.
    static func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private static func plain(_ names: [String]) -> [String] { names.map { plain($0) } }

    // MARK: Read

    // By their plain names.
    static let questions = ["problem", "question", "prompt"]
    /// The question of GSM-Hard and BBH; beside another question nobody knows what it is.
    static let input = "input"
    /// Texts that stand before the question, in this order, each followed by a blank line. Several are numbered: "hint1".
    static let before = [
        "instruction", "instructions", "introduction", "preamble", "background", "scenario", "setup", "context",
        "contexts", "ctx",
        "document", "documents", "article", "passage", "passages", "paragraph", "paragraphs", "story", "premise",
        "premises", "hypothesis",
        "fact", "facts", "support", "given", "condition", "conditions", "assumption", "assumptions", "table", "tables",
        "hint", "hints",
    ]
    /// SVAMP and ASDiv: the story, in the line of the question.
    static let body = "body"

    static let answers = plain([
        "answer", "final_answer", "expected_answer", "target", "correct_answer", "reference_answer", "ground_truth",
        "gold_answer", "gold", "answer_key",
    ])
    static let solution = "solution"

    // MARK: Choices

    static let choices = plain(["choices", "options", "answer_choices", "answer_options", "endings"])
    /// Each choice in a field of its own: `A`, `option_b`, `opc`, `choice1`.
    static let choiceColumns = ["", "option", "opt", "op", "choice", "answer", "ending"]
    /// The right choice, apart from the wrong ones.
    static let right = "correctanswer"
    static let wrong = plain([
        "incorrect_answer", "incorrect_answers", "wrong_answer", "wrong_answers", "distractor", "distractors",
    ])
    /// Name the right choice beside the answer, and must agree with it.
    static let places = plain([
        "answer_index", "answer_idx", "answer_letter", "answer_label", "correct_index", "correct_option",
        "correct_choice",
    ])
    /// Name it where nothing else does.
    static let lastPlaces = ["label", "correct"]

    // MARK: Refused

    static let pictures = plain([
        "image", "images", "decoded_image", "image_path", "image_url", "image_file", "img", "picture", "pictures",
        "photo", "photos", "figure", "figures",
        "diagram", "diagrams", "chart", "charts", "graph", "graphs", "plot", "plots", "audio", "video", "videos",
    ])
    /// More questions: no rule says which one the answer belongs to.
    static let moreQuestions = plain([
        "parts", "questions", "subquestion", "subquestions", "subproblem", "subproblems", "follow_up", "follow_ups",
    ])

    // MARK: Ignored

    /// About the problem, and no part of it; or worked out, beside the answer. What may be either, such as an
    /// "equation", is not here.
    static let ignored = plain([
        "id", "ids", "uid", "uuid", "unique_id", "index", "idx", "question_id", "problem_id", "example_id", "task_id",
        "qid",
        "pid", "level", "difficulty", "grade", "subject", "subjects", "topic", "topics", "category", "subcategory",
        "domain", "type", "question_type", "problem_type", "answer_type", "source", "dataset", "data_source", "url",
        "link",
        "split", "tag", "tags", "author", "license", "year", "language", "lang", "metadata", "meta", "created",
        "version",
        "contest", "competition", "exam",
        "solution", "solutions", "steps", "rationale", "explanation", "explanations", "reasoning", "cot",
        "chain_of_thought", "worked_solution",
    ])

    private static let known = Set(questions + [input, body, solution] + answers + ignored)
    private static let numbered = Set(before + pictures + moreQuestions)

    /// Whether a rule says what becomes of a field, in every data set. Choices are known by themselves.
    static func isKnown(_ plainName: String) -> Bool {
        known.contains(plainName) || numbered.contains(base(plainName))
    }

    /// "hint" of "hint2".
    static func base(_ plainName: String) -> String {
        var name = Substring(plainName)
        while let last = name.last, ("0"..."9").contains(last) { name.removeLast() }
        return String(name)
    }
}
