import Foundation
import SearchCore
import StrategyHost
import Testing

/// What users type, and what other strategies give, against a real plugin's table.
@Suite struct ParameterCheckTests {
    private func strategy() throws -> LoadedStrategy {
        let folder = try Fixture.folder()
        try Fixture.install(in: folder)
        return try LoadingTests.registry(folder).strategy(named: "first")
    }

    @Test func defaultsAreFilledIn() throws {
        #expect(
            try strategy().check(parameters: [:]) == [
                "width": .int(4), "beam_width": .none, "temperature": .float(0.5), "fast": .bool(true),
                "selection": .text("naive"),
                "note": .text("a\nb"), "table": .none,
            ])
        #expect(try strategy().check(values: [:]) == strategy().check(parameters: [:]))
        #expect(try strategy().check(values: ["width": .none])["width"] == .int(4))
    }

    @Test(arguments: [
        ("width", "1", ParameterValue.int(1)), ("width", "64", .int(64)),
        ("beam_width", "9223372036854775807", .int(.max)),
        ("temperature", "0", .float(0)), ("temperature", "1e-3", .float(0.001)), ("temperature", "2", .float(2)),
        ("fast", "false", .bool(false)), ("fast", "yes", .bool(true)), ("fast", "off", .bool(false)),
        ("fast", "1", .bool(true)),
        ("selection", "weighted", .text("weighted")), ("note", "", .text("")), ("note", "é=,\n", .text("é=,\n")),
    ])
    func isTaken(name: String, text: String, value: ParameterValue) throws {
        #expect(try strategy().check(parameters: [name: text])[name] == value)
    }

    @Test(arguments: [
        ("width", "0", "is 0, less than 1. Allowed: a whole number from 1 to 64."),
        ("width", "65", "is 65, more than 64"),
        ("width", "1.5", "is \"1.5\", not a whole number"),
        ("width", "", "is \"\", not a whole number"),
        ("width", "ten", "is \"ten\", not a whole number"),
        ("width", "9223372036854775808", "not a whole number"),
        ("beam_width", "0", "Allowed: a whole number of at least 1."),
        ("temperature", "nan", "not a finite number"),
        ("temperature", "inf", "not a finite number"),
        ("temperature", "-0.1", "is -0.1, less than 0. Allowed: a number from 0 to 2."),
        ("temperature", "warm", "is \"warm\", not a number"),
        ("fast", "maybe", "Allowed: true or false."),
        ("selection", "wieghted", "is \"wieghted\" (did you mean \"weighted\"?). Allowed: weighted, naive."),
        ("selection", "", "Allowed: weighted, naive."),
    ])
    func isRefused(name: String, text: String, says: String) throws {
        let strategy = try strategy()
        let error = #expect(throws: StratagemError.self) { try strategy.check(parameters: [name: text]) }
        #expect(error?.origin == .user)
        #expect(error?.code == .badParameter)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("parameter \(name) of first ") == true)
    }

    @Test func anUnknownNameIsRefusedWithTheNearest() throws {
        let strategy = try strategy()
        let error = #expect(throws: StratagemError.self) { try strategy.check(parameters: ["wdith": "3"]) }
        #expect(error?.code == .unknownParameter)
        #expect(
            error?.message == "first has no parameter \"wdith\" (did you mean \"width\"?). "
                + "It has: width, beam_width, temperature, fast, selection, note, table.")
    }

    @Test func filesAreRead() throws {
        let path = try Fixture.folder().appendingPathComponent("table").path
        try Data([0, 255, 10]).write(to: URL(fileURLWithPath: path))
        #expect(try strategy().check(parameters: ["table": path])["table"] == .bytes([0, 255, 10]))
    }

    @Test(arguments: [
        ("/no/such/file", "does not exist"), ("/dev/zero", "is a device"), ("/", "is a directory"),
        ("", "does not exist"),
    ])
    func filesThatCannotBeRead(path: String, says: String) throws {
        let strategy = try strategy()
        let error = #expect(throws: StratagemError.self) { try strategy.check(parameters: ["table": path]) }
        #expect(error?.code == .unreadableFile)
        #expect(error?.message.contains(says) == true)
    }

    @Test func aFileThatIsTooLarge() throws {
        let path = try Fixture.folder().appendingPathComponent("large").path
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(truncate(path, (64 << 20) + 1) == 0)
        let strategy = try strategy()
        let error = #expect(throws: StratagemError.self) { try strategy.check(parameters: ["table": path]) }
        #expect(error?.message.contains("67108865 bytes; at most 67108864") == true)
    }

    @Test(arguments: [
        (["width": ParameterValue.float(3)], "is a number, not a whole number"), (["width": .int(0)], "less than 1"),
        (["temperature": .float(.nan)], "not a finite number"),
        (["fast": .int(1)], "is a whole number, not true or false"),
        (["selection": .text("x")], "Allowed: weighted, naive"),
        (["table": .text("/etc/passwd")], "is text, not a file"),
        (["depth": .int(1)], "has no parameter \"depth\""),
    ])
    func whatAnotherStrategyGivesIsCheckedToo(values: [String: ParameterValue], says: String) throws {
        let strategy = try strategy()
        let error = #expect(throws: StratagemError.self) { try strategy.check(values: values) }
        #expect(error?.origin == .plugin)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func aWholeNumberIsANumber() throws {
        #expect(try strategy().check(values: ["temperature": .int(1)])["temperature"] == .float(1))
    }
}
