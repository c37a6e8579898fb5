import Foundation

/// A key that an object of JSON has twice: a decoder keeps one of the values, and says nothing.
enum RepeatedKey {
    /// The first one, and where it stands the second time.
    ///
    /// - Parameter json: valid JSON.
    static func first(in json: Data) -> (key: String, place: Data.Index)? {
        let found = scan(Array(json))
        return found.map { ($0.key, json.startIndex + $0.offset) }
    }

    private static func scan(_ bytes: [UInt8]) -> (key: String, offset: Int)? {
        // The keys of each open object; nil for an array.
        var open: [Set<String>?] = []
        var expectsKey = false
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"):
                open.append([])
                expectsKey = true
            case UInt8(ascii: "["):
                open.append(nil)
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                expectsKey = false
            case UInt8(ascii: ","): expectsKey = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let begin = place + 1
                place = begin
                while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                    place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard expectsKey, place < bytes.count else { break }
                let key = text(bytes[begin..<place])
                if open[open.count - 1]?.insert(key).inserted == false { return (key, begin - 1) }
                expectsKey = false
            default: break
            }
            place += 1
        }
        return nil
    }

    /// Without its escapes: "\u0061" is "a".
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let written = String(decoding: bytes, as: UTF8.self)
        guard written.contains("\\") else { return written }
        return (try? JSONDecoder().decode(String.self, from: Data("\"\(written)\"".utf8))) ?? written
    }
}
