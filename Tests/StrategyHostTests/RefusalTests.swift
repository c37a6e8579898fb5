import Foundation
import SearchCore
import StrategyHost
import Testing

/// Plugins whose block is wrong in one way each, built for real.
@Suite struct RefusalTests {
    struct Broken: CustomTestStringConvertible, Sendable {
        var what: String
        var macros: [String]
        /// Parts of the reason that a user needs.
        var says: [String]
        var testDescription: String { what }
    }

    private static func text(_ name: String, _ value: String) -> String { Fixture.text(name, value) }
    private static func params(_ rows: String) -> [String] { ["PARAMS=\(rows)"] }
    private static func function(_ row: String) -> [String] { ["EXTRA_FUNCTION=\(row)"] }

    static let blocks: [Broken] = [
        .init(what: "no entry", macros: ["NO_ENTRY"], says: ["exports no function stg_plugin_entry", "STG_EXPORT"]),
        .init(what: "a hidden entry", macros: ["HIDDEN_ENTRY"], says: ["exports no function stg_plugin_entry"]),
        .init(what: "an entry that returns NULL", macros: ["NULL_ENTRY"], says: ["returned NULL"]),
        .init(
            what: "a missing library", macros: ["UNRESOLVED"], says: ["cannot be loaded", "function_that_nobody_has"]),
        .init(what: "another major version", macros: ["ABI_MAJOR=2"], says: ["ABI 2.1", "has 1.1", "Rebuild"]),
        .init(what: "major version 0", macros: ["ABI_MAJOR=0"], says: ["ABI 0.1"]),
        .init(what: "bad magic", macros: ["MAGIC=42"], says: ["magic number 0x2a", "0x314741545254530a"]),
        .init(
            what: "a short plugin struct", macros: ["PLUGIN_SIZE=80"], says: ["stg_plugin has 80 bytes", "it has 88"]),
        .init(what: "an absurd plugin struct", macros: ["PLUGIN_SIZE=0xFFFFFFFFu"], says: ["4294967295 bytes"]),
        .init(
            what: "a short strategy struct", macros: ["STRATEGY_SIZE=8"],
            says: ["stg_strategy has 8 bytes", "it has 128"]),
        .init(what: "offers nothing", macros: ["EMPTY"], says: ["offers no strategy and no function"]),
        .init(what: "strategies at NULL", macros: ["STRATEGIES_MISSING"], says: ["1 strategies, but NULL"]),
        .init(what: "a strategy that is NULL", macros: ["STRATEGY_NULL"], says: ["NULL as its strategy number 0"]),
        .init(
            what: "a plugin name with capitals", macros: [text("PLUGIN_NAME", "Fixture")],
            says: ["\"Fixture\"", "[a-z0-9-]+"]),
        .init(what: "an empty plugin name", macros: [text("PLUGIN_NAME", "")], says: ["(empty)"]),
        .init(what: "an odd plugin version", macros: [text("PLUGIN_VERSION", "1.0")], says: ["\"1.0\"", "1.0.0"]),
    ]

    static let strategies: [Broken] = [
        .init(
            what: "a strategy name with a space", macros: [text("STRATEGY_NAME", "a b")],
            says: ["\"a b\"", "[a-z0-9-]+"]),
        .init(
            what: "an id without a dot", macros: [text("STRATEGY_ID", "first")],
            says: ["\"first\"", "org.example.beam"]),
        .init(what: "an id with an empty part", macros: [text("STRATEGY_ID", "org..first")], says: ["\"org..first\""]),
        .init(what: "an odd strategy version", macros: [text("STRATEGY_VERSION", "one")], says: ["\"one\""]),
        .init(what: "a summary of two lines", macros: [text("SUMMARY", "a\\nb")], says: ["summary", "one line"]),
        .init(
            what: "a summary with an escape code", macros: [text("SUMMARY", "\\033[2J")],
            says: ["summary", "\\u{1b}[2J"]),
        .init(
            what: "a summary that is not UTF-8", macros: [text("SUMMARY", "\\xff\\xfe")], says: ["summary", "UTF-8"]),
        .init(what: "unknown flags", macros: ["FLAGS=6"], says: ["flags (0x6)"]),
        .init(what: "no create", macros: ["CREATE=NULL"], says: ["NULL for create"]),
        .init(what: "no next", macros: ["NEXT=NULL"], says: ["NULL for next"]),
        .init(what: "no destroy", macros: ["DESTROY=NULL"], says: ["NULL for destroy"]),
        .init(what: "save without restore", macros: ["SAVE=save"], says: ["has save but not restore"]),
        .init(what: "restore without save", macros: ["RESTORE=restore"], says: ["has restore but not save"]),
        .init(
            what: "one name twice", macros: [text("SECOND_NAME", "first"), text("SECOND_ID", "org.example.b")],
            says: ["must differ"]),
        .init(
            what: "one id twice", macros: [text("SECOND_NAME", "b"), text("SECOND_ID", "org.example.first")],
            says: ["must differ"]),
    ]

