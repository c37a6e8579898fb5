import Foundation
import SearchCore

/// Traces as JSON lines: the header, then a round a line.
public enum TraceFile {
    static func lines(_ trace: Trace) -> [String] { [line(trace.header)] + trace.rounds.map { line($0) } }

    static func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// A trace, and what is wrong with it that a reader may choose to overlook.
    public struct Contents: Sendable {
        public var trace: Trace
        /// Why it ends before the run did, or nil.
        public var cutShort: String?
    }

    /// Larger ones are certainly no traces.
    private static let bytesMax = 2 << 30

    /// Reads a trace and checks that all of it fits together.
    public static func read(_ path: String) throws(StratagemError) -> Contents {
        func refuse(_ why: String) -> StratagemError {
            StratagemError(.user, .badTrace, "\(path): \(why)")
        }
        guard let bytes = readFile(path) else {
            throw refuse("it cannot be read as a regular file: \(String(cString: strerror(errno)))")
        }
        guard !bytes.isEmpty else {
            throw refuse("it is empty; a trace begins with a header. Record one with solve --trace FILE")
        }
        guard bytes.count <= bytesMax else { throw refuse("it has \(bytes.count) bytes, more than any trace") }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let endsWell = bytes.last == UInt8(ascii: "\n")
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let header = try header(Data(lines[0]), decoder, refuse)
        var rounds: [TraceRound] = []
        var cutShort: String?
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            do { rounds.append(try decoder.decode(TraceRound.self, from: Data(line))) } catch {
                guard index == lines.count - 1, !endsWell else {
                    throw refuse("line \(index + 1) is not a round of a trace: \(reason(error))")
                }
                cutShort = "line \(index + 1) breaks off in the middle"
            }
        }
        try TraceCheck(header: header, rounds: rounds).run(refuse)
        if rounds.isEmpty {
            cutShort =
                cutShort ?? "it has a header and no turn: it was cut short, or its plugin did not come back from create"
        }
        if cutShort == nil, rounds.last?.answers == nil {
            cutShort = "it ends after turn \(rounds.count - 1), and no answer was given by then"
        }
        return Contents(trace: Trace(header: header, rounds: rounds), cutShort: cutShort)
    }

    private static func header(_ line: Data, _ decoder: JSONDecoder, _ refuse: (String) -> StratagemError)
        throws(StratagemError) -> TraceHeader
    {
        struct Version: Decodable { var version: Int }
        guard let version = try? decoder.decode(Version.self, from: line).version else {
            throw refuse("line 1 is not the header of a trace; solve --trace and check --export write traces")
        }
        guard version == 1 else {
            throw refuse(
                "it is a trace of version \(version), and this build reads version 1. Use the build that made it")
        }
        do { return try decoder.decode(TraceHeader.self, from: line) } catch {
            throw refuse("line 1 is not a complete header: \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing\(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "a value of another kind is needed\(place(context))"
        case .dataCorrupted(let context): "it is not JSON, or a value is out of range\(place(context))"
        default: "\(error)"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return path.isEmpty ? "" : " at \(path.drop { $0 == "." })"
    }
}
