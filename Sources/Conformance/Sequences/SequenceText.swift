import SearchCore

/// A scenario as one word that a person can read and a command line can carry:
/// `strategy=beam+seed=7+generations=3+fault=1:0:modelFails+stop=2:3:0.5+ids`.
///
/// Its parts are what shrinking drops, one at a time.
struct SequenceText: Equatable {
    var strategy: String?
    var parts: [String]

    init(strategy: String, scenario: Scenario) {
        self.strategy = strategy
        parts = ["seed=\(scenario.seed)"]
        if let limit = scenario.limits.generations { parts.append("generations=\(limit)") }
        if let limit = scenario.limits.tokens { parts.append("tokens=\(limit)") }
        if scenario.problems != Scenario().problems { parts.append("problems=\(scenario.problems.count)") }
        for role in scenario.missingRoles.sorted() { parts.append("without=\(role)") }
        for (id, value) in scenario.params.sorted(by: { $0.key < $1.key }) {
            if let text = Self.text(value) { parts.append("param=\(id):\(text)") }
        }
        for fault in scenario.faults {
            parts.append(
                "fault=\(fault.round.map { "\($0)" } ?? "*"):\(fault.ask.map { "\($0)" } ?? "*"):\(fault.kind.rawValue)"
            )
        }
        if let stop = scenario.stop { parts.append("stop=\(stop.round):\(stop.event):\(stop.share)") }
        if scenario.opaqueIDs { parts.append("ids") }
        if scenario.unanswered { parts.append("unanswered") }
        if scenario.hostileText { parts.append("hostile") }
        if scenario.poisonsUnscored { parts.append("poison") }
        if scenario.offersExtensions { parts.append("extensions") }
    }

    init(parsing text: String) {
        parts = text.split(separator: "+").map(String.init)
        if let first = parts.first, first.hasPrefix("strategy=") {
            strategy = String(first.dropFirst(9))
            parts.removeFirst()
        }
    }

    var text: String { ([strategy.map { "strategy=\($0)" }].compactMap { $0 } + parts).joined(separator: "+") }

    /// Parts that can be left out: all but the seed.
    var droppable: [Int] { parts.indices.filter { !parts[$0].hasPrefix("seed=") } }

    private static func text(_ value: ParameterValue) -> String? {
        switch value {
        case .int(let number): "int \(number)"
        case .float(let number): "float \(number)"
        case .bool(let flag): "bool \(flag)"
        case .text(let text): "text \(text)"
        case .none, .bytes: nil
        }
    }

    /// Nil if a part is not understood.
    var scenario: Scenario? {
        var scenario = Scenario(limits: Limits())
        for part in parts {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = pieces.first, Self.read(String(key), pieces.count > 1 ? String(pieces[1]) : "", &scenario)
            else { return nil }
        }
        return scenario
    }

    private static func read(_ key: String, _ value: String, _ scenario: inout Scenario) -> Bool {
        switch key {
        case "seed": return UInt64(value).map { scenario.seed = $0 } != nil
        case "generations": return Int(value).map { scenario.limits.generations = $0 } != nil
        case "tokens": return Int(value).map { scenario.limits.tokens = $0 } != nil
        case "problems": return Int(value).map { scenario.problems = problems($0) } != nil
        case "without": scenario.missingRoles.insert(value)
        case "param": return readParam(value, &scenario)
        case "fault": return readFault(value, &scenario)
        case "stop": return readStop(value, &scenario)
        case "ids": scenario.opaqueIDs = true
        case "unanswered": scenario.unanswered = true
        case "hostile": scenario.hostileText = true
        case "poison": scenario.poisonsUnscored = true
        case "extensions": scenario.offersExtensions = true
        default: return false
        }
        return true
    }

    static func problems(_ count: Int) -> [[UInt8]] {
        (0..<max(1, min(count, 64))).map { Array("Problem number \($0): what is \($0) + \($0)?".utf8) }
    }

    private static func readParam(_ value: String, _ scenario: inout Scenario) -> Bool {
        let pieces = value.split(separator: ":", maxSplits: 1).map(String.init)
        guard pieces.count == 2, let space = pieces[1].firstIndex(of: " ") else { return false }
        let number = String(pieces[1][pieces[1].index(after: space)...])
        switch pieces[1][..<space] {
        case "int": return Int64(number).map { scenario.params[pieces[0]] = .int($0) } != nil
        case "float": return Double(number).map { scenario.params[pieces[0]] = .float($0) } != nil
        case "bool": scenario.params[pieces[0]] = .bool(number == "true")
        case "text": scenario.params[pieces[0]] = .text(number)
        default: return false
        }
        return true
    }

    private static func readFault(_ value: String, _ scenario: inout Scenario) -> Bool {
        let pieces = value.split(separator: ":").map(String.init)
        guard pieces.count == 3, let kind = Scenario.Fault.Kind(rawValue: pieces[2]) else { return false }
        scenario.faults.append(.init(round: Int(pieces[0]), ask: Int(pieces[1]), kind: kind))
        return true
    }

    private static func readStop(_ value: String, _ scenario: inout Scenario) -> Bool {
        let pieces = value.split(separator: ":").map(String.init)
        guard pieces.count == 3, let round = Int(pieces[0]), let event = Int32(pieces[1]), let share = Double(pieces[2])
        else { return false }
        scenario.stop = .init(round: round, event: event, share: share)
        return true
    }
}
