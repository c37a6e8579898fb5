import CStratagem
import SearchCore

/// Turns what a plugin returned from `next` into values, and refuses whatever breaks the header's contract. It trusts
/// nothing but the pointers: in this process there is no other way, and a worker process contains the damage of a wild
/// pointer.
enum AskDecoder {
    /// The sizes that a struct of ABI major 1 can have.
    static let plausibleSizes = MemoryLayout<stg_ask>.size...4096

    static func decode(_ next: stg_next) throws(StratagemError) -> NextStep {
        switch next.kind {
        case STG_NEXT_ASKS: .asks(try decodeAsks(next.asks, next.ask_count))
        case STG_NEXT_DONE: .done(try decodeAnswers(next.answers, next.answer_count))
        default:
            throw violation(.badNext, "next() set kind \(next.kind); expected STG_NEXT_ASKS (1) or STG_NEXT_DONE (2)")
        }
    }

    /// A name that a plugin gave, for a message.
    private static func quoted(_ name: String) -> String { "'\(Plain.name(name))'" }

    static func violation(_ code: ErrorCode, _ message: String) -> StratagemError {
        StratagemError(.plugin, code, message)
    }

    /// Swift imports `size_t` as `Int`, so a count of 2^63 or more is negative here.
    private static func isCount(_ count: Int, max: some BinaryInteger) -> Bool { count >= 0 && count <= max }

    private static func decodeAnswers(_ answers: UnsafePointer<stg_answer>?, _ count: Int) throws(StratagemError)
        -> [RankedAnswer]
    {
        guard count != 0 else { return [] }
        guard let answers, isCount(count, max: STG_MAX_ASKS) else {
            throw violation(
                .badAnswers,
                "DONE with \(UInt(bitPattern: count)) answers \(answers == nil ? "at NULL" : "(more than \(STG_MAX_ASKS))")"
            )
        }
        var ranked: [RankedAnswer] = []
        ranked.reserveCapacity(count)
        var seen: Set<UInt64> = []
        for index in 0..<count {
            let answer = answers[index]
            guard answer.weight.isFinite, answer.weight >= 0 else {
                throw violation(
                    .badWeight, "answer \(index) has weight \(answer.weight); expected a finite number >= 0")
            }
            guard seen.insert(answer.node).inserted else {
                throw violation(
                    .duplicateAnswer, "node \(answer.node) is in the ranking twice; each answer node votes once")
            }
            ranked.append(RankedAnswer(node: answer.node, weight: answer.weight))
        }
        return ranked
    }

    private static func decodeAsks(_ asks: UnsafePointer<stg_ask>?, _ count: Int) throws(StratagemError) -> [Ask] {
        guard count != 0 else { return [] }
        guard let asks, isCount(count, max: STG_MAX_ASKS) else {
            throw violation(
                .badAsks,
                "a batch of \(UInt(bitPattern: count)) asks \(asks == nil ? "at NULL" : "(more than \(STG_MAX_ASKS))")")
        }
        guard UInt(bitPattern: asks) % UInt(MemoryLayout<stg_ask>.alignment) == 0 else {
            throw violation(.badAsks, "a batch of \(count) asks at a misaligned pointer")
        }
        let stride = Int(asks.pointee.struct_size)
        guard plausibleSizes.contains(stride), stride % MemoryLayout<stg_ask>.alignment == 0 else {
            throw violation(
                .badStructSize,
                "stg_ask.struct_size is \(stride); expected \(MemoryLayout<stg_ask>.size) or, for a later minor version, more"
            )
        }
        var decoded: [Ask] = []
        decoded.reserveCapacity(count)
        var room = batchBytesMax
        let base = UnsafeRawPointer(asks)
        for index in 0..<count {
            let ask = base.load(fromByteOffset: index * stride, as: stg_ask.self)
            guard Int(ask.struct_size) == stride else {
                throw violation(
                    .badStructSize,
                    "ask \(index) has struct_size \(ask.struct_size), the first of the batch \(stride); all must be equal"
                )
            }
            room -= size(ask)
            guard room >= 0 else {
                throw violation(
                    .tooManyAsks,
                    "the asks up to number \(index) hold more than \(batchBytesMax >> 20) MiB of texts and nodes")
            }
            decoded.append(Ask(tag: ask.tag, body: try decodeBody(ask, index)))
        }
        try refuseDuplicateTags(decoded)
        return decoded
    }

