import SearchCore

/// Says whether an answer is right. The bundle defines what "the same" means (by a plugin function); a missing answer
/// is never right.
public struct Grader: Sendable {
    private let areEqual: @Sendable (String, String) -> Bool

    /// - Parameter areEqual: an equivalence; called from many threads at once.
    public init(areEqual: @escaping @Sendable (String, String) -> Bool) { self.areEqual = areEqual }

    /// Nil if there is no reference answer to compare with.
    public func isCorrect(_ answer: String?, of problem: Problem) -> Bool? {
        guard let reference = problem.answer else { return nil }
        guard let answer else { return false }
        return answer == reference || areEqual(answer, reference) || problem.alsoRight.contains { areEqual(answer, $0) }
    }
}
