/// What the last `next` returned, in C's layout. The header promises the host that it stays unchanged until the next
/// call. The buffers grow to the size of the largest batch and are then reused, so in the long run a turn allocates
/// nothing here.
final class Outbox {
    private var asks = Buffer<stg_ask>()
    private var answers = Buffer<stg_answer>()
    private var nodes = Buffer<stg_node>()
    private var values = Buffer<stg_named_value>()
    private var bytes = Buffer<CChar>()

    func fill(_ batch: [Ask]) -> UnsafePointer<stg_ask>? {
        // All space is reserved first: if a buffer grew later, it would move memory that others already point into.
        asks.reset(capacity: batch.count)
        nodes.reset(capacity: batch.reduce(0) { $0 + $1.nodes.count })
        values.reset(capacity: batch.reduce(0) { $0 + $1.parameters.count })
        bytes.reset(capacity: batch.reduce(0) { $0 + $1.textSize })
        for (index, ask) in batch.enumerated() {
            var raw = ask.raw
            raw.tag = UInt64(index)
            if !ask.role.isEmpty { raw.role = bytes.text(ask.role) }
            if !ask.text.isEmpty { raw.text = bytes.text(ask.text) }
            if !ask.nodes.isEmpty {
                raw.nodes = nodes.end
                raw.node_count = ask.nodes.count
                for node in ask.nodes { nodes.append(node.raw) }
            }
            if !ask.parameters.isEmpty {
                raw.params = values.end
                raw.param_count = ask.parameters.count
                for parameter in ask.parameters { values.append(named(parameter.name, parameter.value)) }
            }
            asks.append(raw)
        }
        return asks.start
    }

    func fill(_ ranking: [Answer]) -> UnsafePointer<stg_answer>? {
        answers.reset(capacity: ranking.count)
        for answer in ranking { answers.append(stg_answer(node: answer.node.raw, weight: answer.weight)) }
        return answers.start
    }

    func fill(_ state: [UInt8]) -> stg_str {
        bytes.reset(capacity: state.count)
        for byte in state { bytes.append(CChar(bitPattern: byte)) }
        return stg_str(data: bytes.start, size: state.count)
    }

    private func named(_ name: String, _ value: Ask.Value) -> stg_named_value {
        var raw = stg_value()
        switch value {
        case .int(let int): raw.kind = STG_VALUE_INT; raw.i = Int64(int)
        case .float(let double): raw.kind = STG_VALUE_FLOAT; raw.f = double
        case .bool(let bool): raw.kind = STG_VALUE_BOOL; raw.i = bool ? 1 : 0
        case .text(let text): raw.kind = STG_VALUE_TEXT; raw.s = bytes.text(text)
        }
        return stg_named_value(name: bytes.text(name), value: raw)
    }
}

extension Ask {
    fileprivate var textSize: Int {
        parameters.reduce(role.utf8.count + text.utf8.count) { size, parameter in
            guard case .text(let text) = parameter.value else { return size + parameter.name.utf8.count }
            return size + parameter.name.utf8.count + text.utf8.count
        }
    }
}

/// A growing piece of memory of plain C values.
private struct Buffer<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>?
    private var count = 0
    private var capacity = 0

    deinit { base?.deallocate() }

    /// nil while it is empty.
    var start: UnsafePointer<Element>? { count == 0 ? nil : UnsafePointer(base) }
    var end: UnsafePointer<Element>? { base.map { UnsafePointer($0 + count) } }

    mutating func reset(capacity needed: Int) {
        count = 0
        guard needed > capacity else { return }
        base?.deallocate()
        capacity = max(needed, 2 * capacity)
        base = .allocate(capacity: capacity)
    }

    mutating func append(_ element: Element) {
        precondition(count < capacity)
        base.unsafelyUnwrapped[count] = element
        count += 1
    }
}

extension Buffer where Element == CChar {
    mutating func text(_ string: String) -> stg_str {
        let start = end
        for byte in string.utf8 { append(CChar(bitPattern: byte)) }
        return stg_str(data: start, size: string.utf8.count)
    }
}
