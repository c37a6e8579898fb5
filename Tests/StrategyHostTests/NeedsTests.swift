import Foundation
import SearchCore
import StrategyHost
import Testing

/// What a strategy says it needs: parameters that the user has to give, roles of the bundle's.
@Suite struct NeedsTests {
    private static let params =
        #"PARAMS=REQUIRED("table", STG_PARAM_FILE, 0, 0, NULL, 0), PARAM("width", STG_PARAM_INT, INT(4), 1, 64, NULL, 0), "#
        + #"PARAM("selection", STG_PARAM_CHOICE, WORD("naive"), 0, 0, choices, 2), PARAM("judge", STG_PARAM_TEXT, NOTHING, 0, 0, NULL, 0)"#
    private static let roles =
        #"ROLES=ROLE(0, "policy", "", "", ""), ROLE(STG_ROLE_VERIFIER, "", "judge", "selection", "weighted"), "#
        + #"ROLE(STG_ROLE_OPTIONAL, "large", "", "", "")"#

    private func strategy() throws -> LoadedStrategy {
        let folder = try Fixture.folder()
        try Fixture.install([Self.params, Self.roles], in: folder)
        return try LoadingTests.registry(folder).strategy(named: "first")
    }

    @Test func tablesAreRead() throws {
        let info = try strategy().info
        #expect(info.params.map(\.isRequired) == [true, false, false, false])
        #expect(
            info.roles == [
                RoleInfo(name: "policy", isVerifier: false, help: "For it."),
                RoleInfo(
                    name: "", parameter: "judge", unless: .init(parameter: "selection", value: "weighted"),
                    isVerifier: true, help: "For it."),
                RoleInfo(name: "large", isVerifier: false, isOptional: true, help: "For it."),
            ])
    }

    /// A table of 1.0, whose rows are shorter, says nothing of either.
    @Test func tablesOf1_0AreReadToTheirEnd() throws {
        let folder = try Fixture.folder()
        let row = #"PARAMS={128, STG_PARAM_BOOL, TEXT("b"), TEXT(""), BOOL(1), {NULL, 0}, 0, 0, NULL, 0, 6, 7}"#
        try Fixture.install([row, "STRATEGY_SIZE=128", Self.roles.replacing("\"judge\"", with: "\"b\"")], in: folder)
        let info = try LoadingTests.registry(folder).strategy(named: "first").info
        #expect(info.params.count == 1 && info.params[0].isRequired == false && info.roles.isEmpty)
    }

    @Test func whatHasToBeGivenIsMissed() throws {
        let loaded = try strategy()
        let values = try loaded.check(parameters: [:])
        let user = #expect(throws: StratagemError.self) { try loaded.requireAll(values) }
        #expect(user?.code == .missingParameter && user?.origin == .user)
        #expect(
            user?.message.contains(
                "first needs a value for its parameter table (a file of at most 64 MiB: Help.). Give it with --param table=…"
            ) == true)
        let plugin = #expect(throws: StratagemError.self) { try loaded.requireAll(values, blame: .plugin) }
        #expect(plugin?.origin == .plugin && plugin?.message.contains("RUN") == true)
        try loaded.requireAll(values.merging(["table": .bytes([])]) { $1 })
    }

    @Test func whatIsNeededDependsOnTheParameters() throws {
        let info = try strategy().info
        func needed(_ params: [String: ParameterValue]) -> [String] {
            info.neededRoles(params).map { "\($0.role)\($0.isVerifier ? " verifies" : "")" }
        }
        #expect(needed(["selection": .text("naive"), "judge": .text("orm")]) == ["policy", "orm verifies"])
        #expect(needed(["selection": .text("weighted"), "judge": .text("orm")]) == ["policy"])
        #expect(needed(["selection": .text("naive"), "judge": .none]) == ["policy"], "the strategy finds one itself")
    }
}
