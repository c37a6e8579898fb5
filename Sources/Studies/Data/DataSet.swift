import Foundation
import SearchCore

/// Problems with their reference answers, from JSON lines.
public struct DataSet: Sendable, Equatable {
    public struct Item: Sendable, Equatable {
        public var problem: Problem
        /// Where it stands in the file, from 1.
        public var line: Int
        public init(problem: Problem, line: Int) {
            self.problem = problem
            self.line = line
        }
    }

    /// The file's path, for messages and reports.
    public var file: String
    public var items: [Item]

    public init(file: String, items: [Item]) {
        self.file = file
        self.items = items
    }

    public var problems: [Problem] { items.map(\.problem) }

    /// A line longer than this is refused: a problem has 1 MiB at most, and
    /// escapes and a worked answer may take the rest.
    static let maximumLineBytes = (8 << 20) - 1
    static let maximumFileBytes = 1 << 30

    /// - Parameters:
    ///   - limit: reads and checks the first so many problems only.
    ///   - needsAnswers: false if nothing is judged: lines may lack the answer.
    public static func read(file: String, limit: Int? = nil, needsAnswers: Bool = true) throws(StratagemError) -> DataSet {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw refuse(file, "there is no such file. Pass JSON lines: {\"problem\": \"…\", \"answer\": \"…\"}")
        }
        guard !isFolder.boolValue else { throw refuse(file, "this is a folder. Name a file of JSON lines") }
        let bytes: Data?
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            defer { try? handle.close() }
            bytes = try handle.read(upToCount: maximumFileBytes + 1)
        } catch {
            throw refuse(file, "the file cannot be read. Check its permissions")
        }
        return try parse(bytes ?? Data(), file: file, limit: limit, needsAnswers: needsAnswers)
    }

    public static func parse(_ bytes: Data, file: String, limit: Int? = nil, needsAnswers: Bool = true) throws(StratagemError) -> DataSet {
        guard bytes.count <= maximumFileBytes else { throw refuse(file, "the file is larger than 1 GiB. Split it") }
        var items: [Item] = []
        var rest = bytes[...]
        var number = 0
        while !rest.isEmpty, items.count < limit ?? .max {
            number += 1
            let end = rest.firstIndex(of: 0x0A)
            let line = rest[..<(end ?? rest.endIndex)]
            rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let reader = DataLine(bytes: line, file: file, number: number, isUnended: end == nil, needsAnswer: needsAnswers)
            items.append(Item(problem: try reader.read(), line: number))
        }
        guard !items.isEmpty else {
            throw refuse(file, "there are no problems in it. Write one JSON object a line: {\"problem\": \"…\", \"answer\": \"…\"}")
        }
        return DataSet(file: file, items: items)
    }

    private static func refuse(_ file: String, _ why: String) -> StratagemError {
        StratagemError(.user, "bad_data", "\(file): \(why)")
    }
}
