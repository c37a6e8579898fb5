import Locking
import Foundation
import Glibc
import Reporting
import SearchCore
import SearchRuntime

/// `--watch`: draws the search on standard error while it runs, in place, ten
/// times a second at most. Nothing where there is no terminal.
final class LiveTree: Sendable {
    private struct State {
        var view: LiveTreeView
        var isChanged = false
        var isOver = false
        /// Lines of the last drawing, to go back over.
        var drawn = 0
    }

    private let state: Locked<State>
    private let isOn = Terminal.isTerminal(STDERR_FILENO)
    private let start = ContinuousClock.now

    init(strategy: String, limits: Limits) {
        state = Locked(State(view: LiveTreeView(strategy: strategy, limits: limits)))
    }

    func begin() {
        guard isOn else { return }
        let thread = Thread { [weak self] in
            while let self {
                let isOver = self.state.withLock { state in
                    if !state.isOver { self.draw(&state) }
                    return state.isOver
                }
                if isOver { return }
                usleep(100_000)
            }
        }
        thread.name = "stratagem-watch"
        thread.start()
    }

    /// On an engine's thread: only takes note.
    func take(_ event: RunEvent) {
        guard isOn else { return }
        state.withLock { state in
            switch event {
            case .nodes(let nodes): state.view.update(nodes)
            case .round(let rounds, let cost): state.view.update(rounds: rounds, cost: cost)
            }
            state.isChanged = true
        }
    }

    /// The last state stays on the screen.
    func end() {
        guard isOn else { return }
        state.withLock { state in
            state.isChanged = true
            draw(&state)
            state.isOver = true
        }
    }

    private func draw(_ state: inout State) {
        guard state.isChanged else { return }
        state.isChanged = false
        let size = Terminal.size(of: STDERR_FILENO)
        let lines = state.view.lines(
            width: size.columns - 1, height: size.rows - 1, seconds: (ContinuousClock.now - start).seconds,
            colour: Style.standardError.isOn)
        Output.draw(lines.joined(separator: "\n") + "\n", over: state.drawn)
        state.drawn = lines.count
    }
}
