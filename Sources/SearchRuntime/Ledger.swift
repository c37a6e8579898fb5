import SearchCore

/// What a run may spend and has spent. Work is admitted before it starts and reserves its worst case, so no limit is
/// ever exceeded. The unused part of a reservation is returned when the work ends.
///
/// Admission is strictly first come, first served. A job whose worst case does not fit waits for the jobs before it; it
/// is cut to what remains only when none of them is left. So what a job is granted depends on what the jobs before it
/// used and never on when they ended: the same bytes in any batch. This has a price: a sample without its own limit
/// reserves all that the context has room for, so under a budget of fewer tokens samples run one at a time.
struct Ledger {
    let limits: Limits
    private(set) var spent = Cost()
    private(set) var generations = GenerationCount()
    private var reservedTokens = 0
    private var reservedFlops = 0.0
    private var reservations = 0
    /// Full samples from a root that nested runs may draw.
    private var reservedGenerations = 0

    init(limits: Limits) { self.limits = limits }

    enum Admission: Equatable {
        /// The job may start, with at most so many tokens.
        case granted(tokens: Int)
        /// Jobs before this one must end first.
        case wait
        case exhausted
    }

    /// Admits a sample of at most `tokens`.
    /// - Parameter flops: the cost of a sample of so many tokens; it increases with their number.
    func admit(tokens: Int, flops: (Int) -> Double) -> Admission {
        var granted = tokens
        if let limit = limits.tokens {
            let left = limit - spent.tokens - reservedTokens
            if granted > left {
                if reservations > 0 { return .wait }
                granted = left
            }
        }
        if let limit = limits.flops {
            let left = limit - spent.flops - reservedFlops
            // A cost that is not known counts as more than any limit.
            if !(flops(granted) <= left) {
                if reservations > 0 { return .wait }
                granted = Self.largest(upTo: granted) { flops($0) <= left }
            }
        }
        return granted >= 1 ? .granted(tokens: granted) : .exhausted
    }

    /// Admits work that samples no token: either all of it or nothing.
    func admit(flops: Double) -> Admission {
        guard let limit = limits.flops, !(flops <= limit - spent.flops - reservedFlops) else {
            return .granted(tokens: 0)
        }
        return reservations > 0 ? .wait : .exhausted
    }

    private static func largest(upTo count: Int, where fits: (Int) -> Bool) -> Int {
        var low = 0
        var high = max(0, count)
        while low < high {
            let middle = (low + high + 1) / 2
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    mutating func reserve(tokens: Int, flops: Double) {
        reservedTokens += tokens
        reservedFlops += flops
        reservations += 1
    }

    mutating func release(tokens: Int, flops: Double) {
        reservedTokens -= tokens
        reservations -= 1
        // Sums of doubles do not cancel exactly; this makes an empty ledger exactly empty.
        reservedFlops = reservations == 0 ? 0 : reservedFlops - flops
    }

    func generationsFitting(_ count: Int, from depth: Int, steps: Int) -> Int {
        generations.fitting(
            count, from: depth, steps: steps, limit: limits.generations.map { $0 - reservedGenerations })
    }

    mutating func chargeGenerations(_ count: Int, from depth: Int, steps: Int) {
        generations.add(count, from: depth, steps: steps)
        spent.generations = generations.peak
    }

    mutating func charge(tokens: Int = 0, promptTokens: Int = 0, verifierTokens: Int = 0, flops: Double = 0) {
        spent.tokens += tokens
        spent.promptTokens += promptTokens
        spent.verifierTokens += verifierTokens
        spent.flops += flops
    }

    /// Notes calls of a program that takes the place of a verifier.
    mutating func noteProgram(calls: Int, seconds: Double) {
        spent.programCalls += calls
        spent.programSeconds += seconds
    }

    mutating func setSeconds(_ seconds: Double) { spent.seconds = seconds }
}

// MARK: - Nested runs

extension Ledger {
    /// The limits of a nested run: a share of what is left when its batch starts, but no more than what is left after
    /// the earlier runs of the batch, and no more than its own limits.
    /// - Returns: nil if a limit leaves nothing for it.
    func nestedLimits(share: Double, maxGenerations: Int?, maxTokens: Int?, secondsLeft: Double?) -> Limits? {
        func part(_ limit: Int?, _ spent: Int, _ reserved: Int, _ most: Int?) -> Int? {
            guard let limit else { return most }
            let shared = Int((Double(limit - spent) * share).rounded(.down))
            return min(shared, limit - spent - reserved, most ?? .max)
        }
        let nested = Limits(
            generations: part(limits.generations, spent.generations, reservedGenerations, maxGenerations),
            tokens: part(limits.tokens, spent.tokens, reservedTokens, maxTokens),
            flops: limits.flops.map { min(($0 - spent.flops) * share, $0 - spent.flops - reservedFlops) },
            seconds: secondsLeft.map { $0 * share })
        let isEmpty =
            nested.generations.map { $0 < 1 } ?? false || nested.tokens.map { $0 < 1 } ?? false
            || nested.flops.map { $0 <= 0 } ?? false || nested.seconds.map { $0 <= 0 } ?? false
        return isEmpty ? nil : nested
    }

    mutating func reserve(nested: Limits) {
        reserve(
            tokens: limits.tokens == nil ? 0 : nested.tokens ?? 0, flops: limits.flops == nil ? 0 : nested.flops ?? 0)
        if limits.generations != nil { reservedGenerations += nested.generations ?? 0 }
    }

    /// A nested run is over: its tokens and FLOPs are returned and what it spent is charged, at once, since other jobs
    /// of its batch may be waiting for exactly that. What these jobs are granted does not depend on the moment, as with
    /// every other job before them.
    mutating func ended(nested: Ledger) {
        release(
            tokens: limits.tokens == nil ? 0 : nested.limits.tokens ?? 0,
            flops: limits.flops == nil ? 0 : nested.limits.flops ?? 0)
        charge(
            tokens: nested.spent.tokens, promptTokens: nested.spent.promptTokens,
            verifierTokens: nested.spent.verifierTokens, flops: nested.spent.flops)
        noteProgram(calls: nested.spent.programCalls, seconds: nested.spent.programSeconds)
    }

    /// Returns its generations and charges those that it sampled, when the batch is settled. No job waits for
    /// generations; if they were returned earlier, they would depend on the moment.
    mutating func settle(nested: Ledger) {
        if limits.generations != nil { reservedGenerations -= nested.limits.generations ?? 0 }
        generations.add(nested.generations)
        spent.generations = generations.peak
    }
}
