import Foundation
import Testing

/// The rules of the house that a machine can check, as an ordinary test.
@Suite struct Tidy {
    private static let linesMax = 400
    private static let columnsMax = 120
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("../..").standardized

    struct File: Sendable {
        var path: String
        var lines: [Substring]
    }

    /// All text of ours: what git tracks, or, without git, what lies in our folders.
    static let files: [File] = {
        let kinds: Set = ["swift", "c", "h", "cpp", "py", "sh", "md", "toml", "json", "yml"]
        var found: [File] = []
        for folder in ["Sources", "Tests", "Plugins", "examples", "docs"] {
            let start = root.appendingPathComponent(folder)
            let walk = FileManager.default.enumerator(
                at: start, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
            while let url = walk?.nextObject() as? URL {
                guard kinds.contains(url.pathExtension), !url.path.contains("/venv/"),
                    !url.path.contains("/Resources/"),
                    let text = try? String(contentsOf: url, encoding: .utf8)
                else { continue }
                found.append(
                    File(
                        path: String(url.standardized.path.dropFirst(root.path.count + 1)),
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static var swift: [File] { files.filter { $0.path.hasSuffix(".swift") } }

    /// Records one issue for each line that `isWrong`, with its place.
    private func refuse(_ what: String, in files: [File], where isWrong: (Substring) -> Bool) {
        for file in files {
            for (index, line) in file.lines.enumerated() where isWrong(line) {
                Issue.record("\(file.path):\(index + 1): \(what): \(line.prefix(100))")
            }
        }
    }

    @Test func thereIsSomethingToCheck() {
        #expect(Self.swift.count > 50 && Self.swift.contains { $0.path == "Sources/SearchCore/Budget.swift" })
    }

    @Test func filesAreShort() {
        for file in Self.files
        where !file.path.hasPrefix("docs/") && !file.path.hasSuffix(".md") && !Self.longFiles.contains(file.path) {
            #expect(file.lines.count <= Self.linesMax + 1, "\(file.path) has \(file.lines.count) lines: split it")
        }
    }

    /// The header is one file by design: what a plugin author reads and copies.
    /// So is the table of the kit's broken plugins.
    private static let longFiles: Set = [
        "Sources/CStratagem/include/stratagem.h", "Tests/ConformanceTests/Broken/broken-next.h",
    ]

    /// Messages may run on, and so may style sheets and tables in comments that line up; code may not.
    @Test func linesAreNotEndless() {
        for file in Self.swift {
            var isInString = false
            for (index, line) in file.lines.enumerated() {
                let isTable = line.contains("//") && line.contains("   ")
                if line.count > Self.columnsMax, !isInString, !line.contains("\""), !isTable {
                    Issue.record(
                        "\(file.path):\(index + 1): longer than \(Self.columnsMax) columns: \(line.prefix(100))")
                }
                if line.components(separatedBy: "\"\"\"").count.isMultiple(of: 2) { isInString.toggle() }
            }
        }
    }

    /// `swift format format -i -r -p Sources Plugins Tests examples Package.swift` puts it right.
    @Test func swiftIsLaidOutByTheFormatter() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = Self.root
        process.arguments = ["swift", "format", "lint", "-p", "--strict"] + Self.swift.map(\.path) + ["Package.swift"]
        let pipe = Pipe()
        (process.standardError, process.standardOutput) = (pipe, pipe)
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said.prefix(2000))")
    }

    @Test func noTrailingSpacesOrTabs() {
        refuse("trailing space", in: Self.files.filter { !$0.path.hasSuffix(".md") }) {
            $0.last == " " || $0.last == "\t" || $0.last == "\r"
        }
        refuse("tab", in: Self.swift) { $0.first == "\t" }
    }

    @Test func filesEndWithANewline() {
        for file in Self.files where file.lines.count > 1 {
            #expect(file.lines.last?.isEmpty == true, "\(file.path) does not end with a newline")
        }
    }

    /// What can stop the whole host, where one run should fail.
    @Test func noErrorIsForced() {
        let hosts = Self.swift.filter {
            ($0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Plugins/")) && !Self.mayTrap.contains($0.path)
        }
        refuse("forced error", in: hosts) { $0.contains("try!") && !$0.hasPrefix("//") }
        refuse("forced end", in: hosts) { line in
            ["fatalError(", "preconditionFailure(", "assertionFailure("].contains { line.contains($0) }
        }
        refuse("forced cast", in: hosts) { $0.contains(" as! ") }
    }

    /// Abstract methods of base classes that only their own module derives from, and a
    /// name that is looked up in a table written beside it.
    private static let mayTrap: Set<String> = [
        // The kit runs each check in its own process.
        "Sources/Conformance/Driver/Pages.swift", "Sources/Conformance/World/World.swift",
        "Sources/StrategyKit/Instance.swift", "Sources/StrategyKit/Sequential.swift",
        "Sources/StrategyHost/Tracing/InterposedFunction.swift",
    ]

    @Test func nothingIsLeftToDo() {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        refuse("left undone", in: Self.files) { line in
            marks.contains { line.contains($0) && !line.contains("mktemp") && !line.contains("\($0)X") }
        }
    }

    // MARK: - who may import whom

    /// Every module of ours, and which of ours it may import. What is not ours is free.
    private static let imports: [String: Set<String>] = [
        "Locking": [],
        "SearchCore": [],
        "Hashing": [],
        "LanguageModels": ["SearchCore", "Locking", "Hashing"],
        "ScriptedModel": ["SearchCore", "LanguageModels"],
        "LlamaBackend": ["SearchCore", "Locking", "LanguageModels", "CLlama", "CJinja"],
        "EndpointBackend": ["SearchCore", "Locking", "LanguageModels"],
        "StrategyHost": ["SearchCore", "Locking", "Hashing", "CStratagem", "CFFI", "CSandbox"],
        "SearchRuntime": ["SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "CSandbox"],
        "ReferenceModels": ["SearchCore", "LanguageModels"],
        "Engine": [
            "SearchCore", "Locking", "LanguageModels", "LlamaBackend", "EndpointBackend", "EndpointBackend",
            "ScriptedModel", "ReferenceModels", "StrategyHost",
            "SearchRuntime",
        ],
        "Studies": ["SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine"],
        "Reporting": ["SearchCore", "Locking", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine", "Studies"],
        "StudyReport": ["SearchCore", "Locking", "Engine", "Studies", "Reporting"],
        "Server": [
            "SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine", "Studies",
            "Reporting",
        ],
        "Benchmarks": [
            "SearchCore", "Locking", "LanguageModels", "ScriptedModel", "LlamaBackend", "EndpointBackend",
            "StrategyHost", "SearchRuntime", "CStratagem",
            "CBenchStrategies", "BareLoop",
        ],
        "Conformance": [
            "SearchCore", "Locking", "Hashing", "LanguageModels", "ScriptedModel", "StrategyHost", "CStratagem",
            "CSandbox",
            "CConformance",
        ],
        "Scaffold": ["SearchCore"],
        "StrategyKit": ["CStratagem"],
        "stratagem": [
            "SearchCore", "Locking", "LanguageModels", "LlamaBackend", "EndpointBackend", "ReferenceModels",
            "StrategyHost", "SearchRuntime", "Engine", "Studies",
            "Reporting", "StudyReport", "Server", "Benchmarks", "Conformance", "Scaffold",
        ],
        "stratagem-worker": ["StrategyHost"],
    ]
    /// Without Swift.
    private static let modulesInC: Set = [
        "BareLoop", "CBenchStrategies", "CConformance", "CFFI", "CJinja", "CLlama", "CSandbox", "CStratagem",
    ]
    private static let ours = modulesInC.union(imports.keys)

    /// What the tables name is what there is.
    @Test func theTablesNameEveryModule() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Sources").path
        ).filter { !$0.hasPrefix(".") }
        #expect(Set(folders) == Self.ours)
        for allowed in Self.imports.values { #expect(allowed.isSubset(of: Self.ours)) }
        let page = try String(contentsOf: Self.root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
        let table = page.split(separator: "## Modules").last?.split(separator: "\n## ").first ?? ""
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.flatMap { row in
            (row.split(separator: "|").first ?? "").split(separator: "`").filter { $0.first?.isLetter == true }
        }.map(String.init)
        #expect(Set(named).subtracting(["Plugins/NAME"]) == Self.ours && named.count == Set(named).count)
    }

    /// A library leaves printing, the process's end and signals to who uses it.
    @Test func librariesLeaveTheProcessAlone() {
        let files = Self.swift.filter { file in
            ["Engine", "Studies", "Reporting", "StudyReport", "SearchRuntime", "Server"].contains {
                file.path.hasPrefix("Sources/\($0)/")
            }
        }
        #expect(files.count > 50)
        refuse("what is the program's", in: files) { line in
            guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return false }
            let words = ["print(", "exit(", "_exit(", "signal(", "sigaction("].filter { line.contains($0) }
            return line.contains("FileHandle.standard")
                || words.contains { word in
                    // As a word of its own: `blueprint(` is none.
                    line.ranges(of: word).contains { range in
                        range.lowerBound == line.startIndex
                            || " (!".contains(line[line.index(before: range.lowerBound)])
                    }
                }
        }
    }

    @Test func importsGoOneWay() {
        for file in Self.swift where file.path.hasPrefix("Sources/") {
            guard let allowed = Self.imports[file.path.split(separator: "/")[1].description] else { continue }
            for line in file.lines {
                guard let name = Self.imported(line), Self.ours.contains(name) else { continue }
                #expect(allowed.contains(name), "\(file.path) imports \(name)")
            }
        }
        for file in Self.swift where file.path.hasPrefix("Plugins/") {
            for name in file.lines.compactMap(Self.imported) {
                #expect(name == "StrategyKit", "\(file.path) imports \(name)")
            }
        }
    }

    /// The Swift author's side is small: no Foundation, no globals that a second copy
    /// of it in the host would have as well.
    @Test func theKitStandsAlone() {
        for file in Self.swift where file.path.hasPrefix("Sources/StrategyKit/") {
            for name in file.lines.compactMap(Self.imported) {
                #expect(name == "CStratagem" || name == "Glibc", "\(file.path) imports \(name)")
            }
        }
        refuse("global variable", in: Self.swift.filter { $0.path.hasPrefix("Sources/StrategyKit/") }) { line in
            line.hasPrefix("var ") || line.hasPrefix("public var ") || line.hasPrefix("private var ")
                || line.contains("static var ") && !line.contains("{")
        }
    }

    private static func imported(_ line: Substring) -> String? {
        var words = line.split(separator: " ")
        while let first = words.first,
            first.hasPrefix("@") || ["public", "internal", "package", "private"].contains(first)
        { words.removeFirst() }
        guard words.count >= 2, words[0] == "import" else { return nil }
        let kinds = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
        return words.dropFirst().first { !kinds.contains(String($0)) }.map { String($0.split(separator: ".")[0]) }
    }
}
