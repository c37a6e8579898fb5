import LanguageModels
import SearchCore

/// The contract of `Verifier`, clause by clause: what each backend's tests run. See `ModelContract`.
public struct VerifierContract {
    public enum Clause: String, CaseIterable, Sendable {
        case repeats, values, once, counts, cancels, advances, releases, fails
    }

    private let make: (Wakes) throws -> any Verifier
    private let problem: [UInt8]
    private let answers: [[[UInt8]]]
    private let capabilities: Capabilities
    private let countsAhead: Bool

    /// - Parameters:
    ///   - countsAhead: false if `countTokens` is only an estimate, because what is read is counted by a server.
    ///   - answers: at least two answers to the problem, each as its steps, delimiters included;
    ///     at least one has several steps.
    ///   - make: a fresh verifier whose wakes arrive where they are waited for.
    public init(
        problem: String, answers: [[String]], capabilities: Capabilities = Capabilities(), countsAhead: Bool = true,
        make: @escaping (Wakes) throws -> any Verifier
    ) {
        self.problem = Array(problem.utf8)
        self.answers = answers.map { $0.map { Array($0.utf8) } }
        self.capabilities = capabilities
        self.countsAhead = countsAhead
        self.make = make
    }

    /// What breaks a clause; empty if it is kept.
    public func violations(of clause: Clause) throws -> Violations {
        switch clause {
        case .repeats: try repeats()
        case .values: try values()
        case .once: try once()
        case .counts: try counts()
        case .cancels: try cancels()
        case .advances: try advances()
        case .releases: try releases()
        case .fails: try fails()
        }
    }

    private struct Session {
        let verifier: any Verifier
        let wakes: Wakes
        let root: PrefixHandle

        func run(_ jobs: [ScoreJob], _ broken: inout Violations, whileWorking: (Int) -> Void = { _ in }) -> [UInt64:
            ScoreCompletion]
        {
            for job in jobs { verifier.submit(job) }
            let done = DrivenVerifier(verifier: verifier).finish(wakes, &broken, whileWorking: whileWorking)
            let ids = done.map(\.id)
            if ids.sorted() != jobs.map(\.id).sorted() {
                broken.append("jobs \(jobs.map(\.id).sorted()) were submitted, and \(ids.sorted()) completed")
            }
            return Dictionary(done.map { ($0.id, $0) }) { first, _ in first }
        }
    }

    private func session() throws -> Session {
        let wakes = Wakes()
        let verifier = try make(wakes)
        return Session(verifier: verifier, wakes: wakes, root: try verifier.makeRoot(problem: problem, attempts: []).0)
    }

    /// Every answer three times, as jobs.
    private func jobs(_ session: Session, from first: UInt64 = 0) -> [ScoreJob] {
        (0..<answers.count * 3).map { index in
            ScoreJob(
                id: first + UInt64(index), prefix: session.root, steps: answers[index % answers.count], isFinished: true
            )
        }
    }

    private func answer(of job: UInt64) -> [[UInt8]] { answers[Int(job % 1000) % answers.count] }

    // MARK: Clauses

    private func repeats() throws -> Violations {
        var broken: Violations = []
        guard capabilities.repeatsSamples else { return broken }
        let together = try session()
        let all = together.run(jobs(together), &broken)
        for (id, done) in all {
            let alone = try session()
            let one = alone.run(
                [ScoreJob(id: id, prefix: alone.root, steps: answer(of: id), isFinished: true)], &broken)[id]
            if one?.values != done.values {
                broken.append("answer \(id) is worth \(one?.values ?? []) by itself and \(done.values) beside others")
            }
        }
        return broken
    }

