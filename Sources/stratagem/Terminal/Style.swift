import Foundation
import Glibc
import SearchCore

/// Colour, where there is a terminal that wants it (https://no-color.org). What it puts
/// into a text are marks: ``Output`` makes escape codes of them.
struct Style: Sendable {
    let isOn: Bool

    static let standardOutput = Style(descriptor: STDOUT_FILENO)
    static let standardError = Style(descriptor: STDERR_FILENO)

    private init(descriptor: Int32) {
        let environment = ProcessInfo.processInfo.environment
        isOn =
            Terminal.isTerminal(descriptor) && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    private func wrap(_ code: String, _ text: String) -> String { isOn ? Emphasis.mark(text, code) : text }

    func bold(_ text: String) -> String { wrap("1", text) }
    func dim(_ text: String) -> String { wrap("2", text) }
    func red(_ text: String) -> String { wrap("31", text) }
    func green(_ text: String) -> String { wrap("32", text) }
}

enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns that texts on standard output are broken at.
    static var textWidth: Int { isTerminal(STDOUT_FILENO) ? min(100, size(of: STDOUT_FILENO).columns) : 100 }

    /// Columns that tables on standard output may take.
    static var tableWidth: Int { isTerminal(STDOUT_FILENO) ? max(60, size(of: STDOUT_FILENO).columns) : 100 }

    /// Of the terminal behind `descriptor`; 80 × 24 if it does not say.
    static func size(of descriptor: Int32) -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
