import Crypto
import Glibc

/// SHA-256 in hexadecimal: names plugins, weights, data sets and keys by their contents.
///
/// The computation is swift-crypto's (BoringSSL), which uses the processor's instructions for it: every start of the
/// program hashes all plugins.
public enum SHA256 {
    /// The digest of `bytes` in 64 lower-case hex digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        var hash = Crypto.SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return hexDigits(hash.finalize())
    }

    /// The digest of a file, read in pieces; nil if it cannot be read.
    public static func hex(file path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = Crypto.SHA256()
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = unsafe block.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return nil }
            if got == 0 { return hexDigits(hash.finalize()) }
            unsafe block.withUnsafeBytes { unsafe hash.update(bufferPointer: .init(rebasing: $0[..<got])) }
        }
    }

    private static func hexDigits(_ digest: Crypto.SHA256Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
