import SearchCore

/// The data that is sent to a worker. The host writes it, so reading it needs no more care than checking a checksum.
enum IsolatedMessages {
    // MARK: - Nodes and the budget

    /// A node as getters show it. Of `stepEnds` only the number is sent, because no getter shows more.
    static func put(_ id: UInt64, _ node: SearchNode, _ writer: inout WireWriter) {
        writer.put(id)
        writer.put(UInt64(node.parent))
        writer.put(UInt32(clamping: node.problem))
        writer.put(UInt32(clamping: node.depth))
        writer.put(UInt32(clamping: node.stepEnds.count))
        writer.put(UInt32(clamping: node.tokens))
        writer.put(node.logProbability)
        let ending: UInt8 = node.ending == .finished ? 1 : node.ending == .truncated ? 2 : 0
        writer.put(
            ending | (node.score == nil ? 0 : 4) | (node.answer == nil ? 0 : 8) | (node.confidence == nil ? 0 : 16)
                | (node.figures == nil ? 0 : 32))
        writer.put(node.score ?? 0)
        writer.put(node.text)
        writer.put(node.answer ?? "")
        writer.put(node.stepScores) { $0.put($1) }
        if let confidence = node.confidence { put(confidence, &writer) }
        if let figures = node.figures { put(figures, &writer) }
    }

    static func node(_ reader: inout WireReader) throws(WireProblem) -> (id: UInt64, node: SearchNode) {
        let id: UInt64 = try reader.number()
        var node = SearchNode(
            kind: .sampled, parent: Int(try reader.number(UInt64.self)), problem: Int(try reader.number(UInt32.self)),
            depth: Int(try reader.number(UInt32.self)), text: [],
            stepEnds: Array(repeating: 0, count: Int(try reader.number(UInt32.self))),
            tokens: Int(try reader.number(UInt32.self)))
        node.logProbability = try reader.double()
        let flags: UInt8 = try reader.number()
        node.ending = flags & 3 == 1 ? .finished : flags & 3 == 2 ? .truncated : .open
        let score = try reader.double()
        node.score = flags & 4 == 0 ? nil : score
        node.text = try reader.raw()
        let answer = try reader.text()
        node.answer = flags & 8 == 0 ? nil : answer
        node.stepScores = try reader.list(least: 8) { (each) throws(WireProblem) in try each.double() }
        if flags & 16 != 0 { node.confidence = try confidence(&reader) }
        if flags & 32 != 0 { node.figures = try figures(&reader) }
        return (id, node)
    }

    private static func put(_ confidence: TokenConfidence, _ writer: inout WireWriter) {
        writer.put(UInt32(clamping: confidence.tokens))
        for number in [
            confidence.mean, confidence.minimum, confidence.tenth, confidence.median, confidence.lowestWindow,
            confidence.lastWindow,
        ] {
            writer.put(number)
        }
    }

    private static func confidence(_ reader: inout WireReader) throws(WireProblem) -> TokenConfidence {
        TokenConfidence(
            tokens: Int(try reader.number(UInt32.self)), mean: try reader.double(), minimum: try reader.double(),
            tenth: try reader.double(),
            median: try reader.double(), lowestWindow: try reader.double(), lastWindow: try reader.double())
    }

    private static func put(_ figures: TokenFigures, _ writer: inout WireWriter) {
        writer.put(UInt32(clamping: figures.count))
        for figure in TokenFigure.allCases { writer.put(figures.list(figure)) { $0.put($1.bitPattern) } }
    }

    private static func figures(_ reader: inout WireReader) throws(WireProblem) -> TokenFigures {
        let count = Int(try reader.number(UInt32.self))
        var lists: [[Float]] = []
        for _ in TokenFigure.allCases {
            lists.append(
                try reader.list(least: 4) { (each) throws(WireProblem) in Float(bitPattern: try each.number()) })
        }
        return TokenFigures(count: count, lists: lists)
    }

    static func put(_ nodes: [(id: UInt64, node: SearchNode)], _ writer: inout WireWriter) {
        writer.put(nodes) { put($1.id, $1.node, &$0) }
    }

    static func nodes(_ reader: inout WireReader) throws(WireProblem) -> [(id: UInt64, node: SearchNode)] {
        try reader.list(least: 61) { (each) throws(WireProblem) in try node(&each) }
    }

    static func put(_ budget: BudgetView, _ writer: inout WireWriter) {
        writer.put(budget.limits.generations.map(UInt64.init) ?? UInt64.max)
        writer.put(budget.limits.tokens.map(UInt64.init) ?? UInt64.max)
        writer.put(budget.limits.flops ?? .infinity)
        writer.put(budget.limits.seconds ?? .infinity)
        writer.put(UInt64(budget.spent.generations))
        writer.put(UInt64(budget.spent.tokens))
        writer.put(budget.spent.flops)
        writer.put(budget.spent.seconds)
        let counted = budget.generations.parts
        writer.put(counted.steps) { $0.put(UInt32(clamping: $1)) }
        writer.put(counted.full) { $0.put(UInt32(clamping: $1)) }
    }

