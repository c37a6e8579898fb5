import SearchCore

/// One step of a hand-made tree: what a model might say next, and what a
/// verifier thinks of it.
public struct ScriptedStep: Sendable {
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

    public init(_ text: String, weight: Double = 1, value: Double = 0.5, isFinished: Bool = false, tokens: Int? = nil,
                modelFails: Bool = false, verifierFails: Bool = false, name: String? = nil, goto: String? = nil,
                children: [ScriptedStep] = []) {
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
    /// After the last ` | `: `weight W`, `value V` (`nan`, `inf` too), `tokens N`,
    /// `name N`, `goto N`, `end`, `model-fails`, `verifier-fails`. A newline ends
    /// each step that does not say `end`. Empty lines and lines of `//` are skipped.
    public init(parsing source: String) throws(StratagemError) {
        self.init(roots: [])
        // The steps that are still open, outermost first; level 0 is a root.
        var open: [ScriptedStep] = []
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let body = line.drop { $0 == " " }
            if body.isEmpty || body.hasPrefix("//") { continue }
            let spaces = line.count - body.count
            let level = spaces / 2
            guard spaces % 2 == 0, level == 0 || level <= open.count else {
                throw Self.refusal(line: index + 1, "\(spaces) spaces of indent: no step is open there")
            }
            close(&open, downTo: level)
            open.append(try Self.step(body, line: index + 1, isRoot: level == 0))
        }
        close(&open, downTo: 0)
    }

    private static func refusal(line: Int, _ why: String) -> StratagemError {
        StratagemError(.user, "bad_script", "script, line \(line): \(why)")
    }

    private mutating func close(_ open: inout [ScriptedStep], downTo level: Int) {
        while open.count > level, let last = open.popLast() {
            if open.isEmpty {
                // A root's own text is its problem; `isFinished` marks a revision.
                roots.append(Root(problem: String(decoding: last.text, as: UTF8.self), isRevision: last.isFinished,
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
                guard let value = rest.popFirst() else { throw refusal(line: line, "\(word) lacks its value") }
                try set(word, String(value), of: &step, line: line)
            default: throw refusal(line: line, "there is no attribute '\(word)'")
            }
        }
        step.text = Array(text.utf8) + (isRoot || step.isFinished ? [] : [UInt8(ascii: "\n")])
        return step
    }

    private static func set(_ attribute: Substring, _ value: String, of step: inout ScriptedStep,
                            line: Int) throws(StratagemError) {
        switch attribute {
        case "name": step.name = value
        case "goto": step.goto = value
        case "tokens":
            guard let tokens = Int(value), tokens > 0 else { throw refusal(line: line, "tokens '\(value)' is no count above 0") }
            step.tokens = tokens
        default:
            guard let number = Double(value) else { throw refusal(line: line, "\(attribute) '\(value)' is no number") }
            if attribute == "weight" { step.weight = number } else { step.value = number }
        }
    }
}
