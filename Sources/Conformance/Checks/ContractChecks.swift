import CStratagem
import SearchCore

extension CheckContext {
    /// Judges one promise in searches where much goes wrong.
    func judgeTroubles(_ check: String) throws(CheckStop) {
        for strategy in try strategies() {
            try requireClean(strategy)
            var troubles = [
                ("every sample fails", standard.with { $0.faults = [.init(round: nil, ask: nil, kind: .modelFails)] })
            ]
            troubles.append(
                ("the bundle has no verifier", standard.with { $0.missingRoles = ["prm", "orm", "judge"] }))
            for (situation, scenario) in troubles {
                try judge(searchOrRefusal(strategy, scenario), check, strategy, in: situation)
            }
            guard strategy.canSave else { continue }
            let session = PluginSession(strategy, world: World(standard))
            _ = session.restore(Array("no state of yours".utf8))
            session.abandon()
            if let violation = session.allViolations.first(where: { $0.check == check }) {
                throw fail(violation.expected, "\(violation.happened) (a state that is not its own)", strategy)
            }
        }
    }
}

/// A check of what the driver notes in ordinary searches.
func contractCheck(
    _ name: String, _ group: Check.Group, level: Int, severity: Check.Severity = .fail,
    allowsRefusal: Bool = false, proves: String, clause: String,
    _ scenarios: @escaping @Sendable (Scenario, StrategyView) -> [(String, Scenario)] = ordinary
) -> Check {
    Check(name, group, level: level, severity, proves: proves, clause: clause) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            for (situation, scenario) in scenarios(context.standard, strategy) {
                let record =
                    allowsRefusal ? context.searchOrRefusal(strategy, scenario) : try context.search(strategy, scenario)
                try context.judge(record, name, strategy, in: situation)
            }
        }
    }
}

@Sendable func ordinary(_ standard: Scenario, _ strategy: StrategyView) -> [(String, Scenario)] {
    [
        ("a budget of 8 generations", standard),
        (
            "a budget of 3 generations",
            standard.with {
                $0.limits.generations = 3; $0.seed &+= 1
            }
        ),
    ]
}
