import ArgumentParser
import Evaluation
import Foundation
import SearchCore
import StudyReport

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Draw the paper's figures from an eval store, and say which of its findings hold.",
        discussion: """
            One page without scripts or other files, light and dark. Every figure has a 95 % interval (a \
            bootstrap by problem) and the paper's own curve beside it. Figures that the store has no runs \
            for are left out, and the page says what they need. Drawn by gnuplot, which must be installed.

            Examples:
              stratagem report study.db -o report.html
              stratagem report study.db -o report.html --svg figures --markdown tables.md
              stratagem report study.db --pair pair.db -o report.html
              stratagem report study.db --json
            """)

    @Argument(help: ArgumentHelp("What stratagem eval --out wrote.", valueName: "store"), completion: .file())
    var store: String

    @Option(name: [.customShort("o"), .customLong("out")], help: ArgumentHelp("Write the page here.", valueName: "file"), completion: .file(extensions: ["html"]))
    var output: String?

    @Option(help: ArgumentHelp("Write every figure into this folder, as an SVG file.", valueName: "folder"), completion: .directory)
    var svg: String?

    @Option(help: ArgumentHelp("Write findings and tables here, as Markdown.", valueName: "file"), completion: .file(extensions: ["md"]))
    var markdown: String?

    @Option(help: ArgumentHelp("A store of a small model and a larger one (cells greedy:role=large), for the comparison at equal FLOPs, where the first has none.", valueName: "store"),
            completion: .file())
    var pair: String?

    @Flag(help: "Print everything that is drawn and found as JSON (docs/json.md).")
    var json = false

    mutating func run() throws {
        // Everything that could stop it, before the work.
        let gnuplot = output == nil && svg == nil ? nil : try Gnuplot.find()
        let page = try output.map { path throws(StratagemError) in try OutputFile(path, for: "the report") }
        var finished = false
        defer { if !finished { page?.discard() } }
        let tables = try markdown.map { path throws(StratagemError) in try OutputFile(path, for: "the tables") }
        defer { if !finished { tables?.discard() } }
        if let svg { try Self.makeFolder(svg) }
        let report = try Report(StudyData(store: store), pair: pair.map { path throws(StratagemError) in try StudyData(store: path) })
        if let gnuplot {
            let drawn = try ReportPage(report, by: gnuplot)
            if let svg { for file in drawn.svgs { try OutputFile("\(svg)/\(file.name)", for: "a figure").finish(file.text) } }
            try page?.finish(drawn.html)
        }
        try tables?.finish(report.markdown)
        finished = true
        if json { Output.line(report.json.pretty) } else { Output.text(report.text) }
        for warning in report.warnings { Output.warning(warning) }
    }

    private static func makeFolder(_ path: String) throws(StratagemError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StratagemError(.user, "cannot_write", "\(path), for the figures, cannot be made or is no folder: \(error.localizedDescription). Name another folder")
        }
    }
}
