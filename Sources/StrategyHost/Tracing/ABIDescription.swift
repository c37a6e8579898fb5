import CStratagem

/// Values of the ABI as one line of text, for traces.
///
/// Traces are needed most when something is wrong, so nothing here trusts a size or a pointer further than the ABI
/// requires.
enum ABIDescription {
    /// The number of elements of a list that are written out.
    static let elementsMax = 16

    // MARK: - Host functions

    static func arguments(
        _ function: InterposedFunction, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> String {
        var parts: [String] = []
        for (index, argument) in function.arguments.enumerated() {
            guard let place = arguments[index + 1] else { continue }
            parts.append("\(argument.name)=\(value(argument.value, UnsafeRawPointer(place)))")
        }
        return parts.joined(separator: ", ")
    }

    /// What the call returned and what it wrote.
    static func result(
        _ function: InterposedFunction, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ word: UInt64
    ) -> String {
        switch function.result {
        case .status:
            let status = Int32(truncatingIfNeeded: word)
            return status == STG_OK ? "OK" + written(function, arguments) : self.status(status)
        case .truth: return String(Int32(truncatingIfNeeded: word))
        case .bits: return hex(word)
        case .address: return word == 0 ? "NULL" : hex(word)
        default: return ""
        }
    }

    private static func value(_ value: InterposedFunction.Value, _ place: UnsafeRawPointer) -> String {
        switch value {
        case .node, .capacity: return String(place.load(as: UInt64.self))
        case .steps: return String(place.load(as: UInt32.self))
        case .level:
            let level = place.load(as: Int32.self)
            let names = ["debug", "info", "warning", "error", "host_misbehaving"]
            return names.indices.contains(Int(level)) ? names[Int(level)] : String(level)
        case .status: return status(place.load(as: Int32.self))
        case .text: return ForeignText.quoted(place.load(as: stg_str.self))
        case .nodeInfo, .budget:
            guard let out = place.load(as: UnsafeRawPointer?.self) else { return "NULL" }
            return "{struct_size \(out.loadUnaligned(as: UInt32.self))}"
        default: return hex(place.load(as: UInt64.self))
        }
    }

    private static func written(
        _ function: InterposedFunction, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> String {
        for (index, argument) in function.arguments.enumerated() {
            guard let out = arguments[index + 1]?.load(as: UnsafeRawPointer?.self) else { continue }
            switch argument.value {
            case .nodeInfo where hasRoom(out, MemoryLayout<stg_node_info>.size):
                return " " + node(out.loadUnaligned(as: stg_node_info.self))
            case .budget where hasRoom(out, MemoryLayout<stg_budget>.size):
                return " " + budget(out.loadUnaligned(as: stg_budget.self))
            case .scores: return " " + scores(out, arguments[3], arguments[4])
            case .left: return " " + limit(out.loadUnaligned(as: UInt64.self))
            default: continue
            }
        }
        return ""
    }

    private static func hasRoom(_ out: UnsafeRawPointer, _ size: Int) -> Bool {
        Int(out.loadUnaligned(as: UInt32.self)) >= size
    }

    private static func scores(
        _ out: UnsafeRawPointer, _ capacity: UnsafeMutableRawPointer?, _ count: UnsafeMutableRawPointer?
    ) -> String {
        guard let capacity = capacity?.load(as: UInt64.self),
            let total = count?.load(as: UnsafeRawPointer?.self)?.load(as: Int.self)
        else { return "" }
        let there = min(total, Int(clamping: capacity))
        return list(there) { String(out.load(fromByteOffset: $0 * 8, as: Double.self)) }
            + (total > there ? " of \(total)" : "")
    }

    static func node(_ node: stg_node_info) -> String {
        let names = [
            (STG_NODE_FINISHED, "finished"), (STG_NODE_TRUNCATED, "truncated"), (STG_NODE_SCORED, "scored"),
            (STG_NODE_ANSWERED, "answered"),
        ]
        let flags = names.filter { node.flags & $0.0 != 0 }.map(\.1)
        var text =
            "{parent \(node.parent), problem \(node.problem), depth \(node.depth), steps \(node.steps), tokens \(node.tokens)"
        text +=
            ", flags \(flags.isEmpty ? "none" : flags.joined(separator: "|")), log_probability \(node.log_probability)"
        if node.flags & STG_NODE_SCORED != 0 { text += ", score \(node.score)" }
        if node.flags & STG_NODE_ANSWERED != 0 { text += ", answer \(ForeignText.quoted(node.answer))" }
        return text + ", text \(ForeignText.quoted(node.text))}"
    }

    static func budget(_ budget: stg_budget) -> String {
        "{generations \(budget.generations_spent) of \(limit(budget.generations)), tokens \(budget.tokens_spent) of "
            + "\(limit(budget.tokens)), flops \(budget.flops_spent) of \(budget.flops), seconds \(budget.seconds_spent) of \(budget.seconds)}"
    }

    private static func limit(_ value: UInt64) -> String { value == .max ? "unlimited" : String(value) }

    // MARK: - Parts

    static func status(_ status: stg_status) -> String {
        let names = ["OK", "ERROR", "INVALID_ARGUMENT", "UNSUPPORTED", "OUT_OF_MEMORY", "NOT_FOUND"]
        return names.indices.contains(Int(status)) ? names[Int(status)] : "status \(status)"
    }

    static func hex(_ word: UInt64) -> String { "0x" + String(word, radix: 16) }

    /// "[a, b, … 20 in all]".
    static func list(_ count: Int, _ element: (Int) -> String) -> String {
        let shown = (0..<max(0, min(count, elementsMax))).map(element).joined(separator: ", ")
        return count > elementsMax ? "[\(shown), … \(count) in all]" : "[\(shown)]"
    }

    static func nodes(_ nodes: UnsafePointer<stg_node>?, _ count: Int) -> String {
        guard count != 0 else { return "[]" }
        guard let nodes, (0...Int(STG_MAX_ASKS)).contains(count) else {
            return "[\(UInt(bitPattern: count)) nodes, unreadable]"
        }
        return list(count) { String(nodes[$0]) }
    }
}
