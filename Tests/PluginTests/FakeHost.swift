import CStratagem
import Glibc

/// A model small enough to search by hand.
///
/// A node is written as the steps that lead to it: `ab` is step `b` after step `a`,
/// `ab=42` an answer after that, `ab~` a step that was cut. The i-th sample from a
/// node takes option i (modulo their number) there and at every node it passes; at
/// temperature 0 it takes option 0. Letters, `=` and digits are a token each.
///
/// The root that shows `a=1` is `[a=1]`. What may follow a node of its tree is that of the
/// plain problem's, unless it has its own options; so has role `large` at `large/a`.
struct Tree {
    /// What may follow a node; the root is "".
    var options: [String: [String]]
    /// What the verifier says of a node.
    var scores: [String: Double] = [:]

    func options(after name: String, role: String) -> [String]? {
        options["\(role)/\(name)"] ?? options[name]
            ?? options[String(name[(name.lastIndex(of: "]").map(name.index(after:)) ?? name.startIndex)...])]
    }
}

/// The host's side of the contract, with budgets kept as the header says.
final class FakeHost {
    struct Entry {
        var name: String
        var parent: stg_node
        var step: String
        var depth: UInt32
        var steps: UInt32
        var score: Double?
        /// How many samples were drawn from it.
        var draws = 0
        var isFinished: Bool { step.contains("=") }
        var isTruncated: Bool { step.hasSuffix("~") }
    }

    var tree: Tree
    var entries: [Entry] = [Entry(name: "", parent: 0, step: "", depth: 0, steps: 0)]
    var limits = stg_budget()
    var tokens: UInt64 = 0
    /// Steps sampled at each depth; a full sample counts at every depth below its node.
    var atDepth: [UInt64] = Array(repeating: 0, count: 128)
    var hasVerifier = true
    var errors: [String] = []
    var logs: [String] = []
    var random: () -> UInt64 = { 4 }
    /// What an ask is to come to instead of being carried out.
    var fault: (_ round: Int, _ ask: stg_ask) -> stg_outcome? = { _, _ in nil }
    private(set) var table: UnsafeMutablePointer<stg_host>
    /// Texts that getters have handed out.
    private var texts: [String: UnsafeMutablePointer<CChar>] = [:]

    init(_ tree: Tree, generations: UInt64 = STG_UNLIMITED_VALUE, tokens: UInt64 = STG_UNLIMITED_VALUE) {
        self.tree = tree
        limits.generations = generations
        limits.tokens = tokens
        limits.flops = .infinity
        limits.seconds = .infinity
        table = .allocate(capacity: 1)
        table.initialize(to: stg_host())
        table.pointee.struct_size = UInt32(MemoryLayout<stg_host>.size)
        table.pointee.abi_major = 1
        table.pointee.abi_minor = 1
        table.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.get_node = { host, node, out in FakeHost.of(host).getNode(node, out!) }
        table.pointee.step_scores = { host, node, out, capacity, count in
            count!.pointee = 0
            return STG_OK
        }
        table.pointee.get_budget = { host, out in FakeHost.of(host).getBudget(out!) }
        table.pointee.random = { FakeHost.of($0).random() }
        table.pointee.generations_left = { host, node, steps, count in
            FakeHost.of(host).generationsLeft(node, steps, count!)
        }
        table.pointee.has_role = { host, role in string(role) != "prm" || FakeHost.of(host).hasVerifier ? 1 : 0 }
        table.pointee.log = { host, level, text in FakeHost.of(host).logs.append(string(text)) }
        table.pointee.set_error = { host, _, text in FakeHost.of(host).errors.append(string(text)) }
        table.pointee.get_extension = { _, _ in nil }
    }

    deinit {
        table.deallocate()
        for text in texts.values { free(text) }
    }

    static func of(_ host: UnsafePointer<stg_host>?) -> FakeHost {
        Unmanaged<FakeHost>.fromOpaque(host!.pointee.host_data).takeUnretainedValue()
    }

    var generations: UInt64 { atDepth.max()! }

    func name(_ node: stg_node) -> String {
        node == 0 ? "none" : node == 1 ? "root" : entries[Int(node) - 1].name
    }

    // MARK: getters

    func text(_ string: String) -> stg_str {
        let kept = texts[string] ?? strdup(string)!
        texts[string] = kept
        return stg_str(data: kept, size: string.utf8.count)
    }

