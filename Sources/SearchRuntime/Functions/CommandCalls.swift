import Foundation
import LanguageModels
import Locking

/// One lane's calls of a command.
final class CommandCalls: ProgramCalls, Sendable {
    private let service: CommandService
    private let wake: @Sendable () -> Void
    private let answers = Locked<[ProgramAnswer]>([])
    /// By work: the service's number.
    private let numbers = Locked<[UInt64: UInt64]>([:])

    init(_ service: CommandService, wake: @escaping @Sendable () -> Void) {
        (self.service, self.wake) = (service, wake)
    }

    func add(_ work: ProgramWork) {
        let number = service.ask(work) { [weak self] answer in
            guard let self else { return }
            numbers.withLock { $0[answer.id] = nil }
            answers.withLock { $0.append(answer) }
            wake()
        }
        numbers.withLock { $0[work.id] = number }
    }

    func remove(_ id: UInt64) {
        if let number = numbers.withLock({ $0.removeValue(forKey: id) }) { service.drop(number) }
    }

    func takeAnswers() -> [ProgramAnswer] {
        answers.withLock { answers in
            defer { answers.removeAll(keepingCapacity: true) }
            return answers
        }
    }

    /// The service watches by itself.
    func watch() {}
}

/// A command and the thread that talks to it. The program ends when the last role that needs it is gone.
final class CommandService: Sendable {
    private let inbox: CommandInbox
    private let hasThread = Locked(false)

    init(_ command: LanguageModels.Bundle.Command, name: String) { inbox = CommandInbox(command, name: name) }

    deinit { inbox.close() }

    /// - Parameter reply: called once, on the service's thread, unless the question is dropped.
    /// - Returns: the number of the question.
    func ask(_ work: ProgramWork, reply: @escaping @Sendable (ProgramAnswer) -> Void) -> UInt64 {
        let number = inbox.add(work, reply)
        let begins = hasThread.withLock { has in
            defer { has = true }
            return !has
        }
        if begins {
            let thread = Thread { [inbox] in CommandThread(inbox).run() }
            thread.name = "stratagem-command"
            thread.start()
        }
        return number
    }

    func drop(_ number: UInt64) { inbox.drop(number) }
}

/// What lanes want from a command's thread.
final class CommandInbox: Sendable {
    struct Question: Sendable {
        var number: UInt64
        var work: ProgramWork
        var reply: @Sendable (ProgramAnswer) -> Void
    }

    private struct State {
        var issued: UInt64 = 0
        var questions: [Question] = []
        var dropped: Set<UInt64> = []
        var isClosed = false
    }

    let command: LanguageModels.Bundle.Command
    let name: String
    let wakeup: CommandWakeup
    private let state = Locked(State())

    init(_ command: LanguageModels.Bundle.Command, name: String) {
        (self.command, self.name) = (command, name)
        wakeup = CommandWakeup()
    }

    func add(_ work: ProgramWork, _ reply: @escaping @Sendable (ProgramAnswer) -> Void) -> UInt64 {
        let number = state.withLock { state in
            state.issued += 1
            state.questions.append(Question(number: state.issued, work: work, reply: reply))
            return state.issued
        }
        wakeup.wake()
        return number
    }

    func drop(_ number: UInt64) { state.withLock { _ = $0.dropped.insert(number) } }

    func close() {
        state.withLock { $0.isClosed = true }
        wakeup.wake()
    }

    /// What came since the last call.
    func take() -> (questions: [Question], dropped: Set<UInt64>, isClosed: Bool) {
        state.withLock { state in
            defer { (state.questions, state.dropped) = ([], []) }
            return (state.questions, state.dropped, state.isClosed)
        }
    }
}
