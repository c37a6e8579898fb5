import Foundation
import SearchCore
import TOMLKit

/// One TOML table that is being read: typed look-ups whose refusals name file,
/// line and key, and a last check that no key was left over.
struct BundleTable {
    /// A TOML value, copied out of the parser's memory.
    indirect enum Node {
        case string(String), integer(Int), number(Double), boolean(Bool), array([Node]), table([String: Node]), other(
            String)

        var kind: String {
            switch self {
            case .string: "a string"
            case .integer: "a whole number"
            case .number: "a number"
            case .boolean: "true or false"
            case .array: "a list"
            case .table: "a table"
            case .other(let name): "a \(name)"
            }
        }
    }

    /// File and text, shared by all tables of a bundle.
    private let file: String
    private let lines: [Substring]
    /// "", "template", "models.prm".
    private let path: String
    private let nodes: [String: Node]
    private var known: Set<String> = []

    init(parsing text: String, file: String) throws(StratagemError) {
        self.file = file
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        path = ""
        do {
            let root = try TOMLTable(string: text)
            // Inner tables point into the root's memory.
            nodes = withExtendedLifetime(root) { Self.copy(root) }
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw StratagemError(
                .user, .badBundle, "\(file):\(place.line):\(place.column): this is not TOML: \(error.description)")
        } catch {
            throw StratagemError(.user, .badBundle, "\(file): this is not TOML: \(error)")
        }
    }

    private init(of outer: BundleTable, path: String, nodes: [String: Node]) {
        file = outer.file
        lines = outer.lines
        self.path = path
        self.nodes = nodes
    }

    private static func copy(_ table: TOMLTable) -> [String: Node] {
        var nodes: [String: Node] = [:]
        for key in table.keys {
            if let value = table[key] { nodes[key] = copy(value) }
        }
        return nodes
    }

    private static func copy(_ value: any TOMLValueConvertible) -> Node {
        if let string = value.string { return .string(string) }
        if let table = value.table { return .table(copy(table)) }
        if let array = value.array { return .array(array.map { copy($0) }) }
        switch value.type {
        case .bool: return .boolean(value.bool ?? false)
        case .int: return .integer(value.int ?? 0)
        case .double: return .number(value.double ?? .nan)
        default: return .other(value.type.description)
        }
    }

    // MARK: Look-ups

    /// The bundle's own folder.
    var folder: String { URL(fileURLWithPath: file).deletingLastPathComponent().path }

    var names: [String] { nodes.keys.sorted() }

    mutating func string(_ key: String, default fallback: String? = nil) throws(StratagemError) -> String {
        known.insert(key)
        switch nodes[key] {
        case .string(let value): return value
        case nil:
            guard let fallback else { throw missing(key, "Add \(key) = \"…\"\(place)") }
            return fallback
        case .some(let node): throw refuse(key, "must be a string in quotes, found \(node.kind)")
        }
    }

    /// A string, a number or a truth value, as a user would type it.
    mutating func scalar(_ key: String) throws(StratagemError) -> String {
        known.insert(key)
        switch nodes[key] {
        case .string(let value): return value
        case .integer(let value): return String(value)
        case .number(let value): return String(value)
        case .boolean(let value): return String(value)
        case let node: throw refuse(key, "must be a text, a number or true or false, found \(node?.kind ?? "nothing")")
        }
    }

