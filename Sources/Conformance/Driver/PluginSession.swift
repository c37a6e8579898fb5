import CConformance
import CStratagem
import Glibc
import SearchCore

/// One instance of a strategy, called as the header says and watched while it is.
final class PluginSession {
    let strategy: StrategyView
    let world: World
    let host: HostDouble
    private let placer: Placer
    private(set) var instance: OpaquePointer?
    private(set) var violations: [Violation] = []
    private(set) var told: Set<UInt64>
    private(set) var lastOut: UnsafeMutablePointer<stg_next>?
    private(set) var slowestNextSeconds = 0.0
    /// Calls of next in which its thread gave the processor away, and was without it for a while.
    private(set) var waits = 0
    /// Of the instances that this one goes on in the place of: each may still be there.
    private(set) var earlierHosts: [HostDouble] = []
    /// How a call of the plugin's is made: on this thread, unless a check says otherwise.
    var call: (() -> Void) -> Void = { $0() }

    var allViolations: [Violation] {
        violations + host.violations + earlierHosts.flatMap(\.violations) + world.violations
    }

    init(_ strategy: StrategyView, world: World, rules: MemoryRules = .plain) {
        self.strategy = strategy
        self.world = world
        FaultReport.begin(strategy.name)
        host = HostDouble(world: world, rules: rules)
        placer = Placer(rules)
        told = Set(world.roots)
    }

    /// Continues instead of another instance, in its world.
    init(inPlaceOf other: PluginSession) {
        strategy = other.strategy
        world = other.world
        host = HostDouble(continuing: other.host)
        earlierHosts = other.earlierHosts + [other.host]
        placer = Placer(.plain)
        told = other.told
        call = other.call
    }

    private func note(_ check: String, _ expected: String, _ happened: String) {
        violations.append(Violation(check: check, expected: expected, happened: happened))
    }

    private func noteStatus(_ status: stg_status, _ function: String) {
        if !(0...5).contains(status) {
            note("status-known", "functions return one of the header's status codes", "\(function) returned \(status)")
        }
        if status != STG_OK, host.lastError == nil {
            note(
                "errors-explained", "before it returns anything but STG_OK it says why with set_error",
                "\(function) returned \(statusName(status)) and gave no reason")
        }
    }

    // MARK: Calls

    private func placeInfo() -> UnsafePointer<stg_create_info> {
        let rules = placer.rules
        let problems = zip(world.scenario.problems, world.roots).map { problem, root in
            stg_problem(
                struct_size: UInt32(MemoryLayout<stg_problem>.size + rules.growth(.problems)), reserved: 0,
                text: stg_str(data: placer.place(bytes: problem, in: .problemText), size: problem.count), root: root)
        }
        let values = strategy.values(world.scenario).map(placed)
        let info = stg_create_info(
            struct_size: UInt32(MemoryLayout<stg_create_info>.size + rules.growth(.info)),
            problem_count: UInt32(problems.count),
            problems: placer.place(problems, in: .problems).map {
                UnsafePointer($0.assumingMemoryBound(to: stg_problem.self))
            },
            params: placer.place(values, in: .params).map { UnsafePointer($0.assumingMemoryBound(to: stg_value.self)) },
            param_count: values.count, strategy: strategy.raw)
        let placed = placer.place(info, in: .info)
        placer.seal()
        return UnsafePointer(placed)
    }

    /// A value whose text lies where the rules say. What no rule names stays where it is: a default in the plugin.
    private func placed(_ value: stg_value) -> stg_value {
        guard placer.rules.isSpecial(.paramText), [STG_VALUE_TEXT, STG_VALUE_BYTES].contains(value.kind),
            let copy = bytes(value.s)
        else { return value }
        var moved = value
        moved.s.data = placer.place(bytes: copy, in: .paramText)
        return moved
    }

    /// - Returns: STG_OK if there is an instance now.
    func create() -> stg_status {
        made("create") { [self] info, out in
            kit_fill_stack()
            return strategy.raw.pointee.create(UnsafePointer(host.table), info, out)
        }
    }

