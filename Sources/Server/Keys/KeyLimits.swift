import Foundation
import Locking
import SearchCore

/// What each key has used, against its limits.
final class KeyLimits: Sendable {
    private struct Use {
        var requests: Allowance?
        var tokens: Allowance?
        var generations = 0
    }

    private let uses = Locked<[String: Use]>([:])

    /// Charges a request, and the generations that it may have at once.
    ///
    /// - Returns: the generations, to be given back by ``end(_:generations:tokens:)``.
    func begin(_ key: APIKey, _ limits: Limits, now: Double = KeyLimits.now) throws(Refusal) -> Int {
        try uses.withLock { uses throws(Refusal) in
            var use =
                uses[key.name]
                ?? Use(
                    requests: key.requestsPerMinute.map { Allowance(perMinute: $0, now: now) },
                    tokens: key.tokensPerMinute.map { Allowance(perMinute: $0, now: now) })
            defer { uses[key.name] = use }
            if let seconds = use.tokens?.secondsUntil(0, now: now), seconds > 0 {
                throw .busy(
                    "tokens_per_minute",
                    "the key '\(key.name)' has used its \(key.tokensPerMinute ?? 0) tokens a minute",
                    retryAfter: seconds)
            }
            // A budget without generations may sample as widely as it likes.
            let wanted = limits.generations ?? key.generationsAtOnce ?? 0
            if let most = key.generationsAtOnce {
                guard wanted <= most else {
                    throw .request(
                        "budget_too_large",
                        "the budget has \(wanted) generations, and the key '\(key.name)' may have \(most) at once",
                        param: "budget")
                }
                guard use.generations + wanted <= most else {
                    throw .busy(
                        "generations_at_once",
                        "the key '\(key.name)' has \(use.generations) of its \(most) generations at once; this request needs \(wanted)",
                        retryAfter: 1)
                }
            }
            if let seconds = use.requests?.secondsUntil(1, now: now), seconds > 0 {
                throw .busy(
                    "requests_per_minute",
                    "the key '\(key.name)' has made its \(key.requestsPerMinute ?? 0) requests a minute",
                    retryAfter: seconds)
            }
            use.requests?.left -= 1
            use.generations += wanted
            return wanted
        }
    }

    /// Charges what the search has cost, which may be more than was left: the key waits the longer.
    func end(_ key: APIKey, generations: Int, tokens: Int) {
        uses.withLock { uses in
            uses[key.name]?.generations -= generations
            uses[key.name]?.tokens?.left -= Double(tokens)
        }
    }

    static var now: Double { ProcessInfo.processInfo.systemUptime }
}

/// So many a minute: a minute's worth at once, then as they come in again.
struct Allowance {
    private let perMinute: Double
    var left: Double
    private var updated: Double

    init(perMinute: Int, now: Double) {
        self.perMinute = Double(perMinute)
        left = Double(perMinute)
        updated = now
    }

    /// Until more than `needed` - 1 is there: 0 if it is.
    mutating func secondsUntil(_ needed: Double, now: Double) -> Int {
        left = min(perMinute, left + (now - updated) * perMinute / 60)
        updated = now
        let missing = needed > 0 ? needed - left : (left > 0 ? 0 : 1 - left)
        return missing <= 0 ? 0 : Int((missing * 60 / perMinute).rounded(.up))
    }
}
