import SearchCore

/// Which runs a reader wants to see.
struct RunFilter: Sendable, Equatable {
    /// Rows in one reply.
    static let page = 100

    /// Nil: of all strategies.
    var cell: Int?
    /// The same problem's run of another strategy, beside it.
    var beside: Int?
    var wrong = false
    var truncated = false
    var split = false
    /// The two gave different answers.
    var disagree = false
    /// Rows to leave out at the beginning.
    var from = 0
    /// Of the study that these numbers are of; nil: of whatever is there.
    var study: String?

    init() {}

    /// - Parameter query: names and values of an address.
    init(_ query: [(name: String, value: String)]) throws(Refusal) {
        for (name, value) in query {
            switch name {
            case "cell": cell = try Self.number(name, value)
            case "beside": beside = try Self.number(name, value)
            case "study": study = value
            case "from": from = try Self.number(name, value)
            case "wrong": wrong = try Self.flag(name, value)
            case "truncated": truncated = try Self.flag(name, value)
            case "split": split = try Self.flag(name, value)
            case "disagree": disagree = try Self.flag(name, value)
            default:
                throw .request(
                    "unknown_parameter",
                    "there is no filter '\(name)': cell, beside, wrong, truncated, split, disagree, from and study",
                    param: name)
            }
        }
        guard !disagree || cell != nil && beside != nil else {
            throw .request(
                "missing_field", "disagree is about two strategies: cell=… and beside=… say which", param: "disagree")
        }
    }

    private static func number(_ name: String, _ value: String) throws(Refusal) -> Int {
        guard let number = Int(value), (0...Int(Int32.max)).contains(number) else {
            throw .request("invalid_value", "\(name) is '\(value)'. Expected a whole number", param: name)
        }
        return number
    }

    private static func flag(_ name: String, _ value: String) throws(Refusal) -> Bool {
        guard ["0", "1"].contains(value) else {
            throw .request("invalid_value", "\(name) is '\(value)'. Expected 1 or 0", param: name)
        }
        return value == "1"
    }
}
