import Foundation
import SearchCore

/// Problems with their reference answers, from JSON lines, a JSON array or a table.
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

    /// Problems whose text stood in the file before: they are no new evidence.
    public var repeated: Int { items.count - Set(items.map(\.problem.text)).count }

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
        try DataFormat(file: file, bytes: bytes).read { record throws(StratagemError) in
            let shape = DataShape(record: record, needsAnswer: needsAnswers)
            items.append(Item(problem: try shape.problem(), line: record.number))
            // What comes after the limit is not looked at, whatever is wrong with it.
            return items.count < limit ?? .max
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
