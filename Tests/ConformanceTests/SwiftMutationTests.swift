import Conformance
import Foundation
import Locking
import Testing

/// Our Swift strategies with a line changed, compiled against the StrategyKit that the
/// build made: the kit notices every time.
@Suite struct SwiftMutationTests {
    typealias Mutation = MutationTests.Mutation

    static let mutations: [Mutation] = [
        .init(
            what: "asks again when it is told to stop", plugin: "greedy", from: "if tell.event == .start {",
            to: "if tell.event != .results {"),
        .init(
            what: "finds an answer and keeps it to itself", plugin: "greedy",
            from: "return .done(host.rank(harvest.finished, by: .majority))", to: "return .done([])"),
        .init(
            what: "traps where the model fails", plugin: "greedy", from: "throw StrategyError(\"the model failed",
            to: "fatalError(\"the model failed"),
        .init(
            what: "budget off by one, upwards", plugin: "best-of-n", from: ".sample(root, count: n, sampling)",
            to: ".sample(root, count: n + 1, sampling)"),
        .init(
            what: "budget off by one, downwards", plugin: "best-of-n", from: ".sample(root, count: n, sampling)",
            to: ".sample(root, count: max(1, n - 1), sampling)"),
        // Of a million values: two processes whose hashes happen to agree show nothing, and of N values one pair in N
        // does.
        .init(
            what: "lost seed: a hash of this process decides", plugin: "best-of-n",
            from: ".sample(root, count: n, sampling)",
            to:
                ".sample(root, count: n, Sampling(temperature: 0.8, maxTokens: 1000 + Int(\"seed\".hashValue.magnitude % 1_000_003)))"
        ),
        .init(
            what: "scores the prompt too", plugin: "best-of-n", from: ".score(votes, role: verifier)",
            to: ".score(votes + [root], role: verifier)"),
        .init(
            what: "saves all answers but one", plugin: "best-of-n", from: "state.write(answers)",
            to: "state.write(Array(answers.dropLast()))"),
        .init(
            what: "asks a verifier that it does not declare", plugin: "best-of-n",
            from: ".score(votes, role: verifier)",
            to: ".score(votes, role: \"orm\")"),
        .init(
            what: "reads a node's text after return", plugin: "best-of-n",
            from: "    mutating func next(_ tell: Tell) throws -> Next {\n",
            to: """
                    private var kept: Text?
                    mutating func next(_ tell: Tell) throws -> Next {
                        if let first = kept?.bytes.first, first == 0 { return .done([]) }
                        kept = tell.event == .results ? host.harvest(tell, distinct: false).finished.first.flatMap { host.node($0)?.text } : nil

                """),
        .init(
            what: "continues what is finished", plugin: "beam-search", from: "let new = living + steps.finished",
            to: "living += steps.finished\n        let new = living"),
        .init(
            what: "a sample more than the budget", plugin: "beam-search", from: "n: setup.generations()",
            to: "n: setup.generations() + 1"),
        .init(
            what: "forgets its steps when it is saved", plugin: "beam-search", from: "state.write(living)",
            to: "state.write([NodeID]())"),
        .init(
            what: "takes one tag for the next", plugin: "lookahead", from: "living[index].end = end",
            to: "living[index + 1].end = end"),
        .init(
            what: "goes on from the roll-out's end", plugin: "lookahead", from: "sample(from: living.map(\\.step))",
            to: "sample(from: living.map(\\.end))"),
        .init(
            what: "forgets what roll-outs cost", plugin: "lookahead", from: "generations / (k + 1)", to: "generations"),
    ]

    @Test(arguments: mutations) func isFound(_ mutation: Mutation) throws {
        let folder = BrokenPlugin.plugins.appendingPathComponent(mutation.plugin)
        let scratch = BrokenPlugin.scratch.appendingPathComponent("swift-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        var hasChanged = false
        var sources: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).filter({ $0.hasSuffix(".swift") })
            .sorted()
        {
            var text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            if let place = text.range(of: mutation.from) {
                text.replaceSubrange(place, with: mutation.to)
                hasChanged = true
            }
            sources.append(scratch.appendingPathComponent(file).path)
            try text.write(toFile: sources[sources.count - 1], atomically: true, encoding: .utf8)
        }
        try #require(hasChanged, "\(mutation.plugin) has changed: '\(mutation.from)' is nowhere in it")
        let library = scratch.appendingPathComponent("mutant.so").path
        try Self.compile(sources, to: library)
        // What the kit says of the plugin as it is does not count.
        let before = Set(Self.before(mutation.plugin))
        let found = BrokenPlugin.check(library, level: 7).filter(\.isBad).map(\.check.name).filter {
            !before.contains($0)
        }
        print("  \(mutation.testDescription) → \(found.joined(separator: ", "))")
        #expect(!found.isEmpty, "nothing found it")
    }

    private static let known = Locked<[String: [String]]>([:])

    private static func before(_ plugin: String) -> [String] {
        known.withLock { known in
            if let found = known[plugin] { return found }
            let built = URL(fileURLWithPath: BrokenPlugin.program).deletingLastPathComponent().appendingPathComponent(
                "libstg-\(plugin).so"
            ).path
            let found = BrokenPlugin.check(built, level: 7).filter(\.isBad).map(\.check.name)
            known[plugin] = found
            return found
        }
    }

    /// As Package.swift links a plugin of ours.
    private static func compile(_ sources: [String], to library: String) throws {
        let build = URL(fileURLWithPath: BrokenPlugin.program).deletingLastPathComponent()
        let kit = build.appendingPathComponent("StrategyKit.build").path
        let objects = try FileManager.default.contentsOfDirectory(atPath: kit).filter { $0.hasSuffix(".o") }.map {
            "\(kit)/\($0)"
        }
        try BrokenPlugin.run(
            [
                "swiftc", "-O", "-wmo", "-swift-version", "6", "-parse-as-library", "-module-name", "mutant",
                "-emit-library", "-o", library,
                "-I", build.appendingPathComponent("Modules").path, "-I", BrokenPlugin.include, "-use-ld=lld",
                "-Xlinker", "--version-script=\(BrokenPlugin.plugins.path)/plugin.version", "-Xlinker", "-z",
                "-Xlinker", "nodelete",
            ]
                + sources + objects)
    }
}
