import Foundation
import SearchCore

/// The life of a command: it is started when there is a question, asked a few questions at a time, and started again
/// when it ends, is late, or writes what cannot be understood. Then the oldest question has failed, and the others are
/// asked again. A program that ends several times in a row without one answer is given up.
final class CommandThread {
    private struct Asked {
        var question: CommandInbox.Question
        var sent: ContinuousClock.Instant
    }

    private static let deathsMax = 3
    private static let patience: Int32 = 1000

    private let inbox: CommandInbox
    private var process: CommandProcess?
    private var waiting: [CommandInbox.Question] = []
    /// Oldest first.
    private var asked: [Asked] = []
    /// When the oldest question became the oldest: from then on its time counts.
    private var headSince = ContinuousClock.now
    /// Ends without an answer since the last answer.
    private var deaths = 0
    private var givenUp: String?

    init(_ inbox: CommandInbox) { self.inbox = inbox }

    func run() {
        // A program that no longer reads must not end this one: the signal stays pending in this thread.
        CommandProcess.blockPipeSignal()
        while true {
            let news = inbox.take()
            waiting += news.questions
            waiting.removeAll { news.dropped.contains($0.number) }
            guard !news.isClosed else { break }
            if let givenUp { for question in takeAll() { fail(question, givenUp, after: nil) } }
            startIfNeeded()
            send()
            step()
        }
        _ = process?.end(patience: Self.patience)
    }

    private func takeAll() -> [CommandInbox.Question] {
        defer { (waiting, asked) = ([], []) }
        return asked.map(\.question) + waiting
    }

    private func startIfNeeded() {
        guard process == nil, !waiting.isEmpty else { return }
        do throws(CommandProcess.Problem) {
            process = try CommandProcess(inbox.command)
        } catch {
            giveUp("\(inbox.name) could not be started: \(error.what)")
        }
    }

    private func giveUp(_ reason: String) {
        givenUp = reason
        for question in takeAll() { fail(question, reason, after: nil) }
    }

    private func send() {
        guard let process else { return }
        while asked.count < inbox.command.requests, !waiting.isEmpty {
            let question = waiting.removeFirst()
            if asked.isEmpty { headSince = .now }
            asked.append(Asked(question: question, sent: .now))
            process.write(CommandWire.line(question.number, question.work))
        }
    }

    /// Waits for news of any kind and takes in what the program wrote.
    private func step() {
        let end = asked.isEmpty ? nil : headSince + .seconds(inbox.command.timeout)
        guard let process else { return inbox.wakeup.wait(until: nil) }
        let isOpen = process.exchange(wakeup: inbox.wakeup, until: end)
        for line in process.takeLines() {
            if let trouble = take(line) { return restart(trouble) }
        }
        if process.hasTooLongLine { return restart("wrote a line of more than \(CommandProcess.lineMax) bytes") }
        if !isOpen { return restart(nil) }
        if let end, asked.first != nil, headSince + .seconds(inbox.command.timeout) <= end, .now >= end {
            restart("did not answer within \(inbox.command.timeout) seconds", isLate: true)
        }
    }

    /// Returns what is wrong with a line, if nobody knows any more which question the next one answers.
    private func take(_ line: [UInt8]) -> String? {
        let reply: CommandWire.Reply
        do throws(CommandWire.Problem) { reply = try CommandWire.read(line) } catch { return error.what }
        guard let place = asked.firstIndex(where: { $0.question.number == reply.number }) else {
            return "answered a question with the id \(reply.number), which was not asked"
        }
        let one = asked.remove(at: place)
        if place == 0 { headSince = .now }
        deaths = 0
        let expected = one.question.work.isOutcome ? 1 : one.question.work.steps.count
        if let failure = reply.failure {
            fail(one.question, "\(inbox.name): \(failure)", after: one.sent)
        } else if reply.values.count != expected {
            fail(
                one.question,
                "\(inbox.name) gave \(reply.values.count) values for \(expected == 1 ? "one" : "\(expected) steps")",
                after: one.sent)
        } else {
            let count = one.question.work.isOutcome ? 1 : one.question.work.new
            var answer = ProgramAnswer(id: one.question.work.id, values: reply.values.suffix(count))
            (answer.calls, answer.seconds) = (1, (ContinuousClock.now - one.sent).seconds)
            one.question.reply(answer)
        }
        return nil
    }

    /// - Parameter begin: when it was asked; nil: it was not.
    private func fail(_ question: CommandInbox.Question, _ why: String, after begin: ContinuousClock.Instant?) {
        var answer = ProgramAnswer(id: question.work.id, failure: why)
        if let begin { (answer.calls, answer.seconds) = (1, (ContinuousClock.now - begin).seconds) }
        question.reply(answer)
    }

    /// - Parameters:
    ///   - trouble: what the program did; nil: it ended.
    ///   - isLate: another question may take less time, so this is no reason to give up.
    private func restart(_ trouble: String?, isLate: Bool = false) {
        let ending = process?.end(patience: trouble == nil ? Self.patience : 0) ?? "ended"
        let said = process?.lastWords ?? ""
        process = nil
        let reason =
            "\(inbox.name) \(trouble ?? "\(ending) before it answered")" + (said.isEmpty ? "" : ". It wrote: \(said)")
        guard let first = asked.first else { return }
        deaths += isLate ? 0 : 1
        guard deaths < Self.deathsMax else { return giveUp(reason + ". It is not started again") }
        waiting = asked.dropFirst().map(\.question) + waiting
        asked = []
        fail(first.question, reason, after: first.sent)
    }
}
