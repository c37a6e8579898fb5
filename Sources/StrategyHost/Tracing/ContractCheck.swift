import CStratagem

/// What stratagem.h says about the arguments of the host functions, checked value by value.
enum ContractCheck {
    /// The longest line that a plugin should log, in bytes.
    static let textBytesMax = 1 << 20

    /// Everything that is wrong with a call. `arguments[0]` is the host.
    static func complaints(
        _ function: InterposedFunction, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> [String] {
        var found: [String] = []
        for (index, argument) in function.arguments.enumerated() {
            guard let place = arguments[index + 1] else { continue }
            if let complaint = complaint(argument, UnsafeRawPointer(place)) { found.append(complaint) }
        }
        // Two arguments that must be consistent with each other.
        if function.name == "step_scores", let out = arguments[2], let capacity = arguments[3],
            out.load(as: UInt.self) == 0, capacity.load(as: UInt64.self) > 0
        {
            found.append(
                "out is NULL, but capacity is \(capacity.load(as: UInt64.self)); give room, or a capacity of 0")
        }
        if function.name == "set_error", arguments[1]?.load(as: Int32.self) == STG_OK {
            found.append("code is STG_OK; set_error says why a call is about to fail")
        }
        return found
    }

    private static func complaint(_ argument: InterposedFunction.Argument, _ place: UnsafeRawPointer) -> String? {
        switch argument.value {
        case .nodeInfo: return structure(argument.name, place, "stg_node_info", MemoryLayout<stg_node_info>.size)
        case .budget: return structure(argument.name, place, "stg_budget", MemoryLayout<stg_budget>.size)
        case .steps:
            let steps = place.load(as: UInt32.self)
            return steps <= STG_MAX_STEPS
                ? nil : "\(argument.name) is \(steps); at most STG_MAX_STEPS, \(STG_MAX_STEPS), are taken"
        case .count, .left:
            return place.load(as: UInt.self) == 0
                ? "\(argument.name) is NULL; it says where to write how many there are" : nil
        case .level:
            let level = place.load(as: stg_log_level.self)
            return (STG_LOG_DEBUG...STG_LOG_HOST_MISBEHAVING).contains(level)
                ? nil : "\(argument.name) is \(level); the levels are \(STG_LOG_DEBUG) to \(STG_LOG_HOST_MISBEHAVING)"
        case .status:
            let status = place.load(as: stg_status.self)
            return (STG_OK...STG_NOT_FOUND).contains(status)
                ? nil : "\(argument.name) is \(status), which is not an stg_status"
        case .text:
            return text(argument.name, place.load(as: stg_str.self))
        case .host, .node, .capacity, .scores, .nothing, .bits, .truth, .address:
            return nil
        }
    }

    /// A struct that the host fills in must say how large it is.
    private static func structure(_ name: String, _ place: UnsafeRawPointer, _ type: String, _ size: Int) -> String? {
        guard let out = place.load(as: UnsafeRawPointer?.self) else {
            return "\(name) is NULL; it says where to write the \(type)"
        }
        guard UInt(bitPattern: out) % 8 == 0 else { return "\(name) is misaligned for a \(type)" }
        let found = out.load(as: UInt32.self)
        guard Int(found) >= size, found <= 65536 else {
            return "\(name)->struct_size is \(found); set it to sizeof(\(type)), \(size) in ABI 1.0, before the call"
        }
        return nil
    }

    private static func text(_ name: String, _ text: stg_str) -> String? {
        if text.size > 0, text.data == nil { return "\(name) has \(text.size) bytes at NULL" }
        if text.size > textBytesMax { return "\(name) has \(text.size) bytes; at most \(textBytesMax) are taken" }
        return ForeignText.utf8(text, bytesMax: textBytesMax) == nil
            ? "\(name) is not UTF-8: \(ForeignText.quoted(text))" : nil
    }
}
