import CStratagem
import Foundation
import Locking
import SearchCore

@testable import SearchRuntime
@testable import StrategyHost

/// A plugin whose every move is a closure of the test's. It goes through the C
/// boundary like any other: closures say what to ask, and the puppet says it in C.
///
/// There are several strategies, `puppet-0` to `puppet-6`, to run one another, and
/// `puppet-batch`. Their parameter `key` names the closure.
enum Puppet {
    typealias Act = @Sendable (Stage) throws -> NextStep

    /// What a puppet sees in one turn.
    struct Stage {
        let tell: Tell
        let roots: [UInt64]
        let host: UnsafePointer<stg_host>

        func node(_ id: UInt64) -> stg_node_info? {
            var info = stg_node_info()
            info.struct_size = UInt32(MemoryLayout<stg_node_info>.size)
            return host.pointee.get_node(host, id, &info) == STG_OK ? info : nil
        }
        func text(_ id: UInt64) -> String { node(id).map { Puppet.string($0.text) } ?? "" }
        func answer(_ id: UInt64) -> String { node(id).map { Puppet.string($0.answer) } ?? "" }
        func isFinished(_ id: UInt64) -> Bool { (node(id)?.flags ?? 0) & STG_NODE_FINISHED != 0 }

        func stepScores(_ id: UInt64) -> [Double] {
            var count = 0
            guard host.pointee.step_scores(host, id, nil, 0, &count) == STG_OK else { return [] }
            var values = [Double](repeating: 0, count: count)
            _ = host.pointee.step_scores(host, id, &values, count, &count)
            return values
        }
        var budget: stg_budget {
            var budget = stg_budget()
            budget.struct_size = UInt32(MemoryLayout<stg_budget>.size)
            _ = host.pointee.get_budget(host, &budget)
            return budget
        }
        func generationsLeft(_ id: UInt64, steps: UInt32) -> UInt64? {
            var count: UInt64 = 0
            return host.pointee.generations_left(host, id, steps, &count) == STG_OK ? count : nil
        }
        var random: UInt64 { host.pointee.random(host) }
    }

    // MARK: - acts by key

    private static let acts = Locked<(next: Int64, byKey: [Int64: Act])>((1, [:]))

    /// Names a closure, for a RUN ask too.
    static func key(_ act: @escaping Act) -> Int64 {
        acts.withLock {
            $0.next += 1
            $0.byKey[$0.next] = act
            return $0.next
        }
    }

    static func forget(_ key: Int64) { acts.withLock { _ = $0.byKey.removeValue(forKey: key) } }

    static func request(
        _ act: @escaping Act, _ strategy: LoadedStrategy, limits: Limits, seed: UInt64, problems: [Problem],
        keepTrace: Bool = false
    ) throws -> RunRequest {
        RunRequest(
            problems: problems, strategy: strategy, params: try strategy.check(parameters: ["key": "\(key(act))"]),
            limits: limits, seed: seed, keepTree: true, keepTrace: keepTrace)
    }

    // MARK: - the plugin

    private final class Instance {
        let host: UnsafePointer<stg_host>
        let act: Act
        let roots: [UInt64]
        /// What the last turn returned, alive until the next.
        var kept: [UnsafeMutableRawPointer] = []
        init(host: UnsafePointer<stg_host>, act: @escaping Act, roots: [UInt64]) {
            self.host = host
            self.act = act
            self.roots = roots
        }
        deinit { release() }

        func release() {
            kept.forEach { $0.deallocate() }
            kept.removeAll(keepingCapacity: true)
        }

        func keep<T>(_ values: [T]) -> UnsafeMutablePointer<T>? {
            guard !values.isEmpty else { return nil }
            let memory = UnsafeMutablePointer<T>.allocate(capacity: values.count)
            memory.initialize(from: values, count: values.count)
            kept.append(UnsafeMutableRawPointer(memory))
            return memory
        }

        func keep(_ text: [UInt8]) -> stg_str {
            stg_str(data: keep(text.map { CChar(bitPattern: $0) }).map { UnsafePointer($0) }, size: text.count)
        }
    }

