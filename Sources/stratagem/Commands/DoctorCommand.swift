import ArgumentParser
import Reporting
import SearchCore

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is installed, what works, and how to fix what does not.",
        discussion: """
            Looks at the program, its worker, plugins and models, at the processor, the cores and the memory that this process may \
            really use, at what the kernel offers to isolate plugins, and at every model and server of the bundle that is named. \
            Each problem comes with a command that mends it. Nothing is changed. \
            Exit status: 0 all is well; 1 there is a problem; 2 refused (usage).

            Examples:
              stratagem doctor
              stratagem doctor --bundle reference-pair --budget 64
              stratagem doctor --endpoint http://localhost:8080/v1
              stratagem doctor --json
            """)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Solutions that are sampled at once: how much memory they need.", valueName: "n"))
    var budget = 16

    @Flag(help: "Print what was found as JSON (docs/json.md).")
    var json = false

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        if !(1...1 << 20).contains(budget) {
            throw ValidationError("--budget must be from 1 to 1048576, found \(budget).")
        }
    }

    mutating func run() throws {
        let progress = Progress()
        progress.follow("looking")
        defer { progress.clear() }
        // What plugins and backends log is in what they are asked here.
        let registry = arguments.plugins.registry(log: { _, _ in })
        let models = DoctorModels(arguments, registry: registry, solutions: budget)
        let checks =
            DoctorInstallation.checks()
            + DoctorPlugins(registry, requiresIsolation: arguments.plugins.requireIsolation).checks()
            + DoctorMachine.checks() + models.checks()
        progress.clear()
        let report = DoctorReport(version: Version.text, checks: checks)
        if json {
            Output.json(report.json.pretty)
        } else {
            let style = Style.standardOutput
            Output.text(report.text(width: Terminal.textWidth) { style.red($0) })
        }
        if report.problems > 0 { throw Finished(status: ExitStatus.failed) }
    }
}
