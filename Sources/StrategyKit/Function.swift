/// A plain function that the host calls by its declared signature: it finds an answer in a text, compares two answers,
/// or values an answer by its steps.
///
/// Each hook has its own factory method, so that a signature cannot be wrong. The function may be called from any
/// thread, many times at once; it must be pure and fast.
public struct Function: Sendable {
    /// `(text, size, answer)`: STG_OK and the place of the answer in the text, or STG_NOT_FOUND.
    public typealias ExtractAnswer =
        @convention(c) (UnsafePointer<CChar>?, UInt64, UnsafeMutablePointer<stg_str>?) -> Int32
    /// `(a, size, b, size)`: 1 if they mean the same, else 0.
    public typealias AnswersEqual =
        @convention(c) (UnsafePointer<CChar>?, UInt64, UnsafePointer<CChar>?, UInt64) -> Int32
    /// `(values, count ≥ 1)`: one value in [0, 1].
    public typealias AggregateSteps = @convention(c) (UnsafePointer<Double>?, UInt64) -> Double
    /// `(problem, size, text, size)`: a program's verdict in [0, 1].
    public typealias Verify = @convention(c) (UnsafePointer<CChar>?, UInt64, UnsafePointer<CChar>?, UInt64) -> Double

    /// `(answer, size, buffer, capacity, needed)`: the spelling that all answers of this
    /// meaning share, or STG_NOT_FOUND; see stratagem.h.
    public typealias CanonicalAnswer =
        @convention(c) (
            UnsafePointer<CChar>?, UInt64, UnsafeMutablePointer<CChar>?, UInt64, UnsafeMutablePointer<UInt64>?
        ) -> Int32

    let hook: String
    let name: String
    let signature: String
    let address: @convention(c) () -> Void

    public static func extractAnswer(_ name: String, _ function: ExtractAnswer) -> Function {
        Function(
            hook: "stratagem.extract_answer/1", name: name, signature: "i32(ptr,u64,ptr)",
            address: unsafeBitCast(function, to: (@convention(c) () -> Void).self))
    }

    public static func answersEqual(_ name: String, _ function: AnswersEqual) -> Function {
        Function(
            hook: "stratagem.answers_equal/1", name: name, signature: "i32(ptr,u64,ptr,u64)",
            address: unsafeBitCast(function, to: (@convention(c) () -> Void).self))
    }

    public static func aggregateSteps(_ name: String, _ function: AggregateSteps) -> Function {
        Function(
            hook: "stratagem.aggregate_steps/1", name: name, signature: "f64(ptr,u64)",
            address: unsafeBitCast(function, to: (@convention(c) () -> Void).self))
    }

    public static func verify(_ name: String, _ function: Verify) -> Function {
        Function(
            hook: "stratagem.verify/1", name: name, signature: "f64(ptr,u64,ptr,u64)",
            address: unsafeBitCast(function, to: (@convention(c) () -> Void).self))
    }

    public static func canonicalAnswer(_ name: String, _ function: CanonicalAnswer) -> Function {
        Function(
            hook: "stratagem.canonical_answer/1", name: name, signature: "i32(ptr,u64,ptr,u64,ptr)",
            address: unsafeBitCast(function, to: (@convention(c) () -> Void).self))
    }

    func descriptor() -> stg_function {
        stg_function(
            struct_size: UInt32(MemoryLayout<stg_function>.size), reserved: 0, hook: leaked(hook), name: leaked(name),
            signature: leaked(signature), address: address)
    }
}
