import Engine
import Foundation
import LanguageModels
import SearchCore
import StrategyHost

/// From eval stores to what a policy is fitted from.
public struct PolicyReading {
    /// Knows the strategies' defaults, which a cell is spelled without.
    let registry: PluginRegistry
    /// Of each problem, for its difficulty; nil: all that there are.
    let samples: Int?
    /// Strategies that may be chosen; empty: all.
    let strategies: [String]

    public init(registry: PluginRegistry, samples: Int? = nil, strategies: [String] = []) {
        self.registry = registry
        self.samples = samples
        self.strategies = strategies
    }

    private static let sampler = "best-of-n"
    /// It may not run itself.
    private static let chooser = "compute-optimal"

    public func read(_ paths: [String]) throws(StratagemError) -> (study: PolicyStudy, source: PolicyTableText.Source) {
        var builder = PolicyStudyBuilder()
        var first: (path: String, study: Study)?
        var drawn = 0
        var known: Set<String> = []
        for path in paths {
            let store = try EvalStore.reading(path)
            if let first { try Self.require(store, sameModelsAs: first) } else { first = (path, store.study) }
            drawn = max(drawn, try add(store, to: &builder))
            for cell in try store.cells() where cell.strategy != Self.chooser { known.insert(cell.strategy) }
        }
        if let unknown = strategies.first(where: { !known.contains($0) }), !known.isEmpty {
            throw StratagemError(.user, "nothing_to_fit", "--strategy \(unknown): there is no run of it, but of \(known.sorted().joined(separator: ", "))\(suggestion(for: unknown, among: known))")
        }
        guard let study = first?.study else { throw StratagemError(.user, "usage", "name an eval store to fit from") }
        let source = PolicyTableText.Source(
            data: study.dataName, dataHash: study.dataSHA256,
            models: Dictionary(study.models.map { ($0.role, $0.sha256) }) { one, _ in one }, samples: drawn)
        return (try builder.study(), source)
    }

    /// A policy of two models' results would be neither's.
    private static func require(_ store: EvalStore, sameModelsAs first: (path: String, study: Study)) throws(StratagemError) {
        for role in Set((store.study.models + first.study.models).map(\.role)).sorted() {
            let hashes = [first.study, store.study].map { $0.models.first { $0.role == role }?.sha256 }
            guard hashes[0] != hashes[1] else { continue }
            let shown = hashes.map { $0.map { "SHA-256 \($0.prefix(16))…" } ?? "none" }
            throw StratagemError(.user, "store_differs", "\(store.path) was measured with another \(role) (\(shown[1])) than \(first.path) (\(shown[0])). Fit each on its own")
        }
    }

    /// - Returns: samples of a problem that its difficulty is told from.
    private func add(_ store: EvalStore, to builder: inout PolicyStudyBuilder) throws(StratagemError) -> Int {
        let names = store.study.problems.map { SHA256.hex(Array("\($0.text)\0\($0.answer ?? "")".utf8)) }
        let cells = try store.cells().filter { $0.generations.map(String.init) == $0.budget && $0.strategy != Self.chooser }
        for cell in cells where strategies.isEmpty || strategies.contains(cell.strategy) {
            let spec = try spec(of: cell)
            for outcome in try store.outcomes(of: cell) {
                builder.add(.init(problem: names[outcome.problem], spec: spec, budget: cell.generations ?? 0, isCorrect: outcome.isCorrect,
                                  flops: outcome.cost.flops))
            }
        }
        let difficulties = try difficulties(in: store)
        for (name, difficulty) in zip(names, difficulties) where difficulty.samples > 0 { builder.add(difficulty, of: name) }
        return difficulties.map(\.samples).max() ?? 0
    }

    /// Of every problem of a store: from the samples of best-of-N with the largest N,
    /// first seed first, in order of draw. No samples where it was not run.
    public func difficulties(in store: EvalStore) throws(StratagemError) -> [Difficulty] {
        var samplers: [StoredCell] = []
        for cell in try store.cells() where cell.strategy == Self.sampler && cell.generations.map(String.init) == cell.budget {
            if try spec(of: cell) == Self.sampler { samplers.append(cell) }
        }
        let largest = samplers.compactMap(\.generations).max() ?? 0
        let wanted = samples ?? .max
        var found = [(count: Int, samples: [Difficulty.Sample])](repeating: (0, []), count: store.study.problems.count)
        for cell in samplers.filter({ $0.generations == largest }).sorted(by: { $0.seed < $1.seed }) {
            var candidates: [Int: [StoredCandidate]] = [:]
            try store.eachRun(of: cell) { candidates[$0] = $1 }
            for outcome in try store.outcomes(of: cell) where outcome.error == nil {
                // Nodes are numbered by birth: the root is 1, the i-th sample i + 2.
                let count = min(largest, wanted - found[outcome.problem].count)
                let first = (candidates[outcome.problem] ?? []).filter { $0.node < 2 + count }
                found[outcome.problem].count += count
                found[outcome.problem].samples += first.map { .init(isCorrect: $0.answer == nil ? nil : $0.isCorrect, score: $0.score) }
            }
        }
        return found.map { Difficulty(of: $0.samples, count: $0.count) }
    }

    /// A cell as one would type it: what differs from the defaults.
    private func spec(of cell: StoredCell) throws(StratagemError) -> String {
        guard let params = try? JSONDecoder().decode([String: ParameterValue].self, from: Data(cell.params.utf8)) else {
            throw StratagemError(.user, "bad_store", "the parameters of \(cell.name) cannot be read: the store is damaged")
        }
        let rows = (try? registry.strategy(named: cell.strategyID))?.info.params ?? []
        let given = params.sorted { $0.key < $1.key }.compactMap { id, value -> String? in
            if let row = rows.first(where: { $0.id == id }), Self.text(row.fallback) == Self.text(value) { return nil }
            return Self.text(value).map { "\(id)=\($0)" }
        }
        return given.isEmpty ? cell.strategy : "\(cell.strategy):\(given.joined(separator: ","))"
    }

    private static func text(_ value: ParameterValue) -> String? {
        switch value {
        case .none, .bytes: nil
        case .int(let number): String(number)
        case .float(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
        case .bool(let flag): String(flag)
        case .text(let text): text
        }
    }
}
