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
    /// Problems whose worked solution has a `\boxed{…}` in it.
    public var boxedSolutions: Int

    /// What the file has and no model sees.
    public var unused: UnusedFields

    public init(file: String, items: [Item], boxedSolutions: Int = 0, unused: UnusedFields = UnusedFields()) {
        self.file = file
        self.items = items
        self.boxedSolutions = boxedSolutions
        self.unused = unused
    }

    /// As MATH does: at least half of the worked solutions box their answer, or at least a tenth
    /// of the reference answers has a command of LaTeX in it.
    public var looksLikeMATH: Bool {
        guard !items.isEmpty else { return false }
        return boxedSolutions * 2 >= items.count
            || items.count { Self.hasCommand($0.problem.answer ?? "") } * 10 >= items.count
    }

    /// `\frac`, `\sqrt`, `\text` …; not `\$` or `\%`.
    private static func hasCommand(_ answer: String) -> Bool {
        let bytes = Array(answer.utf8)
        return bytes.indices.dropLast().contains {
            bytes[$0] == UInt8(ascii: "\\") && (bytes[$0 + 1] | 0x20) >= UInt8(ascii: "a")
                && (bytes[$0 + 1] | 0x20) <= UInt8(ascii: "z")
        }
    }

    public var problems: [Problem] { items.map(\.problem) }

    /// Problems whose text stood in the file before: they are not new evidence.
    public var repeated: Int { items.count - Set(items.map(\.problem.text)).count }

    /// For people; nil if no problem occurs twice.
    public var repeatedNote: String? {
        guard repeated > 0 else { return nil }
        return
            "\(Readable.count(repeated)) of \(Readable.count(items.count, "problem")) \(repeated == 1 ? "occurs" : "occur") earlier in the file. A repeated problem is not new evidence: intervals count the \(Readable.count(items.count - repeated)) different ones"
    }

    /// Of each problem the place of the first with the same text; nil if all are different.
    public var clusters: [Int]? { Self.clusters(problems) }

    public static func clusters(_ problems: [Problem]) -> [Int]? {
        var first: [String: Int] = [:]
        let clusters = problems.indices.map { index in
            let place = first[problems[index].text] ?? index
            first[problems[index].text] = place
            return place
        }
        return first.count == problems.count ? nil : clusters
    }

    static let maximumFileBytes = 1 << 30

    /// - Parameters:
    ///   - limit: reads and checks the first so many problems only.
    ///   - needsAnswers: false if nothing is judged: lines may lack the answer.
    public static func read(file: String, limit: Int? = nil, needsAnswers: Bool = true) throws(StratagemError)
        -> DataSet
    {
        try parse(
            try bytes(of: file, example: "{\"problem\": \"…\", \"answer\": \"…\"}"), file: file, limit: limit,
            needsAnswers: needsAnswers)
    }

    /// - Parameter example: a line as it should be, for messages.
    static func bytes(of file: String, example: String) throws(StratagemError) -> Data {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw refuse(file, "there is no such file. Pass JSON lines: \(example)")
        }
        guard !isFolder.boolValue else { throw refuse(file, "this is a folder. Name a file of JSON lines") }
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            defer { try? handle.close() }
            return try handle.read(upToCount: maximumFileBytes + 1) ?? Data()
        } catch {
            throw refuse(file, "the file cannot be read. Check its permissions")
        }
    }

    public static func parse(_ bytes: Data, file: String, limit: Int? = nil, needsAnswers: Bool = true)
        throws(StratagemError) -> DataSet
    {
        guard bytes.count <= maximumFileBytes else { throw refuse(file, "the file is larger than 1 GiB. Split it") }
        var items: [Item] = []
        var boxed = 0
        var unused = UnusedFields()
        try DataFormat(file: file, bytes: bytes).read { record throws(StratagemError) in
            let shape = DataShape(record: record, needsAnswer: needsAnswers)
            let read = try shape.read()
            items.append(Item(problem: read.problem, line: record.number))
            boxed += shape.boxesItsSolution ? 1 : 0
            unused.add(read.unused)
            // What comes after the limit is not looked at, whatever is wrong with it.
            return items.count < limit ?? .max
        }
        guard !items.isEmpty else {
            throw refuse(
                file,
                "there are no problems in it. Write one JSON object per line: {\"problem\": \"…\", \"answer\": \"…\"}")
        }
        return DataSet(file: file, items: items, boxedSolutions: boxed, unused: unused)
    }

    private static func refuse(_ file: String, _ why: String) -> StratagemError {
        StratagemError(.user, .badData, "\(file): \(why)")
    }
}
