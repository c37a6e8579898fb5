import SearchCore

/// What `plugins` prints for people.
extension PluginsReport {
    /// - Parameters: how parts stand out, on a terminal.
    public func text(bold: (String) -> String = { $0 }, dim: (String) -> String = { $0 }, warning: (String) -> String = { $0 }) -> String {
        var text = ""
        for record in records where record.status == .loaded {
            for strategy in record.strategies {
                text += "\(bold(strategy.name))  \(strategy.summary)\n"
                for info in strategy.params { text += Self.parameter(info) }
                let place = record.process == .worker ? " (isolated)" : ""
                text += dim("    \(strategy.id) \(strategy.version), \(record.path)\(place)") + "\n\n"
            }
            if !record.functions.isEmpty {
                text += "\(bold(record.name))  functions: \(record.functions.map { "\($0.name) (\($0.hook))" }.joined(separator: ", "))\n"
                text += dim("    \(record.version), \(record.path)") + "\n\n"
            }
            if record.strategies.isEmpty, record.functions.isEmpty {
                text += "\(bold(record.name))  offers nothing\n" + dim("    \(record.path)") + "\n\n"
            }
            if let reason = record.reason { text += "    note: \(reason)\n\n" }
        }
        for record in records where record.status != .loaded {
            text += "\(warning(record.status.rawValue))  \(record.path)\n    \(record.reason ?? "no reason was given")\n\n"
        }
        return text
    }

    private static func parameter(_ info: ParameterInfo) -> String {
        var notes: [String] = []
        switch info.kind {
        case .choice: notes.append(info.choices.joined(separator: " | "))
        case .int, .float:
            if let min = info.min, let max = info.max { notes.append("\(plain(min)) … \(plain(max))") }
            else if let min = info.min { notes.append("at least \(plain(min))") }
            else if let max = info.max { notes.append("at most \(plain(max))") }
        default: notes.append(info.kind.rawValue)
        }
        let fallback = info.fallbackText.isEmpty ? spelled(info.fallback) : info.fallbackText
        if let fallback { notes.append("default \(fallback)") }
        let name = info.id + String(repeating: " ", count: max(0, 16 - info.id.count))
        return "    \(name)  \(info.help)\(notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")\n"
    }

    private static func plain(_ value: Double) -> String { JSON.number(value).line }

    private static func spelled(_ value: ParameterValue) -> String? {
        switch value {
        case .none: nil
        case .text(let text): text
        default: JSON(value).line
        }
    }
}
