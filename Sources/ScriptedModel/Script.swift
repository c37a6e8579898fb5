import SearchCore

/// One step of a hand-made tree: what a model might say next, and what a
/// verifier thinks of it.
public struct ScriptedStep: Sendable {
    /// More than a context holds. Each is kept in memory.
    static let tokensMost = 65_536
    /// A tree is gone through by calls that nest.
    static let levelsMost = 256

    /// With its delimiter; a finishing step has none.
    public var text: [UInt8]
    /// Its share of the probability among its siblings: weight over their sum.
    public var weight: Double
    /// The verifier's value: may be NaN or infinite, to try the runtime.
    public var value: Double
    /// The step ends the answer. Ending costs one token beside the text's, as it does in a real model.
    public var isFinished: Bool
    /// Tokens of the text; `nil`: its words, each with the white space before it.
    public var tokens: Int?
    /// A sample that comes here fails; the tokens before it are charged.
    public var modelFails: Bool
    /// A score job that comes here fails.
    public var verifierFails: Bool
    /// For `goto`.
    public var name: String?
    /// What follows is what follows the step of this name: a tree without end.
    public var goto: String?
    public var children: [ScriptedStep]

    public init(
        _ text: String, weight: Double = 1, value: Double = 0.5, isFinished: Bool = false, tokens: Int? = nil,
        modelFails: Bool = false, verifierFails: Bool = false, name: String? = nil, goto: String? = nil,
        children: [ScriptedStep] = []
    ) {
        self.text = Array(text.utf8)
        self.weight = weight
        self.value = value
        self.isFinished = isFinished
        self.tokens = tokens
        self.modelFails = modelFails
        self.verifierFails = verifierFails
        self.name = name
        self.goto = goto
        self.children = children
    }
}

/// The trees of some problems.
///
/// A prompt is matched to its tree by the problem's text. A problem that no tree
/// is for gets the first plain tree, so one tree can serve any number of problems.
/// A prompt that shows earlier attempts gets the problem's revision tree if it has one.
public struct Script: Sendable {
    public struct Root: Sendable {
        public var problem: String
        public var isRevision: Bool
        public var name: String?
        public var children: [ScriptedStep]
        public init(problem: String, isRevision: Bool = false, name: String? = nil, children: [ScriptedStep]) {
            self.problem = problem
            self.isRevision = isRevision
            self.name = name
            self.children = children
        }
    }

    public var roots: [Root]
    /// What was read in another way than it is written, or is there to make trouble: for who wrote it.
    public var notes: [String] = []
    public init(roots: [Root]) { self.roots = roots }
    /// One tree, for every problem.
    public init(_ children: [ScriptedStep]) { self.init(roots: [Root(problem: "", children: children)]) }
}

