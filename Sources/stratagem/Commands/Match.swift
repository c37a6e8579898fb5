import ArgumentParser
import Engine
import Foundation
import LanguageModels
import ReferenceModels
import Reporting
import SearchCore
import SearchRuntime
import StrategyHost
import Studies

struct Match: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute the budgets at which a small model costs as much as a large one, training included.",
        discussion: """
            A large model costs more to train and to serve. This command prints how many generations per \
            answer a small model can use for the same total FLOPs: by the paper's formula (v1: 2 N per token; ICLR: \
            with the verifier), and by exact counts from the models' shapes. R is tokens served over tokens of training.

            Examples:
              stratagem match --small reference-pair
              stratagem match --small small.toml --large large.toml --ratio 0.16,22
              stratagem match --small small.toml --large large.toml --served 3e9 --trained 1e9 --json
            """)

    @Option(
        help: ArgumentHelp(
            "Bundle of the small model and its verifier; reference-pair is shipped.", valueName: "bundle"),
        completion: ShippedCompletions.bundle)
    var small: String

    @Option(
        help: ArgumentHelp(
            "Bundle whose policy is the large model. Default: the role 'large' in the small model's bundle.",
            valueName: "bundle"),
        completion: ShippedCompletions.bundle)
    var large: String?

    @Option(help: ArgumentHelp("R; separate several by commas. Default: the paper's 0.16,0.79,22.", valueName: "r,…"))
    var ratio: String?

    @Option(help: ArgumentHelp("Instead of --ratio: the number of tokens that you will serve.", valueName: "tokens"))
    var served: Double?

    @Option(help: ArgumentHelp("The number of tokens that both models were trained on.", valueName: "tokens"))
    var trained: Double?

    @Option(
        name: .customLong("prompt-tokens"), parsing: .unconditional,
        help: ArgumentHelp("Tokens per problem. Default: measured.", valueName: "n"))
    var promptTokens: Int?

    @Option(
        name: .customLong("answer-tokens"), parsing: .unconditional,
        help: ArgumentHelp("Tokens per answer. Default: measured.", valueName: "n"))
    var answerTokens: Int?

    @Option(
        help: ArgumentHelp(
            "Problems to measure on, the first 50; a file, or a shipped data set. Default: test.", valueName: "file"),
        completion: ShippedCompletions.data)
    var data: String?

    @Flag(help: "Print the result as JSON (docs/json.md).")
    var json = false

    @OptionGroup var plugins: PluginArguments

    mutating func validate() throws {
        guard (served == nil) == (trained == nil) else {
            throw ValidationError("Give --served and --trained together.")
        }
        guard served == nil || ratio == nil else {
            throw ValidationError("Give either --ratio, or --served and --trained.")
        }
        for (name, value) in [("--served", served), ("--trained", trained)] {
            guard let value else { continue }
            guard value.isFinite else { throw ValidationError("\(name) must be a finite number, found \(value).") }
            guard value > 0 else { throw ValidationError("\(name) must be above 0, found \(value).") }
        }
        for (name, tokens) in [("--prompt-tokens", promptTokens), ("--answer-tokens", answerTokens)] {
            guard let tokens, !(1...Self.tokensMost).contains(tokens) else { continue }
            throw ValidationError("\(name) must be from 1 to \(Self.tokensMost), found \(tokens).")
        }
    }

    /// More than any context holds; sums of them stay exact.
    private static let tokensMost = 1_000_000_000
    private static let ratioRange = 1e-6...1e6

    mutating func run() async throws {
        let ratios = try ratios()
        let registry = plugins.registry()
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let source = try ModelFiles.open(small, registry: registry)
        let other = try large.map { file throws(StratagemError) in try ModelFiles.open(file, registry: registry) }
        guard other != nil || source.modelRoles.contains("large") else {
            throw StratagemError(
                .user, .noModel, "\(small) has no model of the role large: give the large model's bundle with --large")
        }
        guard let smallShape = source.shapes["policy"],
            let largeShape = other.map({ $0.shapes["policy"] }) ?? source.shapes["large"]
        else {
            throw StratagemError(
                .user, .noShape,
                "FLOPs can only be matched if the shapes of both models are known, and a server does not report them: name both as gguf = \"FILE.gguf\""
            )
        }
        let largeName = other?.name ?? "\(source.name) (large)"
        guard largeShape.parameters > smallShape.parameters else {
            throw StratagemError(
                .user, .notLarger,
                "the large model, \(largeName), has \(Readable.count(largeShape.parameters)) parameters, and the small one, \(source.name), \(Readable.count(smallShape.parameters)): the large one must have more. \(other == nil ? "Name another large one with --large" : "Swap --small and --large?")"
            )
        }
        let (prompt, answer) = try await lengths(source, registry, progress)
        let readsAll = try source.makeModels().verifiers["prm"]?.looksAtEveryToken ?? false
        let exact = FLOPsMatch.Exact(
            small: smallShape, large: largeShape, verifier: source.shapes["prm"],
            verifierReadsAll: readsAll, prompt: prompt, answer: answer)
        let report = MatchReport(
            small: .init(name: source.name, parameters: smallShape.parameters),
            large: .init(name: largeName, parameters: largeShape.parameters),
            promptTokens: prompt, answerTokens: answer, exact: exact, ratios: ratios)
        progress.clear()
        if json { Output.json(report.json.pretty) } else { Output.text(report.text) }
    }

    private func ratios() throws(StratagemError) -> [Double] {
        if let served, let trained {
            let ratio = served / trained
            guard Self.ratioRange.contains(ratio) else {
                throw Self.bad("--served \(served) over --trained \(trained) is R = \(ratio)")
            }
            return [ratio]
        }
        guard let ratio else { return FLOPsMatch.ratios }
        let parts = ratio.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }.filter(Self.ratioRange.contains)
        guard numbers.count == parts.count else { throw Self.bad("--ratio \(ratio)") }
        return numbers
    }

    private static func bad(_ what: String) -> StratagemError {
        StratagemError(
            .user, .badRatio,
            "\(what): expected numbers from 0.000001 to 1000000, separated by commas, such as 0.16,0.79,22")
    }

    /// Tokens of a problem and of an answer, from greedy answers of the small model.
    private func lengths(_ source: any ModelSource, _ registry: PluginRegistry, _ progress: Progress) async throws -> (
        prompt: Int, answer: Int
    ) {
        if let promptTokens, let answerTokens { return (promptTokens, answerTokens) }
        let greedy = try registry.strategy(named: "greedy")
        let params = try greedy.check(parameters: [:])
        let set = try DataSet.read(file: ShippedFiles.path(data ?? "test", .data), limit: 50, needsAnswers: false)
        set.sayUnused()
        let problems = set.problems
        let runtime = try SearchRuntime(models: source, registry: registry)
        progress.runs(in: runtime)
        var total = Cost()
        await withTaskGroup(of: Cost.self) { group in
            for problem in problems {
                group.addTask {
                    await runtime.run(
                        RunRequest(
                            problems: [problem], strategy: greedy, params: params, limits: Limits(generations: 1)))[0]
                        .cost
                }
            }
            for await cost in group { total.add(cost) }
        }
        func mean(_ tokens: Int) -> Int { max(1, Int((Double(tokens) / Double(problems.count)).rounded())) }
        return (promptTokens ?? mean(total.promptTokens), answerTokens ?? mean(total.tokens))
    }
}
