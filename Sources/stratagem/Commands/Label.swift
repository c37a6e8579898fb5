import ArgumentParser
import Engine
import ReferenceModels
import Reporting
import SearchCore
import SearchRuntime
import StrategyHost
import Studies

struct Label: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make training data for a process verifier: solutions whose steps are labelled by roll-outs.",
        discussion: """
            Samples solutions of every problem, and from the end of each of their steps rolls out \
            further solutions; a step's label is the share of them that end in the right answer. \
            Equal prefixes are rolled out once. The same command continues a stopped run.

            Examples:
              stratagem label --data train.jsonl --out labels.jsonl
              stratagem label --data train.jsonl --out labels.jsonl --samples 4 --rollouts 8 --limit 1000
            """)

    @Option(
        help: ArgumentHelp(
            "Problems with answers, as for eval; or a shipped data set: test, dev or train.", valueName: "file"),
        completion: ShippedCompletions.data)
    var data: String

    @Option(
        help: ArgumentHelp(
            "Write JSON lines to this file, and continue it if it exists. Default: standard output.", valueName: "file"),
        completion: .file(extensions: ["jsonl"]))
    var out: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Solutions per problem.", valueName: "n"))
    var samples = 16

    @Option(parsing: .unconditional, help: ArgumentHelp("Roll-outs per step.", valueName: "n"))
    var rollouts = 16

    @Option(parsing: .unconditional, help: ArgumentHelp("Temperature of solutions and roll-outs.", valueName: "t"))
    var temperature = 0.8

    @Option(
        name: .customLong("max-tokens"), parsing: .unconditional,
        help: ArgumentHelp("Tokens of a solution or roll-out at most; 0: up to the end of the context.", valueName: "n")
    )
    var maxTokens = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("The same seed gives the same labels.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("Use only the first N problems.", valueName: "problems"))
    var limit: Int?

    @Flag(help: "Print a summary as JSON when done (needs --out; the labels are JSON lines anyway).")
    var json = false

    @OptionGroup var answers: AnswerArguments

    @OptionGroup var arguments: EngineArguments

    /// Problems at work at once: enough to fill decode calls.
    private static let window = 64

    mutating func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, found \(limit).") }
        guard (1...65536).contains(samples) else {
            throw ValidationError("--samples must be from 1 to 65536, found \(samples).")
        }
        guard (0...65536).contains(rollouts) else {
            throw ValidationError("--rollouts must be from 0 to 65536, found \(rollouts).")
        }
        guard (0...100).contains(temperature) else {
            throw ValidationError("--temperature must be from 0 to 100, found \(temperature).")
        }
        guard (0...(1 << 20)).contains(maxTokens) else {
            throw ValidationError("--max-tokens must be from 0 to \(1 << 20), found \(maxTokens).")
        }
        if json, out == nil {
            throw ValidationError("--json needs --out, or labels and summary would share standard output.")
        }
    }

    private struct Summary {
        var problems = 0
        var failed = 0
        var first: StratagemError?
        var cost = Cost()
    }

    mutating func run() async throws {
        let registry = arguments.plugins.registry()
        let set = try DataSet.read(file: ShippedFiles.path(data, .data), limit: limit)
        let progress = Progress()
        progress.follow()
        defer { progress.clear() }
        let engine = try arguments.open(registry: registry, answers: answers.choice(for: set))
        progress.runs(in: engine.runtime)
        set.sayReferences(engine)
        let settings = LabelReport.Settings(
            samples: samples, rollouts: rollouts, temperature: temperature, maxTokens: maxTokens, seed: seed,
            bundle: engine.models.name)
        var output = try LabelOutput(path: out, settings: settings, data: set)
        if output.done > 0 {
            Output.warning("\(output.done) of \(set.items.count) problems are labelled already; continuing")
        }
        let summary = await label(set, settings, engine, &output, progress)
        if let failure = output.failure {
            Output.error(failure)
            throw Finished(status: ExitStatus.failed)
        }
        finish(summary, total: set.items.count, done: output.done)
        if Interrupt.isRequested { throw Finished(status: ExitStatus.interrupted) }
        if summary.problems > 0, summary.failed == summary.problems { throw Finished(status: ExitStatus.failed) }
    }

    private func label(
        _ set: DataSet, _ settings: LabelReport.Settings, _ engine: Engine, _ output: inout LabelOutput,
        _ progress: Progress
    ) async -> Summary {
        var summary = Summary()
        let begin = ContinuousClock.now
        await withTaskGroup(of: (Int, LabeledProblem).self) { group in
            var next = output.done
            func start() {
                guard next < set.items.count, !Interrupt.isRequested else { return }
                let (item, runtime) = (next, engine.runtime)
                next += 1
                let request = LabelRequest(
                    problem: set.items[item].problem, samples: settings.samples, rollouts: settings.rollouts,
                    temperature: settings.temperature, maxTokens: settings.maxTokens, seed: settings.seed)
                group.addTask { (item, await runtime.label(request)) }
            }
            for _ in 0..<Self.window { start() }
            while let (item, labels) = await group.next() {
                // What was cut short is made again by the next run.
                if Interrupt.isRequested || output.failure != nil { continue }
                output.add(item, LabelReport(labels: labels, settings: settings).json.line)
                // A full disk takes no more: what is at work is of no use.
                if output.failure != nil { engine.cancelAll() }
                summary.problems += 1
                summary.cost.add(labels.cost)
                if let error = labels.error {
                    summary.failed += 1
                    summary.first = summary.first ?? error
                }
                progress.show(
                    Self.line(summary, of: set.items.count - output.done, (ContinuousClock.now - begin).seconds))
                start()
            }
        }
        progress.clear()
        return summary
    }

    private static func line(_ summary: Summary, of total: Int, _ seconds: Double) -> String {
        let share = Double(summary.problems) / Double(max(1, total))
        let left = share > 0 ? "\(Readable.seconds(seconds * (1 - share) / share)) left" : "–"
        let rate = seconds > 0 ? Double(summary.cost.tokens) / seconds : 0
        return
            "\(Progress.bar(share, width: 20)) \(summary.problems)/\(total)  \(left)  \(Readable.count(Int(rate))) tokens/s"
    }

    private func finish(_ summary: Summary, total: Int, done: Int) {
        if let error = summary.first {
            Output.warning("\(Readable.count(summary.failed, "problem")) could not be labelled. The first: \(error)")
        }
        if json {
            Output.json(
                JSON.object([
                    .init("problems", .int(done + summary.problems)), .init("new", .int(summary.problems)),
                    .init("failed", .int(summary.failed)),
                    .init("complete", .bool(done + summary.problems == total)), .init("cost", JSON(summary.cost)),
                ]).pretty)
        } else if out != nil {
            Output.note(
                "\(Readable.count(summary.problems, "problem")) labelled (\(Readable.count(done + summary.problems)) of \(Readable.count(total)) in all), \(Readable.count(summary.cost.tokens)) tokens, \(Readable.flops(summary.cost.flops))"
            )
        }
    }
}
