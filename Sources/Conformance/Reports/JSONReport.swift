import SearchCore

/// What a program reads: see docs/json.md.
public enum JSONReport {
    /// A list with an object a plugin.
    public static func text(_ plugins: [(path: String, results: [CheckResult])], level: Int, seed: UInt64) -> String {
        let objects = plugins.map { plugin in
            object([
                ("plugin", string(plugin.path)), ("level", "\(level)"), ("seed", "\(seed)"),
                ("counts", counts(plugin.results)),
                ("results", "[" + plugin.results.map(result).joined(separator: ",") + "]"),
            ])
        }
        return "[" + objects.joined(separator: ",\n") + "]\n"
    }

    private static func counts(_ results: [CheckResult]) -> String {
        object(CheckStatus.allCases.map { status in (key(status), "\(results.count { $0.status == status })") })
    }

    private static func key(_ status: CheckStatus) -> String { status.rawValue.replacing(" ", with: "_") }

    private static func result(_ result: CheckResult) -> String {
        object([
            ("check", string(result.check.name)), ("group", string(result.check.group.rawValue)),
            ("level", "\(result.check.level)"),
            ("severity", string(result.check.severity.rawValue)), ("status", string(key(result.status))),
            ("subject", result.finding?.subject.map(string) ?? "null"),
            ("expected", result.finding.map { string($0.expected) } ?? "null"),
            ("happened", result.finding.map { string($0.happened) } ?? "null"),
            ("reason", result.reason.map(string) ?? "null"),
            ("proves", string(result.check.proves)), ("clause", string(result.check.clause)),
            ("rerun", string(result.rerun)),
            ("sequence", result.isBad ? result.sequence.map(string) ?? "null" : "null"),
            ("trace", result.trace.map(string) ?? "null"),
            ("output", string(result.output)), ("seconds", "\((result.seconds * 1000).rounded() / 1000)"),
        ])
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { string($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }

    private static func string(_ text: String) -> String { JSON.quoted(text) }
}

/// What build servers read.
public enum JUnitReport {
    public static func text(_ plugins: [(path: String, results: [CheckResult])]) -> String {
        var page = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for (path, results) in plugins {
            let failures = results.count { $0.status == .failed }
            let errors = results.count { $0.status == .crashed || $0.status == .timedOut }
            let skipped = results.count { $0.status == .skipped }
            page +=
                "<testsuite name=\"\(escaped(path))\" tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\">\n"
            for result in results { page += testcase(result) }
            page += "</testsuite>\n"
        }
        return page + "</testsuites>\n"
    }

    private static func testcase(_ result: CheckResult) -> String {
        let head =
            "<testcase classname=\"\(result.check.group.rawValue)\" name=\"\(result.check.name)\" time=\"\((result.seconds * 1000).rounded() / 1000)\""
        let detail = escaped(TextReport.lines(result).joined(separator: "\n"))
        let message = escaped(result.finding?.happened ?? result.reason ?? "")
        switch result.status {
        case .passed: return head + "/>\n"
        case .skipped: return head + "><skipped message=\"\(message)\"/></testcase>\n"
        // JUnit knows no warnings: they are told, and fail nothing.
        case .warning: return head + "><system-err>\(detail)</system-err></testcase>\n"
        case .failed: return head + "><failure message=\"\(message)\">\(detail)</failure></testcase>\n"
        case .crashed, .timedOut: return head + "><error message=\"\(message)\">\(detail)</error></testcase>\n"
        }
    }

    /// XML 1.0 has no way to write most control characters.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
