/// The host, as one strategy sees it. It may be kept for the life of the strategy, but used only inside `init` and
/// `next`.
public struct Host {
    let raw: UnsafePointer<stg_host>
    /// The size of the table in ABI 1.0.
    static let size1_0 = MemoryLayout<stg_host>.offset(of: \stg_host.generations_left) ?? 80

    /// All that is known about a node, or nil if there is no such node.
    public func node(_ id: NodeID) -> Node? {
        var info = stg_node_info()
        info.struct_size = UInt32(MemoryLayout<stg_node_info>.size)
        guard raw.pointee.get_node(raw, id.raw, &info) == STG_OK else { return nil }
        return Node(id: id, info: info)
    }

    /// The values of all steps from the root to the end of a node, oldest first; NaN if a step was not scored.
    public func stepScores(_ id: NodeID) -> [Double] {
        var count = 0
        guard raw.pointee.step_scores(raw, id.raw, nil, 0, &count) == STG_OK, count > 0 else { return [] }
        return [Double](unsafeUninitializedCapacity: count) { buffer, filled in
            var found = 0
            let status = raw.pointee.step_scores(raw, id.raw, buffer.baseAddress, count, &found)
            filled = status == STG_OK ? min(count, found) : 0
        }
    }

    public var budget: Budget {
        var budget = stg_budget()
        budget.struct_size = UInt32(MemoryLayout<stg_budget>.size)
        _ = raw.pointee.get_budget(raw, &budget)
        return Budget(budget)
    }

    /// How many more samples of so many steps (0: to the end of the answer) the limit of generations allows from a
    /// node; nil if the run has no such limit, or if there is no such node. The asks of one batch share this number. A
    /// host of ABI 1.0 knows only what is left at the fullest depth.
    public func generationsLeft(below node: NodeID, steps: Int = 1) -> Int? {
        guard raw.pointee.struct_size >= MemoryLayout<stg_host>.size, let function = raw.pointee.generations_left else {
            return budget.generationsLeft
        }
        var count: UInt64 = 0
        guard function(raw, node.raw, UInt32(clamping: steps), &count) == STG_OK, count != .max else { return nil }
        return Int(clamping: count)
    }

    /// The run's own random numbers: the only randomness that keeps the promise "same seed, same answer".
    public var random: HostRandom { HostRandom(host: self) }

    /// Whether the bundle has a model or verifier of this role: `policy`, `prm`, `reviser` …
    public func hasRole(_ role: String) -> Bool {
        withText(role) { raw.pointee.has_role(raw, $0) } != 0
    }

    /// Refuses the run if the bundle has no such verifier.
    public func requireVerifier(_ role: String = "prm", orElse remedy: String) throws {
        guard !hasRole(role) else { return }
        throw StrategyError(
            "this bundle has no verifier of role \(role): give one that has, or \(remedy)", status: STG_UNSUPPORTED)
    }

    /// A line for the user's log.
    public func log(_ level: LogLevel, _ line: String) {
        withText(line) { raw.pointee.log(raw, level.rawValue, $0) }
    }

    /// An extension's table, by its id, if the host has it.
    public func getExtension(_ id: String) -> UnsafeRawPointer? {
        withText(id) { raw.pointee.get_extension(raw, $0) }
    }

    func setError(_ status: stg_status, _ why: String) {
        withText(why) { raw.pointee.set_error(raw, status, $0) }
    }

    func withText<Result>(_ string: String, _ body: (stg_str) -> Result) -> Result {
        var string = string
        return string.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { body(stg_str(data: $0.baseAddress, size: $0.count)) }
        }
    }
}

public enum LogLevel: stg_log_level, Sendable {
    case debug = 0, info, warning, error
    /// The host broke the contract.
    case hostMisbehaving
}

/// Random bits from the run's seed.
public struct HostRandom: RandomNumberGenerator {
    let host: Host
    public mutating func next() -> UInt64 { host.raw.pointee.random(host.raw) }
}

/// The limits of the budget, and what was spent. nil: the run has no such limit.
public struct Budget: Sendable, Equatable {
    /// The largest number of steps sampled at any one depth.
    public var generations: Int?
    /// Sampled tokens.
    public var tokens: Int?
    public var flops: Double?
    /// Seconds from the run's start.
    public var seconds: Double?
    public var generationsSpent: Int
    public var tokensSpent: Int
    public var flopsSpent: Double
    /// Not repeatable: do not use it for a decision that must be the same with the same seed.
    public var secondsSpent: Double

    public var generationsLeft: Int? { generations.map { max(0, $0 - generationsSpent) } }
    public var tokensLeft: Int? { tokens.map { max(0, $0 - tokensSpent) } }

    init(_ raw: stg_budget) {
        generations = raw.generations == .max ? nil : Int(clamping: raw.generations)
        tokens = raw.tokens == .max ? nil : Int(clamping: raw.tokens)
        flops = raw.flops.isFinite ? raw.flops : nil
        seconds = raw.seconds.isFinite ? raw.seconds : nil
        generationsSpent = Int(clamping: raw.generations_spent)
        tokensSpent = Int(clamping: raw.tokens_spent)
        flopsSpent = raw.flops_spent
        secondsSpent = raw.seconds_spent
    }
}
