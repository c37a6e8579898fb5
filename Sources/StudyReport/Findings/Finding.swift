/// One claim of the paper (or of ours) beside what the store shows.
public struct Finding: Sendable, Equatable {
    public enum Verdict: String, Sendable {
        /// All of the interval is on the claim's side.
        case held
        /// The mean is, the interval is not.
        case leaning = "held, within chance"
        /// Neither is, but chance could be why.
        case doubtful = "not held, within chance"
        case notHeld = "not held"
        /// The store cannot say.
        case unknown = "not measured"

        /// - Parameters:
        ///   - gain: positive where the claim is true.
        ///   - orEqual: the claim is "as good as", for which 0 will do.
        init(_ gain: Estimate?, orEqual: Bool = false) {
            guard let gain else {
                self = .unknown
                return
            }
            if gain.low > 0 || orEqual && gain.low == 0 {
                self = .held
            } else if gain.high < 0 {
                self = .notHeld
            } else {
                self = gain.value > 0 || orEqual && gain.value == 0 ? .leaning : .doubtful
            }
        }

        /// A claim of several parts holds as far as its weakest.
        static func all(_ parts: [Verdict]) -> Verdict {
            let order: [Verdict] = [.unknown, .notHeld, .doubtful, .leaning, .held]
            return order.first(where: parts.contains) ?? .unknown
        }

        /// A claim that asks for one case holds as far as its best.
        static func any(_ parts: [Verdict]) -> Verdict {
            let order: [Verdict] = [.held, .leaning, .doubtful, .notHeld]
            return order.first(where: parts.contains) ?? .unknown
        }
    }

    public var claim: String
    public var paper: String
    public var ours: String
    public var verdict: Verdict
    /// What the verdict rests on.
    public var why: String
}
