/// A role together with the weights that it must have, in the form that `has_role` takes: `prm@0123456789abcdef`, with
/// the first digits of the SHA-256 of the weights' file.
public struct PinnedRole {
    public let role: String
    public let digits: String

    /// With fewer digits, other weights could match by chance.
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
