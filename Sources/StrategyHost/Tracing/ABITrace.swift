/// Receives every call that crosses the plugin boundary: the source of what `--trace-abi` prints.
///
/// Called on the thread of the traced call, which waits for it: return quickly, and expect calls from many threads at
/// once.
public protocol ABITraceSink: Sendable {
    /// A call has returned. `nanoseconds` is the time that it took on the other side of the boundary.
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64)
}

/// Receives every breach of stratagem.h's contract that the host can see.
///
/// Called on the thread of the breach, under the same rules as ``ABITraceSink``.
public protocol ABIContractSink: Sendable {
    /// `function` was called against the contract; `message` says how, and what would be right.
    func violation(_ function: String, _ message: String)
}
