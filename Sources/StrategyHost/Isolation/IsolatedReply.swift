import CStratagem
import SearchCore

/// The extensions with a cost that a strategy has asked for.
struct FigureWishes: OptionSet, Sendable {
    let rawValue: UInt8
    /// `stratagem.confidence/1`.
    static let summaries = FigureWishes(rawValue: 1)
    /// `stratagem.confidence/2`.
    static let tokens = FigureWishes(rawValue: 2)
}

/// A worker's reply to a call. The worker has decoded the plugin's structs with ``AskDecoder``; but plugin and worker
/// share an address space, so the host checks every value again.
///
/// It is preceded by the extensions for figures of tokens that the strategy has asked for (``FigureWishes``).
enum IsolatedReply: Sendable {
    /// The reply to create and destroy.
    case done
    case next(NextStep)
    case failed(StratagemError)

    // MARK: - In the worker

    func put(_ writer: inout WireWriter) {
        switch self {
        case .done: writer.put(UInt8(0))
        case .next(.asks(let asks)):
            writer.put(UInt8(1))
            writer.put(asks) {
                $0.put($1.tag)
                Self.put($1.body, &$0)
            }
        case .next(.done(let answers)):
            writer.put(UInt8(2))
            writer.put(answers) {
                $0.put($1.node)
                $0.put($1.weight)
            }
        case .failed(let error):
            writer.put(UInt8(3))
            writer.put(error.code.rawValue)
            writer.put(error.message)
        }
    }

    private static func put(_ body: Ask.Body, _ writer: inout WireWriter) {
        switch body {
        case .sample(let sample):
            writer.put(UInt8(STG_ASK_SAMPLE))
            writer.put(sample.role)
            writer.put(sample.node)
            writer.put(UInt32(clamping: sample.count))
            writer.put(UInt32(clamping: sample.steps))
            writer.put(UInt32(clamping: sample.maxTokens))
            for number in [sample.temperature, sample.topP, sample.minP] { writer.put(number) }
        case .score(let role, let nodes):
            writer.put(UInt8(STG_ASK_SCORE))
            writer.put(role)
            writer.put(nodes) { $0.put($1) }
        case .append(let role, let node, let text):
            writer.put(UInt8(STG_ASK_APPEND))
            writer.put(role)
            writer.put(node)
            writer.put(text)
        case .revise(let role, let problem, let attempts):
            writer.put(UInt8(STG_ASK_REVISE))
            writer.put(role)
            writer.put(UInt32(clamping: problem))
            writer.put(attempts) { $0.put($1) }
        case .run(let run):
            writer.put(UInt8(STG_ASK_RUN))
            writer.put(run.strategy)
            writer.put(UInt32(clamping: run.problem))
            writer.put(run.share)
            writer.put(UInt64(run.maxGenerations ?? 0))
            writer.put(UInt64(run.maxTokens ?? 0))
            writer.put(run.params.sorted { $0.key < $1.key }) {
                $0.put($1.key)
                IsolatedMessages.put($1.value, &$0)
            }
        }
    }

    // MARK: - In the host

    init(_ reader: inout WireReader) throws(WireProblem) {
        switch try reader.number(UInt8.self) {
        case 0: self = .done
        case 1: self = .next(.asks(try Self.asks(&reader)))
        case 2: self = .next(.done(try Self.answers(&reader)))
        case 3: self = .failed(try Self.error(&reader))
        case let kind: throw WireProblem(reason: "it is a reply of the unknown kind \(kind)")
        }
        try reader.end()
    }

    /// More than any message that the host makes of a plugin's error.
    private static let messageBytesMax = 32768

    /// The host decides whose fault the error is.
    private static func error(_ reader: inout WireReader) throws(WireProblem) -> StratagemError {
        let (code, message) = (try reader.text(), try reader.text())
        guard let code = ErrorCode(rawValue: code), message.utf8.count <= messageBytesMax else {
            throw WireProblem(reason: "it is an invalid error")
        }
        return StratagemError(.plugin, code, message)
    }

    private static func answers(_ reader: inout WireReader) throws(WireProblem) -> [RankedAnswer] {
        var seen: Set<UInt64> = []
        return try reader.list(least: 16) { (each) throws(WireProblem) in
            let answer = RankedAnswer(node: try each.number(), weight: try each.double())
            guard answer.weight.isFinite, answer.weight >= 0, seen.insert(answer.node).inserted else {
                throw WireProblem(reason: "it ranks node \(answer.node) twice or with an invalid weight")
            }
            return answer
        }
    }