    static func budget(_ reader: inout WireReader) throws(WireProblem) -> BudgetView {
        func count(_ raw: UInt64) -> Int? { raw == .max ? nil : Int(clamping: raw) }
        func amount(_ raw: Double) -> Double? { raw == .infinity ? nil : raw }
        let limits = Limits(
            generations: count(try reader.number()), tokens: count(try reader.number()),
            flops: amount(try reader.double()), seconds: amount(try reader.double()))
        var spent = Cost()
        spent.generations = Int(clamping: try reader.number(UInt64.self))
        spent.tokens = Int(clamping: try reader.number(UInt64.self))
        spent.flops = try reader.double()
        spent.seconds = try reader.double()
        func counts(_ reader: inout WireReader) throws(WireProblem) -> [Int] {
            try reader.list(least: 4) { (each) throws(WireProblem) in Int(try each.number(UInt32.self)) }
        }
        let (steps, full) = (try counts(&reader), try counts(&reader))
        return BudgetView(limits: limits, spent: spent, generations: GenerationCount(steps: steps, full: full))
    }

    // MARK: - Create

    /// The arguments of `create`, and the data that its getters can show.
    struct Create {
        var strategyID: String
        var seed: UInt64
        var isTraced: Bool
        var roles: [String]
        /// By role: what its model or verifier guarantees.
        var promises: [String: Capabilities]
        var hasTokenFigures: Bool
        var problems: [(text: String, root: UInt64)]
        var params: [String: ParameterValue]
        var budget: BudgetView
        var nodes: [(id: UInt64, node: SearchNode)]
    }

    static func put(_ create: Create, _ writer: inout WireWriter) {
        writer.put(create.strategyID)
        writer.put(create.seed)
        writer.put(create.isTraced)
        writer.put(create.roles) { $0.put($1) }
        writer.put(create.promises.sorted { $0.key < $1.key }) {
            $0.put($1.key)
            $0.put($1.value.bits)
        }
        writer.put(create.hasTokenFigures)
        writer.put(create.problems) {
            $0.put($1.text)
            $0.put($1.root)
        }
        // In a fixed order, so that equal calls give equal bytes.
        writer.put(create.params.sorted { $0.key < $1.key }) {
            $0.put($1.key)
            put($1.value, &$0)
        }
        put(create.budget, &writer)
        put(create.nodes, &writer)
    }

    static func create(_ reader: inout WireReader) throws(WireProblem) -> Create {
        let (strategyID, seed, isTraced) = (try reader.text(), try reader.number(UInt64.self), try reader.flag())
        let roles = try reader.list(least: 4) { (each) throws(WireProblem) in try each.text() }
        let promises = try reader.list(least: 12) { (each) throws(WireProblem) in
            (try each.text(), Capabilities(bits: try each.number()))
        }
        let hasTokenFigures = try reader.flag()
        let problems = try reader.list(least: 12) { (each) throws(WireProblem) in
            (text: try each.text(), root: try each.number(UInt64.self))
        }
        let params = try reader.list(least: 5) { (each) throws(WireProblem) in (try each.text(), try value(&each)) }
        return Create(
            strategyID: strategyID, seed: seed, isTraced: isTraced, roles: roles,
            promises: Dictionary(promises) { $1 }, hasTokenFigures: hasTokenFigures, problems: problems,
            params: Dictionary(params) { $1 }, budget: try budget(&reader), nodes: try nodes(&reader))
    }

    // MARK: - Tell

    static func put(_ tell: Tell, _ writer: inout WireWriter) {
        writer.put(tell.event.rawValue)
        writer.put(tell.told) {
            $0.put($1.tag)
            $0.put($1.outcome.rawValue)
            $0.put($1.nodes) { $0.put($1) }
        }
    }

    static func tell(_ reader: inout WireReader) throws(WireProblem) -> Tell {
        guard let event = TellEvent(rawValue: try reader.number()) else {
            throw WireProblem(reason: "it tells of an unknown event")
        }
        let told = try reader.list(least: 16) { (each) throws(WireProblem) in
            let tag: UInt64 = try each.number()
            guard let outcome = Outcome(rawValue: try each.number()) else {
                throw WireProblem(reason: "it tells of an unknown outcome")
            }
            return Told(
                tag: tag, outcome: outcome,
                nodes: try each.list(least: 8) { (each) throws(WireProblem) in try each.number() })
        }
        return Tell(event: event, told: told)
    }

    // MARK: - Values of parameters

    static func put(_ value: ParameterValue, _ writer: inout WireWriter) {
        switch value {
        case .none: writer.put(UInt8(0))
        case .int(let number):
            writer.put(UInt8(1))
            writer.put(number)
        case .float(let number):
            writer.put(UInt8(2))
            writer.put(number)
        case .bool(let flag):
            writer.put(UInt8(3))
            writer.put(flag)
        case .text(let text):
            writer.put(UInt8(4))
            writer.put(text)
        case .bytes(let bytes):
            writer.put(UInt8(5))
            writer.put(bytes)
        }
    }

    static func value(_ reader: inout WireReader) throws(WireProblem) -> ParameterValue {
        switch try reader.number(UInt8.self) {
        case 0: return .none
        case 1: return .int(try reader.number())
        case 2: return .float(try reader.double())
        case 3: return .bool(try reader.flag())
        case 4: return .text(try reader.text())
        case 5: return .bytes(try reader.raw())
        case let kind: throw WireProblem(reason: "it has a value of the unknown kind \(kind)")
        }
    }
}