    private func getNode(_ node: stg_node, _ out: UnsafeMutablePointer<stg_node_info>) -> stg_status {
        guard node >= 1, node <= UInt64(entries.count) else { return STG_NOT_FOUND }
        let entry = entries[Int(node) - 1]
        out.pointee.flags = (entry.isFinished ? STG_NODE_FINISHED : 0) | (entry.isTruncated ? STG_NODE_TRUNCATED : 0)
        out.pointee.parent = entry.parent
        out.pointee.depth = entry.depth
        out.pointee.steps = entry.steps
        out.pointee.text = text(entry.step)
        if let score = entry.score {
            out.pointee.flags |= STG_NODE_SCORED
            out.pointee.score = score
        }
        // "=" alone is an end without an answer.
        if let mark = entry.step.firstIndex(of: "="), entry.step.last != "=" {
            out.pointee.flags |= STG_NODE_ANSWERED
            out.pointee.answer = text(String(entry.step[entry.step.index(after: mark)...]))
        }
        return STG_OK
    }

    private func getBudget(_ out: UnsafeMutablePointer<stg_budget>) -> stg_status {
        out.pointee.generations = limits.generations
        out.pointee.tokens = limits.tokens
        out.pointee.flops = limits.flops
        out.pointee.seconds = limits.seconds
        out.pointee.generations_spent = generations
        out.pointee.tokens_spent = tokens
        return STG_OK
    }

    private func depths(below node: stg_node, _ steps: UInt32) -> Range<Int> {
        let start = Int(entries[Int(node) - 1].depth)
        return start..<(steps == 0 ? atDepth.count : start + Int(steps))
    }

    private func generationsLeft(_ node: stg_node, _ steps: UInt32, _ count: UnsafeMutablePointer<UInt64>) -> stg_status
    {
        guard node >= 1, node <= UInt64(entries.count) else { return STG_NOT_FOUND }
        count.pointee =
            limits.generations == .max
            ? .max : limits.generations - (depths(below: node, steps).map { atDepth[$0] }.max() ?? 0)
        return STG_OK
    }

    // MARK: work

    /// Carries an ask out as far as the budget allows.
    func perform(_ ask: stg_ask, round: Int) throws -> (outcome: stg_outcome, nodes: [stg_node]) {
        if let outcome = fault(round, ask) {
            return (outcome, ask.kind == STG_ASK_SCORE ? (0..<ask.node_count).map { ask.nodes[$0] } : [])
        }
        switch ask.kind {
        case STG_ASK_SAMPLE: return try sample(ask)
        case STG_ASK_SCORE:
            let nodes = (0..<ask.node_count).map { ask.nodes[$0] }
            for node in nodes { entries[Int(node) - 1].score = tree.scores[entries[Int(node) - 1].name] ?? 0 }
            return (STG_OUTCOME_OK, nodes)
        case STG_ASK_REVISE:
            let shown = (0..<ask.node_count).map { name(ask.nodes[$0]) }.joined(separator: " ")
            entries.append(Entry(name: "[\(shown)]", parent: 0, step: "", depth: 0, steps: 0))
            return (STG_OUTCOME_OK, [stg_node(entries.count)])
        default: return (STG_OUTCOME_MODEL_FAILED, [])
        }
    }

    private func sample(_ ask: stg_ask) throws -> (outcome: stg_outcome, nodes: [stg_node]) {
        let origin = entries[Int(ask.node) - 1]
        if origin.isFinished || origin.isTruncated { throw Failure("sampled from \(origin.name), which has ended") }
        var nodes: [stg_node] = []
        var outcome = STG_OUTCOME_OK
        for _ in 0..<ask.count {
            let depths = depths(below: ask.node, ask.steps)
            guard depths.allSatisfy({ atDepth[$0] < limits.generations }), tokens < limits.tokens else {
                return (STG_OUTCOME_BUDGET_EXHAUSTED, nodes)
            }
            for depth in depths { atDepth[depth] += 1 }
            let node = try drawOne(ask)
            nodes.append(node)
            if entries[Int(node) - 1].isTruncated { outcome = STG_OUTCOME_TRUNCATED }
        }
        return (outcome, nodes)
    }

    private func drawOne(_ ask: stg_ask) throws -> stg_node {
        let origin = Int(ask.node) - 1
        let draw = ask.temperature == 0 ? 0 : entries[origin].draws
        entries[origin].draws += 1
        var entry = Entry(
            name: entries[origin].name, parent: ask.node, step: "", depth: entries[origin].depth, steps: 0)
        while !entry.isFinished, !entry.isTruncated, ask.steps == 0 || entry.steps < ask.steps {
            guard let options = tree.options(after: entry.name, role: string(ask.role)) else {
                throw Failure("nothing follows \(entry.name)")
            }
            var step = options[draw % options.count]
            let room = limits.tokens - tokens
            if UInt64(step.count) > room { step = step.prefix(Int(room)).replacing("=", with: "") + "~" }
            tokens += UInt64(step.filter { $0 != "~" }.count)
            entry.name += step
            entry.step += step
            entry.steps += 1
            entry.depth += 1
        }
        entries.append(entry)
        return stg_node(entries.count)
    }
}

/// `STG_UNLIMITED`, which the importer does not see.
let STG_UNLIMITED_VALUE = UInt64.max
