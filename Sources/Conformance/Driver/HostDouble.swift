import CConformance
import CStratagem
import Glibc
import SearchCore

/// The host's side of one instance: answers getters from a world, and notes what
/// the plugin does with them that it may not.
final class HostDouble {
    let world: World
    let placer: Placer
    /// Of extensions that the instance asked for, by id.
    var extensionTables: [String: UnsafeRawPointer] = [:]
    private(set) var table: UnsafeMutablePointer<stg_host>
    private let random: SampleRandom
    private var randomCalls: UInt64 = 0
    private var lock = pthread_mutex_t()
    private var caller: pthread_t?
    private(set) var lastError: String?
    private(set) var errorCalls = 0
    /// Of all its functions together.
    private(set) var calls = 0
    private(set) var logs: [[UInt8]] = []
    private(set) var violations: [Violation] = []
    /// The call under way is create or restore.
    var makesInstance = false
    /// Its instance was saved, and another one goes on in its place.
    private var isReplaced = false

    /// Bytes of a struct that are certainly there in any version.
    private static let sizesThatCanBe = 8...4096

    init(world: World, rules: MemoryRules) {
        self.world = world
        placer = Placer(rules)
        // As the runtime derives it, so that an exported trace replays.
        random = SampleRandom(seed: StableHash(world.scenario.seed).combining(3).value)
        pthread_mutex_init(&lock, nil)
        let isOld = world.scenario.host.isOfVersion1_0
        let minor: UInt16 = rules.growth(.host) > 0 ? 9 : isOld ? 0 : UInt16(STG_ABI_MINOR)
        let size = isOld ? Self.size1_0 : MemoryLayout<stg_host>.size + rules.growth(.host)
        let fills = world.scenario.host.fillsStack
        let host = stg_host(
            struct_size: UInt32(size), abi_major: UInt16(STG_ABI_MAJOR), abi_minor: minor,
            host_data: nil, get_node: Self.filling(fills, 0, Self.getNode),
            step_scores: Self.filling(fills, 1, Self.stepScores), get_budget: Self.filling(fills, 2, Self.getBudget),
            random: Self.filling(fills, 3, Self.nextRandom), has_role: Self.filling(fills, 4, Self.hasRole),
            log: Self.filling(fills, 5, Self.log), set_error: Self.filling(fills, 6, Self.setError),
            get_extension: Self.filling(fills, 7, Self.getExtension),
            generations_left: Self.filling(fills, 8, Self.generationsLeft))
        table = isOld ? placer.place(first: size, of: host, in: .host) : placer.place(host, in: .host)
        table.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
        placer.seal()
    }

    /// The function, or one that leaves the stack full of what nobody wrote there.
    static func filling<Function>(_ fills: Bool, _ number: Int32, _ function: Function) -> Function {
        guard fills else { return function }
        return unsafeBitCast(
            kit_filling(number, unsafeBitCast(function, to: UnsafeMutableRawPointer.self)), to: Function.self)
    }

    private static let size1_0 = MemoryLayout<stg_host>.offset(of: \stg_host.generations_left) ?? 80

    /// That of the instance that goes on in the place of another's: each has its own.
    convenience init(continuing other: HostDouble) {
        self.init(world: other.world, rules: .plain)
        randomCalls = other.randomCalls
        calls = other.calls
        other.isReplaced = true
    }

