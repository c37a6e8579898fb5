import SearchCore

/// What `doctor` found, check by check.
public struct DoctorReport: Sendable {
    public enum State: String, Sendable {
        case ok
        /// Worth knowing, and nothing that has to be mended.
        case note
        case problem
    }

    public struct Check: Sendable {
        /// What was looked at: "worker", "memory" …
        public var area: String
        public var state: State
        public var text: String
        /// The command that mends it.
        public var remedy: String?
        /// Numbers for programs.
        public var values: [JSON.Field]

        public init(_ area: String, _ state: State, _ text: String, remedy: String? = nil, values: [JSON.Field] = []) {
            (self.area, self.state, self.text, self.remedy, self.values) = (area, state, text, remedy, values)
        }
    }

    public var version: String
    public var checks: [Check]

    public init(version: String, checks: [Check]) { (self.version, self.checks) = (version, checks) }

    public var problems: Int { checks.count { $0.state == .problem } }

    /// - Parameter emphasis: how a problem stands out, on a terminal.
    public func text(width: Int = 100, emphasis: (String) -> String = { $0 }) -> String {
        let wide = checks.map(\.area.count).max() ?? 0
        var lines: [String] = []
        for check in checks {
            let area = check.area + String(repeating: " ", count: wide - check.area.count)
            let state =
                check.state.rawValue + String(repeating: " ", count: "problem".count - check.state.rawValue.count)
            var found = Paragraph.lines("\(state)  \(area)  ", check.text, width: width)
            if check.state == .problem, let first = found.first {
                found[0] = emphasis(state) + first.dropFirst(state.count)
            }
            lines += found
            // A command is to be copied: it is not broken.
            if let remedy = check.remedy {
                lines.append(String(repeating: " ", count: wide + 11) + "$ " + Plain.line(remedy))
            }
        }
        let notes = checks.count { $0.state == .note }
        let counted = [(problems, "problem"), (notes, "note")].filter { $0.0 > 0 }.map {
            "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")"
        }
        lines.append(
            counted.isEmpty
                ? "All is well."
                : counted.joined(separator: ", ") + (problems == 0 ? ": nothing has to be mended." : "."))
        return lines.joined(separator: "\n") + "\n"
    }

    public var json: JSON {
        [
            "version": .string(version),
            "problems": .int(problems),
            "checks": .array(
                checks.map { check in
                    let fields: JSON = [
                        "area": .string(check.area), "state": .string(check.state.rawValue),
                        "text": .string(check.text), "remedy": JSON(check.remedy),
                    ]
                    return fields.adding(check.values)
                }),
        ]
    }
}
