import Engine
import Foundation
import Locking
import Reporting
import SearchCore
import SearchRuntime
import StrategyHost
import Studies

/// `solve - --watch-plugins`: one problem per line, each solved when it comes, by the
/// strategy as it is then.
struct SolveLoop {
    var name: String
    var typed: [String: String]
    var seed: UInt64
    var json: Bool

    /// Continues to the end of standard input, or until it is interrupted.
    func run(_ first: LoadedStrategy, _ params: [String: ParameterValue], _ limits: Limits, _ engine: Engine)
        async throws
    {
        let watch = PluginWatch(engine.registry, log: Output.log)
        defer { watch.stop() }
        // Whoever waits for a line does not see that it was interrupted.
        let isWaiting = Locked<Bool>(true)
        Interrupt.onRequest { if isWaiting.withLock({ $0 }) { exit(ExitStatus.interrupted) } }
        var (strategy, checked) = (first, params)
        var number = 0
        while !Interrupt.isRequested, let line = readLine() {
            isWaiting.withLock { $0 = false }
            defer { isWaiting.withLock { $0 = true } }
            number += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            let set: DataSet
            do throws(StratagemError) { set = try Self.problem(line, number) } catch {
                report(error)
                continue
            }
            let problem = set.items[0].problem
            if problem.answer == nil { set.sayUnused() } else { set.sayReferences(engine) }
            (strategy, checked) = watch.current(strategy, named: name, typed, checked)
            let request = RunRequest(
                problems: [problem], strategy: strategy, params: checked, limits: limits, seed: seed)
            guard let result = await engine.runtime.run(request).first else { continue }
            let isCorrect = result.error == nil ? engine.grader.isCorrect(result.answer, of: problem) : nil
            let found = SolveReport(result: result, strategy: strategy.info.name, isCorrect: isCorrect)
            if json { Output.json(found.json.line) } else { Output.text(found.text { $0 }) }
            if let error = result.error { Output.error(error) }
        }
        if Interrupt.isRequested { throw Finished(status: ExitStatus.interrupted) }
    }

    /// Plain text, or an object as in a data set.
    private static func problem(_ line: String, _ number: Int) throws(StratagemError) -> DataSet {
        let source = "standard input, line \(number)"
        if line.hasPrefix("{") { return try DataSet.parse(Data(line.utf8), file: source, needsAnswers: false) }
        return DataSet(
            file: source,
            items: [.init(problem: Problem(text: try ProblemText.check(line.utf8, source: source)), line: number)])
    }

    /// A line that is not a problem ends nothing: the next may be one.
    private func report(_ error: StratagemError) {
        if json { Output.json(JSON.object([.init("answer", .null), .init("error", JSON(error))]).line) }
        Output.error(error)
    }
}
