import SearchCore

/// Fields of a data set that no rule knows: no model sees them, and people are told.
public struct UnusedFields: Sendable, Equatable {
    /// In how many problems each has a value.
    public private(set) var counts: [String: Int] = [:]

    public init() {}

    mutating func add(_ names: [String]) {
        for name in names { counts[name, default: 0] += 1 }
    }

    public var names: [String] { counts.keys.sorted() }

    /// For people; nil if all fields are known.
    public var note: String? {
        guard !counts.isEmpty else { return nil }
        let isOne = counts.count == 1
        let shown = names.prefix(8).map { "\"\(Plain.name($0))\" (\(Readable.count(counts[$0] ?? 0, "problem")))" }
        let more = counts.count > 8 ? " and \(counts.count - 8) more" : ""
        return "\(Readable.count(counts.count, "field")) \(isOne ? "is" : "are") not known, so the model is not shown "
            + "\(isOne ? "it" : "them"): \(shown.joined(separator: ", "))\(more). "
            + "What belongs to the question must be in \"problem\", or in a field such as \"context\" (docs/data.md)"
    }
}
