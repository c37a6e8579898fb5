import LanguageModels
import SearchCore

/// Reads the verdict's tokens where the read-out says, from the probabilities of the token that would follow: one
/// request for each step, which asks for one token. For servers that take ids and return the probabilities of chosen
/// ones; a list of the likeliest tokens is not enough, because a verdict that was learnt only as a share of two tokens
/// may be far down in it.
struct NextTokenScorer: EndpointScorer {
    let profile: ServerProfile
    let traffic: EndpointTraffic
    let readOut: any StepReadOut
    /// The ids of the read-out's tokens.
    let ids: [Int32]
    /// Those whose probabilities are wanted.
    let verdicts: [Int32]

    private var chosen: ChosenTokens { ChosenTokens(profile: profile, traffic: traffic, ids: verdicts) }
    var sendsTokens: Bool { true }
    var readsFromTheStart: Bool { false }

    func values(of steps: [ScoredPiece], below above: ScoredText, meter: ScoreMeter) async throws(StratagemError)
        -> [Double]
    {
        var values: [Double] = []
        var prompt = above.ids
        for step in steps {
            guard let position = position(in: step.ids) else {
                throw StratagemError(
                    .model, .endpointFailed, "a step does not contain the token at which it is read")
            }
            let row = try await chosen.row(behind: prompt + step.ids[...position], root: above.root, meter)
            var sum = 0.0
            readOut.read(row, at: ReadOutPlace(step: step.ids, position: position, ids: ids), sum: &sum)
            values.append(readOut.value(sum: sum, above: values.last ?? above.value))
            prompt += step.ids
        }
        return values
    }

    private func position(in step: [Int32]) -> Int? {
        switch readOut.positions(in: step, ids: ids) {
        case .last, .all: step.isEmpty ? nil : step.count - 1
        case .one(let place): step.indices.contains(place) ? place : nil
        case .none: nil
        }
    }
}