    func restore(_ state: [UInt8]) -> stg_status {
        let text = stg_str(data: placer.place(bytes: state, in: .state), size: state.count)
        return made("restore") { [self] info, out in
            kit_fill_stack()
            return strategy.raw.pointee.restore?(UnsafePointer(host.table), info, text, out) ?? STG_UNSUPPORTED
        }
    }

    private func made(
        _ function: String, _ body: (UnsafePointer<stg_create_info>, UnsafeMutablePointer<OpaquePointer?>) -> stg_status
    ) -> stg_status {
        let info = placeInfo()
        var made: OpaquePointer?
        var status = STG_ERROR
        FaultReport.enter(function)
        host.makesInstance = true
        call { status = host.during { body(info, &made) } }
        host.makesInstance = false
        placer.callEnded()
        noteStatus(status, function)
        if status == STG_OK, made == nil {
            note(
                "create-instance", "a create or restore that returns STG_OK sets *out",
                "\(function) returned STG_OK and left *out NULL")
            return STG_ERROR
        }
        instance = status == STG_OK ? made : nil
        return status
    }

    func next(_ event: Int32, _ results: [ToldRecord]) -> Turn {
        guard let instance else { return .failed(STG_INVALID_ARGUMENT, reason: "there is no instance") }
        for result in results { told.formUnion(result.nodes) }
        let tell = placeTell(event, results)
        placer.seal()
        let out = placeNext()
        var status = STG_ERROR
        let start = monotonicSeconds()
        FaultReport.enter("next")
        call {
            let (switches, worked) = (kit_waits(), threadSeconds())
            status = host.during {
                kit_fill_stack()
                return strategy.raw.pointee.next(instance, tell, out)
            }
            let without = monotonicSeconds() - start - (threadSeconds() - worked)
            if kit_waits() > switches, without > 0.001 { waits += 1 }
        }
        slowestNextSeconds = max(slowestNextSeconds, monotonicSeconds() - start)
        noteStatus(status, "next")
        // What is fleeting goes first: the asks, and all that they point to, are the plugin's own memory.
        placer.callEnded()
        let turn = status == STG_OK ? read(out.pointee) : .failed(status, reason: host.lastError)
        lastOut = out
        return turn
    }

    /// What the last turn returned, read once more.
    func readAgain() -> Turn? { lastOut.map { AskReadingQuiet.read($0.pointee, self) } }

    private func read(_ next: stg_next) -> Turn {
        var reading = AskReading(world: world, strategy: strategy, told: told)
        let turn = reading.read(next)
        violations += reading.violations
        return turn
    }

    private func placeTell(_ event: Int32, _ results: [ToldRecord]) -> UnsafePointer<stg_tell> {
        let rules = placer.rules
        let entries = results.map { result in
            let nodes = placer.place(result.nodes, in: .toldNodes)
            return stg_told(
                struct_size: UInt32(MemoryLayout<stg_told>.size + rules.growth(.told)), outcome: result.outcome,
                tag: result.tag,
                nodes: nodes.map { UnsafePointer($0.assumingMemoryBound(to: stg_node.self)) },
                node_count: result.nodes.count)
        }
        let list = placer.place(entries, in: .told)
        return UnsafePointer(
            placer.place(
                stg_tell(
                    struct_size: UInt32(MemoryLayout<stg_tell>.size + rules.growth(.tell)), event: event,
                    told: list.map { UnsafePointer($0.assumingMemoryBound(to: stg_told.self)) },
                    told_count: entries.count), in: .tell))
    }

    private func placeNext() -> UnsafeMutablePointer<stg_next> {
        var next = stg_next()
        next.struct_size = UInt32(MemoryLayout<stg_next>.size + placer.rules.growth(.next))
        return placer.place(next, in: .next)
    }

