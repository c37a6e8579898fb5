import Locking
import CStratagem
import Glibc
import SearchCore

/// A host table that stands between a plugin and the real table: it reports every call and every breach of the
/// contract, and forwards all other calls unchanged.
///
/// Its functions are libffi closures generated from ``InterposedFunction``. One interposer serves one instance, and
/// must outlive it. It is off in normal runs: a call through it costs a few hundred nanoseconds and the time of the
/// sinks.
///
/// ``InstanceTracer`` tells it whether a call comes from inside a call into the plugin, so the host must make all of
/// these calls through the tracer.
public final class HostTableInterposer: @unchecked Sendable {
    /// The table to give to the plugin instead of the real one.
    public let table: UnsafePointer<stg_host>
    private let real: UnsafePointer<stg_host>
    private let trace: (any ABITraceSink)?
    private let contract: (any ABIContractSink)?
    private let turn = Locked(Turn())

    /// The call into the plugin that is in progress, if any.
    private struct Turn {
        var isBusy = false
        /// The thread that may call the host now.
        var caller: pthread_t?
    }

    /// The tables that plugins hold, by address.
    private static let tables = Locked<[UInt: Entry]>([:])

    private enum Entry {
        case live(WeakInterposer)
        /// The instance is gone. The entry is kept, with the table's memory, so that a plugin that still uses it is
        /// detected; only if the contract is checked.
        case ended(any ABIContractSink)
    }

    private struct WeakInterposer { weak var interposer: HostTableInterposer? }

    /// - Parameters:
    ///   - real: forwarded to; must outlive the interposer
    ///   - sink: receives every call
    ///   - contract: receives every breach; a call that breaks the contract returns INVALID_ARGUMENT and is not
    ///     forwarded
    public init(
        _ real: UnsafePointer<stg_host>, sink trace: (any ABITraceSink)?, contract: (any ABIContractSink)? = nil
    ) throws(StratagemError) {
        guard let closures = InterposedClosure.all else {
            throw StratagemError(
                .host, .closuresUnavailable,
                "calls cannot be traced or checked: this system forbids executable memory that is made at run time. "
                    + "Run without --trace-abi")
        }
        let table = UnsafeMutablePointer<stg_host>.allocate(capacity: 1)
        table.initialize(to: real.pointee)
        table.pointee.struct_size = UInt32(MemoryLayout<stg_host>.size)
        // The functions of extensions find the instance through it.
        table.pointee.host_data = real.pointee.host_data
        for closure in closures {
            UnsafeMutableRawPointer(table).storeBytes(
                of: closure.code, toByteOffset: closure.function.offset, as: UnsafeRawPointer.self)
        }
        self.table = UnsafePointer(table)
        self.real = real
        self.trace = trace
        self.contract = contract
        let entry = Entry.live(WeakInterposer(interposer: self))
        Self.tables.withLock { $0[UInt(bitPattern: table)] = entry }
    }

    deinit {
        let address = UInt(bitPattern: table)
        if let contract {
            UnsafeMutablePointer(mutating: table).pointee.host_data = nil
            Self.tables.withLock { $0[address] = .ended(contract) }
        } else {
            _ = Self.tables.withLock { $0.removeValue(forKey: address) }
            UnsafeMutablePointer(mutating: table).deallocate()
        }
    }

    // MARK: - Whose turn it is

    /// The calling thread enters a call into the plugin. ``InstanceTracer`` calls this.
    func enter(_ function: String, mayCallHost: Bool) {
        let overlaps = turn.withLock { turn in
            defer { turn = Turn(isBusy: true, caller: mayCallHost ? pthread_self() : nil) }
            return turn.isBusy
        }
        if overlaps {
            contract?.violation(
                function,
                "called by the host before another call on the same instance had returned: the host is at fault")
        }
    }

    /// The call has returned.
    func leave() { turn.withLock { $0 = Turn() } }

    private var isInCall: Bool {
        turn.withLock { turn in turn.caller.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    // MARK: - Calls

    /// The result of a call of `closure` with the table at `host`.
    static func answer(
        _ closure: InterposedClosure, host: UInt, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> UInt64 {
        let name = closure.function.name
        var strayed: (any ABIContractSink)?
        let interposer: HostTableInterposer? = tables.withLock { tables in
            switch tables[host] {
            case .live(let box): return box.interposer
            case .ended(let contract): strayed = contract
            case nil: break
            }
            return nil
        }
        guard let interposer else {
            strayed?.violation(name, "called with the host of an instance that has been destroyed")
            return closure.failure
        }
        return interposer.answer(closure, arguments)
    }

    private func answer(_ closure: InterposedClosure, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>)
        -> UInt64
    {
        let function = closure.function
        if let contract {
            var complaints = ContractCheck.complaints(function, arguments)
            if !isInCall {
                complaints.append(
                    "called from outside create, next, save and restore of this instance, or on another thread than that call's"
                )
            }
            if !complaints.isEmpty {
                for complaint in complaints { contract.violation(function.name, complaint) }
                trace?.call(
                    function.name, arguments: ABIDescription.arguments(function, arguments),
                    result: "refused: " + complaints.joined(separator: "; "), nanoseconds: 0)
                return closure.failure
            }
        }
        guard let trace else { return closure.forward(to: real, arguments) }
        let shown = ABIDescription.arguments(function, arguments)
        let start = ABIClock.now
        let result = closure.forward(to: real, arguments)
        let nanoseconds = ABIClock.now - start
        trace.call(
            function.name, arguments: shown, result: ABIDescription.result(function, arguments, result),
            nanoseconds: nanoseconds)
        return result
    }
}

/// Nanoseconds since a fixed moment, never decreasing.
enum ABIClock {
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