    static func string(_ text: stg_str) -> String {
        text.data.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: text.size), as: UTF8.self) } ?? ""
    }

    /// Never freed: the plugin block lives for ever.
    private static func forever<T>(_ value: T) -> UnsafeMutablePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        memory.initialize(to: value)
        return memory
    }
    private static func text(_ text: String) -> stg_str { stg_str(data: strdup(text), size: text.utf8.count) }

    /// STG_MAGIC: the importer cannot read a macro with UINT64_C in it.
    private static let magic: UInt64 = 0x3147_4154_5254_530A

    nonisolated(unsafe) static let block: UnsafePointer<stg_plugin> = {
        var key = stg_param()
        key.struct_size = UInt32(MemoryLayout<stg_param>.size)
        key.kind = STG_PARAM_INT
        key.id = text("key")
        key.help = text("Which closure")
        key.fallback.kind = STG_VALUE_INT
        key.max = 1e15
        let params = UnsafePointer(forever(key))
        let names = (0...6).map { "puppet-\($0)" } + ["puppet-batch"]
        let strategies = UnsafeMutablePointer<UnsafePointer<stg_strategy>?>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            strategies[index] = UnsafePointer(
                forever(
                    stg_strategy(
                        struct_size: UInt32(MemoryLayout<stg_strategy>.size),
                        flags: name == "puppet-batch" ? STG_STRATEGY_BATCH : 0,
                        id: text("org.stratagem.tests.\(name)"), name: text(name), version: text("1.0.0"),
                        summary: text("A test's"),
                        params: params, param_count: 1, create: create, next: next, save: nil, restore: nil,
                        destroy: destroy, roles: nil, role_count: 0)))
        }
        return UnsafePointer(
            forever(
                stg_plugin(
                    magic: magic, struct_size: UInt32(MemoryLayout<stg_plugin>.size), abi_major: UInt16(STG_ABI_MAJOR),
                    abi_minor: UInt16(STG_ABI_MINOR), name: text("puppet"), version: text("1.0.0"),
                    strategies: UnsafePointer(strategies),
                    strategy_count: names.count, functions: nil, function_count: 0, get_extension: nil)))
    }()

    private static let create:
        @convention(c) (
            UnsafePointer<stg_host>?, UnsafePointer<stg_create_info>?, UnsafeMutablePointer<OpaquePointer?>?
        ) -> stg_status = {
            host, info, out in
            guard let host, let info = info?.pointee, let out, let act = acts.withLock({ $0.byKey[info.params[0].i] })
            else { return STG_ERROR }
            let roots = (0..<Int(info.problem_count)).map { info.problems[$0].root }
            out.pointee = OpaquePointer(Unmanaged.passRetained(Instance(host: host, act: act, roots: roots)).toOpaque())
            return STG_OK
        }

    private static let destroy: @convention(c) (OpaquePointer?) -> Void = { instance in
        guard let instance else { return }
        Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(instance)).release()
    }

    private static let next:
        @convention(c) (OpaquePointer?, UnsafePointer<stg_tell>?, UnsafeMutablePointer<stg_next>?) -> stg_status = {
            raw, tell, out in
            guard let raw, let tell, let out else { return STG_ERROR }
            let instance = Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(raw)).takeUnretainedValue()
            instance.release()
            let told = (0..<tell.pointee.told_count).map { index -> Told in
                let told = stg_told_at(tell, index).pointee
                return Told(
                    tag: told.tag, outcome: Outcome(rawValue: told.outcome)!,
                    nodes: (0..<told.node_count).map { told.nodes[$0] })
            }
            do {
                let stage = Stage(
                    tell: Tell(event: TellEvent(rawValue: tell.pointee.event)!, told: told), roots: instance.roots,
                    host: instance.host)
                switch try instance.act(stage) {
                case .asks(let asks):
                    out.pointee.kind = STG_NEXT_ASKS
                    out.pointee.asks = UnsafePointer(instance.keep(asks.map { inC($0, instance) }))
                    out.pointee.ask_count = asks.count
                case .done(let answers):
                    out.pointee.kind = STG_NEXT_DONE
                    out.pointee.answers = UnsafePointer(
                        instance.keep(answers.map { stg_answer(node: $0.node, weight: $0.weight) }))
                    out.pointee.answer_count = answers.count
                }
                return STG_OK
            } catch {
                instance.host.pointee.set_error(instance.host, STG_ERROR, instance.keep(Array("\(error)".utf8)))
                return STG_ERROR
            }
        }

    private static func inC(_ ask: Ask, _ instance: Instance) -> stg_ask {
        var raw = stg_ask()
        raw.struct_size = UInt32(MemoryLayout<stg_ask>.size)
        raw.tag = ask.tag
        switch ask.body {
        case .sample(let sample):
            raw.kind = STG_ASK_SAMPLE
            raw.role = instance.keep(Array(sample.role.utf8))
            (raw.node, raw.count, raw.steps) = (sample.node, UInt32(sample.count), UInt32(sample.steps))
            (raw.max_tokens, raw.temperature) = (UInt32(sample.maxTokens), sample.temperature)
            (raw.top_p, raw.min_p) = (sample.topP, sample.minP)
        case .score(let role, let nodes):
            raw.kind = STG_ASK_SCORE
            raw.role = instance.keep(Array(role.utf8))
            (raw.nodes, raw.node_count) = (UnsafePointer(instance.keep(nodes)), nodes.count)
        case .append(let role, let node, let text):
            raw.kind = STG_ASK_APPEND
            raw.role = instance.keep(Array(role.utf8))
            (raw.node, raw.text) = (node, instance.keep(text))
        case .revise(let role, let problem, let attempts):
            raw.kind = STG_ASK_REVISE
            raw.role = instance.keep(Array(role.utf8))
            (raw.problem, raw.nodes, raw.node_count) = (
                UInt32(problem), UnsafePointer(instance.keep(attempts)), attempts.count
            )
        case .run(let run):
            raw.kind = STG_ASK_RUN
            (raw.text, raw.problem, raw.share) = (
                instance.keep(Array(run.strategy.utf8)), UInt32(run.problem), run.share
            )
            (raw.max_generations, raw.max_tokens_total) = (UInt64(run.maxGenerations ?? 0), UInt64(run.maxTokens ?? 0))
            let params = run.params.sorted { $0.key < $1.key }.map { name, value -> stg_named_value in
                var raw = stg_named_value()
                raw.name = instance.keep(Array(name.utf8))
                if case .int(let number) = value { (raw.value.kind, raw.value.i) = (STG_VALUE_INT, number) }
                return raw
            }
            (raw.params, raw.param_count) = (UnsafePointer(instance.keep(params)), params.count)
        }
        return raw
    }
}

