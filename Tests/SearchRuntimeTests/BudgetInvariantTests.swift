import Foundation
import LanguageModels
import Locking
import ScriptedModel
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// Random asks against every kind of limit, alone and together: what is spent is
/// counted again from the tree by other means, and no limit is passed.
@Suite struct BudgetInvariants {
    private static let runsPerTree = 2500 / scale
    private static let trees = 8

    private static func models(_ tree: Int) -> ScriptedSource {
        var models = ScriptedSource(.random(UInt64(tree)))
        models.modelBehavior.contextTokens = 64
        if tree % 2 == 1 {
            (models.modelBehavior.shuffle, models.modelBehavior.batchMax, models.verifierBehavior.shuffle) = (9, 3, 8)
        }
        return models
    }

    /// 20,000 runs of about 13 asks each.
    @Test(arguments: 0..<trees) func noLimitIsEverPassed(_ tree: Int) async throws {
        let models = Self.models(tree)
        let runtime = try SearchRuntime(models: models, registry: Plugins.registry)
        let strategy = try Plugins.registry.strategy(named: "puppet-0")
        let asked = Counter()
        await withTaskGroup(of: [String].self) { group in
            for index in 0..<Self.runsPerTree {
                let seed = UInt64(tree * Self.runsPerTree + index)
                if index >= 200, let complaints = await group.next() {
                    for complaint in complaints.prefix(3) { Issue.record("\(complaint)") }
                }
                group.addTask {
                    var dice = Dice(seed &+ 1_000_000)
                    let limits = Limits.random(&dice)
                    let player = RandomPlayer(seed, usesEverything: tree >= 4)
                    guard
                        let request = try? Puppet.request(
                            player.act, strategy, limits: limits, seed: seed, problems: [sum]),
                        let result = await runtime.run(request).first
                    else { return ["seed \(seed): no result"] }
                    asked.add(player.asked)
                    let found = Audit(result, player.grants, models: models).findings + player.complaints
                    return found.map { "seed \(seed), \(limits): \($0)" }
                }
            }
            for await complaints in group {
                for complaint in complaints.prefix(3) { Issue.record("\(complaint)") }
            }
        }
        #expect(asked.total > 100_000 / Self.trees / scale)
    }
}

private final class Counter: Sendable {
    private let value = Locked(0)
    func add(_ amount: Int) { value.withLock { $0 += amount } }
    var total: Int { value.withLock { $0 } }
}

/// Counts a run's cost again from its tree.
private struct Audit {
    var findings: [String] = []

    init(_ result: RunResult, _ grants: [RandomPlayer.Grant], models: ScriptedSource) {
        if let error = result.error { findings.append("\(error)") }
        let (cost, limits, nodes) = (result.cost, result.limits, result.tree.nodes)
        func check(_ holds: Bool, _ what: @autoclosure () -> String) { if !holds { findings.append(what()) } }

        check(cost.generations <= limits.generations ?? .max, "\(cost.generations) generations")
        check(cost.tokens <= limits.tokens ?? .max, "\(cost.tokens) tokens")
        check(cost.flops <= limits.flops ?? .infinity, "\(cost.flops) flops")
        let sampled = nodes.filter { $0.kind == .sampled }.reduce(0) { $0 + $1.tokens }
        check(cost.tokens == sampled, "cost \(cost.tokens) tokens, the tree has \(sampled)")
        check(
            Self.occupancy(grants) <= cost.generations,
            "\(cost.generations) generations, the tells hold \(Self.occupancy(grants))")

        var used: Set<Int> = []
        for candidate in result.candidates { used.formUnion(result.tree.path(to: candidate.node)) }
        let kept = used.reduce(0) { $0 + (nodes[$1 - 1].kind == .sampled ? nodes[$1 - 1].tokens : 0) }
        check(cost.wastedTokens == sampled - kept, "\(cost.wastedTokens) wasted, counted \(sampled - kept)")
        check(
            nodes.allSatisfy { $0.parent < 1 || nodes[$0.parent - 1].ending != .finished },
            "a finished node was continued")
        check(nodes.allSatisfy { ($0.answer == nil) || $0.ending == .finished }, "an answer in an unfinished node")
    }

    /// The largest number of steps at any one depth, one step at a time. A full
    /// sample occupies every depth below its node.
    private static func occupancy(_ grants: [RandomPlayer.Grant]) -> Int {
        var depths = Array(repeating: 0, count: 200)
        for grant in grants {
            for depth in (grant.depth + 1)..<(grant.steps == 0 ? 200 : grant.depth + 1 + grant.steps) where depth < 200
            {
                depths[depth] += grant.count
            }
        }
        return depths.max() ?? 0
    }
}
