import Foundation
import Testing

/// Files of one module that need each other in a circle can only be read together. A file depends on another if it
/// names a type, function or constant that is declared at the other's top level.
@Suite struct FileCircles {
    /// The most files that a circle may have, by module; other modules have no ceiling yet.
    /// StrategyHost: the host's table and the two extensions that it offers (3), a closure and its interposer (2).
    private static let ceilings = ["stratagem": 0, "StrategyHost": 3]

    @Test(arguments: ceilings.keys.sorted())
    func circlesAreSmall(module: String) {
        let graph = FileGraph(Tidy.swift.filter { $0.path.hasPrefix("Sources/\(module)/") })
        #expect(graph.uses.count > 10, "the sources of \(module) were not found")
        let circles = graph.circles()
        let ceiling = Self.ceilings[module] ?? 0
        for circle in circles where circle.count > ceiling {
            Issue.record(
                "\(circle.count) files of \(module) form a circle, at most \(ceiling) are allowed:\n\(graph.described(circle))"
            )
        }
        let largest = circles.map(\.count).max() ?? 0
        #expect(
            largest == ceiling || circles.contains { $0.count > ceiling },
            "\(module) is down to \(largest): lower its ceiling")
    }

    @Test func aCircleIsFound() {
        let texts = [
            ("a.swift", "struct A { var b: B? }"), ("b.swift", "final class B { let c: [C] = [] }"),
            ("c.swift", "/// Like `A`.\nenum C { static let text = \"A\" }"),
            ("d.swift", "extension A { func make() -> C { C.c } }"),
        ]
        func graph(_ texts: [(String, String)]) -> FileGraph {
            FileGraph(texts.map { Tidy.File(path: $0.0, lines: $0.1.split(separator: "\n")) })
        }
        #expect(graph(texts).uses["d.swift"] == ["a.swift", "c.swift"])
        #expect(graph(texts).circles().isEmpty, "comments and texts do not count")
        #expect(graph(texts + [("e.swift", "typealias E = A")]).circles().isEmpty)
        let closed = [texts[0], texts[1], ("c.swift", "enum C { case a(A) }")]
        #expect(graph(closed).circles() == [["a.swift", "b.swift", "c.swift"]])
    }
}

/// Which files use which others.
struct FileGraph {
    private(set) var uses: [String: Set<String>] = [:]
    /// By file: the names in its code.
    private var names: [String: Set<Substring>] = [:]
    /// By name: the file that declares it.
    private var homes: [Substring: String] = [:]

    init(_ files: [Tidy.File]) {
        for file in files {
            let code = Self.code(file.lines)
            names[file.path] = Set(code.flatMap(Self.words))
            for line in code { if let name = Self.declared(line) { homes[name] = file.path } }
        }
        for (path, found) in names {
            uses[path] = Set(found.compactMap { homes[$0] }).subtracting([path])
        }
    }

    /// Sets of files that need each other (strongly connected components), the largest first.
    func circles() -> [[String]] {
        let reached = uses.keys.reduce(into: [String: Set<String>]()) { $0[$1] = reachable(from: $1) }
        var circles: Set<[String]> = []
        for (path, others) in reached where others.contains(path) {
            circles.insert(others.filter { reached[$0]?.contains(path) == true }.sorted())
        }
        return circles.sorted { ($1.count, $0.first ?? "") < ($0.count, $1.first ?? "") }
    }

    /// Each file of a circle with those that it uses there.
    func described(_ circle: [String]) -> String {
        circle.map { "  \($0): \((uses[$0] ?? []).intersection(circle).sorted().joined(separator: ", "))" }.joined(
            separator: "\n")
    }

    private func reachable(from path: String) -> Set<String> {
        var (found, open): (Set<String>, [String]) = ([], Array(uses[path] ?? []))
        while let next = open.popLast() {
            if found.insert(next).inserted { open += uses[next] ?? [] }
        }
        return found
    }

    /// Lines without comments and without the texts in quotes, but with what is interpolated in these.
    private static func code(_ lines: [Substring]) -> [String] {
        var isText = false
        return lines.map { line in
            var rest = line
            var kept = ""
            while let mark = isText
                ? rest.firstRange(of: "\"\"\"") : rest.firstMatch(of: /"""|\/\/|"(?:[^"\\]|\\.)*"/)?.range
            {
                if isText {
                    kept += interpolated(rest[..<mark.lowerBound])
                    isText = false
                } else {
                    kept += rest[..<mark.lowerBound]
                    let found = rest[mark]
                    if found == "//" { return kept }
                    if found == "\"\"\"" { isText = true } else { kept += " " + interpolated(found) + " " }
                }
                rest = rest[mark.upperBound...]
            }
            return kept + (isText ? interpolated(rest) : String(rest))
        }
    }

    private static func interpolated(_ text: Substring) -> String {
        text.matches(of: /\\\(([^"]*)/).map { String($0.1) }.joined(separator: " ")
    }

    /// Names that may be types: not members of something.
    private static func words(_ line: String) -> [Substring] {
        line.matches(of: /(?:^|[^.\w])([A-Za-z_]\w*)/).map { Substring(String($0.1)) }
    }

    /// What a line declares at the top level and shows to other files.
    private static func declared(_ line: String) -> Substring? {
        guard let first = line.first, !first.isWhitespace, !line.contains("private ") else { return nil }
        let found = line.firstMatch(
            of:
                /^(?:@\w+(?:\([^)]*\))? +)*(?:[a-z]+(?:\(\w+\))? +)*?(?:struct|class|enum|protocol|actor|typealias|func|let|var) +([A-Za-z_]\w*)/
        )
        return found.map { Substring(String($0.1)) }
    }
}
