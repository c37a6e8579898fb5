/// What a program that judges is asked: the steps of an answer so far, of which some are new.
struct ProgramWork: Sendable {
    var id: UInt64
    var problem: [UInt8]
    /// All steps from the answer's beginning, at least one of them new.
    var steps: [[UInt8]]
    /// The number of new steps, at the end.
    var new: Int
    var isFinished: Bool
    /// Whether the answer as a whole is judged, and not each new step.
    var isOutcome: Bool

    /// The text up to the end of each new step; only the whole text if the answer as a whole is judged.
    var texts: [[UInt8]] {
        var text: [UInt8] = []
        var texts: [[UInt8]] = []
        for (place, step) in steps.enumerated() {
            text += step
            if place >= steps.count - (isOutcome ? 1 : new) { texts.append(text) }
        }
        return texts
    }
}

/// What a program said.
struct ProgramAnswer: Sendable {
    var id: UInt64
    /// One value for each new step, or one for the whole answer.
    var values: [Double] = []
    var failure: String?
    var calls = 0
    var seconds = 0.0
}

/// Asks a program for values, away from the lane's thread.
protocol ProgramCalls: AnyObject {
    func add(_ work: ProgramWork)
    /// Drops work that has not begun.
    func remove(_ id: UInt64)
    func takeAnswers() -> [ProgramAnswer]
    /// Called from time to time while somebody waits.
    func watch()
}
