@testable import Conformance
import Foundation
import SearchCore
import StrategyHost
import Testing

/// Defects that the kit did not find once, beside the one that each check is proven by: what finds them now, of all
/// that `stratagem check` runs if nobody gives a level. One after the other: several build the same file.
@Suite(.serialized) struct MissedDefectTests {
    struct Missed: CustomTestStringConvertible, Sendable {
        var defect: String
        var check: String
        init(_ defect: String, _ check: String) { (self.defect, self.check) = (defect, check) }
        var testDescription: String { "\(defect) → \(check)" }
    }

    static let missed: [Missed] = [
        Missed("param-file-past-end", "bounds-param-text"),
        Missed("param-choice-past-end", "bounds-param-text"),
        Missed("param-file-kept", "kept-param-text"),
        Missed("param-choice-kept", "kept-param-text"),
        Missed("samples-finished-after-fault", "fault-model-halfway"),
        Missed("verifier-is-error", "fault-verifier-halfway"),
        Missed("step-scores-past-capacity", "steps-many"),
        Missed("step-scores-past-block", "heap-bounds"),
        Missed("heap-written-behind", "heap-bounds"),
        Missed("heap-used-after-free", "heap-bounds"),
        Missed("heap-unwritten", "heap-bounds"),
        Missed("save-in-thread", "save-stays"),
        Missed("ties-by-id", "node-ids-opaque"),
        Missed("threads-collector", "threads-parallel"),
        Missed("threads-heap", "threads-parallel"),
        Missed("asks-in-tell", "kept-tell"),
        Missed("step-scores-few", "steps-many"),
        Missed("batch-problem-stride", "larger-structs"),
        Missed("asks-after-budget-over", "search-ends"),
        Missed("saved-host", "save-restore"),
        Missed("threads-detached", "threads-joined"),
        Missed("environment-own-name", "repeat-other-environment"),
        Missed("weights-unwritten", "heap-bounds"),
        Missed("equal-neighbours", "function-equivalence"),
        Missed("form-once", "function-canonical"),
        Missed("verify-negative", "function-range"),
        Missed("filter-of-parameter", "param-maximum-taken"),
        Missed("budget-in-32-bits", "budget-unlimited"),
        Missed("run-each-other", "run-not-itself"),
        Missed("extension-late", "extensions-offered"),
        Missed("roles-changed", "block-constant"),
        Missed("over-forgets", "stop-best-so-far"),
        Missed("fallback-reserved", "param-flags"),
        Missed("function-reserved", "function-sizes"),
        Missed("time-of-day", "repeat-other-time"),
        Missed("budget-in-32-bits", "budget-huge"),
        Missed("answers-by-prefix", "votes-by-answer"),
        Missed("answers-as-numbers", "votes-by-answer"),
        Missed("answers-in-any-case", "votes-by-answer"),
        Missed("no-probabilities-by-choice", "choices-troubled"),
        Missed("scores-all-zero", "scores-extreme"),
        Missed("cut-is-error", "fault-truncated"),
        Missed("params-in-static", "instances-interleaved"),
        Missed("log-cut", "messages-any-text"),
        Missed("flops-as-int", "budget-joint"),
        Missed("extension-with-nul", "extensions-offered"),
        Missed("sorts-by-static", "threads-parallel"),
        Missed("save-freed", "heap-bounds"),
        Missed("unless-nothing", "strategy-roles"),
        Missed("unless-asked", "role-missing"),
        Missed("required-weights", "answer-weights"),
        Missed("locale-of-environment", "load-locale"),
        Missed("step-scores-by-choice", "steps-many"),
        Missed("figures-not-found", "stack-unwritten"),
        Missed("extension-by-strcmp", "extension-id-bounds"),
        Missed("extension-by-start", "extension-unknown"),
        Missed("equal-as-doubles", "function-canonical"),
        Missed("asks-in-tell-by-choice", "kept-tell"),
        Missed("seconds-near-limit", "repeat-other-clock"),
        Missed("answer-of-word", "function-answer-kept"),
        Missed("answer-kept-long", "function-answer-kept"),
        Missed("verifier-as-model", "roles-declared"),
        Missed("model-as-verifier", "roles-declared"),
        Missed("revise-other-problem", "batch-asks"),
        Missed("capabilities-whole", "extensions-offered"),
    ]

    @Test(arguments: missed) func isFoundNow(_ missed: Missed) throws {
        let check = try #require(CheckTable.named(missed.check))
        #expect(check.level <= CheckTable.defaultLevel)
        let file = try BrokenPlugin.build(missed.defect)
        func once() throws -> CheckResult {
            try #require(BrokenPlugin.check(file, level: CheckTable.defaultLevel, only: [missed.check]).first)
        }
        var found = try once()
        // Whether two threads meet is a matter of chance, and less likely on a busy machine.
        for _ in 0..<3 where check.group == .threads && !found.isFailure { found = try once() }
        #expect(found.isFailure, "\(found.status.rawValue) \(found.finding?.happened ?? "")")
    }

