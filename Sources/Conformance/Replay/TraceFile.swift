import Foundation
import SearchCore

/// Traces as JSON lines: the header, then a round a line.
public enum TraceFile {
    static func lines(_ trace: Trace) -> [String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        func line(_ value: some Encodable) -> String {
            (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
        return [line(trace.header)] + trace.rounds.map { line($0) }
    }
}
