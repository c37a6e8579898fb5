import Foundation
import Hashing
import Testing

@Suite struct SHA256Tests {
    /// A file is read in pieces of 1 MiB: about its end, and about theirs.
    @Test(arguments: [0, 1, 55, 64, 1 << 20, 1 << 20 + 1, 3 << 20 - 1])
    func aFileAndItsBytesAgree(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = NSTemporaryDirectory() + "sha256-\(size)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(SHA256.hex(file: path) == SHA256.hex(bytes))
        #expect(SHA256.hex(file: path + ".missing") == nil && SHA256.hex(file: NSTemporaryDirectory()) == nil)
    }

    /// FIPS 180-4's examples, and the empty text.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func knownVectors(text: String, digest: String) {
        #expect(SHA256.hex(Array(text.utf8)) == digest)
    }

    @Test func aMillionLetters() {
        #expect(
            SHA256.hex([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// Every length around the edges of blocks, against the system's own.
    @Test func agreesWithSha256sum() throws {
        guard Fixture.has("sha256sum") else { return }
        let folder = try Fixture.folder("sha")
        let lengths = Array(0...4) + Array(54...66) + Array(118...130)
        for length in lengths {
            try Data((0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(
                to: folder.appendingPathComponent(String(length)))
        }
        let output = try Fixture.run(["sha256sum"] + lengths.map { folder.appendingPathComponent(String($0)).path })
        for (length, line) in zip(lengths, output.split(separator: "\n")) {
            #expect(
                SHA256.hex((0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }) == line.prefix(64), "\(length) bytes"
            )
        }
    }
}
