import Engine
import SearchCore
import Studies

/// One strategy at one budget, with several seeds.
public struct SeedGroup: Sendable {
    public var name: String
    public var cases: [EvalCase]
    public var tallies: [EvalTally]

    /// Right or not, by seed and problem.
    private func values(_ part: (EvalOutcome) -> Bool) -> [[Double?]] {
        tallies.map { $0.outcomes.map { $0.map { part($0) ? 1 : 0 } } }
    }

    public var accuracy: TwoWayMean { TwoWayMean(values(\.isCorrect), clusters: tallies.first?.clusters ?? nil) }
    public var oracle: TwoWayMean { TwoWayMean(values(\.hasRight), clusters: tallies.first?.clusters ?? nil) }

    /// Of the same problems with the same seeds, what the first got right and the second did not.
    func compared(with other: SeedGroup) -> TwoWayMean {
        let pairs: [(EvalTally, EvalTally)] = zip(cases, tallies).compactMap { one, tally in
            other.cases.firstIndex { $0.seed == one.seed }.map { (tally, other.tallies[$0]) }
        }
        return TwoWayMean(
            pairs.map { mine, theirs in
                zip(mine.outcomes, theirs.outcomes).map { mine, theirs in
                    guard let mine, let theirs else { return nil }
                    return (mine.isCorrect ? 1 : 0) - (theirs.isCorrect ? 1 : 0)
                }
            }, clusters: tallies.first?.clusters ?? nil)
    }

    /// The accuracy of each seed, the lowest and the highest.
    var span: ClosedRange<Double>? {
        let all = tallies.compactMap(\.accuracy)
        guard let low = all.min(), let high = all.max() else { return nil }
        return low...high
    }

    var texts: TextCount? {
        let known = tallies.compactMap(\.texts)
        return known.isEmpty ? nil : known.reduce(TextCount(), +)
    }

    /// Of a problem and a seed.
    var meanCost: [(name: String, value: Double?)] {
        EvalTally(outcomes: tallies.flatMap(\.outcomes), seconds: 0).meanCost
    }

    var json: JSON {
        [
            "name": .string(name),
            "strategy": JSON(cases.first?.strategy),
            "params": cases.first.map { JSON($0.params) } ?? .null,
            "budget": JSON(cases.first.map { "\($0.limits)" }),
            "seeds": .array(cases.map { SolveReport.seed($0.seed) }),
            "problems": .int(accuracy.problems),
            "runs": .int(accuracy.count),
            "failed": .int(tallies.reduce(0) { $0 + $1.failed }),
            "accuracy": accuracy.count == 0 ? .null : JSON(accuracy.mean),
            "ci95": JSON(accuracy.share95),
            "accuracy_by_seed": .array(tallies.map { JSON($0.accuracy) }),
            "oracle": accuracy.count == 0 ? .null : JSON(oracle.mean),
            "oracle_ci95": JSON(oracle.share95),
            "cost": .object(meanCost.map { .init($0.name, JSON($0.value)) }),
            "texts": texts.map(EvalReport.texts) ?? .null,
        ]
    }
}

/// Two groups, seed by seed.
public struct SeedComparison: Sendable {
    public var first: SeedGroup
    public var second: SeedGroup
    public var difference: TwoWayMean

    var json: JSON {
        [
            "a": .string(first.name),
            "b": .string(second.name),
            "problems": .int(difference.problems),
            "seeds": .int(difference.seeds),
            "difference": JSON(difference.mean),
            "ci95": JSON(difference.difference95),
            "p_value": JSON(difference.pValue),
        ]
    }
}

extension EvalReport {
    /// Cases that differ in their seed alone, together; none if every case has one seed.
    public var groups: [SeedGroup] {
        guard Set(cases.map(\.seed)).count > 1 else { return [] }
        var places: [String: Int] = [:]
        var groups: [SeedGroup] = []
        for (one, tally) in zip(cases, tallies) {
            let place = places[one.seedless] ?? groups.count
            if place == groups.count {
                places[one.seedless] = place
                groups.append(SeedGroup(name: one.seedless, cases: [], tallies: []))
            }
            groups[place].cases.append(one)
            groups[place].tallies.append(tally)
        }
        return groups.contains { $0.cases.count > 1 } ? groups : []
    }

    public var groupComparisons: [SeedComparison] {
        let tried = groups.filter { $0.accuracy.count > 0 }
        return tried.indices.flatMap { first in
            tried.indices.filter { $0 > first }.compactMap { second in
                let pair = SeedComparison(
                    first: tried[first], second: tried[second], difference: tried[first].compared(with: tried[second]))
                return pair.difference.count > 0 ? pair : nil
            }
        }
    }

    /// A row for each strategy at each budget, over all its seeds.
    var groupsTable: String {
        var table = TextTable(header: [
            "strategy @ budget", "seeds", "accuracy", "95 % interval", "by seed", "pass@N", "cut short", "tokens",
            "verifier", "FLOPs",
        ])
        for group in groups {
            let accuracy = group.accuracy
            guard accuracy.count > 0 else {
                table.add([group.name, "\(group.cases.count)", "–"])
                continue
            }
            let cost = Dictionary(uniqueKeysWithValues: group.meanCost.map { ($0.name, $0.value ?? 0) })
            table.add([
                group.name, "\(accuracy.seeds)", Readable.percent(accuracy.mean), Self.range(accuracy.share95),
                group.span.map(Self.range) ?? "–",
                Readable.percent(group.oracle.mean), group.texts?.truncatedShare.map(Readable.percent) ?? "–",
                Readable.count(Int(cost["tokens"] ?? 0)), Readable.count(Int(cost["verifier_tokens"] ?? 0)),
                Readable.flops(cost["flops"] ?? 0),
            ])
        }
        return table.text
            + "\nIntervals are over problems and seeds (docs/eval.md); by seed: the lowest and the highest accuracy of one.\n"
    }

    func groupComparisonsTable(_ pairs: [SeedComparison]) -> String {
        var table = TextTable(header: ["difference in accuracy", "points", "95 % interval", "seeds", "p"])
        for pair in pairs {
            table.add([
                "\(pair.first.name)  −  \(pair.second.name)", Self.points(pair.difference.mean),
                "\(Self.points(pair.difference.difference95.lowerBound)) … \(Self.points(pair.difference.difference95.upperBound))",
                "\(pair.difference.seeds)", Readable.probability(pair.difference.pValue),
            ])
        }
        return table.text
    }

    static func points(_ value: Double) -> String { (value < 0 ? "" : "+") + Readable.fixed(value * 100, 1) }
    static func range(_ share: ClosedRange<Double>) -> String {
        "\(Readable.fixed(share.lowerBound * 100, 1)) – \(Readable.fixed(share.upperBound * 100, 1))"
    }
}