    func save() -> [UInt8]? {
        guard let out = saveInPlace() else { return nil }
        guard let state = bytes(out) else {
            note("save-readable", "save returns bytes that can be read", "it returned \(quoted(out))")
            return nil
        }
        return state
    }

    /// The state where the plugin has it: until the next call on this instance.
    func saveInPlace() -> stg_str? {
        guard let instance, let function = strategy.raw.pointee.save else { return nil }
        var out = stg_str()
        var status = STG_ERROR
        FaultReport.enter("save")
        call {
            status = host.during {
                kit_fill_stack()
                return function(instance, &out)
            }
        }
        noteStatus(status, "save")
        return status == STG_OK ? out : nil
    }

    func destroy() {
        guard let instance else { return }
        self.instance = nil
        FaultReport.enter("destroy")
        call { strategy.raw.pointee.destroy(instance) }
    }

    /// Leaves the instance as it is: destroying it in this state is another check's subject.
    func abandon() { instance = nil }
}

enum AskReadingQuiet {
    static func read(_ next: stg_next, _ session: PluginSession) -> Turn {
        var reading = AskReading(world: session.world, strategy: session.strategy, told: session.told)
        return reading.read(next)
    }
}

extension Scenario {
    /// Nil: the default.
    func value(_ param: stg_param) -> ParameterValue? { params[text(param.id) ?? ""] ?? settings.value(param) }

    /// The value that a CHOICE or BOOL has, as people type it; nil: none.
    func typed(_ param: stg_param) -> String? {
        switch value(param) {
        case .text(let choice): return choice
        case .bool(let flag): return flag ? "true" : "false"
        case nil: break
        default: return nil
        }
        switch param.fallback.kind {
        case STG_VALUE_TEXT: return text(param.fallback.s)
        case STG_VALUE_BOOL: return param.fallback.i != 0 ? "true" : "false"
        default: return nil
        }
    }
}

extension StrategyView {
    /// A value for each parameter, in order: the scenario's, the user's, and defaults.
    func values(_ scenario: Scenario) -> [stg_value] {
        params.map { param in
            var raw = scenario.value(param).map(Self.value) ?? param.fallback
            if scenario.fillsOtherFields { Self.fillOtherFields(&raw) }
            if scenario.emptyTextHasPointer, raw.kind == STG_VALUE_TEXT, raw.s.size == 0 {
                raw.s.data = Self.immortal([0x21]).data
            }
            return raw
        }
    }

    private static func value(_ value: ParameterValue) -> stg_value {
        var raw = stg_value()
        switch value {
        case .none: raw.kind = STG_VALUE_NONE
        case .int(let number): (raw.kind, raw.i) = (STG_VALUE_INT, number)
        case .float(let number): (raw.kind, raw.f) = (STG_VALUE_FLOAT, number)
        case .bool(let flag): (raw.kind, raw.i) = (STG_VALUE_BOOL, flag ? 1 : 0)
        case .text(let text): (raw.kind, raw.s) = (STG_VALUE_TEXT, immortal(Array(text.utf8)))
        case .bytes(let bytes): (raw.kind, raw.s) = (STG_VALUE_BYTES, immortal(bytes))
        }
        return raw
    }

    /// What the kind does not name may hold anything.
    private static func fillOtherFields(_ raw: inout stg_value) {
        let isWhole = raw.kind == STG_VALUE_INT || raw.kind == STG_VALUE_BOOL
        if !isWhole { raw.i = 3 }
        if raw.kind != STG_VALUE_FLOAT { raw.f = 0.375 }
        if isWhole || raw.kind == STG_VALUE_FLOAT || raw.kind == STG_VALUE_NONE { raw.s = immortal([0x33]) }
    }

    private static func immortal(_ bytes: [UInt8]) -> stg_str {
        guard !bytes.isEmpty else { return stg_str(data: nil, size: 0) }
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        UnsafeMutableRawPointer(copy).copyMemory(from: bytes, byteCount: bytes.count)
        return stg_str(data: copy, size: bytes.count)
    }
}
