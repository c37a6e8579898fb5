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
        /// What it is at, until there is a runtime; nil: nobody follows.
        var doing: String?
        var runtime: SearchRuntime?
        /// Of its only run.
        var limits: Limits?
        /// When the runtime's work began.
        var begin = ContinuousClock.now
    }

    private let isOn = Terminal.isTerminal(STDERR_FILENO)
    private let state = Locked(State())
    /// Whoever waits longer is told that something continues.
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

    /// While there is no other news for two seconds: what it is at and for how long; once it has a
    /// runtime (`runs`), how many tokens the models have read and written, how fast, and how long a single
    /// run will still take. Until `clear`.
    func follow(_ doing: String = "reading the models") {
        guard isOn else { return }
        state.withLock { ($0.doing, $0.news) = (doing, .now) }
        let start = ContinuousClock.now
        let thread = Thread { [weak self] in
            while let self, self.state.withLock({ $0.doing != nil }) {
                let found = self.state.withLock { $0.runtime }?.statistics
                self.state.withLock { state in
                    guard let doing = state.doing, .now - state.news >= Self.patience else { return }
                    let begin = found == nil ? start : state.begin
                    let work = Self.work(found, doing, state.limits, seconds: (ContinuousClock.now - begin).seconds)
                    Self.draw(state.line.isEmpty ? work : "\(state.line)  \(work)", &state)
                }
                usleep(250_000)
            }
        }
        thread.name = "stratagem-progress"
        thread.start()
    }

    /// From here on it is a runtime's work that is followed.
    ///
    /// - Parameter limits: of its only run, whose end is then foretold.
    func runs(in runtime: SearchRuntime, within limits: Limits? = nil) {
        state.withLock { ($0.runtime, $0.limits, $0.begin) = (runtime, limits, .now) }
    }

    /// Follows `body`, of which nothing else is told.
    static func during<Result, Failure: Error>(_ doing: String, _ body: () throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        let progress = Progress()
        progress.follow(doing)
        defer { progress.clear() }
        return try body()
    }

    private static func work(_ statistics: RuntimeStatistics?, _ doing: String, _ limits: Limits?, seconds: Double)
        -> String
    {
        guard let statistics else { return "\(doing), \(Readable.seconds(seconds))" }
        let tokens = statistics.policy.decodedTokens + statistics.verifier.decodedTokens
        guard tokens > 0 else { return "at work, \(Readable.seconds(seconds))" }
        let left = limits.flatMap { TimeLeft.seconds(of: $0, statistics, after: seconds) }
        return
            "at work, \(Readable.seconds(seconds)): \(Readable.count(tokens)) tokens, \(Readable.count(Int(Double(tokens) / max(seconds, 0.1)))) tokens/s"
            + (left.map { ", about \(Readable.seconds($0.rounded())) left" } ?? "")
    }

    func clear() {
        guard isOn else { return }
        state.withLock { state in
            (state.doing, state.runtime) = (nil, nil)
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
