import CStratagem

/// Texts whose lines cannot be cut just anywhere.
extension CheckContext {
    /// A line that ends after so many bytes of a text ends within a character, wherever that is: of characters of four
    /// bytes in one of the searches, or in another, which begins with one byte more.
    func judgeCutLines(_ strategy: StrategyView) throws(CheckStop) {
        for shift in 0..<2 {
            let wide = String(repeating: "a", count: shift) + String(repeating: "🧮", count: 1200)
            var scenario = standard.with { $0.problems = [Array(wide.utf8)] }
            let ids = strategy.params.filter { $0.kind == STG_PARAM_TEXT }.compactMap { text($0.id) }
            for given in [[]] + (ids.isEmpty ? [] : [ids]) {
                for id in given { scenario.params[id] = .text(wide) }
                for (situation, scenario) in [
                    ("an ordinary search", scenario),
                    ("samples that all fail", scenario.with { $0.faults = [.init(kind: .modelFails)] }),
                    ("a bundle without a verifier", scenario.with { $0.missingRoles = ["prm", "orm", "judge"] }),
                ] {
                    let record = searchOrRefusal(strategy, scenario)
                    try judge(
                        record, "messages-valid", strategy,
                        in: "\(situation), with texts of characters of four bytes: was one cut in the middle?")
                }
            }
        }
    }
}
