import Foundation

/// How a model marks its thoughts before it answers: `thought = ["<think>", "</think>"]`.
public struct Thought: Sendable, Equatable, Codable {
    public var opens: String
    public var closes: String

    public init(opens: String, closes: String) { (self.opens, self.closes) = (opens, closes) }

    /// The part of a text that is the answer: the text after the last thought. Nil while a thought is open, because a
    /// number in it is not an answer.
    /// - Parameter isOpen: whether the prompt ends inside a thought.
    public func answer(in text: [UInt8], isOpen: Bool) -> ArraySlice<UInt8>? {
        let (open, close) = (Array(opens.utf8), Array(closes.utf8))
        let closed = ByteSearch.last(close, in: text).map { $0 + close.count }
        let opened = ByteSearch.last(open, in: text)
        if let closed { return opened ?? -1 >= closed ? nil : text[closed...] }
        return isOpen || opened != nil ? nil : text[...]
    }

    /// Whether a prompt leaves a thought open.
    public func isOpen(after prompt: String) -> Bool {
        guard let opened = prompt.range(of: opens, options: .backwards) else { return false }
        return prompt.range(of: closes, range: opened.upperBound..<prompt.endIndex) == nil
    }
}
