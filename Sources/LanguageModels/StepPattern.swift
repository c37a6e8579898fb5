import Foundation
import SearchCore

/// A POSIX extended regular expression that ends a step, limited to what glibc matches without backtracking, so that no
/// pattern takes forever.
public struct StepPattern: Sendable, Equatable {
    public let source: String
    private let compiled: Compiled

    /// - Throws: glibc's reason why the pattern is wrong; a pattern that can match the empty text is refused too.
    public init(_ source: String) throws(StratagemError) {
        self.source = source
        compiled = try Compiled(source)
        guard match(in: [], from: 0) == nil else {
            throw StratagemError(.user, .badPattern, "matches an empty text, so that every token would end a step")
        }
    }

    public static func == (one: StepPattern, other: StepPattern) -> Bool { one.source == other.source }

    /// Whether it matches somewhere from `from` on.
    func matches(_ text: [UInt8], from: Int) -> Bool { match(in: text, from: from) != nil }

    /// The last of the matches that follow one another.
    func lastMatch(in text: [UInt8]) -> Range<Int>? {
        var last: Range<Int>?
        while let next = match(in: text, from: last?.upperBound ?? 0), !next.isEmpty { last = next }
        return last
    }

    private func match(in text: [UInt8], from: Int) -> Range<Int>? {
        guard from <= text.count else { return nil }
        var place = regmatch_t(rm_so: Int32(clamping: from), rm_eo: Int32(clamping: text.count))
        let status = unsafe text.withUnsafeBytes { raw in
            // An empty array may have no address; with REG_STARTEND glibc reads nothing there, but the pointer must not
            // be nil.
            let bytes = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe withUnsafePointer(to: 0 as CChar) { nothing in
                unsafe regexec(&compiled.pattern, bytes ?? nothing, 1, &place, REG_STARTEND)
            }
        }
        return status == 0 ? Int(place.rm_so)..<Int(place.rm_eo) : nil
    }

    /// glibc's compiled expression. Matching locks it, and has no visible effect on it.
    @safe private final class Compiled: @unchecked Sendable {
        var pattern = unsafe regex_t()

        init(_ source: String) throws(StratagemError) {
            let status = unsafe regcomp(&pattern, source, REG_EXTENDED | REG_NEWLINE)
            guard status != 0 else { return }
            var buffer = [CChar](repeating: 0, count: 200)
            let count = unsafe regerror(status, &pattern, &buffer, buffer.count)
            let why = String(
                decoding: buffer.prefix(max(0, min(count, buffer.count) - 1)).map { UInt8(bitPattern: $0) },
                as: UTF8.self)
            throw StratagemError(.user, .badPattern, "is not a regular expression: \(why.lowercased())")
        }

        deinit { unsafe regfree(&pattern) }
    }
}
