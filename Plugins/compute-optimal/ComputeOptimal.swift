import StrategyKit

/// The compute-optimal strategy of Snell et al. 2024: estimate how hard the problem is for the policy, look up which
/// strategy is best for such problems at this budget, and run that strategy. The estimate is charged: it comes out of
/// the same budget.
///
/// The estimate is the mean of the verifier's final scores over a few samples; a sample without an answer counts 0. If
/// the table says best-of-N, these samples are the first of the N: none of them is lost, and the answer is the one that
/// best-of-N gives.
///
/// Without a table there is no reason to prefer another strategy, so it runs best-of-N, and says so.
struct ComputeOptimal: SequentialStrategy {
    static let table = Parameter.file(
        "table", "the table that `stratagem fit` made",
        derived: "the bundle's table; without one, best-of-n at every difficulty")
    static let samples = Parameter.int(
        "difficulty_samples", "samples for estimating the difficulty",
        derived: "the table's for the budget, but a quarter of N at most", in: 1...Int(STG_MAX_COUNT))
    static let ease = Parameter.float(
        "ease", "mean final score of the problem's samples, if it is known: then it is not estimated",
        derived: "estimated", in: 0...1)
    static let info = StrategyInfo(
        id: "org.stratagem.compute-optimal", name: "compute-optimal", version: "1.0.0",
        summary: "The best strategy for the problem's difficulty and the budget, by a policy table",
        parameters: [Standard.n, table, samples, ease],
        roles: [
            .model("policy", "samples the answers"),
            .verifier("prm", "estimates the difficulty, unless the table names another role", optional: true),
        ])

    private let host: Host
    private let root: NodeID
    private let n: Int
    private let table: PolicyTable?
    private let samplesMax: Int
    private let knownEase: Double?
    /// The samples of the estimate.
    private var drawn: [NodeID] = []
    private var choice: PolicyTable.Choice?
    /// The answers of the strategy that was run, best first.
    private var found: [NodeID] = []

    init(_ setup: Setup) throws {
        host = setup.host
        root = setup.problem.root
        n = try setup.generations()
        knownEase = try setup[Self.ease]
        guard let bytes = try setup[Self.table] else {
            host.log(
                .warning,
                "there is no policy table, so this is best-of-n: fit one with 'stratagem fit' and give it as table=FILE"
            )
            (table, samplesMax) = (nil, 0)
            return
        }
        let table = try PolicyTable(parsing: bytes)
        self.table = table
        for (role, hash) in table.models where !host.hasRole("\(role)@\(hash)") {
            throw StrategyError(
                "the policy table was fitted for other models: its \(role) has the SHA-256 \(hash.prefix(16))…, and this bundle's has another. Fit one for this bundle with 'stratagem fit'",
                status: STG_INVALID_ARGUMENT)
        }
        samplesMax = try setup[Self.samples] ?? max(1, min(table.level(n).samples, n / 4))
        if knownEase == nil, table.verifier == nil {
            throw StrategyError(
                "the policy table uses oracle difficulty, which needs the reference answers: give ease=…, or fit a table by predicted difficulty",
                status: STG_INVALID_ARGUMENT)
        }
    }

    mutating func search(_ ask: Asker) async throws {
        guard let table else {
            host.log(.info, "no policy table: ran best-of-n, \(n) \(n == 1 ? "generation" : "generations")")
            let plain = Ask.run("best-of-n", parameters: [("n", .int(n))])
            found = Array(try await ask([plain]).nodes)
            return
        }
        let ease: Double
        if let knownEase { ease = knownEase } else { ease = try await estimate(table, ask) }
        let bin = table.bin(of: ease, budget: n)
        choice = table.choice(bin: bin, budget: n)
        guard let choice else { return }
        let left = isContinued(choice) ? min(choice.spend, n) - drawn.count : min(choice.spend, n - drawn.count)
        tell(ease, bin: bin, of: table.level(n).bounds.count + 1, choice, left)
        guard left > 0 else { return }
        guard !isContinued(choice) else { return try await goOn(choice, left, ask) }
        let told = try await ask([.run(choice.strategy, parameters: choice.parameters, maxGenerations: left)])
        found = Array(told.nodes)
        if told.contains(.runFailed) { host.log(.warning, "\(choice.run) failed: choosing among the finished answers") }
    }

