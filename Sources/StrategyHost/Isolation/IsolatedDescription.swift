import CStratagem
import SearchCore

/// A plugin's block, as its worker describes it.
///
/// The host builds the same C block again from the description and reads it through ``PluginBlock``, so a plugin gets
/// the same checks and the same error messages wherever it runs. The functions in the rebuilt block are stubs that
/// refuse.
final class IsolatedDescription: @unchecked Sendable {
    /// Lives as long as this object. `descriptor`s point into it.
    private(set) var block: PluginBlock
    /// How the worker that described it is confined.
    let confinement: Confinement
    private let arena: BlockArena

    init(_ reader: inout WireReader) throws(WireProblem) {
        confinement = Confinement(
            noNewPrivileges: try reader.flag(), landlockABI: Int(try reader.number(UInt32.self)),
            systemCallFilter: try reader.flag(),
            limits: try reader.flag())
        let arena = BlockArena()
        let raw = try Self.plugin(&reader, arena)
        try reader.end()
        do { block = try PluginBlock(raw) } catch { throw WireProblem(reason: error.reason) }
        self.arena = arena
    }

    // MARK: - In the worker

    static func put(_ block: PluginBlock, _ confinement: Confinement, _ writer: inout WireWriter) {
        writer.put(confinement.noNewPrivileges)
        writer.put(UInt32(clamping: confinement.landlockABI))
        writer.put(confinement.systemCallFilter)
        writer.put(confinement.limits)
        writer.put(block.name)
        writer.put(block.version)
        writer.put(block.strategies) { put($1.info, &$0) }
        writer.put(block.functions) {
            for text in [$1.info.hook, $1.info.name, $1.info.signature] { $0.put(text) }
        }
    }

    private static func put(_ strategy: StrategyInfo, _ writer: inout WireWriter) {
        for text in [strategy.id, strategy.name, strategy.version, strategy.summary] { writer.put(text) }
        writer.put(strategy.takesBatch)
        writer.put(strategy.params) { writer, info in
            writer.put(kind(info.kind))
            for text in [info.id, info.help, info.fallbackText] { writer.put(text) }
            IsolatedMessages.put(info.fallback, &writer)
            writer.put(info.min ?? -.infinity)
            writer.put(info.max ?? .infinity)
            writer.put(info.choices) { $0.put($1) }
            writer.put(info.isRequired)
        }
        writer.put(strategy.roles) { writer, role in
            for text in [
                role.name, role.parameter ?? "", role.unless?.parameter ?? "", role.unless?.value ?? "", role.help,
            ] { writer.put(text) }
            writer.put(role.isVerifier)
            writer.put(role.isOptional)
        }
    }

    private static func kind(_ kind: ParameterInfo.Kind) -> stg_param_kind {
        switch kind {
        case .int: STG_PARAM_INT
        case .float: STG_PARAM_FLOAT
        case .bool: STG_PARAM_BOOL
        case .choice: STG_PARAM_CHOICE
        case .text: STG_PARAM_TEXT
        case .file: STG_PARAM_FILE
        }
    }

    // MARK: - In the host

    private static func plugin(_ reader: inout WireReader, _ arena: BlockArena) throws(WireProblem) -> UnsafePointer<
        stg_plugin
    > {
        var plugin = stg_plugin()
        plugin.magic = PluginBlock.magic
        plugin.struct_size = UInt32(MemoryLayout<stg_plugin>.size)
        (plugin.abi_major, plugin.abi_minor) = (UInt16(STG_ABI_MAJOR), UInt16(STG_ABI_MINOR))
        plugin.name = arena.text(try reader.text())
        plugin.version = arena.text(try reader.text())
        let strategies = try reader.list(least: 25) { (each) throws(WireProblem) in
            Optional(arena.array([try strategy(&each, arena)]))
        }
        (plugin.strategies, plugin.strategy_count) = (arena.array(strategies), strategies.count)
        let functions = try reader.list(least: 12) { (each) throws(WireProblem) in
            var function = stg_function()
            function.struct_size = UInt32(MemoryLayout<stg_function>.size)
            function.hook = arena.text(try each.text())
            function.name = arena.text(try each.text())
            function.signature = arena.text(try each.text())
            function.address = {}
            return Optional(arena.array([function]))
        }
        (plugin.functions, plugin.function_count) = (arena.array(functions), functions.count)
        return arena.array([plugin])
    }

