import Glibc

/// A Borda vote: what the candidate at a place (from 0, the best) adds for its answer among `count` candidates. Power 0
/// counts each candidate once; the larger the power, the more the first places outvote the others.
public func bordaVote(place: Int, of count: Int, power: Double) -> Double { pow(Double(max(0, count - place)), power) }

extension Host {
    /// The ranking of finished nodes by a vote: each adds its own weight to its answer. Answers are in the order of the
    /// vote; in a tie the answer seen first comes first. Within an answer the heaviest node comes first. Nodes without
    /// an answer come last, with no weight.
    public func rank(_ votes: [Answer]) -> [Answer] {
        var groups: [(sum: Double, votes: [Answer])] = []
        var places: [Text: Int] = [:]
        var unanswered: [Answer] = []
        for vote in votes {
            guard let answer = node(vote.node)?.answer else {
                unanswered.append(Answer(vote.node, weight: 0))
                continue
            }
            let place = places[answer] ?? groups.count
            if place == groups.count {
                places[answer] = place
                groups.append((0, []))
            }
            groups[place].sum += vote.weight
            groups[place].votes.append(vote)
        }
        // Swift's sort does not promise to keep equal elements in order.
        let order = groups.indices.sorted {
            groups[$0].sum == groups[$1].sum ? $0 < $1 : groups[$0].sum > groups[$1].sum
        }
        return order.flatMap { Self.heaviestFirst(groups[$0].votes) } + unanswered
    }

    private static func heaviestFirst(_ votes: [Answer]) -> [Answer] {
        votes.indices.sorted { votes[$0].weight == votes[$1].weight ? $0 < $1 : votes[$0].weight > votes[$1].weight }
            .map { votes[$0] }
    }
}