    /// The bytes that a batch may hold besides the asks themselves: many asks may point to one list.
    static let batchBytesMax = 64 << 20

    /// The size of what the ask points to. A part with an impossible size is refused where it is read.
    private static func size(_ ask: stg_ask) -> Int {
        func bytes(_ count: Int, each: Int = 1) -> Int { isCount(count, max: batchBytesMax / each) ? count * each : 0 }
        var size = bytes(ask.role.size)
        switch ask.kind {
        case STG_ASK_SCORE, STG_ASK_REVISE: size += bytes(ask.node_count, each: 8)
        case STG_ASK_APPEND: size += bytes(ask.text.size)
        case STG_ASK_RUN:
            size += bytes(ask.text.size)
            guard let params = ask.params, isCount(ask.param_count, max: paramsMax) else { return size }
            for index in 0..<ask.param_count {
                let value = params[index].value
                size +=
                    bytes(params[index].name.size)
                    + (value.kind == STG_VALUE_TEXT || value.kind == STG_VALUE_BYTES ? bytes(value.s.size) : 0)
            }
        default: break
        }
        return size
    }

    private static let paramsMax = 1024

    private static func refuseDuplicateTags(_ asks: [Ask]) throws(StratagemError) {
        // Ascending tags are the common case and need no set.
        var ascending = true
        for index in asks.indices.dropFirst() where asks[index].tag <= asks[index - 1].tag {
            ascending = false
            break
        }
        guard !ascending else { return }
        var seen: Set<UInt64> = []
        for ask in asks where !seen.insert(ask.tag).inserted {
            throw violation(
                .duplicateTag, "two asks of one batch have tag \(ask.tag); tags are distinct within a batch")
        }
    }

    private static func decodeBody(_ ask: stg_ask, _ index: Int) throws(StratagemError) -> Ask.Body {
        switch ask.kind {
        case STG_ASK_SAMPLE: return .sample(try decodeSample(ask, index))
        case STG_ASK_SCORE:
            return .score(role: try role(ask, or: "prm"), nodes: try nodes(ask, index))
        case STG_ASK_APPEND:
            let text = try bytes(ask.text, "ask \(index): text")
            guard !text.isEmpty else { throw violation(.badAppend, "ask \(index) appends an empty text") }
            return .append(role: try role(ask, or: "policy"), node: ask.node, text: text)
        case STG_ASK_REVISE:
            return .revise(
                role: try role(ask, or: "policy"), problem: Int(ask.problem), attempts: try nodes(ask, index))
        case STG_ASK_RUN: return .run(try decodeRun(ask, index))
        default:
            throw violation(.unknownAsk, "ask \(index) is of kind \(ask.kind); this host knows 1 (SAMPLE) to 5 (RUN)")
        }
    }

    private static func decodeSample(_ ask: stg_ask, _ index: Int) throws(StratagemError) -> SampleAsk {
        guard ask.count >= 1, ask.count <= STG_MAX_COUNT else {
            throw violation(.badCount, "ask \(index) samples \(ask.count) times; expected 1 to \(STG_MAX_COUNT)")
        }
        guard ask.steps <= STG_MAX_STEPS else {
            throw violation(.badSteps, "ask \(index) goes on for \(ask.steps) steps; expected 0 to \(STG_MAX_STEPS)")
        }
        guard ask.temperature.isFinite, ask.temperature >= 0 else {
            throw violation(
                .badTemperature, "ask \(index) has temperature \(ask.temperature); expected a finite number >= 0")
        }
        guard (0...1).contains(ask.top_p), (0...1).contains(ask.min_p) else {
            throw violation(
                .badFilter, "ask \(index) has top_p \(ask.top_p) and min_p \(ask.min_p); expected both in [0, 1]")
        }
        return SampleAsk(
            role: try role(ask, or: "policy"), node: ask.node, count: Int(ask.count), steps: Int(ask.steps),
            maxTokens: Int(ask.max_tokens), temperature: ask.temperature,
            topP: ask.top_p == 0 ? 1 : ask.top_p, minP: ask.min_p)
    }

