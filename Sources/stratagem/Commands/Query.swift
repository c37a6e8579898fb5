import ArgumentParser
import Reporting
import SearchCore
import Studies

struct Query: ParsableCommand {
    enum Table: String, ExpressibleByArgument, CaseIterable { case study, cells, problems, failures }

    static let configuration = CommandConfiguration(
        abstract: "Print the contents of an eval store.",
        discussion: """
            study: data, models, plugins, progress. cells: accuracy and cost of every strategy at every budget. \
            problems: how many cells solved each problem. failures: every run that failed.

            Tables fit into 100 columns, or into the terminal: what is cut there is whole in --json and --csv. \
            A store is an SQLite file; docs/store.md describes its tables for your own SQL.

            Examples:
              stratagem query quick.db
              stratagem query quick.db study
              stratagem query quick.db cells --strategy beam-search --json
              stratagem query quick.db cells --csv
              stratagem query quick.db --sql 'SELECT problem, count(*) FROM runs WHERE correct GROUP BY problem'
            """)

    @Argument(
        help: ArgumentHelp("A store that `stratagem eval --out` wrote.", valueName: "store"),
        completion: .file(extensions: ["db"]))
    var store: String

    @Argument(help: "study, cells, problems or failures.")
    var table = Table.cells

    @Option(help: ArgumentHelp("Only cells of this strategy.", valueName: "name"))
    var strategy: String?

    @Option(help: ArgumentHelp("Your own SQL: one statement, which may only read.", valueName: "statement"))
    var sql: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print CSV.")
    var csv = false

    mutating func validate() throws {
        if json, csv { throw ValidationError("--json and --csv exclude each other.") }
    }

    mutating func run() throws {
        let opened = try EvalStore.reading(store)
        let shown: (text: String, json: JSON)
        if let sql {
            let (columns, rows) = try Progress.during("reading the store") { () throws(StratagemError) in
                try opened.rows(sql: sql)
            }
            shown = StoreReport.table(columns: columns, rows: rows, width: Terminal.tableWidth)
        } else {
            var report = try Progress.during("reading the store") { () throws(StratagemError) in
                try StoreReport(opened, strategy: strategy)
            }
            report.width = Terminal.tableWidth
            shown =
                switch table {
                case .study: report.identity
                case .cells: report.cells
                case .problems: report.problems
                case .failures: report.failures
                }
        }
        if json {
            Output.json(shown.json.pretty)
        } else {
            Output.text(csv ? CSVText.text(shown.json) : shown.text)
        }
    }
}
