import Glibc

/// SHA-256 (FIPS 180-4): names a plugin's private copy. Do not use it for secrets.
///
/// It is written here because a cryptography package, of which we need only this, would cost every user the time to
/// build it.
public struct SHA256 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19
    )

    /// The digest of `bytes` in 64 lower-case hex digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        var hash = SHA256()
        let whole = bytes.count / 64 * 64
        unsafe bytes.withUnsafeBytes { raw in
            unsafe hash.compress(UnsafeRawBufferPointer(rebasing: raw[..<whole]))
        }
        return hash.finish(bytes[whole...], total: bytes.count)
    }

    /// The digest of a file, read in pieces; nil if it cannot be read.
    public static func hex(file path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = SHA256()
        var block = [UInt8](repeating: 0, count: 1 << 20)
        var (filled, total) = (0, 0)
        while true {
            let got = unsafe block.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress.map { unsafe $0 + filled }, $0.count - filled)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return nil }
            filled += got
            total += got
            if got == 0 { break }
            guard filled == block.count else { continue }
            unsafe block.withUnsafeBytes { unsafe hash.compress($0) }
            filled = 0
        }
        return hash.finish(block[..<filled], total: total)
    }

    private mutating func finish(_ rest: ArraySlice<UInt8>, total: Int) -> String {
        // The rest, a 1 bit, zeros, and the length in bits as the last eight bytes.
        var tail = Array(rest)
        tail.append(0x80)
        while tail.count % 64 != 56 { tail.append(0) }
        unsafe withUnsafeBytes(of: (UInt64(total) * 8).bigEndian) { unsafe tail.append(contentsOf: $0) }
        unsafe tail.withUnsafeBytes { unsafe compress($0) }
        return hexDigits
    }

    private var hexDigits: String {
        let words = [state.0, state.1, state.2, state.3, state.4, state.5, state.6, state.7]
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in words {
            for shift in stride(from: UInt32(28), through: 0, by: -4) {
                text.append(digits[Int((word >> shift) & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Takes in whole blocks of 64 bytes.
    private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
            unsafe Self.roundConstants.withUnsafeBufferPointer { k in
                for block in stride(from: 0, to: blocks.count, by: 64) {
                    for t in 0..<16 {
                        unsafe w[t] = unsafe UInt32(
                            bigEndian: blocks.loadUnaligned(fromByteOffset: block + 4 * t, as: UInt32.self))
                    }
                    for t in 16..<64 {
                        let a = unsafe w[t - 15], b = unsafe w[t - 2]
                        let s0 = Self.rotate(a, 7) ^ Self.rotate(a, 18) ^ (a >> 3)
                        let s1 = Self.rotate(b, 17) ^ Self.rotate(b, 19) ^ (b >> 10)
                        unsafe w[t] = unsafe w[t - 16] &+ s0 &+ w[t - 7] &+ s1
                    }
                    unsafe round(w, k)
                }
            }
        }
    }

    @inline(__always)
    private mutating func round(_ w: UnsafeMutableBufferPointer<UInt32>, _ k: UnsafeBufferPointer<UInt32>) {
        var (a, b, c, d, e, f, g, h) = state
        for t in 0..<64 {
            let s1 = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
            let t1 = unsafe h &+ s1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t]
            let s0 = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
            let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e) = (g, f, e, d &+ t1)
            (d, c, b, a) = (c, b, a, t1 &+ t2)
        }
        state = (
            state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d,
            state.4 &+ e, state.5 &+ f, state.6 &+ g, state.7 &+ h
        )
    }

    @inline(__always)
    private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { (x &>> n) | (x &<< (32 &- n)) }

    private static let roundConstants: [UInt32] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ]
}