    private static func decodeRun(_ ask: stg_ask, _ index: Int) throws(StratagemError) -> RunAsk {
        guard ask.share > 0, ask.share <= 1 else {
            throw violation(.badShare, "ask \(index) runs on a share of \(ask.share); expected a number in (0, 1]")
        }
        guard isCount(ask.param_count, max: paramsMax), ask.param_count == 0 || ask.params != nil else {
            throw violation(
                .badParams,
                "ask \(index) has \(UInt(bitPattern: ask.param_count)) parameters \(ask.params == nil ? "at NULL" : "(more than \(paramsMax))")"
            )
        }
        var params: [String: ParameterValue] = [:]
        for position in 0..<ask.param_count {
            guard let entry = ask.params?[position] else { continue }
            let name = try string(entry.name, "ask \(index): parameter name")
            guard params.updateValue(try value(entry.value, name), forKey: name) == nil else {
                throw violation(.badParams, "ask \(index) gives parameter \(quoted(name)) twice")
            }
        }
        return RunAsk(
            strategy: try string(ask.text, "ask \(index): strategy"), problem: Int(ask.problem), params: params,
            share: ask.share, maxGenerations: limit(ask.max_generations), maxTokens: limit(ask.max_tokens_total))
    }

    private static func limit(_ raw: UInt64) -> Int? {
        raw == 0 ? nil : Int(clamping: raw)
    }

    private static func value(_ raw: stg_value, _ name: String) throws(StratagemError) -> ParameterValue {
        switch raw.kind {
        case STG_VALUE_NONE: .none
        case STG_VALUE_INT: .int(raw.i)
        case STG_VALUE_FLOAT: .float(raw.f)
        case STG_VALUE_BOOL: .bool(raw.i != 0)
        case STG_VALUE_TEXT: .text(try string(raw.s, "parameter \(quoted(name))"))
        case STG_VALUE_BYTES: .bytes(try bytes(raw.s, "parameter \(quoted(name))"))
        default: throw violation(.badParams, "parameter \(quoted(name)) is of the unknown kind \(raw.kind)")
        }
    }

    private static func nodes(_ ask: stg_ask, _ index: Int) throws(StratagemError) -> [UInt64] {
        guard ask.node_count != 0 else { return [] }
        guard let nodes = ask.nodes, isCount(ask.node_count, max: STG_MAX_ASKS) else {
            throw violation(
                .badNodes,
                "ask \(index) has \(UInt(bitPattern: ask.node_count)) nodes \(ask.nodes == nil ? "at NULL" : "(more than \(STG_MAX_ASKS))")"
            )
        }
        return Array(UnsafeBufferPointer(start: nodes, count: ask.node_count))
    }

    private static func role(_ ask: stg_ask, or fallback: String) throws(StratagemError) -> String {
        ask.role.size == 0 ? fallback : try string(ask.role, "role")
    }

    static func string(_ text: stg_str, _ what: String) throws(StratagemError) -> String {
        guard let string = String(validating: try bytes(text, what), as: UTF8.self) else {
            throw violation(.badUtf8, "\(what) is not UTF-8")
        }
        return string
    }

    /// 64 MiB is far more than any text that a strategy can use, and far less than a wrong length could make the host
    /// allocate.
    static func bytes(_ text: stg_str, _ what: String) throws(StratagemError) -> [UInt8] {
        guard text.size != 0 else { return [] }
        guard let data = text.data, isCount(text.size, max: 64 << 20) else {
            throw violation(
                .badText,
                "\(what) has \(UInt(bitPattern: text.size)) bytes \(text.data == nil ? "at NULL" : "(more than 64 MiB)")"
            )
        }
        return Array(UnsafeRawBufferPointer(start: data, count: text.size))
    }
}
