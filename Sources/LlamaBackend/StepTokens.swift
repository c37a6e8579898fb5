import LanguageModels

/// Texts of a verifier's prompts and steps as the tokens of its vocabulary: those that the whole text would have, as
/// far as a step can be tokenised without the steps before it.
struct StepTokens {
    private let vocabulary: Vocabulary
    private let template: PromptTemplate
    private let rule: StepRule
    private let readOut: any StepReadOut
    private let joinsSteps: Bool
    /// Spaces at the template's end, which a tokenizer joins with the first word of the first step.
    private let lead: [UInt8]
    /// Whether a step continues text. If it follows a special token, it begins anew for the tokenizer.
    private let firstContinues: Bool
    private let othersContinue: Bool
    /// The tokens of recently seen steps.
    private var known: [PlacedStep: [Token]] = [:]
    private static let knownMax = 4096

    /// - Parameter joinsSteps: an answer is one text.
    init(
        _ vocabulary: Vocabulary, template: PromptTemplate, steps rule: StepRule, readOut: any StepReadOut,
        joinsSteps: Bool
    ) {
        (self.vocabulary, self.template, self.rule) = (vocabulary, template, rule)
        (self.readOut, self.joinsSteps) = (readOut, joinsSteps)
        lead = template.spacesAtEnd
        firstContinues = !vocabulary.endsInControl(template.problem.utf8.dropLast(lead.count))
        let example = Array("x".utf8)
        let last = vocabulary.tokens(
            of: readOut.layOut(StepText(example, delimiter: rule.delimiter(of: example)))
        ).last
        othersContinue = last.map { !vocabulary.isControl($0) } ?? true
    }

    func root(problem: [UInt8], attempts: [[UInt8]]) -> [Token] {
        vocabulary.tokens(
            ofRoot: template.render(problem: problem, attempts: attempts).dropping(spaces: lead.count))
    }

    /// The tokens of each step, or of the whole text if steps are joined.
    mutating func pieces(of steps: [[UInt8]], at place: StepPlace) -> [[Token]] {
        PlacedStep.all(steps, at: place, joined: joinsSteps).map { tokens(of: $0) }
    }

    /// Called more than once for a step: when a job is planned, when it is done, and for every answer that contains the
    /// step.
    private mutating func tokens(of step: PlacedStep) -> [Token] {
        if let known = known[step] { return known }
        let tokens = vocabulary.tokens(
            of: readOut.layOut(step, rule, lead: lead), continuing: step.place.begins ? firstContinues : othersContinue)
        if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
        known[step] = tokens
        return tokens
    }
}
