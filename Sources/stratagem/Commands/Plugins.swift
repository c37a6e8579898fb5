import ArgumentParser
import Reporting
import SearchCore
import StrategyHost

struct Plugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List all strategies with their files and parameters, and why a plugin was refused.",
        discussion: """
            Examples:
              stratagem plugins
              stratagem plugins --plugin-path ./my-plugins
              stratagem plugins --json | jq '.[] | select(.status == "refused")'
            """)

    @Flag(help: "Print the list as JSON (docs/json.md).")
    var json = false

    @OptionGroup var plugins: PluginArguments

    mutating func run() throws {
        let registry = plugins.registry()
        let records = registry.records
        if json {
            Output.json(PluginsReport(records: records).json.pretty)
            return
        }
        guard !records.isEmpty else {
            Output.warning(
                "no plugins were found. Looked in: \(registry.folders.isEmpty ? "nothing" : registry.folders.joined(separator: ", ")). Name a folder by --plugin-path or STRATAGEM_PATH"
            )
            return
        }
        let style = Style.standardOutput
        Output.text(PluginsReport(records: records).text(bold: style.bold, dim: style.dim, warning: style.red))
        let missing = Confinement.available.missing
        if !missing.isEmpty {
            Output.warning(
                "plugins cannot be isolated completely: this system lacks \(missing.joined(separator: ", ")). --require-isolation refuses them"
            )
        }
    }
}
