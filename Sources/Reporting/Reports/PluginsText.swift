import SearchCore

/// What `plugins` prints for people.
extension PluginsReport {
    /// - Parameters: how parts stand out, on a terminal.
    public func text(
        bold: (String) -> String = { $0 }, dim: (String) -> String = { $0 }, warning: (String) -> String = { $0 }
    ) -> String {
        var text = ""
        for record in records where record.status == .loaded {
            for strategy in record.strategies {
                text += "\(bold(strategy.name))  \(strategy.summary)\n"
                for info in strategy.params { text += Self.parameter(info) }
                for role in strategy.roles { text += Self.role(role) }
                let place = record.process == .worker ? " (isolated)" : ""
                text += dim("    \(strategy.id) \(strategy.version), \(Plain.line(record.path))\(place)") + "\n\n"
            }
            if !record.functions.isEmpty {
                text +=
                    "\(bold(Plain.name(record.name)))  functions: \(record.functions.map { "\($0.name) (\($0.hook))" }.joined(separator: ", "))\n"
                text += dim("    \(record.version), \(Plain.line(record.path))") + "\n\n"
            }
            if record.strategies.isEmpty, record.functions.isEmpty {
                text +=
                    "\(bold(Plain.name(record.name)))  offers nothing\n" + dim("    \(Plain.line(record.path))")
                    + "\n\n"
            }
            if let reason = record.reason { text += "    note: \(Plain.line(reason))\n\n" }
        }
        for record in records where record.status != .loaded {
            text +=
                "\(warning(record.status.rawValue))  \(Plain.line(record.path))\n    \(Plain.line(record.reason ?? "no reason was given"))\n\n"
        }
        return text
    }

    private static func parameter(_ info: ParameterInfo) -> String {
        var notes: [String] = []
        switch info.kind {
        case .choice: notes.append(info.choices.joined(separator: " | "))
        case .int, .float:
            if let min = info.min, let max = info.max {
                notes.append("\(plain(min)) … \(plain(max))")
            } else if let min = info.min {
                notes.append("at least \(plain(min))")
            } else if let max = info.max {
                notes.append("at most \(plain(max))")
            }
        default: notes.append(info.kind.rawValue)
        }
        let fallback = info.fallbackText.isEmpty ? spelled(info.fallback) : info.fallbackText
        if let fallback { notes.append("default \(fallback)") }
        if info.isRequired { notes.append("required") }
        let name = info.id + String(repeating: " ", count: max(0, 16 - info.id.count))
        return "    \(name)  \(info.help)\(notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")\n"
    }

    private static func role(_ info: RoleInfo) -> String {
        let name = info.parameter.map { "named by \($0)" } ?? info.name
        let unless = info.unless.map { ", unless \($0.parameter)=\($0.value)" } ?? ""
        let need =
            "\(info.isOptional ? "can use" : "needs") a \(info.isVerifier ? "verifier" : "model"): \(name)\(unless)"
        return "    \(need)\(info.help.isEmpty ? "" : "  \(info.help)")\n"
    }

    private static func plain(_ value: Double) -> String { JSON.number(value).line }

    private static func spelled(_ value: ParameterValue) -> String? {
        switch value {
        case .none: nil
        case .text(let text): Plain.name(text)
        default: JSON(value).line
        }
    }
}
