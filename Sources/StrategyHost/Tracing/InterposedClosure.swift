import CFFI
import CStratagem

/// A C function made at run time that stands in for a function of the host table.
///
/// There is one for each function in a process, and it is never freed: a plugin may keep its address and call it at any
/// time. The first argument, the interposed table, tells which instance a call belongs to.
final class InterposedClosure: @unchecked Sendable {
    let function: InterposedFunction
    let signature: FFISignature
    /// The address to call.
    let code: UnsafeRawPointer

    /// All closures, or nil if the system forbids memory that is made executable.
    static let all: [InterposedClosure]? = {
        var made: [InterposedClosure] = []
        for function in InterposedFunction.all {
            guard let closure = make(function) else { return nil }
            made.append(closure)
        }
        return made
    }()

    private static func make(_ function: InterposedFunction) -> InterposedClosure? {
        guard let signature = FFISignature.named(function.signature) else { return nil }
        var code: UnsafeMutableRawPointer?
        guard let memory = ffi_closure_alloc(MemoryLayout<ffi_closure>.size, &code), let code else { return nil }
        let closure = InterposedClosure(function, signature, code)
        // Retained forever, because the code is never freed.
        let context = Unmanaged.passRetained(closure).toOpaque()
        let status = ffi_prep_closure_loc(
            memory.assumingMemoryBound(to: ffi_closure.self), signature.cif,
            { _, result, arguments, context in
                guard let arguments, let context else { return }
                Unmanaged<InterposedClosure>.fromOpaque(context).takeUnretainedValue().called(arguments, result)
            }, context, code)
        return status == FFI_OK ? closure : nil
    }

    private init(_ function: InterposedFunction, _ signature: FFISignature, _ code: UnsafeMutableRawPointer) {
        self.function = function
        self.signature = signature
        self.code = UnsafeRawPointer(code)
    }

    /// `arguments[0]` points to the host pointer that the plugin gave.
    private func called(_ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ result: UnsafeMutableRawPointer?)
    {
        let host = arguments[0]?.load(as: UInt.self) ?? 0
        let word = HostTableInterposer.answer(self, host: host, arguments)
        // Small integers are returned as a whole word; a double is its bits.
        if function.result.kind != .void { result?.storeBytes(of: word, as: UInt64.self) }
    }

    /// Calls the function that this closure stands in for, in the table `real`.
    func forward(to real: UnsafePointer<stg_host>, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>)
        -> UInt64
    {
        guard let address = UnsafeRawPointer(real).load(fromByteOffset: function.offset, as: UnsafeRawPointer?.self)
        else {
            return failure
        }
        var result: UInt64 = 0
        var host: UnsafePointer<stg_host>? = real
        let given = arguments[0]
        withUnsafeMutablePointer(to: &host) { pointer in
            arguments[0] = UnsafeMutableRawPointer(pointer)
            FFIFunction(signature: signature, address: address).call(arguments, result: &result)
        }
        arguments[0] = given
        return result
    }

    /// The result of a call that is not forwarded.
    var failure: UInt64 {
        function.result == .status ? UInt64(STG_INVALID_ARGUMENT) : 0
    }
}
