/// The purposes that a plugin's plain function may have, each with its one signature.
///
/// To add a hook, add a case here. Nothing else is needed even if its signature is new, because ``FFISignature`` reads
/// the text.
public enum Hook: String, Sendable, CaseIterable {
    case extractAnswer = "stratagem.extract_answer/1"
    case answersEqual = "stratagem.answers_equal/1"
    case aggregateSteps = "stratagem.aggregate_steps/1"
    case verify = "stratagem.verify/1"
    case canonicalAnswer = "stratagem.canonical_answer/1"

    /// As a plugin must declare it, letter for letter.
    public var signature: String {
        switch self {
        case .extractAnswer: "i32(ptr,u64,ptr)"
        case .answersEqual: "i32(ptr,u64,ptr,u64)"
        case .aggregateSteps: "f64(ptr,u64)"
        case .verify: "f64(ptr,u64,ptr,u64)"
        case .canonicalAnswer: "i32(ptr,u64,ptr,u64,ptr)"
        }
    }
}
