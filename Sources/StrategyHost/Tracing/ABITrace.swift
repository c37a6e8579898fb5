/// Takes every call that crosses the plugin boundary: what `--trace-abi` prints.
///
/// Called on the thread of the call, which waits for it: be quick, and expect many
/// threads at once.
public protocol ABITraceSink: Sendable {
    /// A call has returned. `nanoseconds` is its time on the far side of the boundary.
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64)
}

/// Takes every breach of stratagem.h's contract that the host can see.
///
/// Called on the thread of the breach, under the same rules as ``ABITraceSink``.
public protocol ABIContractSink: Sendable {
    /// `function` was called against the contract; `message` says how, and what is right.
    func violation(_ function: String, _ message: String)
}
