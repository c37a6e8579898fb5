import CStratagem
import Hashing
import Locking
import SearchCore
import StrategyHost

/// A search of the kit's as a trace that `stratagem replay` takes.
///
/// Written to the runner while the search continues: of one that kills the process,
/// all is left but the reply to its last tell.
enum TraceExport {
    /// The plugin's path if traces are wanted.
    nonisolated(unsafe) static var plugin: String?
    private static let knownHash = Locked<String?>(nil)

    static func begin(_ strategy: StrategyView, _ scenario: Scenario) {
        guard let plugin else { return }
        ChildChannel.write("trace-begin\ntrace \(TraceFile.line(header(strategy, scenario, plugin: plugin)))\n")
    }

    /// Before the turn: what it is told. After it: all of it.
    static func note(_ record: RoundRecord, isOver: Bool) {
        guard plugin != nil else { return }
        ChildChannel.write("\(isOver ? "trace" : "trace-pending") \(TraceFile.line(round(record)))\n")
    }

    /// The lines of the last search in what a child wrote.
    static func lastSearch(in report: String) -> [String] {
        var lines: [String] = []
        var pending: String?
        for line in report.split(separator: "\n") {
            if line == "trace-begin" { (lines, pending) = ([], nil) }
            if line.hasPrefix("trace-pending ") { pending = String(line.dropFirst(14)) }
            if line.hasPrefix("trace ") {
                lines.append(String(line.dropFirst(6)))
                pending = nil
            }
        }
        return lines + (pending.map { [$0] } ?? [])
    }

    static func lines(_ strategy: StrategyView, _ scenario: Scenario, _ record: SearchRecord, plugin path: String)
        -> [String]
    {
        TraceFile.lines(Trace(header: header(strategy, scenario, plugin: path), rounds: record.rounds.map(round)))
    }

    private static func header(_ strategy: StrategyView, _ scenario: Scenario, plugin path: String) -> TraceHeader {
        TraceHeader(
            strategy: strategy.name, strategyID: text(strategy.raw.pointee.id) ?? "", pluginHash: hash(of: path),
            bundle: "(conformance kit)", problems: scenario.problems.map { String(decoding: $0, as: UTF8.self) },
            params: params(strategy, scenario), limits: scenario.limits, seed: scenario.seed)
    }

    private static func hash(of path: String) -> String {
        knownHash.withLock { known in
            let hash = known ?? readFile(path).map { SHA256.hex($0) } ?? ""
            known = hash
            return hash
        }
    }

    private static func params(_ strategy: StrategyView, _ scenario: Scenario) -> [String: ParameterValue] {
        var values: [String: ParameterValue] = [:]
        for param in strategy.params {
            guard let id = text(param.id) else { continue }
            values[id] = scenario.value(param) ?? value(param.fallback)
        }
        return values
    }

    private static func value(_ raw: stg_value) -> ParameterValue {
        switch raw.kind {
        case STG_VALUE_INT: .int(raw.i)
        case STG_VALUE_FLOAT: .float(raw.f)
        case STG_VALUE_BOOL: .bool(raw.i != 0)
        case STG_VALUE_TEXT: .text(text(raw.s) ?? "")
        case STG_VALUE_BYTES: .bytes(bytes(raw.s) ?? [])
        default: .none
        }
    }

    private static func round(_ record: RoundRecord) -> TraceRound {
        var round = TraceRound(
            event: record.event,
            told: record.told.map { .init(tag: $0.tag, outcome: $0.outcome, nodes: $0.nodes.map { Int($0) }) },
            nodes: record.nodes, cost: record.spent, generations: record.generations)
        switch record.turn {
        case .asks(let asks): round.asks = asks.map(\.traced)
        case .done(let answers): round.answers = answers.map { TraceAnswer(node: $0.node, weight: $0.weight) }
        case .failed, .unreadable: break
        }
        return round
    }
}
