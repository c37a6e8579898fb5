import Foundation
import SearchCore
import Synchronization

/// The finished runs of a study, a JSON line each, written as they come: what a
/// stopped study goes on from, whether by Ctrl-C, kill -9 or a full disk.
public final class EvalJournal: Sendable {
    private struct Entry: Codable {
        /// Of the case: strategy, plugin, parameters, budget, models and seed.
        var study: String
        /// Of the problem's text and answer.
        var problem: String
        var outcome: EvalOutcome
    }

    private struct Key: Hashable { var study: String, problem: String }

    private let file: JournalFile
    private let study: [String]
    private let problems: [String]
    private let known: [Key: EvalOutcome]

    /// - Parameter study: a fingerprint for each case.
    public init(_ path: String, study: [String], cases: [EvalCase], data: DataSet) throws(StratagemError) {
        self.study = study
        problems = data.items.map { Self.fingerprint($0.problem) }
        var known: [Key: EvalOutcome] = [:]
        let decoder = JSONDecoder()
        file = try JournalFile(path, purpose: "--journal") { line in
            guard let entry = try? decoder.decode(Entry.self, from: line) else { return false }
            known[Key(study: entry.study, problem: entry.problem)] = entry.outcome
            return true
        }
        self.known = known
    }

    public func outcome(_ entry: Int, _ item: Int) -> EvalOutcome? { known[Key(study: study[entry], problem: problems[item])] }

    public func add(_ entry: Int, _ item: Int, _ outcome: EvalOutcome) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let line = try? encoder.encode(Entry(study: study[entry], problem: problems[item], outcome: outcome)) else { return }
        file.append(line)
    }

    /// Nothing more is written after the first error.
    public var failure: StratagemError? { file.failure }
    public var hasFailed: Bool { failure != nil }

    private static func fingerprint(_ problem: Problem) -> String {
        var hash = StableHash()
        hash.combine(problem.text.utf8)
        hash.combine((problem.answer ?? "").utf8)
        return String(hash.value, radix: 16)
    }
}