extension Script {
    /// Reads a script from text, a step a line, two spaces of indent a level:
    ///
    ///     problem What is 2 + 2?
    ///       Add them. | weight 3 value 0.8 name add
    ///         #### 4 | end value 0.9
    ///         Check it. | goto add
    ///       #### 5 | end value 0.1
    ///     revision What is 2 + 2?
    ///       #### 4 | end
    ///
    /// After the last ` | `: `weight W` (above 0), `value V` (`nan`, `inf` too), `tokens N`
    /// (65,536 at most), `name N`, `goto N`, `end`, `model-fails`, `verifier-fails`. A newline
    /// ends each step that does not say `end`. A tree has 256 levels at most. Empty lines and lines of
    /// `//` are skipped, and so is a byte order mark; a line may end with CR LF.
    public init(parsing source: String) throws(StratagemError) {
        self.init(roots: [])
        let source = plain(source)
        // The steps that are still open, outermost first; level 0 is a root.
        var open: [ScriptedStep] = []
        var odd: [Int] = []
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let body = line.drop { $0 == " " }
            if body.isEmpty || body.hasPrefix("//") { continue }
            let spaces = line.count - body.count
            let level = spaces / 2
            guard spaces % 2 == 0, level == 0 || level <= open.count else {
                throw Self.refusal(line: index + 1, "\(spaces) spaces of indent: no step is open there")
            }
            guard level <= ScriptedStep.levelsMost else {
                throw Self.refusal(
                    line: index + 1,
                    "a tree has \(ScriptedStep.levelsMost) levels of steps at most; 'goto NAME' continues from an existing step"
                )
            }
            close(&open, downTo: level)
            let step = try Self.step(body, line: index + 1, isRoot: level == 0)
            if !step.value.isFinite { odd.append(index + 1) }
            open.append(step)
        }
        close(&open, downTo: 0)
        guard let first = odd.first else { return }
        notes.append(
            "\(odd.count == 1 ? "a value is" : "\(odd.count) values are") not finite (the first in line \(first)): the verifier counts as broken there"
        )
    }

    /// As an editor elsewhere may have saved it.
    private mutating func plain(_ source: String) -> String {
        var text = source
        if text.unicodeScalars.first == "\u{FEFF}" {
            text.unicodeScalars.removeFirst()
            notes.append("it begins with a byte order mark, which is ignored")
        }
        // A pair is one Character, and no line feed.
        guard text.contains("\r\n") else { return text }
        notes.append("its lines end with CR LF, which is read as a line feed")
        return text.replacing("\r\n", with: "\n")
    }

    private static func refusal(line: Int, _ why: String) -> StratagemError {
        StratagemError(.user, .badScript, "script, line \(line): \(why)")
    }

    private mutating func close(_ open: inout [ScriptedStep], downTo level: Int) {
        while open.count > level, let last = open.popLast() {
            if open.isEmpty {
                // A root's own text is its problem; `isFinished` marks a revision.
                roots.append(
                    Root(
                        problem: String(decoding: last.text, as: UTF8.self), isRevision: last.isFinished,
                        name: last.name, children: last.children))
            } else {
                open[open.count - 1].children.append(last)
            }
        }
    }

    private static func step(_ body: Substring, line: Int, isRoot: Bool) throws(StratagemError) -> ScriptedStep {
        var text = body
        var words: [Substring] = []
        // A table's own "|" is text: only " | " begins attributes.
        if let bar = body.indices.last(where: { body[$0...].hasPrefix(" | ") }) {
            text = body[..<bar]
            words = body[bar...].dropFirst(3).split(separator: " ")
        }
        var step = ScriptedStep("")
        if isRoot {
            guard let kind = ["problem", "revision"].first(where: { text == $0 || text.hasPrefix($0 + " ") }) else {
                throw refusal(line: line, "a tree begins with 'problem TEXT' or 'revision TEXT'")
            }
            step.isFinished = kind == "revision"
            text = text.dropFirst(kind.count + 1)
        }
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "end" where !isRoot: step.isFinished = true
            case "model-fails": step.modelFails = true
            case "verifier-fails": step.verifierFails = true
            case "name", "goto", "weight", "value", "tokens":
                guard let value = rest.popFirst() else { throw refusal(line: line, "\(word) needs a value") }
                try set(word, String(value), of: &step, line: line)
            default: throw refusal(line: line, "there is no attribute '\(word)'")
            }
        }
        step.text = Array(text.utf8) + (isRoot || step.isFinished ? [] : [UInt8(ascii: "\n")])
        return step
    }

    private static func set(
        _ attribute: Substring, _ value: String, of step: inout ScriptedStep,
        line: Int
    ) throws(StratagemError) {
        switch attribute {
        case "name": step.name = value
        case "goto": step.goto = value
        case "tokens":
            guard let tokens = Int(value), (1...ScriptedStep.tokensMost).contains(tokens) else {
                throw refusal(
                    line: line,
                    "tokens '\(value.prefix(40))' is not a whole number from 1 to \(ScriptedStep.tokensMost)")
            }
            step.tokens = tokens
        default:
            guard let number = Double(value) else {
                throw refusal(line: line, "\(attribute) '\(value)' is not a number")
            }
            guard attribute == "weight" else { return step.value = number }
            guard number.isFinite, number > 0 else {
                throw refusal(line: line, "weight '\(value.prefix(40))' is not a finite number above 0")
            }
            step.weight = number
        }
    }
}
