/// The hard limits of a run. `nil` means that there is no limit. A limit is never exceeded, not even by one token
/// (`seconds` is a deadline, which takes effect at the next decode call).
public struct Limits: Sendable, Equatable, Codable {
    /// The largest number of steps sampled at any one depth, over all roots.
    public var generations: Int?
    /// Tokens sampled from the policy, kept or not.
    public var tokens: Int?
    /// Floating-point operations of policy and verifier.
    public var flops: Double?
    /// Wall-clock seconds from the run's start.
    public var seconds: Double?

    public init(generations: Int? = nil, tokens: Int? = nil, flops: Double? = nil, seconds: Double? = nil) {
        self.generations = generations
        self.tokens = tokens
        self.flops = flops
        self.seconds = seconds
    }
}

extension Limits: CustomStringConvertible {
    /// The form that `init(parsing:)` reads: `16+seconds=5`.
    public var description: String {
        var parts: [String] = []
        if let generations { parts.append("\(generations)") }
        if let tokens { parts.append("tokens=\(tokens)") }
        if let flops { parts.append("flops=\(Self.plain(flops))") }
        if let seconds { parts.append("seconds=\(Self.plain(seconds))") }
        return parts.joined(separator: "+")
    }

    /// Without the `+` of `1e+20`, because `+` joins limits.
    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)".filter { $0 != "+" }
    }

    /// Reads `N`, `tokens=T`, `flops=F`, `seconds=S`, or several of them joined by `+`.
    public init(parsing text: String) throws(StratagemError) {
        self.init()
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            if pieces.count == 2 {
                try set(pieces[0], pieces[1], of: text)
            } else {
                // A name without its number is not a second number of generations.
                try set(
                    ["tokens", "flops", "seconds"].contains(pieces[0]) ? pieces[0] : "generations", pieces[0], of: text)
            }
        }
    }

    private mutating func set(_ name: String, _ value: String, of text: String) throws(StratagemError) {
        func refuse(_ why: String) -> StratagemError {
            StratagemError(
                .user, .badBudget,
                "budget '\(text)': \(why). Write N, tokens=T, flops=F or seconds=S, joined with '+', such as 16+seconds=5"
            )
        }
        func count() throws(StratagemError) -> Int {
            guard let number = Int(value) else { throw refuse("'\(value)' is not a whole number of \(name)") }
            guard number >= 1, number <= 1 << 40 else {
                throw refuse("\(name) must be between 1 and \(1 << 40), found \(value)")
            }
            return number
        }
        func amount() throws(StratagemError) -> Double {
            guard let number = Double(value), number.isFinite, number > 0 else {
                throw refuse("\(name) must be a finite number above 0, found '\(value)'")
            }
            return number
        }
        guard !value.isEmpty else {
            throw refuse(name == "generations" ? "a part of it is empty" : "\(name)= has no number after it")
        }
        guard value != name else { throw refuse("\(name) has no number: write \(name)=…") }
        switch name {
        case "generations" where generations == nil: generations = try count()
        case "tokens" where tokens == nil: tokens = try count()
        case "flops" where flops == nil: flops = try amount()
        case "seconds" where seconds == nil: seconds = try amount()
        case "generations", "tokens", "flops", "seconds": throw refuse("\(name) is given twice")
        default: throw refuse("'\(name)' is not a kind of budget")
        }
    }
}

/// The cost of a run, including failed, cancelled and wasted work.
public struct Cost: Sendable, Equatable, Codable {
    /// See `Limits.generations`.
    public var generations: Int
    /// Sampled from the policy, kept or not.
    public var tokens: Int
    /// Read by the policy: prompts and appended text, each distinct prefix once.
    public var promptTokens: Int
    /// Read by verifiers, each distinct prefix once.
    public var verifierTokens: Int
    /// Of policy and verifier: matrix products and attention. NaN, written as null, means that it is not known, because
    /// the shape of a model is not known.
    public var flops: Double
    /// Wall clock, waiting for other runs included.
    public var seconds: Double
    /// Calls of programs that are used as verifiers, and the seconds that they took. They cost no tokens and no FLOPs.
    public var programCalls = 0
    public var programSeconds = 0.0
    /// The part of `tokens` in nodes from which no answer of the result descends.
    public var wastedTokens: Int

    public init(
        generations: Int = 0, tokens: Int = 0, promptTokens: Int = 0, verifierTokens: Int = 0,
        flops: Double = 0, seconds: Double = 0, wastedTokens: Int = 0
    ) {
        self.generations = generations
        self.tokens = tokens
        self.promptTokens = promptTokens
        self.verifierTokens = verifierTokens
        self.flops = flops
        self.seconds = seconds
        self.wastedTokens = wastedTokens
    }

    enum CodingKeys: String, CodingKey {
        case generations, tokens, flops, seconds
        case promptTokens = "prompt_tokens"
        case verifierTokens = "verifier_tokens"
        case wastedTokens = "wasted_tokens"
        case programCalls = "program_calls"
        case programSeconds = "program_seconds"
    }
}

/// Programs appear only if one was called: the costs of all other runs are written as before.
extension Cost {
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            generations: try box.decode(Int.self, forKey: .generations),
            tokens: try box.decode(Int.self, forKey: .tokens),
            promptTokens: try box.decode(Int.self, forKey: .promptTokens),
            verifierTokens: try box.decode(Int.self, forKey: .verifierTokens),
            flops: try box.decode(Double?.self, forKey: .flops) ?? .nan,
            seconds: try box.decode(Double.self, forKey: .seconds),
            wastedTokens: try box.decode(Int.self, forKey: .wastedTokens))
        programCalls = try box.decodeIfPresent(Int.self, forKey: .programCalls) ?? 0
        programSeconds = try box.decodeIfPresent(Double.self, forKey: .programSeconds) ?? 0
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(generations, forKey: .generations)
        try box.encode(tokens, forKey: .tokens)
        try box.encode(promptTokens, forKey: .promptTokens)
        try box.encode(verifierTokens, forKey: .verifierTokens)
        try box.encode(flops.isNaN ? nil : flops, forKey: .flops)
        try box.encode(seconds, forKey: .seconds)
        try box.encode(wastedTokens, forKey: .wastedTokens)
        guard programCalls > 0 else { return }
        try box.encode(programCalls, forKey: .programCalls)
        try box.encode(programSeconds, forKey: .programSeconds)
    }
}

extension Cost {
    /// Sums every field, including the generations of different runs.
    public mutating func add(_ other: Cost) {
        generations += other.generations
        tokens += other.tokens
        promptTokens += other.promptTokens
        verifierTokens += other.verifierTokens
        flops += other.flops
        seconds += other.seconds
        wastedTokens += other.wastedTokens
        programCalls += other.programCalls
        programSeconds += other.programSeconds
    }
}
