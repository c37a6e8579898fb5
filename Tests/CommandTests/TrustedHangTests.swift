import Foundation
import Testing

/// What the user trusts runs in the program's own process, where nothing can be stopped: the
/// process ends, and says of whom it did not return.
@Suite struct TrustedHangTests {
    private static let answer = "out->kind = STG_NEXT_DONE; return STG_OK;"
    private static func hanging(_ attribute: String) -> CPlugin {
        CPlugin(next: answer, others: "__attribute__((\(attribute))) static void hang(void) { for (;;) sleep(1000); }")
    }

    /// It costs its ten seconds once, at whatever command is the first.
    @Test(arguments: [Self.hanging("constructor"), CPlugin(next: answer, entry: "for (;;) sleep(1000);")])
    func whatHangsInItsLoadingIsRemembered(_ plugin: CPlugin) throws {
        let command = try Command()
        defer { command.remove() }
        let path = try plugin.build(in: command, isTrusted: true)
        let first = try command.run("solve", "What is 2 + 2?", "--strategy", path)
        #expect(first.status == 1, "\(first.errors)")
        #expect(first.errors.contains("plugin: \(path) did not finish loading within 10.0 s"), "\(first.errors)")
        let second = try command.run("solve", "What is 2 + 2?", "--strategy", path)
        #expect(second.status == 2 && second.errors.contains("is not tried again until it changes"), "\(second.errors)")
        let list = try command.run("plugins", "--plugin-path", path)
        #expect(list.status == 0 && list.output.contains("is not tried again until it changes"), "\(list.output)")
    }

    /// The result is out by then, and the exit status is that of the work.
    @Test func whatHangsAtTheEndIsNotWaitedFor() throws {
        let command = try Command()
        defer { command.remove() }
        let path = try Self.hanging("destructor").build(in: command, isTrusted: true)
        let outcome = try command.run("solve", "What is 2 + 2?", "--strategy", path, "--budget", "4")
        #expect(outcome.status == 0 && outcome.output.contains("answer"), "\(outcome.errors)")
        #expect(try command.run("solve", "What is 2 + 2?", "--strategy", path, "--budget", "0").status == 2)
    }
}
