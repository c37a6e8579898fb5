import SearchCore

/// What a person reads.
public enum TextReport {
    /// One result, in as many lines as it deserves.
    public static func lines(_ result: CheckResult) -> [String] {
        guard result.isBad else {
            return [
                "  \(padded(result.status.rawValue)) \(result.check.name)" + (result.reason.map { ": \($0)" } ?? "")
            ]
        }
        var lines = [
            "  \(padded(result.status.rawValue)) \(result.check.name)"
                + (result.finding?.subject.map { ", in \(Plain.name($0))" } ?? "")
        ]
        if let finding = result.finding {
            lines.append("             expected  \(Plain.line(finding.expected))")
            lines.append("             happened  \(Plain.line(finding.happened))")
        }
        lines.append("             header    \(result.check.clause)")
        if let sequence = result.sequence { lines.append("             sequence  \(sequence)") }
        if let trace = result.trace {
            lines.append(
                "             trace     stratagem replay \(ShellWord.quoted(trace)) \(ShellWord.quoted(result.plugin))\(result.status == .failed ? "" : " --force")"
            )
        }
        let printed = result.output.split(separator: "\n").prefix(6)
        for line in printed { lines.append("             printed   \(quoted(Array(line.utf8)))") }
        lines.append("             again     \(result.rerun)")
        return lines
    }

    /// The end of one plugin's results.
    public static func summary(_ plugin: String, _ results: [CheckResult], seconds: Double) -> String {
        let counts = CheckStatus.allCases.compactMap { status in
            let count = results.count { $0.status == status }
            return count == 0 ? nil : "\(count) \(status.rawValue)"
        }
        return "\(Plain.line(plugin)): \(counts.joined(separator: ", ")) in \((seconds * 10).rounded() / 10) s"
    }

    /// Skips with the same reason in one line: a plugin without functions is not news eleven times.
    public static func skips(_ results: [CheckResult]) -> [String] {
        var reasons: [(reason: String, names: [String])] = []
        for result in results where result.status == .skipped {
            let reason = result.reason ?? "no reason given"
            if let place = reasons.firstIndex(where: { $0.reason == reason }) {
                reasons[place].names.append(result.check.name)
            } else {
                reasons.append((reason, [result.check.name]))
            }
        }
        return reasons.map { "  \(padded("skipped")) \(some($0.names)): \($0.reason)" }
    }

    private static func padded(_ word: String) -> String {
        word + String(repeating: " ", count: max(0, 10 - word.count))
    }
}

/// The list of all checks.
public enum CheckList {
    /// A line each, for a terminal.
    public static func text(_ checks: [Check] = CheckTable.all) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let level = check.level < 10 ? " \(check.level)" : "\(check.level)"
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            return "\(level)  \(name)  \(check.proves)\(check.severity == .warn ? " (warns)" : "")"
        }.joined(separator: "\n")
    }

    /// docs/checks.md.
    public static func markdown(_ checks: [Check] = CheckTable.all) -> String {
        var page = """
            # The checks of `stratagem check`

            <!-- Made by `stratagem check --list --markdown > docs/checks.md`: do not edit. -->

            \(checks.count) checks, each in a process of its own. `stratagem check PLUGIN` runs those of level \
            \(CheckTable.defaultLevel) and below; `--level 10` runs all of them. Every check is proven by a plugin that is \
            broken in just that way (Tests/ConformanceTests).


            """
        for group in Check.Group.allCases {
            let members = checks.filter { $0.group == group }
            guard !members.isEmpty else { continue }
            page +=
                "## \(group.rawValue.prefix(1).uppercased() + group.rawValue.dropFirst())\n\n| check | level | proves | header |\n|---|---|---|---|\n"
            for check in members {
                page +=
                    "| `\(check.name)` | \(check.level)\(check.severity == .warn ? ", warns" : "") | \(cell(check.proves)) | \(cell(check.clause)) |\n"
            }
            page += "\n"
        }
        return page
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
