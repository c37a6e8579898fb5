/// Takes every call that crosses the plugin boundary: what `--trace-abi` prints.
///
/// Called on the thread of the call, which waits for it: be quick, and expect many
/// threads at once.
public protocol ABITraceSink: Sendable {
    /// A call has returned. `nanoseconds` is its time on the far side of the boundary.
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64)
}