    /// Done here, and not as a nested run, so that the samples are those that best-of-N would have drawn.
    private mutating func goOn(_ choice: PolicyTable.Choice, _ left: Int, _ ask: Asker) async throws {
        let told = try await ask([.sample(root, count: left)])
        let samples = host.harvest(told, distinct: false)
        found = samples.finished
        if found.isEmpty, drawn.isEmpty, samples.modelFailed {
            throw StrategyError("the model failed before it finished an answer")
        }
        if selection(choice) != .majority { try await ask.score(found, role: table?.verifier ?? "prm", host: host) }
    }

    private mutating func estimate(_ table: PolicyTable, _ ask: Asker) async throws -> Double {
        let role = table.verifier ?? "prm"
        let told = try await ask([.sample(root, count: min(samplesMax, n))])
        drawn = host.harvest(told, distinct: false).finished
        let count = told.nodes.count
        if count == 0, told.contains(.modelFailed) {
            throw StrategyError("the model failed before it finished an answer")
        }
        try await ask.score(drawn, role: role, host: host)
        let scores = drawn.compactMap { host.node($0) }.filter { $0.answer != nil }.compactMap(\.score)
        return count == 0 ? 0 : scores.reduce(0, +) / Double(count)
    }

    /// A line of the result that says what was found, chosen and run.
    private func tell(_ ease: Double, bin: Int, of bins: Int, _ choice: PolicyTable.Choice, _ left: Int) {
        let source = knownEase != nil ? "given" : "of \(drawn.count) \(drawn.count == 1 ? "sample" : "samples")"
        let ran =
            left > 0
            ? "ran \(choice.run), \(left)\(drawn.isEmpty ? "" : " more") \(left == 1 ? "generation" : "generations")"
            : "ran \(choice.run) on these, and nothing more"
        host.log(.info, "ease \(thousandths(ease)) (\(source)), bin \(bin) of \(bins) (1 is the easiest): \(ran)")
    }

    private func thousandths(_ value: Double) -> String {
        let whole = Int((value * 1000).rounded())
        let digits = String(whole % 1000)
        return "\(whole / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Whether the samples of the estimate are the first samples of the strategy to run. This is so only with
    /// parameters that do not affect sampling: the strategy itself must handle all others.
    private func isContinued(_ choice: PolicyTable.Choice) -> Bool {
        switch choice.strategy {
        case "majority": return choice.parameters.isEmpty
        case "best-of-n":
            let verifier = choice.parameters.first { $0.name == "verifier" }?.value ?? .text("prm")
            guard verifier == .text(table?.verifier ?? "prm") else { return false }
            return choice.parameters.allSatisfy { name, value in
                guard case .text(let text) = value else { return false }
                return name == "verifier" || name == "selection" && Selection(rawValue: text) != nil
            }
        default: return false
        }
    }

    func answer() -> [Answer] {
        guard let choice, !found.isEmpty, !isContinued(choice) else {
            return host.rank(drawn + found, by: choice.map(selection) ?? .weighted)
        }
        // In the order of the strategy that was run, followed by the samples of the estimate.
        return found.map { Answer($0, weight: host.node($0)?.score ?? 0) }
            + host.rank(drawn, by: .weighted).map { Answer($0.node, weight: 0) }
    }

    private func selection(_ choice: PolicyTable.Choice) -> Selection {
        if choice.strategy == "majority" { return .majority }
        guard case .text(let name) = choice.parameters.first(where: { $0.name == "selection" })?.value else {
            return .weighted
        }
        return Selection(rawValue: name) ?? .weighted
    }
}

private let plugin = Plugin(name: "compute-optimal", version: "1.0.0", strategies: [Sequential<ComputeOptimal>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