    private static func strategy(_ reader: inout WireReader, _ arena: BlockArena) throws(WireProblem) -> stg_strategy {
        var strategy = stg_strategy()
        strategy.struct_size = UInt32(MemoryLayout<stg_strategy>.size)
        strategy.id = arena.text(try reader.text())
        strategy.name = arena.text(try reader.text())
        strategy.version = arena.text(try reader.text())
        strategy.summary = arena.text(try reader.text())
        strategy.flags = try reader.flag() ? STG_STRATEGY_BATCH : 0
        let params = try reader.list(least: 38) { (each) throws(WireProblem) in try parameter(&each, arena) }
        (strategy.params, strategy.param_count) = (arena.array(params), params.count)
        let roles = try reader.list(least: 22) { (each) throws(WireProblem) in try role(&each, arena) }
        (strategy.roles, strategy.role_count) = (arena.array(roles), roles.count)
        // A caller of these functions has mistaken an isolated strategy for one in this process.
        strategy.create = { _, _, _ in STG_UNSUPPORTED }
        strategy.next = { _, _, _ in STG_UNSUPPORTED }
        strategy.destroy = { _ in }
        return strategy
    }

    private static func role(_ reader: inout WireReader, _ arena: BlockArena) throws(WireProblem) -> stg_role {
        var role = stg_role()
        role.struct_size = UInt32(MemoryLayout<stg_role>.size)
        role.name = arena.text(try reader.text())
        role.param = arena.text(try reader.text())
        role.unless_param = arena.text(try reader.text())
        role.unless_value = arena.text(try reader.text())
        role.help = arena.text(try reader.text())
        if try reader.flag() { role.flags |= STG_ROLE_VERIFIER }
        if try reader.flag() { role.flags |= STG_ROLE_OPTIONAL }
        return role
    }

    private static func parameter(_ reader: inout WireReader, _ arena: BlockArena) throws(WireProblem) -> stg_param {
        var param = stg_param()
        param.struct_size = UInt32(MemoryLayout<stg_param>.size)
        param.kind = try reader.number()
        param.id = arena.text(try reader.text())
        param.help = arena.text(try reader.text())
        param.fallback_text = arena.text(try reader.text())
        switch try IsolatedMessages.value(&reader) {
        case .none: param.fallback.kind = STG_VALUE_NONE
        case .int(let number): (param.fallback.kind, param.fallback.i) = (STG_VALUE_INT, number)
        case .float(let number): (param.fallback.kind, param.fallback.f) = (STG_VALUE_FLOAT, number)
        case .bool(let flag): (param.fallback.kind, param.fallback.i) = (STG_VALUE_BOOL, flag ? 1 : 0)
        case .text(let text): (param.fallback.kind, param.fallback.s) = (STG_VALUE_TEXT, arena.text(text))
        case .bytes(let bytes): (param.fallback.kind, param.fallback.s) = (STG_VALUE_BYTES, arena.bytes(bytes))
        }
        (param.min, param.max) = (try reader.double(), try reader.double())
        let choices = try reader.list(least: 4) { (each) throws(WireProblem) in arena.text(try each.text()) }
        (param.choices, param.choice_count) = (arena.array(choices), choices.count)
        param.flags = try reader.flag() ? STG_PARAM_REQUIRED : 0
        return param
    }
}

/// How a worker is confined. A feature that the kernel lacks is false, or version 0.
public struct Confinement: Sendable, Equatable {
    public var noNewPrivileges: Bool
    /// The version of the rules about files that are in force.
    public var landlockABI: Int
    public var systemCallFilter: Bool
    public var limits: Bool

    public init(noNewPrivileges: Bool, landlockABI: Int, systemCallFilter: Bool, limits: Bool) {
        self.noNewPrivileges = noNewPrivileges
        self.landlockABI = landlockABI
        self.systemCallFilter = systemCallFilter
        self.limits = limits
    }

    /// What is missing, in words that follow "this system lacks"; empty if nothing is missing.
    public var missing: [String] {
        var missing: [String] = []
        if !noNewPrivileges { missing.append("no_new_privs (a program with more rights could be started)") }
        if landlockABI == 0 { missing.append("Landlock (plugins could read your files)") }
        if !systemCallFilter { missing.append("seccomp filters (plugins could use the network and start programs)") }
        if !limits { missing.append("resource limits (plugins could use up the memory)") }
        return missing
    }
}

/// Memory of a block that was built here; freed with it.
private final class BlockArena {
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit { for piece in pieces { piece.deallocate() } }

    func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
        let start = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        for (index, element) in elements.enumerated() { start.advanced(by: index).initialize(to: element) }
        pieces.append(UnsafeMutableRawPointer(start))
        return UnsafePointer(start)
    }

    func bytes(_ bytes: [UInt8]) -> stg_str {
        guard !bytes.isEmpty else { return stg_str(data: nil, size: 0) }
        return stg_str(data: UnsafeRawPointer(array(bytes)).assumingMemoryBound(to: CChar.self), size: bytes.count)
    }

    func text(_ text: String) -> stg_str { bytes(Array(text.utf8)) }
}
