import CStratagem

/// The value of a parameter in a test.
enum Value {
    case int(Int64), float(Double), bool(Bool), text(String)
}

/// One strategy at work on a `FakeHost`, written down turn by turn.
///
///     sample 4 from root, 1 step
///     score a b c d
///     answer a=1 0.9
final class Run {
    let host: FakeHost
    private let strategy: UnsafePointer<stg_strategy>
    private(set) var instance: OpaquePointer?
    private(set) var log: [String] = []
    private var round = 0
    /// Batches asked for so far.
    var rounds: Int { round }
    private let parameters: [String: Value]
    /// Save and restore between any two turns.
    var movesEveryTurn = false
    /// The turn that is told as a stop, with what the batch came to by then.
    var stop: (round: Int, event: stg_event)?
    /// Turns until it is given up.
    var roundsMax = 200
    /// Elements of `told` are this many bytes longer than the header's.
    var padding = 0

    convenience init(_ plugin: String, _ host: FakeHost, _ parameters: [String: Value] = [:]) throws {
        self.init(try PluginImage(plugin).strategy, host, parameters)
    }

    init(_ strategy: UnsafePointer<stg_strategy>, _ host: FakeHost, _ parameters: [String: Value] = [:]) {
        self.host = host
        self.parameters = parameters
        self.strategy = strategy
    }

    deinit { destroy() }

    func destroy() {
        if let instance { strategy.pointee.destroy(instance) }
        instance = nil
    }

    /// From create to done. Throws what the plugin gave as its error.
    @discardableResult
    func callAsFunction() throws -> [String] {
        try create()
        var told: [(tag: UInt64, outcome: stg_outcome, nodes: [stg_node])] = []
        var event = STG_EVENT_START
        while true {
            guard let batch = try turn(event, told) else { return log }
            round += 1
            told = try batch.map { ask in
                let result = try host.perform(ask, round: round)
                return (ask.tag, result.outcome, result.nodes)
            }
            let nothingFitted =
                !told.isEmpty && told.allSatisfy { $0.outcome == STG_OUTCOME_BUDGET_EXHAUSTED && $0.nodes.isEmpty }
            event = nothingFitted ? STG_EVENT_BUDGET_OVER : STG_EVENT_RESULTS
            if let stop, stop.round == round { event = stop.event }
            if round > roundsMax { throw Failure("does not end: \(log.suffix(3))") }
        }
    }

    // MARK: the calls

    func create() throws {
        try withSetup { info in
            try check(strategy.pointee.create(host.table, info, &instance))
        }
    }

    /// One call of `next`; nil when it is done.
    private func turn(_ event: stg_event, _ told: [(tag: UInt64, outcome: stg_outcome, nodes: [stg_node])]) throws
        -> [stg_ask]?
    {
        if movesEveryTurn, event != STG_EVENT_START { try move() }
        let stride = MemoryLayout<stg_told>.size + padding
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, stride * told.count), alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0xAA, count: stride * told.count)
        var nodes: [UnsafeMutableBufferPointer<stg_node>] = []
        defer {
            memory.deallocate()
            for buffer in nodes { buffer.deallocate() }
        }
        for (index, one) in told.enumerated() {
            let buffer = UnsafeMutableBufferPointer<stg_node>.allocate(capacity: one.nodes.count)
            _ = buffer.initialize(from: one.nodes)
            nodes.append(buffer)
            (memory + index * stride).storeBytes(
                of: stg_told(
                    struct_size: UInt32(stride), outcome: one.outcome, tag: one.tag,
                    nodes: UnsafePointer(buffer.baseAddress), node_count: one.nodes.count), as: stg_told.self)
        }
        var tell = stg_tell()
        tell.struct_size = UInt32(MemoryLayout<stg_tell>.size)
        tell.event = event
        tell.told = told.isEmpty ? nil : UnsafePointer(memory.assumingMemoryBound(to: stg_told.self))
        tell.told_count = told.count
        var next = stg_next()
        next.struct_size = UInt32(MemoryLayout<stg_next>.size)
        try check(strategy.pointee.next(instance, &tell, &next))
        if next.kind == STG_NEXT_DONE {
            for index in 0..<next.answer_count {
                log.append("answer \(host.name(next.answers[index].node)) \(number(next.answers[index].weight))")
            }
            return nil
        }
        let asks = (0..<next.ask_count).map { next.asks[$0] }
        log += asks.map(describe)
        return asks
    }

    /// To another "process": what was saved is all that survives.
    private func move() throws {
        var state = stg_str()
        try check(strategy.pointee.save(instance, &state))
        let bytes = Array(UnsafeRawBufferPointer(start: state.data, count: state.size))
        destroy()
        try restore(bytes)
    }

    func restore(_ bytes: [UInt8]) throws {
        try withSetup { info in
            try bytes.withUnsafeBytes { raw in
                let state = stg_str(data: raw.baseAddress?.assumingMemoryBound(to: CChar.self), size: raw.count)
                try check(strategy.pointee.restore(host.table, info, state, &instance))
            }
        }
    }

    private func check(_ status: stg_status) throws {
        if status != STG_OK { throw Failure(host.errors.last ?? "status \(status) without a reason") }
    }

    /// Calls `body` with the arguments of `create`, and takes them away afterwards.
    private func withSetup(_ body: (UnsafePointer<stg_create_info>) throws -> Void) throws {
        var problem = stg_problem()
        problem.struct_size = UInt32(MemoryLayout<stg_problem>.size)
        problem.root = 1
        let values = (0..<strategy.pointee.param_count).map { value(of: strategy.pointee.params[$0]) }
        try values.withUnsafeBufferPointer { values in
            try withUnsafePointer(to: problem) { problem in
                var info = stg_create_info()
                info.struct_size = UInt32(MemoryLayout<stg_create_info>.size)
                info.problem_count = 1
                info.problems = problem
                info.params = values.baseAddress
                info.param_count = values.count
                info.strategy = strategy
                try body(&info)
            }
        }
    }

    private func value(of row: stg_param) -> stg_value {
        var value = row.fallback
        switch parameters[string(row.id)] {
        case .int(let int): value.kind = STG_VALUE_INT; value.i = int
        case .float(let double): value.kind = STG_VALUE_FLOAT; value.f = double
        case .bool(let bool): value.kind = STG_VALUE_BOOL; value.i = bool ? 1 : 0
        case .text(let text):
            let found = (0..<row.choice_count).first { string(row.choices[$0]) == text }
            value.kind = STG_VALUE_TEXT
            value.s = row.choice_count == 0 ? host.text(text) : row.choices[found!]
        case nil: break
        }
        return value
    }

    private func describe(_ ask: stg_ask) -> String {
        let role = string(ask.role)
        let who = ["", "policy", "prm"].contains(role) ? "" : " (\(role))"
        let nodes = (0..<ask.node_count).map { host.name(ask.nodes[$0]) }.joined(separator: " ")
        switch ask.kind {
        case STG_ASK_SAMPLE:
            let until = ask.steps == 0 ? "to the end" : ask.steps == 1 ? "1 step" : "\(ask.steps) steps"
            let how = ask.temperature == 0 ? " greedily" : ""
            return "sample \(ask.count) from \(host.name(ask.node)), \(until)\(how)\(who)"
        case STG_ASK_SCORE: return "score \(nodes)\(who)"
        case STG_ASK_REVISE: return "revise \(nodes)\(who)"
        default: return "ask of kind \(ask.kind)"
        }
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