    private static func asks(_ reader: inout WireReader) throws(WireProblem) -> [Ask] {
        let asks = try reader.list(least: 13) { (each) throws(WireProblem) in
            Ask(tag: try each.number(), body: try body(&each))
        }
        guard asks.count <= Int(STG_MAX_ASKS) else {
            throw WireProblem(reason: "it has \(asks.count) asks; at most \(STG_MAX_ASKS) are taken")
        }
        let isSorted = zip(asks, asks.dropFirst()).allSatisfy { $0.tag < $1.tag }
        guard isSorted || Set(asks.map(\.tag)).count == asks.count else {
            throw WireProblem(reason: "two of its asks have one tag")
        }
        return asks
    }

    private static func body(_ reader: inout WireReader) throws(WireProblem) -> Ask.Body {
        switch stg_ask_kind(try reader.number(UInt8.self)) {
        case STG_ASK_SAMPLE: return .sample(try sample(&reader))
        case STG_ASK_SCORE: return .score(role: try role(&reader), nodes: try nodes(&reader))
        case STG_ASK_APPEND:
            let (role, node, text) = (try role(&reader), try reader.number(UInt64.self), try reader.raw())
            guard !text.isEmpty else { throw WireProblem(reason: "it appends nothing") }
            return .append(role: role, node: node, text: text)
        case STG_ASK_REVISE:
            return .revise(
                role: try role(&reader), problem: Int(try reader.number(UInt32.self)), attempts: try nodes(&reader))
        case STG_ASK_RUN: return .run(try run(&reader))
        case let kind: throw WireProblem(reason: "it has an ask of the unknown kind \(kind)")
        }
    }

    private static func role(_ reader: inout WireReader) throws(WireProblem) -> String {
        let role = try reader.text()
        guard !role.isEmpty else { throw WireProblem(reason: "it has an ask without a role") }
        return role
    }

    private static func nodes(_ reader: inout WireReader) throws(WireProblem) -> [UInt64] {
        let nodes = try reader.list(least: 8) { (each) throws(WireProblem) in try each.number(UInt64.self) }
        guard nodes.count <= Int(STG_MAX_ASKS) else {
            throw WireProblem(reason: "one of its asks has \(nodes.count) nodes")
        }
        return nodes
    }

    private static func sample(_ reader: inout WireReader) throws(WireProblem) -> SampleAsk {
        let sample = SampleAsk(
            role: try role(&reader), node: try reader.number(), count: Int(try reader.number(UInt32.self)),
            steps: Int(try reader.number(UInt32.self)), maxTokens: Int(try reader.number(UInt32.self)),
            temperature: try reader.double(), topP: try reader.double(), minP: try reader.double())
        let isRight =
            (1...Int(STG_MAX_COUNT)).contains(sample.count) && sample.steps <= Int(STG_MAX_STEPS)
            && sample.temperature.isFinite
            && sample.temperature >= 0 && sample.topP > 0 && sample.topP <= 1 && (0...1).contains(sample.minP)
        guard isRight else { throw WireProblem(reason: "it samples with numbers out of range") }
        return sample
    }

    private static func run(_ reader: inout WireReader) throws(WireProblem) -> RunAsk {
        func limit(_ raw: UInt64) -> Int? { raw == 0 ? nil : Int(clamping: raw) }
        let (strategy, problem, share) = (try reader.text(), Int(try reader.number(UInt32.self)), try reader.double())
        guard share > 0, share <= 1 else { throw WireProblem(reason: "it runs a strategy on a share of \(share)") }
        let (generations, tokens) = (limit(try reader.number()), limit(try reader.number()))
        let params = try reader.list(least: 5) { (each) throws(WireProblem) in
            (try each.text(), try IsolatedMessages.value(&each))
        }
        guard params.count <= 1024, Set(params.map(\.0)).count == params.count else {
            throw WireProblem(
                reason: "it passes a parameter twice to a strategy that it runs, or more than 1024 parameters")
        }
        return RunAsk(
            strategy: strategy, problem: problem, params: Dictionary(uniqueKeysWithValues: params), share: share,
            maxGenerations: generations, maxTokens: tokens)
    }
}
