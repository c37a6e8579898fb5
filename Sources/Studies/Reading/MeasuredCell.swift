import Foundation
import SearchCore
import StrategyHost

/// One strategy with parameters at one budget: the cells of a store that differ in their seed alone.
public struct MeasuredCell: Sendable {
    public let strategy: String
    public let strategyID: String
    /// All that have a value, defaults included, as one would type them.
    public let params: [String: String]
    /// Those that are not defaults.
    public let given: [String: String]
    /// As it is typed.
    public let budget: String
    /// The budget, if it is one in generations and nothing else.
    public let generations: Int?
    /// By seed, ascending.
    public let cells: [StoredCell]

    /// As one would type it: "beam-search:beam_width=4".
    public var run: String {
        let text = given.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return text.isEmpty ? strategy : "\(strategy):\(text)"
    }

    /// - Parameters:
    ///   - same: cells that differ in their seed alone; at least one.
    ///   - defaults: the strategy's, where the store does not know them.
    init?(_ same: [StoredCell], defaults: (String) -> [String: ParameterValue]) throws(StratagemError) {
        cells = same.sorted { $0.seed < $1.seed }
        guard let first = cells.first else { return nil }
        (strategy, strategyID, budget) = (first.strategy, first.strategyID, first.budget)
        generations = first.generations.flatMap { "\($0)" == first.budget ? $0 : nil }
        let all = try Self.read(first.params, of: first).compactMapValues(Self.text)
        // Any of them may know: an older store that was gone on with has cells of both kinds.
        let known = try cells.compactMap(\.defaults).first.map { json throws(StratagemError) in
            try Self.read(json, of: first)
        }
        let usual = (known ?? defaults(first.strategyID)).compactMapValues(Self.text)
        params = all
        given = all.filter { usual[$0.key] != $0.value }
    }

    private static func read(_ json: String, of cell: StoredCell) throws(StratagemError) -> [String: ParameterValue] {
        guard let params = try? JSONDecoder().decode([String: ParameterValue].self, from: Data(json.utf8)) else {
            throw StratagemError(
                .user, .badStore, "the parameters of \(cell.name) cannot be read: the store is damaged")
        }
        return params
    }

    /// Nil: the strategy works it out itself.
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

/// What all runs of a cell came to, by problem.
public struct CellTally: Sendable {
    /// The share of its runs, one a seed, that were right; NaN: not run.
    public var right: [Double]
    /// The verifier's score of the answer that was chosen, over the runs that have one; NaN: none.
    public var believed: [Double]
    public var runs = 0
    /// Runs that ended in an error; they count as wrong.
    public var failed = 0
    /// Means of a run. FLOPs are NaN if those of a run are not known.
    public var flops = Double.nan
    public var tokens = Double.nan
    public var promptTokens = Double.nan
    public var verifierTokens = Double.nan
}
