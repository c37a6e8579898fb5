import Locking
import CFFI
import CStratagem

/// The signature of a C function, as libffi needs it to call the function or to stand in for it.
///
/// There is one `ffi_cif` for each distinct signature. It is made when it is first needed and kept forever: calls and
/// closures point into it as long as the process lives.
final class FFISignature: @unchecked Sendable {
    /// The types that cross the boundary. The ABI uses only these: scalars, pointers, and stg_str by value.
    enum Kind: String {
        case void, i32, i64, u64, f64, ptr
        /// A stg_str by value: two eightbytes.
        case str

        var ffiType: UnsafeMutablePointer<ffi_type>? {
            switch self {
            case .void: stg_ffi_void()
            case .i32: stg_ffi_i32()
            case .i64: stg_ffi_i64()
            case .u64: stg_ffi_u64()
            case .f64: stg_ffi_f64()
            case .ptr: stg_ffi_ptr()
            case .str: FFISignature.textType.pointer
            }
        }

        /// The size of a value in bytes.
        var size: Int {
            switch self {
            case .void: 0
            case .i32: 4
            case .i64, .u64, .f64, .ptr: 8
            case .str: MemoryLayout<stg_str>.size
            }
        }
    }

    let text: String
    let result: Kind
    let arguments: [Kind]
    /// It never changes after it was made, so every thread may use it.
    let cif: UnsafeMutablePointer<ffi_cif>

    private static let known = Locked<[String: FFISignature]>([:])

    /// The signature that `text` writes as "result(argument,…)", or nil if `text` is not a signature.
    static func named(_ text: String) -> FFISignature? {
        known.withLock { known in
            if let signature = known[text] { return signature }
            guard let (result, arguments) = parse(text),
                let signature = FFISignature(text: text, result: result, arguments: arguments)
            else { return nil }
            known[text] = signature
            return signature
        }
    }

    private init?(text: String, result: Kind, arguments: [Kind]) {
        let types = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: max(1, arguments.count))
        for (index, argument) in arguments.enumerated() { types.advanced(by: index).initialize(to: argument.ffiType) }
        let cif = UnsafeMutablePointer<ffi_cif>.allocate(capacity: 1)
        cif.initialize(to: ffi_cif())
        guard ffi_prep_cif(cif, FFI_DEFAULT_ABI, UInt32(arguments.count), result.ffiType, types) == FFI_OK else {
            types.deallocate()
            cif.deallocate()
            return nil
        }
        self.text = text
        self.result = result
        self.arguments = arguments
        self.cif = cif
    }

    private static func parse(_ text: String) -> (Kind, [Kind])? {
        guard text.last == ")", let open = text.firstIndex(of: "("), let result = Kind(rawValue: String(text[..<open]))
        else {
            return nil
        }
        let inside = text[text.index(after: open)...].dropLast()
        if inside.isEmpty { return (result, []) }
        var arguments: [Kind] = []
        for part in inside.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = Kind(rawValue: String(part)), kind != .void else { return nil }
            arguments.append(kind)
        }
        return (result, arguments)
    }

    /// libffi's description of stg_str. libffi fills in its size and alignment when a signature that contains it is
    /// prepared, under the lock of ``known``.
    private static let textType = TextType()

    private final class TextType: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<ffi_type>

        init() {
            let elements = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: 3)
            elements.initialize(to: stg_ffi_ptr())
            elements.advanced(by: 1).initialize(to: stg_ffi_u64())
            elements.advanced(by: 2).initialize(to: nil)
            pointer = .allocate(capacity: 1)
            pointer.initialize(to: ffi_type(size: 0, alignment: 0, type: UInt16(FFI_TYPE_STRUCT), elements: elements))
        }
    }
}

/// A foreign function and its signature.
struct FFIFunction: @unchecked Sendable {
    let signature: FFISignature
    let address: UnsafeRawPointer

    /// Calls the function. `arguments` point to the values, one for each argument of the signature. `result` has room
    /// for at least 8 bytes, because libffi widens small integers to 8 bytes.
    func call(_ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, result: UnsafeMutableRawPointer?) {
        ffi_call(signature.cif, unsafeBitCast(address, to: (@convention(c) () -> Void).self), result, arguments)
    }
}

extension FFIFunction {
    /// Calls a function of two to five arguments, given the address of each.
    func callInt32(
        _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, _ c: UnsafeMutableRawPointer,
        _ d: UnsafeMutableRawPointer? = nil, _ e: UnsafeMutableRawPointer? = nil
    ) -> Int32 {
        Int32(truncatingIfNeeded: callWord(a, b, c, d, e))
    }

    func callDouble(
        _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, _ c: UnsafeMutableRawPointer? = nil,
        _ d: UnsafeMutableRawPointer? = nil
    ) -> Double {
        Double(bitPattern: callWord(a, b, c, d))
    }

    /// The first eight bytes of the result. Arguments beyond those of the signature are not read.
    private func callWord(
        _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, _ c: UnsafeMutableRawPointer?,
        _ d: UnsafeMutableRawPointer?,
        _ e: UnsafeMutableRawPointer? = nil
    ) -> UInt64 {
        var result: UInt64 = 0
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: 5) { arguments in
            arguments[0] = a
            arguments[1] = b
            arguments[2] = c
            arguments[3] = d
            arguments[4] = e
            call(arguments.baseAddress, result: &result)
        }
        return result
    }
}
