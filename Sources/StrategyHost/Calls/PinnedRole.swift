/// A role with the weights that are wanted in it, as `has_role` takes it: `prm@0123456789abcdef`,
/// the first digits of the SHA-256 of its file.
public struct PinnedRole {
    public let role: String
    public let digits: String

    /// Fewer digits would let others pass by chance.
    static let digitsMin = 16

    /// Nil if `text` pins nothing.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        digits = String(text[text.index(after: at)...])
        role = String(text[..<at])
        guard digits.count >= Self.digitsMin, digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            return nil
        }
    }

    public func matches(_ hash: String?) -> Bool { hash?.hasPrefix(digits) ?? false }
}
