import CStratagem
import SearchCore

/// A plugin's description of itself, read and checked field by field.
///
/// Sizes and versions are checked first: until they are known to fit, no other field has a meaning. No function of the
/// plugin is called.
struct PluginBlock {
    typealias Problem = PluginProblem

    struct Strategy: @unchecked Sendable {
        var info: StrategyInfo
        var descriptor: UnsafePointer<stg_strategy>
    }

    struct Function: @unchecked Sendable {
        var info: FunctionInfo
        var address: UnsafeRawPointer
    }

    /// "\nSTRTAG1", little-endian: STG_MAGIC, a C macro that Swift cannot import.
    static let magic: UInt64 = 0x3147_4154_5254_530A
    static let strategiesMax = 4096

    private(set) var name: String
    private(set) var version: String
    private(set) var strategies: [Strategy] = []
    private(set) var functions: [Function] = []

    init(_ block: UnsafePointer<stg_plugin>) throws(Problem) {
        try Self.checkVersion(block)
        let plugin = block.pointee
        guard let name = ForeignText.shortName(plugin.name) else {
            throw Problem(reason: "has the plugin name \(ForeignText.quoted(plugin.name)); a name is [a-z0-9-]+")
        }
        guard let version = ForeignText.semanticVersion(plugin.version) else {
            throw Problem(reason: "has the version \(ForeignText.quoted(plugin.version)); a version is like \"1.0.0\"")
        }
        self.name = name
        self.version = version
        strategies = try Self.readStrategies(plugin)
        functions = try Self.readFunctions(plugin)
        guard !strategies.isEmpty || !functions.isEmpty else {
            throw Problem(reason: "offers no strategy and no function")
        }
    }

    private static func checkVersion(_ block: UnsafePointer<stg_plugin>) throws(Problem) {
        let plugin = UnsafeRawPointer(block)
        let found = plugin.load(as: UInt64.self)
        guard found == magic else {
            throw Problem(
                reason: "has the magic number 0x\(String(found, radix: 16)), not 0x\(String(magic, radix: 16)) "
                    + "(STG_MAGIC): it was built for something else, or its block is damaged")
        }
        let major = Int32(block.pointee.abi_major)
        guard major == STG_ABI_MAJOR else {
            throw Problem(
                reason: "was built for ABI \(major).\(block.pointee.abi_minor); this host has "
                    + "\(STG_ABI_MAJOR).\(STG_ABI_MINOR). Rebuild it with this host's stratagem.h")
        }
        try StructSizes.check(block.pointee.struct_size, is: MemoryLayout<stg_plugin>.size, of: "stg_plugin", in: "")
    }

    // MARK: - Strategies

    private static func readStrategies(_ plugin: stg_plugin) throws(Problem) -> [Strategy] {
        var found: [Strategy] = []
        try checkArray(plugin.strategies, plugin.strategy_count, "strategies")
        for index in 0..<plugin.strategy_count {
            guard let descriptor = plugin.strategies?[index] else {
                throw Problem(reason: "has NULL as its strategy number \(index)")
            }
            let info = try readStrategy(descriptor, place: "strategy number \(index) ")
            if let twin = found.first(where: { $0.info.name == info.name || $0.info.id == info.id }) {
                throw Problem(
                    reason: "offers \"\(info.name)\" (\(info.id)) and \"\(twin.info.name)\" (\(twin.info.id)): "
                        + "names and ids of strategies must differ")
            }
            found.append(Strategy(info: info, descriptor: descriptor))
        }
        return found
    }