    /// Runs one call of the plugin's. Getters answer inside it, on its thread.
    func during<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(&lock)
        caller = pthread_self()
        lastError = nil
        pthread_mutex_unlock(&lock)
        kit_meet()
        let result = body()
        pthread_mutex_lock(&lock)
        caller = nil
        pthread_mutex_unlock(&lock)
        placer.callEnded()
        return result
    }

    func note(_ check: String, _ expected: String, _ happened: String) {
        violations.append(Violation(check: check, expected: expected, happened: happened))
    }

    /// The double behind a table, with its lock held; nil outside a call.
    static func enter(_ host: UnsafePointer<stg_host>?, _ function: String) -> HostDouble? {
        guard let data = host?.pointee.host_data else { return nil }
        let double = Unmanaged<HostDouble>.fromOpaque(data).takeUnretainedValue()
        if double.world.scenario.host.pausesInCalls { usleep(20) }
        pthread_mutex_lock(&double.lock)
        double.calls += 1
        guard let caller = double.caller else {
            if double.isReplaced {
                double.note(
                    "save-restore", "restore takes the host that it is given",
                    "it called \(function) of the host of the instance that was saved")
            }
            double.note(
                "host-calls-inside", "host functions are called only from inside create, next, save or restore",
                "it called \(function) when no such call was under way")
            pthread_mutex_unlock(&double.lock)
            return nil
        }
        if pthread_equal(caller, pthread_self()) == 0 {
            double.note(
                "host-calls-own-thread", "host functions are called on the thread of the plugin's call",
                "it called \(function) from another thread")
        }
        return double
    }

    func leave() {
        pthread_mutex_unlock(&lock)
        kit_meet()
    }

    private func str(_ bytes: [UInt8]) -> stg_str {
        let placed = stg_str(data: placer.place(bytes: bytes, in: .getterText), size: bytes.count)
        placer.seal()
        return placed
    }

    private func str(_ text: String) -> stg_str { str(Array(text.utf8)) }

    func checkSize(_ size: UInt32, _ function: String, _ type: String) -> Bool {
        if Self.sizesThatCanBe.contains(Int(size)) { return true }
        note(
            "getter-struct-size", "\(type).struct_size is set before \(function) is called, to sizeof(\(type)) or so",
            "it was \(size)")
        return false
    }

    /// Copies what fits into the caller's struct.
    static func fill<Value>(_ out: UnsafeMutablePointer<Value>, _ value: Value) {
        let size = UnsafeRawPointer(out).load(as: UInt32.self)
        let count = min(Int(size), MemoryLayout<Value>.size)
        withUnsafePointer(to: value) {
            (UnsafeMutableRawPointer(out) + 4).copyMemory(from: UnsafeRawPointer($0) + 4, byteCount: max(0, count - 4))
        }
    }

    // MARK: The functions

    private static let getNode:
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<stg_node_info>?) -> stg_status = {
            host, id, out in
            guard let self = enter(host, "get_node") else { return STG_INVALID_ARGUMENT }
            defer { self.leave() }
            guard let out else {
                self.note("getter-struct-size", "get_node is given a struct to fill in", "it was given NULL")
                return STG_INVALID_ARGUMENT
            }
            guard self.checkSize(out.pointee.struct_size, "get_node", "stg_node_info") else {
                return STG_INVALID_ARGUMENT
            }
            guard let place = self.world.node(id) else { return STG_NOT_FOUND }
            let node = self.world.tree[place]
            var flags: UInt32 = 0
            if node.ending == .finished { flags |= STG_NODE_FINISHED }
            if node.ending == .truncated { flags |= STG_NODE_TRUNCATED }
            if node.score != nil { flags |= STG_NODE_SCORED }
            if node.answer != nil { flags |= STG_NODE_ANSWERED }
            if self.world.scenario.host.hasUnknownFlags { flags |= 0x8010_0000 }
            fill(
                out,
                stg_node_info(
                    struct_size: 0, flags: flags, parent: node.parent == 0 ? 0 : self.world.outsideID(node.parent),
                    problem: UInt32(node.problem), depth: UInt32(node.depth), steps: UInt32(node.stepEnds.count),
                    tokens: UInt32(node.tokens),
                    log_probability: node.logProbability,
                    score: node.score ?? (self.world.scenario.poisonsUnscored ? .nan : 0),
                    text: self.str(node.text), answer: node.answer.map { self.str($0) } ?? stg_str(data: nil, size: 0)))
            return STG_OK
        }

    private static let stepScores:
        @convention(c) (
            UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<Double>?, Int, UnsafeMutablePointer<Int>?
        ) -> stg_status = { host, id, out, capacity, count in
            guard let self = enter(host, "step_scores") else { return STG_INVALID_ARGUMENT }
            defer { self.leave() }
            guard let count, out != nil || capacity == 0 else {
                self.note(
                    "getter-struct-size", "step_scores is given a count, and an array unless capacity is 0",
                    "it was given NULL")
                return STG_INVALID_ARGUMENT
            }
            guard let place = self.world.node(id) else { return STG_NOT_FOUND }
            let scores = self.world.stepScores(through: place)
            for index in 0..<min(max(0, capacity), scores.count) { out?[index] = scores[index] }
            let exaggerates = self.world.scenario.host.exaggeratesSteps && capacity < scores.count
            count.pointee = scores.count + (exaggerates ? 1 << 17 : 0)
            return STG_OK
        }

    private static let getBudget:
        @convention(c) (UnsafePointer<stg_host>?, UnsafeMutablePointer<stg_budget>?) -> stg_status = { host, out in
            guard let self = enter(host, "get_budget") else { return STG_INVALID_ARGUMENT }
            defer { self.leave() }
            guard let out else {
                self.note("getter-struct-size", "get_budget is given a struct to fill in", "it was given NULL")
                return STG_INVALID_ARGUMENT
            }
            guard self.checkSize(out.pointee.struct_size, "get_budget", "stg_budget") else {
                return STG_INVALID_ARGUMENT
            }
            if out.pointee.struct_size < 16 {
                self.note(
                    "getter-room", "stg_budget.struct_size is sizeof(stg_budget) or so",
                    "it was \(out.pointee.struct_size), which has room for no figure: the size of a pointer?")
            }
            let (limits, spent) = (self.world.scenario.limits, self.world.spent)
            let generations = self.world.scenario.showsZeroBudget ? 0 : limits.generations.map(UInt64.init) ?? .max
            fill(
                out,
                stg_budget(
                    struct_size: 0, reserved: 0, generations: generations,
                    tokens: limits.tokens.map(UInt64.init) ?? .max,
                    flops: limits.flops ?? .infinity, seconds: limits.seconds ?? .infinity,
                    generations_spent: UInt64(spent.generations),
                    tokens_spent: UInt64(spent.tokens),
                    flops_spent: self.world.scenario.hidesFlops ? .nan : spent.flops, seconds_spent: spent.seconds))
            return STG_OK
        }

    private static let generationsLeft:
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UInt32, UnsafeMutablePointer<UInt64>?) -> stg_status = {
            host, id, steps, count in
            guard let self = enter(host, "generations_left") else { return STG_INVALID_ARGUMENT }
            defer { self.leave() }
            guard let count, steps <= STG_MAX_STEPS else {
                self.note(
                    "getter-struct-size", "generations_left is given a count, and at most \(STG_MAX_STEPS) steps",
                    count == nil ? "it was given NULL" : "it was given \(steps) steps")
                return STG_INVALID_ARGUMENT
            }
            guard let place = self.world.node(id) else { return STG_NOT_FOUND }
            count.pointee =
                self.world.generationsLeft(from: self.world.tree[place].depth, steps: Int(min(steps, 256))).map(
                    UInt64.init) ?? .max
            return STG_OK
        }

    private static let nextRandom: @convention(c) (UnsafePointer<stg_host>?) -> UInt64 = { host in
        guard let self = enter(host, "random") else { return 0 }
        defer { self.leave() }
        self.randomCalls += 1
        return self.random.bits(self.randomCalls - 1)
    }

    private static let hasRole: @convention(c) (UnsafePointer<stg_host>?, stg_str) -> Int32 = { host, role in
        guard let self = enter(host, "has_role") else { return 0 }
        defer { self.leave() }
        return text(role).map { self.world.hasRole($0) } ?? false ? 1 : 0
    }

    private static let log: @convention(c) (UnsafePointer<stg_host>?, stg_log_level, stg_str) -> Void = {
        host, level, line in
        guard let self = enter(host, "log") else { return }
        defer { self.leave() }
        self.logs.append(bytes(line) ?? [])
        if text(line) == nil || !(0...4).contains(level) {
            self.note("messages-valid", "log gets a known level and UTF-8 text", "level \(level), text \(quoted(line))")
        }
    }

    private static let setError: @convention(c) (UnsafePointer<stg_host>?, stg_status, stg_str) -> Void = {
        host, code, line in
        guard let self = enter(host, "set_error") else { return }
        defer { self.leave() }
        self.errorCalls += 1
        self.lastError = bytes(line).map { String(decoding: $0.prefix(400), as: UTF8.self) } ?? ""
        if text(line) == nil || !(1...5).contains(code) {
            self.note(
                "messages-valid", "set_error gets a status other than STG_OK and UTF-8 text",
                "status \(code), text \(quoted(line))")
        }
    }
}

extension World {
    static let roles: Set<String> = ["policy", "reviser", "prm", "orm", "judge", "large"]
    func hasRole(_ role: String) -> Bool {
        scenario.host.hasEveryRole || scenario.roles.contains(role) && !scenario.missingRoles.contains(role)
    }
}
