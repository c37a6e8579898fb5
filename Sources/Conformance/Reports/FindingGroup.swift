/// Bad results of one cause. One null pointer in `next` crashes every check that runs a search: that is one finding.
public struct FindingGroup: Sendable {
    /// The most telling one: the plainest search there is, or else that of the lowest level.
    public var first: CheckResult
    /// The others' names.
    public var others: [String]

    /// The most telling group first; those that only warn come last.
    public static func groups(_ results: [CheckResult]) -> [FindingGroup] {
        var members: [String: [Int]] = [:]
        for (index, result) in results.enumerated() where result.isBad {
            members[result.cause, default: []].append(index)
        }
        func rank(_ index: Int) -> (Int, Int, Int) {
            let result = results[index]
            return (result.isFailure ? 0 : 1, result.check.name == "search-succeeds" ? 0 : result.check.level, index)
        }
        let sorted = members.values.map { $0.sorted { rank($0) < rank($1) } }.sorted { rank($0[0]) < rank($1[0]) }
        return sorted.map { group in
            FindingGroup(first: results[group[0]], others: group.dropFirst().sorted().map { results[$0].check.name })
        }
    }
}

extension CheckResult {
    /// What two results of one cause have in common: not the check's name, and not how long it was waited for.
    var cause: String {
        if let death { return death }
        return "\(finding?.expected ?? "")\u{1}\(finding?.happened ?? "")"
    }
}

extension TextReport {
    /// The bad results, a block for each cause.
    public static func findings(_ results: [CheckResult]) -> [String] {
        FindingGroup.groups(results).flatMap { group in
            var block = lines(group.first)
            if !group.others.isEmpty {
                block.insert(
                    "             likewise  \(group.others.count) more, of the same cause: \(some(group.others))",
                    at: block.count - 1)
            }
            return block
        }
    }

    /// The first few of many names.
    static func some(_ names: [String]) -> String {
        names.count <= 5
            ? names.joined(separator: ", ") : names.prefix(4).joined(separator: ", ") + " and \(names.count - 4) more"
    }
}
