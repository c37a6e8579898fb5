import Locking

/// Messages of which each is worth a line, but not a thousand lines: a server that is gone fails every run of a study
/// with the same words.
public final class RepeatedMessages: Sendable {
    /// So often the same text is shown.
    private static let most = 3
    /// Beyond so many texts, all are shown: nobody knows then which are the same.
    private static let textsMost = 1000

    private let counts = Locked<[String: Int]>([:])

    public init() {}

    /// What to show for this message: nil if it was shown often enough.
    public func shown(_ text: String) -> String? {
        let count = counts.withLock { counts in
            guard counts[text] != nil || counts.count < Self.textsMost else { return 1 }
            counts[text, default: 0] += 1
            return counts[text, default: 1]
        }
        return switch count {
        case ..<Self.most: text
        case Self.most: text + " (this message is not shown again)"
        default: nil
        }
    }
}
