import SearchCore
import SearchRuntime

/// How long a single run will still take, by its limits and its pace so far.
public enum TimeLeft {
    /// - Parameters:
    ///   - statistics: of a runtime that has worked on nothing else.
    ///   - seconds: since it began.
    /// - Returns: nil while nothing is known: a text has to end before anybody can say how long texts are.
    public static func seconds(of limits: Limits, _ statistics: RuntimeStatistics, after seconds: Double) -> Double? {
        let tokens = Double(statistics.policy.decodedTokens)
        var least = limits.seconds.map { $0 - seconds }
        func take(_ all: Double) {
            guard tokens > 0 else { return }
            let left = seconds * (all / tokens - 1)
            least = min(least ?? left, left)
        }
        if let most = limits.tokens { take(Double(most)) }
        // Every generation is a text of the mean length so far, step by step or at once.
        if let count = limits.generations, statistics.endedTexts > 0 {
            take(Double(statistics.endedTokens) / Double(statistics.endedTexts) * Double(count))
        }
        return least.map { max(0, $0) }
    }
}
