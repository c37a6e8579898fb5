import Engine
import SearchCore
import SearchRuntime
import StrategyHost

/// The strategies that take part in a race, and those that cannot, with the reason.
public struct RaceField: Sendable {
    public struct LeftOut: Sendable, Equatable {
        public var strategy: String
        public var reason: String
        public init(strategy: String, reason: String) { (self.strategy, self.reason) = (strategy, reason) }
    }

    /// Stands for all loaded strategies among those that are named.
    public static let all = "all"
    /// A choice of more values is no small set of variations.
    private static let choicesMost = 6

    /// A case for each racer; complete once ``init(specs:budget:seed:spend:variations:engine:)`` returns.
    public private(set) var plan = EvalPlan()
    public private(set) var isVariation: [Bool] = []
    /// As typed.
    public private(set) var names: [String] = []
    public private(set) var leftOut: [LeftOut] = []

    /// - Parameters:
    ///   - specs: as typed; empty: every loaded strategy.
    ///   - spend: strategies whose cost cannot be counted in its units are left out.
    ///   - variations: also each other value of a parameter that is a choice, for strategies that are not named.
    /// - Throws: for a named strategy that cannot take part, and if none can.
    public init(
        specs: [String], budget: String, seed: UInt64, spend: Limits, variations: Bool, engine: Engine
    ) throws(StratagemError) {
        let limits = try Limits(parsing: budget)
        var seen: Set<String> = []
        for text in specs where text != Self.all {
            guard seen.insert(text).inserted else {
                throw StratagemError(.user, .badStrategy, "--strategy \(text) is given twice. Give each once")
            }
            let spec = try StrategySpec(parsing: text)
            let loaded = try engine.registry.strategy(named: spec.name)
            _ = try Self.check(spec, loaded, limits, spend, engine)
            try add(spec, budget, seed, isVariation: false, engine)
        }
        if specs.isEmpty || specs.contains(Self.all) {
            let names = engine.registry.records.filter { $0.status == .loaded }.flatMap { $0.strategies.map(\.name) }
            for name in Set(names).subtracting(seen).sorted() {
                try add(name, budget, seed, limits, spend, variations: variations, engine)
            }
        }
        guard plan.cases.count >= 2 else {
            let reasons = leftOut.map { "\n\($0.strategy): \($0.reason)" }.joined()
            throw StratagemError(
                .user, .badStrategy,
                "there \(plan.cases.isEmpty ? "is no strategy" : "is only one strategy") that can be compared here. Load more plugins, name two strategies with --strategy, or use a bundle with more roles\(reasons)"
            )
        }
        try plan.complete(engine.models)
    }

    /// One that nobody named: what cannot run is left out.
    private mutating func add(
        _ name: String, _ budget: String, _ seed: UInt64, _ limits: Limits, _ spend: Limits, variations: Bool,
        _ engine: Engine
    ) throws(StratagemError) {
        let spec: StrategySpec
        let loaded: LoadedStrategy
        let params: [String: ParameterValue]
        do throws(StratagemError) {
            spec = try StrategySpec(parsing: name)
            loaded = try engine.registry.strategy(named: name)
            params = try Self.check(spec, loaded, limits, spend, engine)
        } catch {
            return leftOut.append(LeftOut(strategy: name, reason: error.message))
        }
        try add(spec, budget, seed, isVariation: false, engine)
        guard variations else { return }
        for parameter in loaded.info.params where (2...Self.choicesMost).contains(parameter.choices.count) {
            for choice in parameter.choices where params[parameter.id] != .text(choice) {
                guard let other = try? StrategySpec(parsing: "\(name):\(parameter.id)=\(choice)"),
                    (try? Self.check(other, loaded, limits, spend, engine)) != nil
                else { continue }
                try add(other, budget, seed, isVariation: true, engine)
            }
        }
    }

    private mutating func add(
        _ spec: StrategySpec, _ budget: String, _ seed: UInt64, isVariation: Bool, _ engine: Engine
    ) throws(StratagemError) {
        try plan.add(spec, budgets: [budget], seeds: [seed], engine.registry)
        self.isVariation.append(isVariation)
        names.append(spec.text)
    }

    private static func check(
        _ spec: StrategySpec, _ loaded: LoadedStrategy, _ limits: Limits, _ spend: Limits, _ engine: Engine
    ) throws(StratagemError) -> [String: ParameterValue] {
        guard !loaded.info.takesBatch else {
            throw StratagemError(
                .user, .badStrategy,
                "strategy '\(loaded.info.name)' takes all problems at once and divides the budget among them, so its results on a few problems say nothing about more. Compare it with stratagem eval"
            )
        }
        var counted = limits
        counted.flops = limits.flops ?? spend.flops
        return try engine.models.complete(loaded.check(parameters: spec.params), of: loaded, limits: counted)
    }

    /// One for each case.
    public func racers(clusters: [Int]?, known: (_ racer: Int, _ item: Int) -> EvalOutcome?, problems: Int) -> [Racer] {
        plan.cases.indices.map { index in
            Racer(
                name: names[index], strategy: plan.cases[index].strategy, isVariation: isVariation[index],
                tally: EvalTally(
                    outcomes: (0..<problems).map { known(index, $0) }, seconds: 0, clusters: clusters))
        }
    }
}
