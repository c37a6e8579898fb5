import Glibc

/// The result of one check on one plugin.
public enum CheckStatus: String, Sendable, CaseIterable {
    case passed, failed, crashed
    case timedOut = "timed out"
    case skipped, warning
}

/// What a child says of its check: lines of `key value`, so that a signal handler
/// can write a prepared one and half of one is never taken for all.
struct ChildOutcome: Sendable, Equatable {
    var status: CheckStatus
    var finding: CheckFinding?
    /// Why it was skipped.
    var reason: String?
    /// Of all that the plugin decided, for checks that run twice.
    var digest: UInt64?
    /// What the first of two processes leaves for the second.
    var carried: String?

    init(status: CheckStatus, finding: CheckFinding? = nil, reason: String? = nil, digest: UInt64? = nil) {
        self.status = status
        self.finding = finding
        self.reason = reason
        self.digest = digest
    }

    var encoded: String {
        var lines = "status \(status.rawValue)\n"
        func add(_ key: String, _ value: String?) {
            guard let value else { return }
            lines += "\(key) \(value.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n"
        }
        add("expected", finding?.expected)
        add("happened", finding?.happened)
        add("subject", finding?.subject)
        add("reason", reason)
        add("digest", digest.map { String($0) })
        add("carried", carried)
        return lines + "end\n"
    }

    /// Nil if there is no whole outcome in what the child wrote. `progress` lines
    /// and trace lines, which may come before, are skipped.
    init?(parsing text: String) {
        guard text.hasSuffix("end\n") else { return nil }
        var fields: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            fields[line[..<space]] = Self.unescaped(line[line.index(after: space)...])
        }
        guard let status = fields["status"].flatMap(CheckStatus.init) else { return nil }
        self.status = status
        if let expected = fields["expected"] {
            finding = CheckFinding(expected: expected, happened: fields["happened"] ?? "", subject: fields["subject"])
        }
        reason = fields["reason"]
        digest = fields["digest"].flatMap { UInt64($0) }
        carried = fields["carried"]
    }

    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var result = ""
        var escaped = false
        for character in text {
            if escaped {
                result.append(character == "n" ? "\n" : character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}

/// The child's line to the runner.
enum ChildChannel {
    /// Where the runner put its end.
    static let descriptor: Int32 = 3
    nonisolated(unsafe) static var isOpen = false

    static func write(_ text: String) {
        guard isOpen else { return }
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                if count <= 0 { return }
                sent += count
            }
        }
    }

    /// Which sequence is about to run: all that is left of it if it kills the child.
    static func begin(_ sequence: String) {
        write("sequence \(sequence)\n")
    }
}
