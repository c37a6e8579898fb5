import CStratagem

/// The other direction: the host's calls into an instance, reported to the same sink.
///
/// Each method runs `body`, which makes the call, and returns the result of `body`. It also tells the interposer which
/// thread is inside a call.
public struct InstanceTracer: Sendable {
    private let trace: (any ABITraceSink)?
    private let interposer: HostTableInterposer?

    public init(trace: (any ABITraceSink)?, interposer: HostTableInterposer?) {
        self.trace = trace
        self.interposer = interposer
    }

    public func create(_ info: UnsafePointer<stg_create_info>, _ body: () -> stg_status) -> stg_status {
        call("create", { ABIDescription.createInfo(info) }, ABIDescription.status, body)
    }

    /// - Parameter out: what the call fills in.
    public func next(_ tell: UnsafePointer<stg_tell>, _ out: UnsafePointer<stg_next>, _ body: () -> stg_status)
        -> stg_status
    {
        call(
            "next", { ABIDescription.tell(tell) },
            { $0 == STG_OK ? "OK " + ABIDescription.next(out.pointee) : ABIDescription.status($0) }, body)
    }

    public func save(_ out: UnsafePointer<stg_str>, _ body: () -> stg_status) -> stg_status {
        call("save", { "" }, { $0 == STG_OK ? "OK \(out.pointee.size) bytes" : ABIDescription.status($0) }, body)
    }

    public func restore(_ info: UnsafePointer<stg_create_info>, state: stg_str, _ body: () -> stg_status) -> stg_status
    {
        call(
            "restore", { "\(ABIDescription.createInfo(info)), state=(\(state.size) bytes)" }, ABIDescription.status,
            body)
    }

    /// No host function may be called from inside destroy.
    public func destroy(_ body: () -> Void) {
        call("destroy", mayCallHost: false, { "" }, { "" }, body)
    }

    private func call<Result>(
        _ function: String, mayCallHost: Bool = true, _ arguments: () -> String, _ describe: (Result) -> String,
        _ body: () -> Result
    ) -> Result {
        interposer?.enter(function, mayCallHost: mayCallHost)
        defer { interposer?.leave() }
        guard let trace else { return body() }
        let shown = arguments()
        let start = ABIClock.now
        let result = body()
        let nanoseconds = ABIClock.now - start
        trace.call(function, arguments: shown, result: describe(result), nanoseconds: nanoseconds)
        return result
    }
}
