import ArgumentParser
import Engine
import Foundation
import SearchCore
import Studies
import StudyReport

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Draw the paper's figures from an eval store, and test the paper's findings.",
        discussion: """
            -o FILE.html: one page without scripts or other files, light and dark. Every figure has a 95 % interval (a \
            bootstrap by problem) and shows the paper's curve. Figures for which the store has no runs \
            are left out, and the page says what they need. gnuplot draws the figures and must be installed.

            Examples:
              stratagem report study.db -o report.html
              stratagem report study.db -o report.html --svg figures --markdown tables.md
              stratagem report study.db --pair pair.db -o report.html
              stratagem report study.db -o report.md
              stratagem report study.db --json
            """)

    @Argument(help: ArgumentHelp("A store that stratagem eval --out wrote.", valueName: "store"), completion: .file())
    var store: String

    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: ArgumentHelp("Write the page here, FILE.html; or findings and tables, FILE.md.", valueName: "file"),
        completion: .file(extensions: ["html", "md"]))
    var output: String?

    @Option(
        help: ArgumentHelp("Write every figure as an SVG file into this folder.", valueName: "folder"),
        completion: .directory)
    var svg: String?

    @Option(
        help: ArgumentHelp("Write findings and tables as Markdown to this file.", valueName: "file"),
        completion: .file(extensions: ["md"]))
    var markdown: String?

    @Option(
        help: ArgumentHelp(
            "A store of a small model and a larger one (cells greedy:role=large), for the comparison at equal FLOPs, if the first store has no such cells.",
            valueName: "store"),
        completion: .file())
    var pair: String?

    @Flag(help: "Print all figures and findings as JSON (docs/json.md).")
    var json = false

    mutating func validate() throws {
        if let output, output == markdown {
            throw ValidationError("-o and --markdown name the same file. Name two files.")
        }
    }

    mutating func run() throws {
        // Everything that could stop it, before the work.
        let inputs = OutputFile.files(ofStores: [store] + (pair.map { [$0] } ?? []))
        let page = try output.map { path throws(StratagemError) in
            try OutputFile(path, for: "the report", notOver: inputs)
        }
        var isPageOpen = true, areTablesOpen = true
        defer { if isPageOpen { page?.discard() } }
        let isMarkdown = try output.map(Self.isMarkdown) ?? false
        let gnuplot = (output == nil || isMarkdown) && svg == nil ? nil : try Gnuplot.find()
        Interrupt.beforeQuitting { Gnuplot.abandon() }
        let tables = try markdown.map { path throws(StratagemError) in
            try OutputFile(path, for: "the tables", notOver: inputs)
        }
        defer { if areTablesOpen { tables?.discard() } }
        if let svg { try Self.makeFolder(svg) }
        let report = try Progress.during("reading the store") { () throws(StratagemError) in try read() }
        // Before anything is drawn or written, which may fail: nobody's sums are lost.
        if json { Output.json(report.json.pretty) } else { Output.text(report.text) }
        for warning in report.warnings { Output.warning(warning) }
        try Finished.afterWork { () throws(StratagemError) in
            areTablesOpen = false
            try tables?.finish(report.markdown)
            if isMarkdown {
                isPageOpen = false
                try page?.finish(report.markdown)
            }
            guard let gnuplot else { return }
            let drawn = try Progress.during("drawing the figures") { () throws(StratagemError) in
                try ReportPage(report, by: gnuplot)
            }
            if let svg {
                for file in drawn.svgs {
                    try OutputFile("\(svg)/\(file.name)", for: "a figure", notOver: inputs).finish(file.text)
                }
            }
            guard isPageOpen else { return }
            isPageOpen = false
            try page?.finish(drawn.html)
        }
    }

    /// The ending says what is written. What is no file, a pipe say, has none, and gets the page.
    private static func isMarkdown(_ path: String) throws(StratagemError) -> Bool {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "md", "markdown": return true
        case "html", "htm": return false
        default:
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR {
                return false
            }
            throw StratagemError(
                .user, .badReport,
                "-o \(path): the ending says what is written, and must be .html (a page with figures) or .md (findings and tables)"
            )
        }
    }

    private func read() throws(StratagemError) -> Report {
        let data = try Self.data(store)
        guard let pair else { return try Report(data) }
        if OutputFile.isSame(store, pair) { return try Report(data, pairIsItself: true) }
        return try Report(data, pair: Self.data(pair))
    }

    /// A store of an older version does not know the strategies' defaults: their plugins do.
    private static func data(_ path: String) throws(StratagemError) -> MeasuredStudy {
        try MeasuredStudy(StudyReader(path) { Engine.plugins(log: Output.log) })
    }

    private static func makeFolder(_ path: String) throws(StratagemError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StratagemError(
                .user, .cannotWrite,
                "\(path), for the figures, cannot be created or is not a folder: \(error.localizedDescription). Name another folder"
            )
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw StratagemError(
                .user, .cannotWrite,
                "\(path), for the figures, is a folder that may not be written to: \(String(cString: strerror(errno))). Name another folder, or correct its permissions"
            )
        }
    }
}