    /// A list of strings; a single string counts as a list of one.
    mutating func strings(_ key: String, default fallback: [String]?) throws(StratagemError) -> [String] {
        known.insert(key)
        switch nodes[key] {
        case .string(let value): return [value]
        case .array(let items):
            var strings: [String] = []
            for item in items {
                guard case .string(let value) = item else {
                    throw refuse(key, "must be a list of strings, found \(item.kind) in it")
                }
                strings.append(value)
            }
            return strings
        case nil:
            guard let fallback else { throw missing(key, "Add \(key) = [\"…\"]\(place)") }
            return fallback
        case .some(let node): throw refuse(key, "must be a list of strings, found \(node.kind)")
        }
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(StratagemError) -> Int {
        known.insert(key)
        guard let node = nodes[key] else {
            throw missing(key, "Add \(key) = \(max(range.lowerBound, min(512, range.upperBound)))\(place)")
        }
        guard case .integer(let value) = node else { throw refuse(key, "must be a whole number, found \(node.kind)") }
        guard range.contains(value) else {
            throw refuse(key, "must be from \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        return value
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(StratagemError) -> Double? {
        known.insert(key)
        let value: Double
        switch nodes[key] {
        case nil: return nil
        case .integer(let whole): value = Double(whole)
        case .number(let real): value = real
        case .some(let node): throw refuse(key, "must be a number, found \(node.kind)")
        }
        guard range.contains(value) else {
            throw refuse(key, "must be from \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        return value
    }

    mutating func table(_ key: String) throws(StratagemError) -> BundleTable? {
        known.insert(key)
        guard let node = nodes[key] else { return nil }
        let inner = path.isEmpty ? key : "\(path).\(key)"
        guard case .table(let nodes) = node else {
            throw refuse(key, "must be a table: write [\(inner)] on a line of its own, found \(node.kind)")
        }
        return BundleTable(of: self, path: inner, nodes: nodes)
    }

    /// A file that the bundle names, relative to the bundle's own folder.
    /// - Parameter kind: the expected kind of file, for messages: "a GGUF file".
    mutating func path(_ key: String, kind: String, checking: Bool) throws(StratagemError) -> String {
        let written = try string(key)
        guard !written.isEmpty else { throw refuse(key, "is empty. Name \(kind)") }
        let full =
            written.hasPrefix("/")
            ? written : URL(fileURLWithPath: folder).appendingPathComponent(written).standardizedFileURL.path
        guard checking else { return full }
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) else {
            throw refuse(key, "names \(full), which does not exist. Paths are relative to the bundle's folder")
        }
        guard !isFolder.boolValue else { throw refuse(key, "names \(full), which is a folder. Name \(kind)") }
        guard FileManager.default.isReadableFile(atPath: full) else {
            throw refuse(key, "names \(full), which may not be read. Check its permissions")
        }
        return full
    }

    func require(_ placeholder: String, in text: String, key: String) throws(StratagemError) {
        guard text.contains(placeholder) else {
            throw refuse(key, "must contain \(placeholder), which is replaced for every run")
        }
    }

    /// Refuses keys that nobody looked up: a misspelt setting must not be ignored.
    /// - Parameter more: keys that would have been looked up later.
    func finish(knowing more: [String] = []) throws(StratagemError) {
        let known = known.union(more)
        guard let unknown = nodes.keys.filter({ !known.contains($0) }).min() else { return }
        let allowed = known.sorted()
        let nearest = suggestion(for: unknown, among: allowed)
        throw refuse(
            unknown,
            "is not a key of \(path.isEmpty ? "a bundle" : "[\(path)]")\(nearest.isEmpty ? "." : nearest) Known: \(allowed.joined(separator: ", "))"
        )
    }

    // MARK: Refusals

    private var place: String { path.isEmpty ? "" : " below [\(path)]" }

    func refuse(_ key: String, _ why: String) -> StratagemError {
        let at = line(of: key).map { "\(file):\($0)" } ?? file
        return StratagemError(.user, .badBundle, "\(at): \(path.isEmpty ? key : "\(path).\(key)") \(why)")
    }

    func missing(_ key: String, _ remedy: String) -> StratagemError {
        StratagemError(
            .user, .badBundle,
            "\(file): \(path.isEmpty || key.hasPrefix("[") ? key : "\(path).\(key)") is missing. \(remedy)")
    }

    /// The line of `key`, which the parser does not reveal. This is good enough for bundles: for dotted and inline keys
    /// the line of their table is found, or none.
    private func line(of key: String) -> Int? {
        var current = ""
        let wanted = path.isEmpty ? key : "\(path).\(key)"
        for (index, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
                current = text[text.index(after: text.startIndex)..<end].trimmingCharacters(
                    in: CharacterSet(charactersIn: "[ \t"))
                if current == wanted { return index + 1 }
            } else if let equals = text.firstIndex(of: "=") {
                let name = text[..<equals].trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
                if (current.isEmpty ? name : "\(current).\(name)") == wanted { return index + 1 }
            }
        }
        return nil
    }
}
