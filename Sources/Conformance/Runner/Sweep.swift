/// Many checks in one process, one after the other: what a check leaves behind there is with the next one, so it is
/// only for checks of which nobody wants to know more than that all of them pass. To begin a process for each takes
/// longer than most checks.
extension CheckRunner {
    /// What changes the process, counts what is in it, or must be the first to use the plugin.
    private static let apart: Set<String> = [
        "block-constant", "load-time", "heap-bounds", "kept-host", "memory-steady", "memory-refused", "destroy-steady",
        "restore-steady", "save-steady", "repeat-other-time", "repeat-other-environment", "next-waits",
        "run-not-itself",
    ]

    private func isSwept(_ check: Check) -> Bool {
        guard let thorough = options.thorough, !thorough.contains(check.name) else { return false }
        return check.twice == nil && check.level <= CheckTable.defaultLevel && check.ending == nil
            && ![.library, .threads, .sequences].contains(check.group) && !Self.apart.contains(check.name)
    }

    /// - Returns: a result for each of those checks, if all of them passed or did not apply; else none.
    func sweep(_ checks: [Check], _ plugin: String, _ server: CheckServer) -> [String: CheckResult] {
        let swept = checks.filter(isSwept)
        guard swept.count > 4, let first = swept.first else { return [:] }
        let (sum, outcome) = attempt(first, plugin, nil, server, sweeping: swept.map(\.name))
        guard sum.status == .passed, let skipped = outcome?.carried?.split(separator: " ") else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: swept.map { check in
                var result = sum
                result.check = check
                result.seconds = sum.seconds / Double(swept.count)
                if skipped.contains(Substring(check.name)) {
                    result.status = .skipped
                    result.reason = "it does not apply"
                }
                return (check.name, result)
            })
    }
}

extension ChildMain {
    /// In the child: until one of them does not pass.
    static func sweep(_ checks: [Check], _ context: () -> CheckContext) -> ChildOutcome {
        var skipped: [String] = []
        for check in checks {
            do throws(CheckStop) { try check.body(context()) } catch {
                switch error {
                case .finding(let finding), .warning(let finding):
                    return ChildOutcome(status: .failed, finding: finding)
                case .skip: skipped.append(check.name)
                }
            }
        }
        var outcome = ChildOutcome(status: .passed)
        outcome.carried = skipped.joined(separator: " ")
        return outcome
    }
}
