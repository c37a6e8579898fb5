import Locking
import Glibc

/// One line on a terminal that tells how far the work is; nothing where there is
/// no terminal. Drawn ten times a second at most.
final class Progress: Sendable {
    private let isOn = Terminal.isTerminal(STDERR_FILENO)
    private let last = Locked<ContinuousClock.Instant?>(nil)

    func show(_ text: @autoclosure () -> String, always: Bool = false) {
        guard isOn else { return }
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            if !always, let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let width = Terminal.size(of: STDERR_FILENO).columns - 1
        _ = Output.write("\r\u{1B}[K" + text().prefix(width), to: STDERR_FILENO)
    }

    func clear() {
        if isOn { _ = Output.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    /// ▓▓▓▓░░░░
    static func bar(_ share: Double, width: Int) -> String {
        let full = Int((min(1, max(0, share)) * Double(width)).rounded())
        return String(repeating: "▓", count: full) + String(repeating: "░", count: width - full)
    }
}