    private func values() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let all = session.run(jobs(session), &broken)
        for (id, done) in all {
            if let failure = done.failure { broken.append("job \(id) failed: \(failure)") }
            if done.values.count != answer(of: id).count {
                broken.append("\(done.values.count) values for \(answer(of: id).count) steps")
            }
            if done.values.contains(where: { !(0...1).contains($0) }) {
                broken.append("values \(done.values) are not all in [0, 1]")
            }
        }
        // An outcome verifier has nothing to say half-way.
        guard !session.verifier.judgesWholeAnswersOnly else { return broken }
        for (index, steps) in answers.enumerated() {
            var (prefix, found) = (session.root, [Double]())
            for (place, step) in steps.enumerated() {
                let id = UInt64(500 + place)
                guard
                    let done = session.run(
                        [ScoreJob(id: id, prefix: prefix, steps: [step], isFinished: place == steps.count - 1)], &broken
                    )[id],
                    done.failure == nil
                else { break }
                found += done.values
                prefix = done.prefix
            }
            if let whole = all[UInt64(index)]?.values, !isSame(found, whole) {
                broken.append("step by step \(found), in one go \(whole)")
            }
        }
        return broken
    }

    /// Without a promise that values repeat to the last bit, they repeat to three digits.
    private func isSame(_ one: [Double], _ other: [Double]) -> Bool {
        if capabilities.repeatsSamples { return one == other }
        return one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) < 1e-3 }
    }

    private func once() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let all = jobs(session)
        _ = session.run(all, &broken) { call in
            if call <= all.count, call % 2 == 1 { session.verifier.cancel(job: all[call - 1].id) }
        }
        _ = session.run(jobs(session, from: 1000), &broken)
        return broken
    }

    private func counts() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let start = session.verifier.length(of: session.root)
        for (id, done) in session.run(jobs(session), &broken) where done.failure == nil {
            guard countsAhead else {
                if done.tokens <= 0 { broken.append("job \(id) was read, and cost \(done.tokens) tokens") }
                if session.verifier.length(of: done.prefix) <= start {
                    broken.append("a prefix is not longer than the one that it continues")
                }
                continue
            }
            let expected = session.verifier.countTokens(answer(of: id), at: StepPlace(begins: true, ends: true))
            if done.tokens != expected { broken.append("\(done.tokens) tokens, and countTokens said \(expected)") }
            if session.verifier.length(of: done.prefix) != start + expected {
                broken.append("a prefix is not as long as what it holds")
            }
        }
        return broken
    }

    private func cancels() throws -> Violations {
        var broken: Violations = []
        let (cut, whole) = (try session(), try session())
        whole.verifier.cancel(job: 12_345)
        if whole.verifier.hasWork { broken.append("to cancel a job that is not there made work") }
        let expected = whole.run(jobs(whole), &broken)
        let all = jobs(cut)
        let gone = all[0].id
        let done = cut.run(all, &broken) { call in if call == 1 { cut.verifier.cancel(job: gone) } }
        for (id, completion) in done {
            if id == gone {
                if !completion.wasCancelled {
                    broken.append("a job was cancelled before any work, and did not end as cancelled")
                }
                if completion.failure == nil || !completion.values.isEmpty {
                    broken.append("a cancelled job has values")
                }
            } else if completion.wasCancelled {
                broken.append("job \(id) was cancelled, and nobody asked for it")
            } else if capabilities.repeatsSamples, completion.values != expected[id]?.values {
                broken.append("job \(id) came to something else because another was cancelled")
            }
        }
        return broken
    }

    private func advances() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        var nothing: [ScoreCompletion] = []
        if session.verifier.hasWork { broken.append("it has work before the first job") }
        if session.verifier.advance(into: &nothing) != .idle || !nothing.isEmpty {
            broken.append("advance did something before the first job")
        }
        session.verifier.submit(jobs(session)[0])
        if !session.verifier.hasWork { broken.append("it has no work with a job") }
        // While other work continues it may hold jobs back, but not for ever.
        var calls = 0
        while session.verifier.hasWork, nothing.isEmpty, calls < 1000 {
            calls += 1
            if session.verifier.advance(into: &nothing, mayWait: true) == .waiting, !session.wakes.wait() {
                broken.append("it waits, and no wake came")
            }
        }
        if nothing.count != 1 { broken.append("\(calls) calls of advance did not end one job") }
        return broken
    }

    private func releases() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let first = answers.first { $0.count > 1 } ?? []
        guard first.count > 1,
            let whole = session.run([ScoreJob(id: 1, prefix: session.root, steps: first, isFinished: true)], &broken)[
                1],
            let top = session.run(
                [ScoreJob(id: 2, prefix: session.root, steps: [first[0]], isFinished: false)], &broken)[2]
        else {
            return broken + ["no answer has two steps: give another one"]
        }
        session.verifier.release(session.root)
        guard
            let below = session.run(
                [ScoreJob(id: 3, prefix: top.prefix, steps: Array(first[1...]), isFinished: true)], &broken)[3]
        else { return broken }
        if !session.verifier.judgesWholeAnswersOnly, !isSame(below.values, Array(whole.values[1...])) {
            broken.append(
                "below a released prefix a step is worth \(below.values), and was worth \(whole.values[1...])")
        }
        for done in [whole, top, below] where done.failure == nil { session.verifier.release(done.prefix) }
        let root = try session.verifier.makeRoot(problem: problem, attempts: []).0
        session.verifier.submit(ScoreJob(id: 4, prefix: root, steps: first, isFinished: true))
        let again = DrivenVerifier(verifier: session.verifier).finish(session.wakes, &broken)
        if again.first?.values != whole.values, capabilities.repeatsSamples {
            broken.append("when everything was released, an answer's values changed")
        }
        return broken
    }

    private func fails() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        // What no context holds is refused, or scored by whoever has no context: but it ends.
        let long = Array(String(repeating: "word ", count: 40_000).utf8)
        let before = session.run(jobs(session), &broken)
        session.verifier.submit(ScoreJob(id: 1, prefix: session.root, steps: [long], isFinished: true))
        let done = DrivenVerifier(verifier: session.verifier).finish(session.wakes, &broken)
        if done.count != 1 { broken.append("a text that is too long did not complete once") }
        if let failure = done.first?.failure, failure.isEmpty || done.first?.values.isEmpty == false {
            broken.append("a failure says nothing, or has values")
        }
        let after = session.run(jobs(session), &broken)
        if capabilities.repeatsSamples, before.mapValues(\.values) != after.mapValues(\.values) {
            broken.append("values changed after a failure")
        }
        return broken
    }
}
