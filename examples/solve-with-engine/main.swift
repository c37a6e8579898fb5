// A program that uses the Engine library: it solves one problem and prints the vote and the cost.
//
//     swift run -c release solve-with-engine "What is 12 * 7?" [BUNDLE]
import Engine
import Foundation
import SearchCore

func tell(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

guard CommandLine.arguments.count > 1 else {
    tell("usage: solve-with-engine PROBLEM [BUNDLE]")
    exit(2)
}
var options = EngineOptions()
options.bundle = CommandLine.arguments.dropFirst(2).first
options.log = { level, text in if level >= .warning { tell(text) } }

do {
    let engine = try Engine(options)
    let result = try await engine.solve(
        Problem(text: CommandLine.arguments[1]), strategy: "best-of-n", limits: Limits(generations: 16))
    if let error = result.error { throw error }
    print(result.answer ?? "no answer")
    for vote in result.votes { print("  \(vote.count) × \(vote.answer), weight \(vote.weight)") }
    print("  \(result.cost.tokens) tokens sampled")
} catch {
    tell("\(error)")
    exit(1)
}
