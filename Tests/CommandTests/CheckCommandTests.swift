import Foundation
import Testing

/// What an author sees of a plugin that is broken: one block a cause, and a way to stop there.
@Suite struct CheckCommandTests {
    private let command: Command
    init() throws { command = try Command() }

    /// best-of-n of the C kit with `fault` at the begin of its `next`, compiled.
    private func broken(_ fault: String, named name: String = "broken.so") throws -> String {
        let folder = command.path("project-\(UUID().uuidString)")
        #expect(try command.run("new", "my-search", "--lang", "c", folder).status == 0)
        let file = folder + "/my_search.c"
        let place = "    stg_status status;\n    out->kind = STG_NEXT_ASKS;\n"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains(place))
        try text.replacing(place, with: place + "    " + fault + "\n").write(
            toFile: file, atomically: true, encoding: .utf8)
        let built = try AuthorTests.shell(
            "cc -std=c99 -O0 -shared -fPIC -fvisibility=hidden my_search.c -o '\(command.path(name))'", in: folder,
            environment: [:])
        try #require(built.status == 0, "\(built.output)")
        return command.path(name)
    }

    /// A null pointer in `next` crashes every check that runs a search: one block, whose check is the plainest of them.
    @Test func oneCauseIsOneBlock() throws {
        defer { command.remove() }
        let plugin = try broken("if (tell->event == STG_EVENT_RESULTS) *(volatile int *)0 = 1;")
        let outcome = try command.run("check", plugin, "--level", "4")
        #expect(outcome.status == 1)
        let blocks = outcome.output.split(separator: "\n").filter {
            $0.hasPrefix("  crashed") || $0.hasPrefix("  failed") || $0.hasPrefix("  timed out")
        }
        #expect(blocks == ["  crashed    search-succeeds"], "\(outcome.output)")
        #expect(outcome.output.contains("the process died of SIGSEGV in next, through a NULL pointer"))
        let likewise = try #require(outcome.output.firstMatch(of: #/likewise  (\d+) more, of the same cause: /#))
        #expect(Int(likewise.1) ?? 0 > 20)
    }

    /// The check of the lowest level that fails is the last one that was begun, but for its neighbours in time.
    @Test func failFastStops() throws {
        defer { command.remove() }
        let plugin = try broken("if (tell->event == STG_EVENT_RESULTS) *(volatile int *)0 = 1;")
        let outcome = try command.run("check", plugin, "--fail-fast")
        #expect(outcome.status == 1)
        #expect(
            outcome.output.contains("SIGSEGV in next") && outcome.output.contains(" checks were not run (--fail-fast)"),
            "\(outcome.output)")
        let good = try command.run("check", try broken("(void)0;"), "--fail-fast", "--level", "3")
        #expect(good.status == 0 && !good.output.contains("not begun"), "\(good.output)")
    }

    /// A hang is one finding, whichever checks it holds up, those that only warn among them.
    @Test func aHangIsToldOnce() throws {
        defer { command.remove() }
        let plugin = try broken("if (tell->event == STG_EVENT_RESULTS) for (;;) { }")
        let outcome = try command.run("check", plugin, "--level", "3", "--timeout", "0.3")
        #expect(outcome.status == 1)
        let blocks = outcome.output.split(separator: "\n").filter {
            $0.hasPrefix("  timed out") || $0.hasPrefix("  warning") || $0.hasPrefix("  crashed")
        }
        #expect(blocks == ["  timed out  search-succeeds"], "\(outcome.output)")
    }

    @Test func theSentenceHasItsLastWord() throws {
        defer { command.remove() }
        let plugin = try broken(
            """
            if (tell->event == STG_EVENT_RESULTS && tell->told_count && stg_told_at(tell, 0)->node_count) {
                    self->ask.node = stg_told_at(tell, 0)->nodes[0];
                    out->asks = &self->ask;
                    out->ask_count = 1;
                    return STG_OK;
                }
            """)
        let outcome = try command.run("check", plugin, "--only", "ask-node-open")
        #expect(outcome.output.contains("which is finished (a budget of 8 generations)"), "\(outcome.output)")
    }

    /// A file that lies here, named without a slash.
    @Test func aFileIsNotAName() throws {
        defer { command.remove() }
        let plugin = try broken("(void)0;", named: "my-c.so")
        let folder = (plugin as NSString).deletingLastPathComponent
        let outcome = try AuthorTests.shell(
            "'\(Command.program)' solve --example 42 --strategy my-c.so", in: folder, environment: [:])
        #expect(
            outcome.status == 2 && outcome.output.contains("did you mean the file here? Then write \"./my-c.so\""),
            "\(outcome.output)")
    }
}
