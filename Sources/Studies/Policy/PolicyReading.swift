import Engine
import Hashing
import LanguageModels
import SearchCore
import StrategyHost

/// From eval stores to what a policy is fitted from.
public struct PolicyReading {
    /// For stores that do not know the strategies' defaults.
    let registry: PluginRegistry
    /// Of each problem, for its difficulty; nil: all that there are.
    let samples: Int?
    let charge: PolicyCharge
    /// Strategies that may be chosen; empty: all.
    let strategies: [String]

    public init(registry: PluginRegistry, samples: Int? = nil, charge: PolicyCharge = .free, strategies: [String] = [])
    {
        self.registry = registry
        self.samples = samples
        self.charge = charge
        self.strategies = strategies
    }

    /// It may not run itself.
    private static let chooser = "compute-optimal"

    public func read(_ paths: [String]) throws(StratagemError) -> (study: PolicyStudy, source: PolicyTableText.Source) {
        var builder = PolicyStudyBuilder()
        var first: (path: String, study: Study)?
        var drawn = 0
        var (files, hashes): ([String], Set<String>) = ([], [])
        var known: Set<String> = []
        for path in paths {
            let reader = try StudyReader(path) { registry }
            if let first { try Self.require(reader.store, sameModelsAs: first) } else { first = (path, reader.study) }
            drawn = max(drawn, try add(reader, to: &builder))
            if !files.contains(reader.study.dataName) { files.append(reader.study.dataName) }
            hashes.insert(reader.study.dataSHA256)
            for cell in reader.cells where cell.strategy != Self.chooser { known.insert(cell.strategy) }
        }
        if let unknown = strategies.first(where: { !known.contains($0) }), !known.isEmpty {
            throw StratagemError(
                .user, .nothingToFit,
                "--strategy \(unknown): there is no run of it, but of \(known.sorted().joined(separator: ", "))\(suggestion(for: unknown, among: known))"
            )
        }
        guard let study = first?.study else { throw StratagemError(.user, .usage, "name an eval store to fit from") }
        if case .paid(let most) = charge { drawn = min(most, drawn) }
        let source = PolicyTableText.Source(
            data: files.joined(separator: ", "), dataHash: hashes.count == 1 ? study.dataSHA256 : builder.problemsHash,
            models: Dictionary(study.models.map { ($0.role, $0.sha256) }) { one, _ in one }, samples: drawn)
        return (try builder.study(for: charge), source)
    }

    /// A policy of two models' results would be neither's.
    private static func require(_ store: EvalStore, sameModelsAs first: (path: String, study: Study))
        throws(StratagemError)
    {
        for role in Set((store.study.models + first.study.models).map(\.role)).sorted() {
            let hashes = [first.study, store.study].map { $0.models.first { $0.role == role }?.sha256 }
            guard hashes[0] != hashes[1] else { continue }
            let shown = hashes.map { $0.map { "SHA-256 \($0.prefix(16))…" } ?? "none" }
            throw StratagemError(
                .user, .storeDiffers,
                "\(store.path) was measured with another \(role) (\(shown[1])) than \(first.path) (\(shown[0])). Fit each on its own"
            )
        }
    }

    /// - Returns: samples of a problem that its difficulty is told from.
    private func add(_ reader: StudyReader, to builder: inout PolicyStudyBuilder) throws(StratagemError) -> Int {
        let names = reader.study.problems.map { SHA256.hex(Array("\($0.text)\0\($0.answer ?? "")".utf8)) }
        for cell in reader.cells
        where cell.strategy != Self.chooser && (strategies.isEmpty || strategies.contains(cell.strategy)) {
            guard let budget = cell.generations else { continue }
            builder.plan(cell.run, budget: budget, on: names)
            for stored in cell.cells {
                for outcome in try reader.store.outcomes(of: stored) {
                    builder.add(
                        .init(
                            problem: names[outcome.problem], spec: cell.run, budget: budget,
                            isCorrect: outcome.isCorrect,
                            flops: outcome.cost.flops))
                }
            }
        }
        let drawn = try reader.samples(first: samples)
        for (name, drawn) in zip(names, drawn) where !drawn.isEmpty { builder.add(drawn, of: name) }
        return drawn.map(\.count).max() ?? 0
    }
}
