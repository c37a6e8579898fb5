/// N whole answers that vote by how sure the model was of them: the common part of strategies without a verifier. The
/// strategies differ in how they compute an answer's confidence and its weight.
public struct ConfidenceVote {
    private let host: Host
    private let root: NodeID
    private let n: Int
    private let sampling: Sampling
    private let figures: TokenFigures?

    public init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        sampling = try setup.sampling()
        figures = host.tokenFigures()
    }

    /// Samples in the first turn, and ranks in the second. If no answer's confidence is known, every answer has one
    /// vote.
    ///
    /// - Parameters:
    ///   - figure: the figure of every token.
    ///   - confidence: computes the confidence of a finished node from the figures of its tokens (empty if they are not
    ///     known); nil if it is not known.
    ///   - weights: computes one weight for each node from their confidences.
    public func next(
        _ tell: Tell, by figure: TokenFigure, confidence: (NodeID, [Double]) -> Double?,
        weights: ([Double?]) -> [Double]
    ) throws -> Next {
        if tell.event == .start { return .asks([.sample(root, count: n, sampling)]) }
        let samples = host.harvest(tell, distinct: false)
        if samples.finished.isEmpty, samples.modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        let nodes = samples.finished
        let known = nodes.map { confidence($0, figures?.list(figure, of: $0) ?? []) }
        guard known.contains(where: { $0 != nil }) else {
            if !nodes.isEmpty {
                host.log(.warning, "the model does not report how sure it was: every answer has one vote")
            }
            return .done(host.rank(nodes.map { Answer($0, weight: 1) }))
        }
        return .done(host.rank(zip(nodes, weights(known)).map { Answer($0, weight: $1) }))
    }
}