extension Ask {
    static func sample(
        _ tag: UInt64, _ node: UInt64, count: Int = 1, steps: Int = 0, maxTokens: Int = 0, temperature: Double = 1,
        role: String = "policy"
    ) -> Ask {
        Ask(
            tag: tag,
            body: .sample(
                SampleAsk(
                    role: role, node: node, count: count, steps: steps, maxTokens: maxTokens, temperature: temperature))
        )
    }
    static func score(_ tag: UInt64, _ nodes: [UInt64], role: String = "prm") -> Ask {
        Ask(tag: tag, body: .score(role: role, nodes: nodes))
    }
    static func append(_ tag: UInt64, _ node: UInt64, _ text: String, role: String = "policy") -> Ask {
        Ask(tag: tag, body: .append(role: role, node: node, text: Array(text.utf8)))
    }
    static func revise(_ tag: UInt64, problem: Int = 0, _ attempts: [UInt64]) -> Ask {
        Ask(tag: tag, body: .revise(role: "policy", problem: problem, attempts: attempts))
    }
    static func run(
        _ tag: UInt64, _ strategy: String, problem: Int = 0, key: Int64? = nil, share: Double = 1,
        generations: Int? = nil,
        tokens: Int? = nil
    ) -> Ask {
        Ask(
            tag: tag,
            body: .run(
                RunAsk(
                    strategy: strategy, problem: problem, params: key.map { ["key": .int($0)] } ?? [:], share: share,
                    maxGenerations: generations, maxTokens: tokens)))
    }
}

/// Counts turns for an act: a puppet whose moves depend on the turn alone.
func turns(_ moves: @escaping @Sendable (Int, Puppet.Stage) throws -> NextStep) -> Puppet.Act {
    let turn = Locked(0)
    return { stage in
        let number = turn.withLock { turn in
            defer { turn += 1 }
            return turn
        }
        return try moves(number, stage)
    }
}

func done(_ nodes: [UInt64]) -> NextStep { .done(nodes.map { RankedAnswer(node: $0, weight: 1) }) }
