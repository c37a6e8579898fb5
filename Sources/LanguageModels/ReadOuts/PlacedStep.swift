/// The text of a step, or of a whole answer, and where in the answer it stands: all that its layout depends on, so a
/// verifier can keep what it has made of it.
public struct PlacedStep: Sendable, Hashable {
    public let text: [UInt8]
    public let place: StepPlace

    public init(_ text: [UInt8], at place: StepPlace) { (self.text, self.place) = (text, place) }

    /// Steps that follow one another at `place`.
    /// - Parameter joined: the answer is shown as one text.
    public static func all(_ steps: [[UInt8]], at place: StepPlace, joined: Bool) -> [PlacedStep] {
        guard !joined else { return [PlacedStep(Array(steps.joined()), at: place)] }
        return steps.enumerated().map { index, text in
            let (isFirst, isLast) = (index == 0, index == steps.count - 1)
            return PlacedStep(text, at: StepPlace(begins: place.begins && isFirst, ends: place.ends && isLast))
        }
    }
}

extension PlacedStep {
    /// - Parameter lead: see ``StepText/lead``; only the first step of an answer gets it.
    public func stepText(_ rule: StepRule, lead: [UInt8]) -> StepText {
        StepText(text, delimiter: rule.delimiter(of: text), lead: place.begins ? lead : [], place: place)
    }
}

extension StepReadOut {
    public func layOut(_ step: PlacedStep, _ rule: StepRule, lead: [UInt8]) -> [PromptPart] {
        layOut(step.stepText(rule, lead: lead))
    }
}
