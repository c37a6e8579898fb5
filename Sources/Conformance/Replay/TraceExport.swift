import CStratagem
import Foundation
import SearchCore
import StrategyHost

/// A search of the kit's as a trace that `stratagem replay` takes.
enum TraceExport {
    static func lines(_ strategy: StrategyView, _ scenario: Scenario, _ record: SearchRecord, plugin path: String) -> [String] {
        let header = TraceHeader(
            strategy: strategy.name, strategyID: text(strategy.raw.pointee.id) ?? "", pluginHash: hash(of: path),
            bundle: "(conformance kit)", problems: scenario.problems.map { String(decoding: $0, as: UTF8.self) },
            params: params(strategy, scenario), limits: scenario.limits, seed: scenario.seed)
        let trace = Trace(header: header, rounds: record.rounds.map(round))
        return TraceFile.lines(trace)
    }

    private static func hash(of path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return SHA256.hex(Array(data))
    }

    private static func params(_ strategy: StrategyView, _ scenario: Scenario) -> [String: ParameterValue] {
        var values: [String: ParameterValue] = [:]
        for param in strategy.params {
            guard let id = text(param.id) else { continue }
            values[id] = scenario.params[id] ?? value(param.fallback)
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
            event: record.event, told: record.told.map { .init(tag: $0.tag, outcome: $0.outcome, nodes: $0.nodes.map { Int($0) }) },
            nodes: record.nodes, cost: record.spent)
        switch record.turn {
        case .asks(let asks): round.asks = asks.map(\.traced)
        case .done(let answers): round.answers = answers.map { TraceAnswer(node: $0.node, weight: $0.weight) }
        case .failed, .unreadable: break
        }
        return round
    }
}