    /// A parameter that must be given is given something, and something else where that is refused.
    @Test func whatMustBeGivenIsGiven() throws {
        let results = BrokenPlugin.check(try BrokenPlugin.build("required-right"), level: 7)
        let bad = results.filter(\.isBad)
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
        #expect(results.filter { $0.status == .passed }.count > 180)
    }

    @Test func whatCannotBeGuessedIsSaid() throws {
        let found = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("param-required"), level: 7, only: ["param-required"]).first)
        #expect(found.status == .warning)
        #expect(found.finding?.happened.contains("--param note=") == true)
        #expect(found.finding?.subject == "little-beam")
    }

    /// With a role that it needs unless one choice is made, a strategy asks for it without a look.
    @Test func aRoleThatIsNeededByTheChoiceIsThere() throws {
        let bad = BrokenPlugin.check(try BrokenPlugin.build("unless-right"), level: 10).filter(\.isBad)
        #expect(bad.isEmpty, "\(bad.flatMap(TextReport.lines).joined(separator: "\n"))")
    }

    /// What breaks ties by a node's id does so with any seed that the user gives.
    @Test(arguments: [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] as [UInt64]) func tiesAreFoundWithAnySeed(_ seed: UInt64)
        throws
    {
        let found = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("ties-by-id"), level: 7, only: ["node-ids-opaque"]) {
                $0.seed = seed
            }.first)
        #expect(found.status == .failed)
        #expect(found.finding?.happened.contains("the ranking of DONE in turn") == true)
    }

    @Test func theTraceOfATieShowsIt() throws {
        let folder = BrokenPlugin.scratch.appendingPathComponent("ties").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let plugin = try BrokenPlugin.build("ties-by-id")
        let found = try #require(
            BrokenPlugin.check(plugin, level: 7, only: ["node-ids-opaque"]) { $0.exportFolder = folder }.first)
        let contents = try TraceFile.read(try #require(found.trace))
        let strategy = try PluginRegistry(folders: [], cacheFolder: BrokenPlugin.scratch.path).strategy(named: plugin)
        guard case .differs(let difference) = try Replayer(contents.trace, strategy).run() else {
            Issue.record("it replays as equal")
            return
        }
        #expect(difference.field == "answer.node")
    }

    /// A process that its plugin ends without memory, in an orderly way, is not held against the plugin; a fault is.
    @Test func anAbortWithoutMemoryIsAWarning() throws {
        let found = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("memory-aborts"), level: 9, only: ["memory-refused"]).first)
        #expect(found.status == .warning)
        #expect(found.finding?.happened.contains("runtimes end the process") == true)
    }

    /// What a runtime does when it is loaded its authors cannot help; what stg_plugin_entry does they can.
    @Test(arguments: [("threads-at-load", "load-threads"), ("signals-at-load", "load-signals")])
    func whatARuntimeDoesAtLoadIsAWarning(_ defect: String, _ check: String) throws {
        let found = try #require(BrokenPlugin.check(try BrokenPlugin.build(defect), level: 7, only: [check]).first)
        #expect(found.status == .warning)
    }

    @Test func aThreadOfARuntimeIsAWarning() throws {
        let found = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("threads-of-runtime"), level: 7, only: ["threads-joined"]).first)
        #expect(found.status == .warning)
        #expect(found.finding?.happened.contains("those of a runtime") == true)
    }

    /// What a runtime's threads wake each other by is no file of anybody's.
    @Test func aPipeOfARuntimeIsAWarning() throws {
        let found = try #require(
            BrokenPlugin.check(try BrokenPlugin.build("load-pipe"), level: 3, only: ["load-files"]).first)
        #expect(found.status == .warning, "\(found.status) \(found.finding?.happened ?? "")")
    }

    @Test func aLanguagesLibraryIsAWarning() throws {
        let library = BrokenPlugin.scratch.appendingPathComponent("libgfortran.so.5").path
        let source = BrokenPlugin.scratch.appendingPathComponent("runtime.c").path
        try "int runtime_start(void) { return 1; }".write(toFile: source, atomically: true, encoding: .utf8)
        try BrokenPlugin.compile(source, to: library, ["-fvisibility=default", "-Wl,-soname,libgfortran.so.5"])
        let plugin = BrokenPlugin.scratch.appendingPathComponent("needs-runtime.so").path
        try BrokenPlugin.compile(
            BrokenPlugin.here.appendingPathComponent("Broken/broken.c").path, to: plugin,
            ["-Wl,--no-as-needed", "-Wl,\(library)"])
        let found = try #require(BrokenPlugin.check(plugin, level: 2, only: ["library-needs"]).first)
        #expect(found.status == .warning, "\(found.status) \(found.finding?.happened ?? "")")
        #expect(found.finding?.happened.contains("run-time library") == true)
    }
}