    private static func readStrategy(_ pointer: UnsafePointer<stg_strategy>, place: String) throws(Problem)
        -> StrategyInfo
    {
        try StructSizes.check(pointer.pointee.struct_size, is: StructSizes.strategy1_0, of: "stg_strategy", in: place)
        let strategy = StructSizes.read(pointer, size: Int(pointer.pointee.struct_size), into: stg_strategy())
        guard let name = ForeignText.shortName(strategy.name) else {
            throw Problem(reason: "\(place)has the name \(ForeignText.quoted(strategy.name)); a name is [a-z0-9-]+")
        }
        let place = "strategy \"\(name)\" "
        guard let id = ForeignText.reverseURI(strategy.id) else {
            throw Problem(
                reason: "\(place)has the id \(ForeignText.quoted(strategy.id)); an id is like \"org.example.beam\"")
        }
        guard let version = ForeignText.semanticVersion(strategy.version) else {
            throw Problem(
                reason: "\(place)has the version \(ForeignText.quoted(strategy.version)); a version is like \"1.0.0\"")
        }
        guard let summary = ForeignText.line(strategy.summary) else {
            throw Problem(
                reason: "\(place)has a summary that is not one line of UTF-8: \(ForeignText.quoted(strategy.summary))")
        }
        let unknown = strategy.flags & ~STG_STRATEGY_BATCH
        guard unknown == 0 else {
            throw Problem(reason: "\(place)has flags (0x\(String(unknown, radix: 16))) that this host does not know")
        }
        try checkCalls(strategy, place: place)
        let params = try ParameterTable.read(strategy, place: place)
        return StrategyInfo(
            id: id, name: name, version: version, summary: summary, params: params,
            takesBatch: strategy.flags & STG_STRATEGY_BATCH != 0,
            roles: try RoleTable.read(strategy, params, place: place))
    }

    private static func checkCalls(_ strategy: stg_strategy, place: String) throws(Problem) {
        let required = [
            ("create", strategy.create == nil), ("next", strategy.next == nil), ("destroy", strategy.destroy == nil),
        ]
        for (name, isMissing) in required where isMissing {
            throw Problem(reason: "\(place)has NULL for \(name), which every strategy must have")
        }
        guard (strategy.save == nil) == (strategy.restore == nil) else {
            let (has, lacks) = strategy.save == nil ? ("restore", "save") : ("save", "restore")
            throw Problem(reason: "\(place)has \(has) but not \(lacks): give both or neither")
        }
    }

    // MARK: - Functions

    private static func readFunctions(_ plugin: stg_plugin) throws(Problem) -> [Function] {
        var found: [Function] = []
        try checkArray(plugin.functions, plugin.function_count, "functions")
        for index in 0..<plugin.function_count {
            guard let pointer = plugin.functions?[index] else {
                throw Problem(reason: "has NULL as its function number \(index)")
            }
            let place = "function number \(index) "
            try StructSizes.check(
                pointer.pointee.struct_size, is: MemoryLayout<stg_function>.size, of: "stg_function", in: place)
            let function = try readFunction(pointer.pointee, place: place)
            if found.contains(where: { $0.info.hook == function.info.hook && $0.info.name == function.info.name }) {
                throw Problem(reason: "offers two functions \"\(function.info.name)\" for \(function.info.hook)")
            }
            found.append(function)
        }
        return found
    }

    private static func readFunction(_ function: stg_function, place: String) throws(Problem) -> Function {
        guard let name = ForeignText.shortName(function.name) else {
            throw Problem(reason: "\(place)has the name \(ForeignText.quoted(function.name)); a name is [a-z0-9-]+")
        }
        let place = "function \"\(name)\" "
        let known = Hook.allCases.map { "\($0.rawValue) \($0.signature)" }.joined(separator: ", ")
        guard let text = ForeignText.utf8(function.hook, bytesMax: ForeignText.nameBytesMax),
            let hook = Hook(rawValue: text)
        else {
            throw Problem(
                reason: "\(place)is for \(ForeignText.quoted(function.hook)), a hook that this host does not know. "
                    + "It knows \(known)")
        }
        guard ForeignText.utf8(function.signature, bytesMax: ForeignText.nameBytesMax) == hook.signature else {
            throw Problem(
                reason: "\(place)declares the signature \(ForeignText.quoted(function.signature)); "
                    + "that of \(hook.rawValue) is \(hook.signature). Known: \(known)")
        }
        guard let address = function.address else { throw Problem(reason: "\(place)has NULL for its address") }
        return Function(
            info: FunctionInfo(hook: hook.rawValue, name: name, signature: hook.signature),
            address: unsafeBitCast(address, to: UnsafeRawPointer.self))
    }

    private static func checkArray(_ start: UnsafePointer<some Any>?, _ count: Int, _ what: String) throws(Problem) {
        guard (0...strategiesMax).contains(count) else {
            throw Problem(
                reason: "says that it has \(UInt(bitPattern: count)) \(what); at most \(strategiesMax) are read")
        }
        guard count == 0 || start != nil else {
            throw Problem(reason: "has \(count) \(what), but NULL for where they are")
        }
    }
}
