import LanguageModels
import SearchCore
import StrategyHost

/// Which functions find and compare answers, if the bundle does not say so.
public struct AnswerChoice: Sendable, Equatable {
    /// These functions take precedence over the bundle's.
    public var extract: String?
    public var equal: String?
    /// The functions that suit the data, for a bundle that names none.
    public var forData: AnswerFunctions?

    public init(extract: String? = nil, equal: String? = nil, forData: AnswerFunctions? = nil) {
        (self.extract, self.equal, self.forData) = (extract, equal, forData)
    }

    /// Who chose the functions.
    public enum Origin: String, Sendable {
        case option, bundle, data, `default`
    }

    /// - Parameter isNamed: whether the bundle itself names `functions`.
    func applied(to functions: AnswerFunctions, isNamed: Bool) -> AnswerFunctions {
        var chosen = functions
        if !isNamed, let forData { (chosen.extract, chosen.equal) = (forData.extract, forData.equal) }
        if let extract { chosen.extract = extract }
        // The bundle's canonical function belongs to the bundle's equality.
        if let equal, equal != chosen.equal { (chosen.equal, chosen.canonical) = (equal, nil) }
        return chosen
    }

    func origin(isNamed: Bool) -> Origin {
        if extract != nil || equal != nil { return .option }
        return isNamed ? .bundle : forData != nil ? .data : .default
    }
}

/// How answers are found and compared: the bundle's functions, or those that were chosen for it.
public struct Answers: Sendable {
    public let extract: String
    public let equal: String
    public let chosenBy: AnswerChoice.Origin
    private let extractor: AnswerExtractor
    private let equality: AnswerEquality
    /// Has a canonical form for each answer that `equal` reads as a value, and none for an answer that it compares by
    /// its text alone.
    private let strict: AnswerCanonicalizer?

    /// - Throws: if a function is not among the plugins, or belongs to another hook.
    init(_ names: AnswerFunctions, chosenBy: AnswerChoice.Origin, _ registry: PluginRegistry) throws(StratagemError) {
        guard case .extractAnswer(let extractor) = try registry.function(.extractAnswer, named: names.extract) else {
            throw StratagemError(.user, .badBundle, "the function '\(names.extract)' does not find answers")
        }
        guard case .answersEqual(let equality) = try registry.function(.answersEqual, named: names.equal) else {
            throw StratagemError(.user, .badBundle, "the function '\(names.equal)' does not compare answers")
        }
        (extract, equal, self.chosenBy) = (names.extract, names.equal, chosenBy)
        (self.extractor, self.equality) = (extractor, equality)
        strict = Self.strict(names.equal, registry)
    }

    /// The function whose name is that of the equality with `-strict` appended; nil if no plugin has it.
    private static func strict(_ equal: String, _ registry: PluginRegistry) -> AnswerCanonicalizer? {
        guard case .canonicalAnswer(let function)? = try? registry.function(.canonicalAnswer, named: equal + "-strict")
        else { return nil }
        return function
    }

    public func find(in text: String) -> String? { extractor(Array(text.utf8)) }
    public func areEqual(_ one: String, _ other: String) -> Bool { equality(one, other) }
    /// Whether the equality reads an answer as a value or a word, and does not just compare its text. True if no plugin
    /// can tell.
    public func reads(_ answer: String) -> Bool { strict.map { $0(answer) != nil } ?? true }

    /// The same with other functions; nil if no plugin has them.
    public func others(extract: String, equal: String, _ registry: PluginRegistry) -> Answers? {
        try? Answers(AnswerFunctions(extract: extract, equal: equal), chosenBy: chosenBy, registry)
    }
}
