import ArgumentParser
import Engine
import Foundation
import Reporting
import SearchCore
import Studies

struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fit a policy table: the best strategy for each difficulty and budget.",
        discussion: """
            Reads eval stores. For every bin of difficulty and every budget it takes what the runs favour over \
            best-of-n at that budget; a bin's figures are first moved towards those of all bins, as far as \
            noise may have made them. Where nothing is favoured it is best-of-n. The difficulty is paid for by the \
            budget, as compute-optimal does. Accuracies are cross-validated inside each bin. Fit on many problems, \
            and on none that you will test on.

            Examples:
              stratagem fit dev.db -o policy.toml
              stratagem fit dev.db -o search.toml --strategy best-of-n --strategy beam-search --samples 8
              stratagem fit dev.db --kind oracle --json
              stratagem fit dev.db --rule smallest --standard-errors 2
            """)

    @Argument(help: ArgumentHelp("Eval stores, of the same models.", valueName: "store"), completion: .file())
    var stores: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the table to this file. Default: show the fit only.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "predicted (the verifier's mean final score) or oracle (the share of right samples).", valueName: "kind"))
    var kind: Difficulty.Kind = .predicted

    @Option(parsing: .unconditional, help: ArgumentHelp("Number of bins of equal size. Default: 5.", valueName: "n"))
    var bins: Int?

    @Option(
        help: ArgumentHelp(
            "Instead of bins of equal size: the lowest ease of each bin except the last.", valueName: "ease,…"))
    var thresholds: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Tell a problem's difficulty from its first so many samples, but from a quarter of the budget at most. Default: \
            16, or with --difficulty-free all of the store's.
            """, valueName: "n"))
    var samples: Int?

    @Flag(
        name: .customLong("difficulty-free"),
        help: "As the paper does: the budget does not pay for the samples that tell the difficulty.")
    var isDifficultyFree = false

    @Option(
        name: .customLong("strategy"),
        help: ArgumentHelp(
            "Choose only among these strategies; may be repeated. Default: all strategies in the stores.",
            valueName: "name"))
    var strategies: [String] = []

    @Option(
        name: .customLong("role"),
        help: ArgumentHelp(
            "Bind the table only to the weights of these roles; may be repeated. Default: all roles of the bundle.",
            valueName: "role"))
    var roles: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            favoured (the best, noise allowed for, and never below best-of-n) or smallest (the smallest that is within the \
            error of the best).
            """, valueName: "rule"))
    var rule: Rule = .favoured

    @Option(
        name: .customLong("standard-errors"), parsing: .unconditional,
        help: ArgumentHelp(
            "With --rule smallest: a larger choice must beat a smaller one by more than this number of standard errors. Default: 1.",
            valueName: "number"))
    var standardErrors: Double?

    @Flag(help: "Print the fit as JSON (docs/json.md).")
    var json = false

    @OptionGroup var plugins: PluginArguments

    enum Rule: String, CaseIterable, ExpressibleByArgument {
        case favoured, smallest
    }

    private var charge: PolicyCharge {
        isDifficultyFree || kind == .oracle ? .free : .paid(most: samples ?? PolicyCharge.usual)
    }

    mutating func validate() throws {
        guard !stores.isEmpty else { throw ValidationError("Name an eval store to fit from.") }
        try BinOptions.check(bins, thresholds)
        if let standardErrors {
            guard standardErrors.isFinite else {
                throw ValidationError("--standard-errors must be a finite number, found \(standardErrors).")
            }
            guard standardErrors >= 0 else {
                throw ValidationError("--standard-errors must be at least 0, found \(standardErrors).")
            }
            guard rule == .smallest else {
                throw ValidationError("--standard-errors is for --rule smallest; --rule \(rule.rawValue) has none.")
            }
        }
        if let samples, samples < 1 { throw ValidationError("--samples must be at least 1, found \(samples).") }
    }

    mutating func run() throws {
        let absolute = try thresholds.map { text throws(StratagemError) in try DifficultyBins(parsing: text) }
        let file = try output.map { path throws(StratagemError) in
            try OutputFile(path, for: "-o", notOver: OutputFile.files(ofStores: stores))
        }
        do {
            let reading = PolicyReading(
                registry: plugins.registry(), samples: samples, charge: charge, strategies: strategies)
            let read = try Progress.during("reading the stores") { () throws(StratagemError) in try reading.read(stores)
            }
            var source = read.source
            if let missing = roles.first(where: { source.models[$0] == nil }) {
                throw StratagemError(
                    .user, .noModel,
                    "--role \(missing): the stores' models are \(source.models.keys.sorted().joined(separator: ", "))")
            }
            if !roles.isEmpty { source.models = source.models.filter { roles.contains($0.key) } }
            let fit = try Progress.during("fitting") { () throws(StratagemError) in
                try PolicyFit(
                    read.study, by: kind, bins: absolute, binCount: bins ?? BinOptions.usual,
                    rule: rule == .favoured ? .favoured : .smallest(standardErrors: standardErrors ?? 1), charge: charge
                )
            }
            let report = FitReport(fit: fit)
            if json { Output.json(report.json.pretty) } else { Output.text(report.text) }
            try Finished.afterWork { () throws(StratagemError) in
                try file?.finish(PolicyTableText(fit: fit, source: source).text)
            }
        } catch let finished as Finished {
            throw finished
        } catch {
            file?.discard()
            throw error
        }
    }
}

extension Difficulty.Kind: ExpressibleByArgument {}
