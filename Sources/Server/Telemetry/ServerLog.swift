import Foundation
import Logging
import SearchCore

/// A line of JSON for each thing that happens, for swift-log: where it goes is the program's affair.
struct ServerLog: LogHandler {
    private let write: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    static func logger(_ label: String, level: Logger.Level = .info, _ write: @escaping @Sendable (String) -> Void)
        -> Logger
    {
        Logger(label: label) { _ in
            var log = ServerLog(write)
            log.logLevel = level
            return log
        }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [JSON.Field] = [
            .init("time", .string(Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))),
            .init("level", .string(event.level.rawValue)),
            .init("message", .string("\(event.message)")),
        ]
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            fields.append(.init(name, Self.json(value)))
        }
        write(Plain.json(JSON.object(fields).line))
    }

    /// Numbers are numbers.
    private static func json(_ value: Logger.Metadata.Value) -> JSON {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value):
            (value as? Int).map(JSON.int) ?? (value as? Double).map(JSON.number) ?? .string("\(value)")
        case .array(let items): .array(items.map(json))
        case .dictionary(let members): .object(members.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
        }
    }
}
