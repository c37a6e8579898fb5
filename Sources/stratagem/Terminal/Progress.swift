import Foundation
import Glibc
import Locking
import SearchCore
import SearchRuntime
import Studies

/// One line on a terminal that tells how far the work is; nothing where there is
/// no terminal. Drawn ten times a second at most.
final class Progress: Sendable {
    private struct State {
        var drawn: ContinuousClock.Instant?
        /// The last line that was shown, and when: a long wait adds to it.
        var line = ""
        var news = ContinuousClock.now
        var isFollowing = false
    }

    private let isOn = Terminal.isTerminal(STDERR_FILENO)
    private let state = Locked(State())
    /// Whoever waits longer is told that something goes on.
    private static let patience = Duration.seconds(2)

    deinit { clear() }

    func show(_ text: @autoclosure () -> String, always: Bool = false) {
        guard isOn else { return }
        state.withLock { state in
            state.news = .now
            if !always, let drawn = state.drawn, state.news - drawn < .milliseconds(100) { return }
            state.line = text()
            Self.draw(state.line, &state)
        }
    }

    /// While there is no other news for two seconds: for how long it has been at work, how many
    /// tokens the models have read and written, and how fast. Until `clear`.
    func follow(_ statistics: @escaping @Sendable () -> RuntimeStatistics?) {
        guard isOn else { return }
        state.withLock { ($0.isFollowing, $0.news) = (true, .now) }
        let start = ContinuousClock.now
        let thread = Thread { [weak self] in
            while let self, self.state.withLock({ $0.isFollowing }) {
                let found = statistics()
                self.state.withLock { state in
                    guard state.isFollowing, .now - state.news >= Self.patience else { return }
                    let work = Self.work(found, seconds: (ContinuousClock.now - start).seconds)
                    Self.draw(state.line.isEmpty ? work : "\(state.line)  \(work)", &state)
                }
                usleep(250_000)
            }
        }
        thread.name = "stratagem-progress"
        thread.start()
    }

    /// `statistics` is nil until the models are there.
    static func work(_ statistics: RuntimeStatistics?, seconds: Double) -> String {
        guard let statistics else { return "reading the models, \(Readable.seconds(seconds))" }
        let tokens = statistics.policy.decodedTokens + statistics.verifier.decodedTokens
        guard tokens > 0 else { return "at work, \(Readable.seconds(seconds))" }
        return "at work, \(Readable.seconds(seconds)): \(Readable.count(tokens)) tokens, \(Readable.count(Int(Double(tokens) / max(seconds, 0.1)))) tokens/s"
    }

    func clear() {
        guard isOn else { return }
        state.withLock { state in
            state.isFollowing = false
            if state.drawn != nil { Output.draw("") }
        }
    }

    private static func draw(_ line: String, _ state: inout State) {
        state.drawn = .now
        let width = Terminal.size(of: STDERR_FILENO).columns - 1
        Output.draw(String(Plain.line(line).prefix(width)))
    }

    /// ▓▓▓▓░░░░
    static func bar(_ share: Double, width: Int) -> String {
        let full = Int((min(1, max(0, share)) * Double(width)).rounded())
        return String(repeating: "▓", count: full) + String(repeating: "░", count: width - full)
    }
}
