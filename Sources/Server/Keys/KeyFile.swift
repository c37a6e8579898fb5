import Foundation
import Hashing
import SearchCore

/// Who may use the server: a file with a line a key, of the key's hash alone.
///
///     # NAME SHA-256-OF-THE-KEY [requests=PER-MINUTE] [tokens=PER-MINUTE] [generations=AT-ONCE]
///     alice 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 requests=60 tokens=200000 generations=64
public struct KeyFile: Sendable {
    let keys: [APIKey]

    public init(reading path: String) throws(StratagemError) {
        func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badKeys, "the keys file \(path) \(why)") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refuse("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw refuse("is not a regular file")
        }
        // Who can read it can try keys at leisure; who can write it can add one.
        guard info.st_mode & 0o077 == 0 else {
            throw refuse(
                "can be used by others than its owner (mode \(String(info.st_mode & 0o777, radix: 8))). Run: chmod 600 \(path)"
            )
        }
        guard info.st_uid == geteuid() || info.st_uid == 0 else {
            throw refuse("belongs to another user. It has to be your own, or root's")
        }
        guard info.st_size <= 1 << 20 else { throw refuse("has \(info.st_size) bytes. At most 1 MiB are taken") }
        guard let data = try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() else {
            throw refuse("is empty: nobody could use the server")
        }
        guard let text = String(validating: data, as: UTF8.self) else { throw refuse("is not UTF-8 text") }
        keys = try Self.parse(text, refuse)
        guard !keys.isEmpty else { throw refuse("has no key: nobody could use the server") }
    }

    private static func parse(_ text: String, _ refuse: (String) -> StratagemError) throws(StratagemError) -> [APIKey] {
        var keys: [APIKey] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            func wrong(_ why: String) -> StratagemError {
                refuse(
                    "has a mistake in line \(index + 1): \(why). Write NAME HASH [requests=N] [tokens=N] [generations=N]; `stratagem serve --new-key NAME` makes a line"
                )
            }
            guard words.count >= 2, words[1].utf8.count == 64,
                words[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
            else {
                throw wrong("the second word is no SHA-256 in 64 lower-case hex digits")
            }
            guard !keys.contains(where: { $0.name == name }) else { throw wrong("'\(name)' is there already") }
            var key = APIKey(name: name, hash: Array(words[1].utf8))
            for word in words.dropFirst(2) {
                let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, let number = Int(pair[1]), number >= 1 else {
                    throw wrong("'\(word)' is not a limit above 0")
                }
                switch pair[0] {
                case "requests": key.requestsPerMinute = number
                case "tokens": key.tokensPerMinute = number
                case "generations": key.generationsAtOnce = number
                default: throw wrong("there is no limit '\(pair[0])'")
                }
            }
            keys.append(key)
        }
        return keys
    }

    /// The key that was presented. Takes as long for a wrong one as for a right one.
    func key(for presented: String) -> APIKey? {
        let hash = Array(SHA256.hex(Array(presented.utf8)).utf8)
        var found: APIKey?
        for key in keys {
            var difference: UInt8 = 0
            for (one, other) in zip(key.hash, hash) { difference |= one ^ other }
            if difference == 0 { found = key }
        }
        return found
    }

    /// A new key, and the line that a keys file needs for it.
    public static func newKey(name: String) throws(StratagemError) -> (key: String, line: String) {
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
        else {
            throw StratagemError(
                .user, .badKeys, "a key's name has letters, digits, '.', '_' and '-' alone; found '\(name)'")
        }
        let key = "sk-" + RandomName.make()
        return (key, "\(name) \(SHA256.hex(Array(key.utf8)))")
    }
}

/// A key as the server knows it.
struct APIKey: Sendable {
    var name: String
    /// 64 hex digits.
    var hash: [UInt8]
    var requestsPerMinute: Int?
    /// Sampled, of prompts and by the verifier.
    var tokensPerMinute: Int?
    var generationsAtOnce: Int?

    /// Where there are no keys, all are one.
    static let everybody = APIKey(name: "everybody", hash: [])
}

/// Names that nobody can guess.
enum RandomName {
    /// 128 bits as 32 hex digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
