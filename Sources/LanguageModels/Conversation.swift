import Locking
import SearchCore

/// One turn of a conversation.
public struct ChatTurn: Sendable, Hashable, Codable {
    /// "system", "user" or "assistant".
    public var role: String
    public var text: String

    public init(role: String, text: String) { (self.role, self.text) = (role, text) }
}

/// Lays out conversations in the form that a model was trained to read: its chat template.
public protocol ChatLayout: Sendable {
    /// The text of a conversation, up to where the model's answer begins. May take seconds: a template is a program.
    /// - Throws: if the template refuses such a conversation.
    func lay(out turns: [ChatTurn]) throws(StratagemError) -> String
}

/// How a bundle's model is shown a conversation whose last turn is the problem. Each turn goes through the model's own
/// chat template, and the last one gets the words that the bundle's prompt puts around a problem.
///
/// A template is laid out around marks, once for every order of roles, and the turns are filled in as plain text, so
/// nothing that somebody writes becomes a special token of the model or a part of the template.
public final class ChatPrompts: Sendable {
    /// The largest number of turns in a conversation.
    public static let turnsMost = 256

    private let prompt: PromptTemplate
    private let layout: any ChatLayout
    private let name: String
    private let known = Locked<[[String]: (problem: String, revise: String)]>([:])
    private static let knownMost = 64
    private static let question = "{question}"

    /// - Parameter name: the bundle's name, for messages.
    public init(_ prompt: PromptTemplate, _ layout: any ChatLayout, name: String) {
        (self.prompt, self.layout, self.name) = (prompt, layout, name)
    }

    /// - Throws: `no_chat_template` if the bundle's prompt is not what the template makes of a single question;
    ///   `bad_template` if the template refuses such a conversation or drops a turn of it.
    public func prompt(for turns: [ChatTurn]) throws(StratagemError) -> PromptTemplate {
        guard turns.count <= Self.turnsMost else {
            throw StratagemError(
                .user, .badConversation,
                "the conversation has \(turns.count) turns, and \(Self.turnsMost) are taken. Leave the oldest out")
        }
        let roles = turns.map(\.role)
        let seen = known.withLock { $0[roles] }
        let texts = if let seen { seen } else { try laidOut(roles) }
        var prompt = PromptTemplate(problem: texts.problem, revise: texts.revise, attempt: prompt.attempt)
        prompt.turns = turns.map { Array($0.text.utf8) }
        return prompt
    }

    private func laidOut(_ roles: [String]) throws(StratagemError) -> (problem: String, revise: String) {
        let words = try words()
        let found = (problem: try lay(out: roles, last: words.problem), revise: try lay(out: roles, last: words.revise))
        known.withLock { known in
            if known.count >= Self.knownMost { known = [:] }
            known[roles] = found
        }
        return found
    }

    /// The words around a problem in the user's turn.
    private func words() throws(StratagemError) -> (problem: String, revise: String) {
        let plain = try layout.lay(out: [ChatTurn(role: "user", text: Self.question)])
        guard let place = plain.range(of: Self.question),
            let words = Self.middle(prompt.problem, plain[..<place.lowerBound], plain[place.upperBound...]),
            words.contains("{problem}")
        else {
            throw StratagemError(
                .user, .noChatTemplate,
                "bundle '\(name)': its prompt is not what the model's chat template makes of a question, so other turns have no place. Send one user message, or write the bundle anew: `stratagem bundle FILE.gguf`"
            )
        }
        let revise = Self.middle(prompt.revise, plain[..<place.lowerBound], plain[place.upperBound...]).flatMap {
            $0.contains("{attempts}") ? $0 : nil
        }
        return (
            words,
            revise
                ?? words.replacing("{problem}", with: "{problem}\n\nEarlier attempts, which may be wrong:\n{attempts}")
        )
    }

    private static func middle(_ text: String, _ before: Substring, _ after: Substring) -> String? {
        guard text.hasPrefix(before), text.hasSuffix(after), text.count >= before.count + after.count else {
            return nil
        }
        return String(text.dropFirst(before.count).dropLast(after.count))
    }

    private static func mark(_ place: Int) -> String { "{turn \(place + 1)}" }

    private func lay(out roles: [String], last words: String) throws(StratagemError) -> String {
        let marked = roles.enumerated().map { place, role in
            let mark = Self.mark(place)
            return ChatTurn(
                role: role, text: place == roles.count - 1 ? words.replacing("{problem}", with: mark) : mark)
        }
        let text = try layout.lay(out: marked)
        var rest = text[...]
        for place in roles.indices {
            // Each mark must occur once, and they must be in order.
            guard let found = rest.range(of: Self.mark(place)),
                rest[found.upperBound...].range(of: Self.mark(place)) == nil
            else {
                throw StratagemError(
                    .model, .badTemplate,
                    "bundle '\(name)': the model's chat template does not show turn \(place + 1) of such a conversation (\(roles.joined(separator: ", "))) once and in its place"
                )
            }
            rest = rest[found.upperBound...]
        }
        return text
    }
}

extension [ChatTurn] {
    /// The conversation as one text, for those who are shown only a problem: verifiers and people.
    public var transcript: String {
        guard count > 1 else { return first?.text ?? "" }
        return map { "\($0.role.prefix(1).uppercased() + $0.role.dropFirst()): \($0.text)" }.joined(separator: "\n\n")
    }
}
