/// One promise of the header's, as something that a plugin can be seen to break.
///
/// A check runs in its own process and may crash there. It judges one thing
/// and is lenient about all others, so that one defect gives one failure: a check
/// that cannot be reached because of another's subject is skipped.
public struct Check: Sendable {
    public enum Group: String, Sendable, CaseIterable {
        case library, descriptor, parameters, lifecycle, asks, answers, budget, stops, faults, memory, threads
        case determinism, state, input, functions, sequences
    }

    /// Whether breaking it fails the plugin or only draws a warning.
    public enum Severity: String, Sendable { case fail, warn }

    public let name: String
    public let group: Group
    /// 1 (nothing works without it) to 10 (slow and thorough).
    public let level: Int
    public let severity: Severity
    /// One sentence: what a plugin that passes is known to do.
    public let proves: String
    /// Where the header says so, in its own words.
    public let clause: String
    /// Runs in two processes, and what they ask for must agree: what it means if they do not.
    let twice: String?
    /// If the process may end itself in it, by abort or exit: what that means. It is a warning then.
    let ending: String?
    let body: @Sendable (CheckContext) throws(CheckStop) -> Void

    init(
        _ name: String, _ group: Group, level: Int, _ severity: Severity = .fail, proves: String, clause: String,
        twice: String? = nil, ending: String? = nil,
        _ body: @escaping @Sendable (CheckContext) throws(CheckStop) -> Void
    ) {
        self.name = name
        self.group = group
        self.level = level
        self.severity = severity
        self.proves = proves
        self.clause = clause
        self.twice = twice
        self.ending = ending
        self.body = body
    }
}

/// What broke a promise.
public struct CheckFinding: Sendable, Equatable {
    public var expected: String
    public var happened: String
    /// Short name of the strategy or function, if it is one's.
    public var subject: String?

    init(expected: String, happened: String, subject: String? = nil) {
        self.expected = expected
        self.happened = happened
        self.subject = subject
    }
}

/// How a check's body ends early.
enum CheckStop: Error {
    case finding(CheckFinding)
    /// Broken in a way that the authors of some languages cannot help: said, and not held against the plugin.
    case warning(CheckFinding)
    /// It does not apply, or another check's subject is in the way.
    case skip(String)
}

/// All checks, in the order in which they are listed and run.
public enum CheckTable {
    public static let all: [Check] =
        libraryChecks + loadingChecks + descriptorChecks + parameterTableChecks + requiredParameterChecks
        + parameterChecks
        + parameterSizeChecks + parameterPairChecks + lifecycleChecks + destroyChecks + extensionChecks + askChecks
        + batchChecks
        + answerChecks + rankingChecks
        + budgetChecks + stopChecks + faultChecks + troubleChecks + boundsChecks + lifetimeChecks + hostVariantChecks
        + parameterMemoryChecks + stackChecks + threadChecks
        + determinismChecks + stateChecks + stateEdgeChecks + statePartChecks + inputChecks + sizeChecks
        + functionChecks + sequenceChecks

    public static func named(_ name: String) -> Check? { all.first { $0.name == name } }
    public static let levels = 1...10
    public static let defaultLevel = 7
}