    static let tables: [Broken] = [
        .init(what: "parameters at NULL", macros: ["PARAMS_MISSING"], says: ["3 parameters, but NULL"]),
        .init(what: "2⁶⁴ parameters", macros: ["PARAMS_MANY"], says: ["18446744073709551615 parameters"]),
        .init(
            what: "an id with a capital",
            macros: params(#"PARAM("Width", STG_PARAM_INT, INT(1), 0, 2, NULL, 0)"#),
            says: ["\"Width\"", "[a-z][a-z0-9_]*"]),
        .init(
            what: "an id twice",
            macros: params(
                #"PARAM("n", STG_PARAM_INT, INT(1), 0, 2, NULL, 0), PARAM("n", STG_PARAM_BOOL, BOOL(1), 0, 2, NULL, 0)"#
            ),
            says: ["two parameters \"n\""]),
        .init(what: "an unknown kind", macros: params(#"PARAM("n", 7, INT(1), 0, 2, NULL, 0)"#), says: ["kind 7"]),
        .init(
            what: "a default above the range",
            macros: params(#"PARAM("n", STG_PARAM_INT, INT(5), 0, 2, NULL, 0)"#), says: ["\"n\"", "is 5, more than 2"]),
        .init(
            what: "a default below the range",
            macros: params(#"PARAM("t", STG_PARAM_FLOAT, FLOAT(-0.5), 0, 2, NULL, 0)"#), says: ["is -0.5, less than 0"]),
        .init(
            what: "a default that is not a number",
            macros: params(#"PARAM("t", STG_PARAM_FLOAT, FLOAT(__builtin_nan("")), 0, 2, NULL, 0)"#),
            says: ["not a finite number"]),
        .init(
            what: "a default of another kind",
            macros: params(#"PARAM("n", STG_PARAM_INT, WORD("x"), 0, 2, NULL, 0)"#),
            says: ["is text, not a whole number"]),
        .init(
            what: "a default of no kind",
            macros: params(
                #"{sizeof(stg_param), STG_PARAM_INT, TEXT("n"), TEXT(""), {9, 0, 0, 0, {NULL, 0}}, TEXT(""), 0, 1, NULL, 0}"#
            ),
            says: ["default of the kind 9"]),
        .init(
            what: "a truth value of 2",
            macros: params(#"PARAM("b", STG_PARAM_BOOL, BOOL(2), 0, 0, NULL, 0)"#),
            says: ["default 2 for a truth value"]),
        .init(
            what: "a range that holds nothing",
            macros: params(#"PARAM("n", STG_PARAM_INT, NOTHING, 2, 1, NULL, 0)"#), says: ["range 2.0 to 1.0"]),
        .init(
            what: "a range of no numbers",
            macros: params(#"PARAM("n", STG_PARAM_INT, NOTHING, __builtin_nan(""), 1, NULL, 0)"#), says: ["range nan"]),
        .init(
            what: "a choice without choices",
            macros: params(#"PARAM("c", STG_PARAM_CHOICE, NOTHING, 0, 0, choices, 0)"#),
            says: ["a choice without choices"]),
        .init(
            what: "choices at NULL",
            macros: params(#"PARAM("c", STG_PARAM_CHOICE, NOTHING, 0, 0, NULL, 2)"#), says: ["a choice without choices"]
        ),
        .init(
            what: "a choice twice",
            macros: params(#"PARAM("c", STG_PARAM_CHOICE, NOTHING, 0, 0, twice, 2)"#), says: ["\"weighted\" twice"]),
        .init(
            what: "a default that is no choice",
            macros: params(#"PARAM("c", STG_PARAM_CHOICE, WORD("niave"), 0, 0, choices, 2)"#),
            says: ["did you mean \"naive\"?"]),
        .init(
            what: "rows of two sizes",
            macros: params(
                #"PARAM("a", STG_PARAM_BOOL, NOTHING, 0, 0, NULL, 0), {8, STG_PARAM_BOOL, TEXT("b"), TEXT(""), NOTHING, TEXT(""), 0, 0, NULL, 0}"#
            ),
            says: ["of 136 and of 8 bytes"]),
        .init(
            what: "a short row",
            macros: params(#"{8, STG_PARAM_BOOL, TEXT("b"), TEXT(""), NOTHING, TEXT(""), 0, 0, NULL, 0}"#),
            says: ["stg_param has 8 bytes"]),
    ]

    static let needs: [Broken] = [
        .init(
            what: "a flag of a parameter that there is not",
            macros: params(
                #"{sizeof(stg_param), STG_PARAM_BOOL, TEXT("b"), TEXT(""), NOTHING, TEXT(""), 0, 0, NULL, 0, 2, 0}"#),
            says: ["\"b\"", "flags (0x2)"]),
        .init(
            what: "a required parameter with a default",
            macros: params(
                #"{sizeof(stg_param), STG_PARAM_BOOL, TEXT("b"), TEXT(""), BOOL(1), {NULL, 0}, 0, 0, NULL, 0, STG_PARAM_REQUIRED, 0}"#
            ),
            says: ["\"b\"", "is required and has a default"]),
        .init(
            what: "a required parameter that is worked out",
            macros: params(
                #"{sizeof(stg_param), STG_PARAM_BOOL, TEXT("b"), TEXT(""), NOTHING, TEXT("how"), 0, 0, NULL, 0, STG_PARAM_REQUIRED, 0}"#
            ),
            says: ["is required and has a default"]),
        .init(what: "roles at NULL", macros: ["ROLES_MISSING"], says: ["2 roles, but NULL"]),
        .init(
            what: "a flag of a role that there is not", macros: [#"ROLES=ROLE(4, "prm", "", "", "")"#],
            says: ["role number 0", "flags (0x4)"]),
        .init(what: "a role without a name", macros: [#"ROLES=ROLE(0, "", "", "", "")"#], says: ["has no name"]),
        .init(
            what: "a role with two names", macros: [#"ROLES=ROLE(0, "prm", "note", "", "")"#],
            says: ["has a name, and a parameter that names it"]),
        .init(
            what: "a role named by nothing", macros: [#"ROLES=ROLE(0, "", "nothing", "", "")"#],
            says: ["named by \"nothing\"", "no such parameter"]),
        .init(
            what: "a role named by a number", macros: [#"ROLES=ROLE(0, "", "width", "", "")"#],
            says: ["width, which is int; it must be choice or text"]),
        .init(
            what: "a condition on a text", macros: [#"ROLES=ROLE(0, "prm", "", "note", "x")"#],
            says: ["note, which is text; it must be bool or choice"]),
        .init(
            what: "a condition that is never met", macros: [#"ROLES=ROLE(0, "prm", "", "selection", "majority")"#],
            says: ["\"majority\", which selection cannot be; it is one of weighted, naive"]),
        .init(
            what: "a short role", macros: [#"ROLES={8, 0, TEXT("prm"), {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}}"#],
            says: ["stg_role has 8 bytes"]),
    ]

    static let functions: [Broken] = [
        .init(
            what: "an unknown hook", macros: function(#"FUNCTION("stratagem.guess/1", "g", "f64(ptr,u64)", smallest)"#),
            says: ["stratagem.guess/1", "does not know", "stratagem.verify/1 f64(ptr,u64,ptr,u64)"]),
        .init(
            what: "an unknown signature",
            macros: function(#"FUNCTION("stratagem.aggregate_steps/1", "g", "f32(ptr,u64)", smallest)"#),
            says: ["\"f32(ptr,u64)\"", "is f64(ptr,u64)"]),
        .init(
            what: "another hook's signature",
            macros: function(#"FUNCTION("stratagem.verify/1", "g", "f64(ptr,u64)", smallest)"#),
            says: ["\"f64(ptr,u64)\"", "is f64(ptr,u64,ptr,u64)"]),
        .init(
            what: "a signature with a space",
            macros: function(#"FUNCTION("stratagem.aggregate_steps/1", "g", "f64(ptr, u64)", smallest)"#),
            says: ["\"f64(ptr, u64)\""]),
        .init(
            what: "a function twice",
            macros: function(#"FUNCTION("stratagem.aggregate_steps/1", "min", "f64(ptr,u64)", smallest)"#),
            says: ["two functions \"min\""]),
        .init(
            what: "a function at NULL",
            macros: function(#"FUNCTION("stratagem.aggregate_steps/1", "g", "f64(ptr,u64)", NULL)"#),
            says: ["NULL for its address"]),
        .init(
            what: "a function without a name",
            macros: function(#"FUNCTION("stratagem.aggregate_steps/1", "", "f64(ptr,u64)", smallest)"#),
            says: ["(empty)"]),
        .init(
            what: "a short function struct",
            macros: function(#"{8, 0, TEXT("stratagem.verify/1"), TEXT("g"), TEXT("f64(ptr,u64)"), NULL}"#),
            says: ["stg_function has 8 bytes"]),
    ]

    @Test(arguments: blocks + strategies + tables + needs + functions)
    func isRefusedWithTheReason(_ broken: Broken) throws {
        let folder = try Fixture.folder()
        let path = try Fixture.install(broken.macros, in: folder, as: "libbroken.so")
        let registry = try LoadingTests.registry(folder)
        let record = try #require(registry.discover().first)
        #expect(record.status == .refused)
        #expect(record.path == path)
        let reason = try #require(record.reason)
        for part in broken.says { #expect(reason.contains(part)) }

        // Named by its path, it is the same reason; by its name, a hint.
        let error = #expect(throws: StratagemError.self) { try registry.load(path: path) }
        #expect(error?.origin == .plugin)
        #expect(error?.code == .pluginRefused)
        #expect(error?.message == "\(path) \(reason)")
        let unknown = #expect(throws: StratagemError.self) { try registry.strategy(named: "broken") }
        #expect(unknown?.code == .unknownStrategy)
        #expect(unknown?.message.contains(reason) == true)
    }

    @Test(arguments: [
        Broken(what: "right", macros: [], says: []),
        Broken(
            what: "a longer struct, of a later minor version", macros: ["PLUGIN_SIZE=sizeof(stg_plugin)+8"], says: []),
        Broken(what: "save and restore", macros: ["SAVE=save", "RESTORE=restore"], says: []),
        Broken(
            what: "two strategies", macros: [text("SECOND_NAME", "second"), text("SECOND_ID", "org.example.second")],
            says: []),
        Broken(what: "a strategy struct of 1.0", macros: ["STRATEGY_SIZE=128"], says: []),
        Broken(what: "batches", macros: ["FLAGS=STG_STRATEGY_BATCH"], says: []),
        Broken(what: "a longer version", macros: [text("PLUGIN_VERSION", "1.2.3-rc.1+x")], says: []),
        Broken(
            what: "one more function",
            macros: function(#"FUNCTION("stratagem.verify/1", "min", "f64(ptr,u64,ptr,u64)", verify)"#), says: []),
        Broken(
            what: "no bounds", macros: params(#"PARAM("n", STG_PARAM_INT, INT(-9), -INFINITE, INFINITE, NULL, 0)"#),
            says: []),
    ])
    func theUnusualIsTaken(_ plugin: Broken) throws {
        let folder = try Fixture.folder()
        try Fixture.install(plugin.macros, in: folder)
        let record = try #require(try LoadingTests.registry(folder).discover().first)
        #expect(record.status == .loaded, "\(record.reason ?? "")")
    }
}
