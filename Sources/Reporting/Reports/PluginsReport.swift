import SearchCore

/// What `plugins --json` prints: every shared object that was found.
public struct PluginsReport: Sendable {
    public var records: [PluginRecord]
    public init(records: [PluginRecord]) { self.records = records }

    public var json: JSON { .array(records.map(Self.record)) }

    private static func record(_ record: PluginRecord) -> JSON {
        [
            "path": .string(record.path),
            "name": .string(record.name),
            "version": .string(record.version),
            "status": .string(record.status.rawValue),
            "reason": JSON(record.reason),
            "sha256": .string(record.sha256),
            "process": .string(record.process.rawValue),
            "strategies": .array(record.strategies.map(strategy)),
            "functions": .array(
                record.functions.map { function in
                    [
                        "hook": .string(function.hook), "name": .string(function.name),
                        "signature": .string(function.signature),
                    ]
                }),
        ]
    }

    private static func strategy(_ info: StrategyInfo) -> JSON {
        [
            "id": .string(info.id),
            "name": .string(info.name),
            "version": .string(info.version),
            "summary": .string(info.summary),
            "batch": .bool(info.takesBatch),
            "params": .array(info.params.map(parameter)),
            "roles": .array(info.roles.map(role)),
        ]
    }

    private static func role(_ info: RoleInfo) -> JSON {
        [
            "name": info.parameter == nil ? .string(info.name) : .null,
            "param": JSON(info.parameter),
            "kind": .string(info.isVerifier ? "verifier" : "model"),
            "needed": .bool(!info.isOptional),
            "unless": info.unless.map { ["param": .string($0.parameter), "value": .string($0.value)] } ?? .null,
            "help": .string(info.help),
        ]
    }

    private static func parameter(_ info: ParameterInfo) -> JSON {
        [
            "id": .string(info.id),
            "kind": .string(info.kind.rawValue),
            "default": JSON(info.fallback),
            "default_text": info.fallbackText.isEmpty ? .null : .string(info.fallbackText),
            "min": JSON(info.min),
            "max": JSON(info.max),
            "choices": .array(info.choices.map(JSON.string)),
            "help": .string(info.help),
            "required": .bool(info.isRequired),
        ]
    }
}
