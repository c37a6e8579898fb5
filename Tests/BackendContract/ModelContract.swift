import LanguageModels
import SearchCore

/// The contract of `LanguageModel`, clause by clause: what each backend's tests run.
///
/// A test says how a fresh model is made and asks each clause for what breaks it:
/// `#expect(try contract.violations(of: clause).isEmpty)`.
public struct ModelContract {
    public enum Clause: String, CaseIterable, Sendable {
        case repeats, limits, once, shares, cancels, advances, releases, fails, spells, describes
    }

    private let make: (Wakes) throws -> any LanguageModel
    private let problems: [String]
    let capabilities: Capabilities
    private let stepDelimiter: [UInt8]

    /// - Parameters:
    ///   - problems: at least two that the model knows how to continue from.
    ///   - capabilities: as its backend declares them: what is not promised is not asked for.
    ///   - make: a fresh model whose wakes arrive where they are waited for.
    public init(
        problems: [String], capabilities: Capabilities = Capabilities(), stepDelimiter: String = "\n",
        make: @escaping (Wakes) throws -> any LanguageModel
    ) {
        self.problems = problems
        self.capabilities = capabilities
        self.stepDelimiter = Array(stepDelimiter.utf8)
        self.make = make
    }

    /// What breaks a clause; empty if it is kept.
    public func violations(of clause: Clause) throws -> Violations {
        switch clause {
        case .repeats: try repeats()
        case .limits: try limits()
        case .once: try once()
        case .shares: try shares()
        case .cancels: try cancels()
        case .advances: try advances()
        case .releases: try releases()
        case .fails: try fails()
        case .spells: try spells()
        case .describes: try describes()
        }
    }

    // MARK: Driving

    /// A fresh model with a root a problem.
    struct Session {
        let model: any LanguageModel
        let wakes: Wakes
        let roots: [PrefixHandle]
        let rootTokens: [Int]

        func run(_ jobs: [SampleJob], _ broken: inout Violations, whileWorking: (Int) -> Void = { _ in }) -> [UInt64:
            SampleCompletion]
        {
            for job in jobs { model.submit(job) }
            let done = DrivenModel(model: model).finish(wakes, &broken, whileWorking: whileWorking)
            let ids = done.map(\.id)
            if ids.sorted() != jobs.map(\.id).sorted() {
                broken.append("jobs \(jobs.map(\.id).sorted()) were submitted, and \(ids.sorted()) completed")
            }
            return Dictionary(done.map { ($0.id, $0) }) { first, _ in first }
        }
    }

    func session() throws -> Session {
        let wakes = Wakes()
        let model = try make(wakes)
        var (roots, tokens): ([PrefixHandle], [Int]) = ([], [])
        for problem in problems {
            let (root, count) = try model.makePrefix(parent: nil, text: [PromptPart(text: Array(problem.utf8))])
            roots.append(root)
            tokens.append(count)
        }
        return Session(model: model, wakes: wakes, roots: roots, rootTokens: tokens)
    }

    private func job(
        _ id: UInt64, _ root: PrefixHandle, until: SampleUntil = .end, maxTokens: Int = 40, temperature: Double = 0.9
    ) -> SampleJob {
        SampleJob(
            id: id, prefix: root, until: until, maxTokens: maxTokens, temperature: temperature, seed: id &* 77 &+ 5)
    }

    /// Samples of all problems, of one step and whole, hot and greedy.
    func mixed(_ session: Session, _ ids: Range<UInt64> = 0..<18) -> [SampleJob] {
        ids.map { id in
            job(
                id, session.roots[Int(id) % session.roots.count], until: id % 2 == 0 ? .end : .steps(1 + Int(id % 3)),
                maxTokens: id % 5 == 4 ? 3 : 40, temperature: id % 6 == 5 ? 0 : 0.9)
        }
    }

    /// What a sample is, whoever's it is.
    struct Bytes: Equatable {
        var text: [UInt8], logProbabilities: [Float], stepEnds: [Int], ending: SampleEnding, tokens: Int
        init(_ done: SampleCompletion) {
            (text, logProbabilities, stepEnds) = (done.text, done.tokenLogProbabilities, done.stepEnds)
            (ending, tokens) = (done.ending, done.tokens)
        }
    }

    // MARK: Clauses

    private func repeats() throws -> Violations {
        var broken: Violations = []
        guard capabilities.repeatsSamples else { return broken }
        let together = try session()
        let jobs = mixed(together)
        let all = together.run(jobs, &broken)
        for job in jobs {
            // By itself, in a model that has seen nothing else.
            let alone = try session()
            var own = job
            own.prefix = alone.roots[together.roots.firstIndex(of: job.prefix) ?? 0]
            guard let one = alone.run([own], &broken)[job.id], let other = all[job.id], Bytes(one) == Bytes(other)
            else {
                broken.append("job \(job.id) came to something else beside other jobs than by itself")
                continue
            }
        }
        return broken
    }

    private func limits() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let jobs = (1...6).map { job(UInt64($0), session.roots[0], maxTokens: $0, temperature: 1) }
        for (id, done) in session.run(jobs, &broken) {
            if done.tokens > Int(id) { broken.append("\(done.tokens) tokens where \(id) were allowed") }
            if done.ending == .truncated, done.tokens < Int(id) {
                broken.append("truncated after \(done.tokens) tokens of \(id)")
            }
            if session.model.length(of: done.prefix) > session.model.contextTokens {
                broken.append("a sample grew past the context")
            }
        }
        return broken
    }

    private func once() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let jobs = mixed(session)
        // `run` compares what was submitted with what came back.
        _ = session.run(jobs, &broken) { call in
            if call <= jobs.count, call % 3 == 1 { session.model.cancel(job: jobs[call - 1].id) }
        }
        _ = session.run(mixed(session, 100..<104), &broken)
        return broken
    }

    private func shares() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let before = session.model.statistics.decodedTokens
        let done = session.run((0..<12).map { job($0, session.roots[0]) }, &broken)
        let sampled = done.values.reduce(0) { $0 + $1.tokens }
        let read = session.model.statistics.decodedTokens - before
        if read > session.rootTokens[0] + sampled {
            broken.append(
                "\(read) tokens were read for 12 samples of \(sampled) tokens in all behind a prompt of \(session.rootTokens[0])"
            )
        }
        return broken
    }

    private func cancels() throws -> Violations {
        var broken: Violations = []
        let (cut, whole) = (try session(), try session())
        whole.model.cancel(job: 12_345)
        if whole.model.hasWork { broken.append("to cancel a job that is not there made work") }
        let jobs = mixed(cut)
        let expected = whole.run(mixed(whole), &broken)
        let gone: Set<UInt64> = [0, 3, 7, 8]
        var cancelledFirst = false
        let done = cut.run(jobs, &broken) { call in
            if call == 1 { for id in gone where id < 5 { cut.model.cancel(job: id) } }
            if call == 2 { for id in gone where id >= 5 { cut.model.cancel(job: id) } }
        }
        for (id, completion) in done {
            if gone.contains(id) {
                cancelledFirst = cancelledFirst || id < 5 && completion.ending == .cancelled
                if completion.ending == .cancelled { check(spelling: completion, &broken) }
                if id < 5, completion.ending != .cancelled {
                    broken.append("job \(id) was cancelled before any work, and ended as \(completion.ending)")
                }
            } else if completion.ending == .cancelled {
                broken.append("job \(id) was cancelled, and nobody asked for it")
            } else if capabilities.repeatsSamples, let other = expected[id], Bytes(other) != Bytes(completion) {
                broken.append("job \(id) came to something else because others were cancelled")
            }
        }
        return broken
    }

    private func advances() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        var nothing: [SampleCompletion] = []
        if session.model.hasWork { broken.append("it has work before the first job") }
        if session.model.advance(into: &nothing) != .idle || !nothing.isEmpty {
            broken.append("advance did something before the first job")
        }
        session.model.submit(job(1, session.roots[0]))
        if !session.model.hasWork { broken.append("it has no work with a job") }
        // What `advance` says on the way, and a wake where it waits, is looked at by `finish`.
        _ = DrivenModel(model: session.model).finish(session.wakes, &broken)
        return broken
    }

    private func releases() throws -> Violations {
        var broken: Violations = []
        let (kept, released) = (try session(), try session())
        func grandchild(_ session: Session, releasing: Bool) -> SampleCompletion? {
            let first = session.run(
                (50..<62).map { job($0, session.roots[0], until: .steps(1), maxTokens: 200) }, &broken)
            guard let child = first.values.sorted(by: { $0.id < $1.id }).first(where: { $0.ending == .step }) else {
                broken.append("problem '\(problems[0])' has no step to go on from: give another one")
                return nil
            }
            if releasing { session.model.release(session.roots[0]) }
            let next = session.run([job(2, child.prefix)], &broken)[2]
            if releasing { session.model.release(child.prefix) }
            return next
        }
        guard let one = grandchild(kept, releasing: false), let other = grandchild(released, releasing: true) else {
            return broken
        }
        if capabilities.repeatsSamples, Bytes(one) != Bytes(other) {
            broken.append("the child of a released prefix went on differently")
        }
        released.model.release(other.prefix)
        for root in released.roots.dropFirst() { released.model.release(root) }
        if released.model.hasWork { broken.append("it has work when everything is released") }
        // As good as new.
        let (root, _) = try released.model.makePrefix(parent: nil, text: [PromptPart(text: Array(problems[0].utf8))])
        released.model.submit(job(3, root))
        let again = DrivenModel(model: released.model).finish(released.wakes, &broken)
        if again.count != 1 { broken.append("when everything was released it could not sample any more") }
        return broken
    }

    private func fails() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        do throws(StratagemError) {
            let long =
                [UInt8](repeating: UInt8(ascii: "x"), count: 1)
                + Array(String(repeating: " word", count: session.model.contextTokens + 1).utf8)
            _ = try session.model.makePrefix(parent: nil, text: [PromptPart(text: long)])
            broken.append("a prompt longer than the context was accepted")
        } catch {
            if error.message.isEmpty { broken.append("the refusal of a long prompt says nothing") }
        }
        let done = session.run(mixed(session), &broken)
        if done.values.contains(where: { if case .failed = $0.ending { true } else { false } }) {
            broken.append("jobs failed after a prompt was refused")
        }
        return broken
    }

    private func spells() throws -> Violations {
        var broken: Violations = []
        let session = try session()
        let jobs = mixed(session)
        let done = session.run(jobs, &broken)
        for job in jobs {
            guard let completion = done[job.id] else { continue }
            check(spelling: completion, &broken)
            let text = completion.text
            switch (completion.ending, job.until) {
            case (.step, .steps(let wanted)):
                if completion.stepEnds.count != wanted {
                    broken.append("\(completion.stepEnds.count) steps where \(wanted) were asked for")
                }
                if !text.suffix(stepDelimiter.count).elementsEqual(stepDelimiter) {
                    broken.append("a step does not end with its delimiter")
                }
            case (.step, .end): broken.append("a sample to the end stopped at a step")
            case (.finished, _):
                if !text.isEmpty, completion.stepEnds.last != text.count {
                    broken.append("the last step of a finished text does not end with it")
                }
            case (.failed(let why), _): broken.append("job \(job.id) failed: \(why)")
            default: break
            }
            let grown = session.model.length(of: completion.prefix) - session.model.length(of: job.prefix)
            // The token that ends an answer may be part of the child or not.
            let least = completion.ending == .finished ? completion.tokens - 1 : completion.tokens
            if capabilities.countsTokens, capabilities.keepsTokens, !(least...completion.tokens).contains(grown) {
                broken.append("\(completion.tokens) tokens were sampled, and the child is \(grown) longer")
            }
        }
        return broken
    }

    private func check(spelling done: SampleCompletion, _ broken: inout Violations) {
        if capabilities.knowsLogProbabilities {
            if done.tokenLogProbabilities.count != done.tokens {
                broken.append("\(done.tokens) tokens with \(done.tokenLogProbabilities.count) log-probabilities")
            }
            if done.tokenLogProbabilities.contains(where: { !($0 <= 1e-6) }) {
                broken.append("a log-probability is above 0, or is not a number")
            }
        } else if !done.tokenLogProbabilities.isEmpty, done.tokenLogProbabilities.count != done.tokens {
            broken.append("\(done.tokens) tokens with \(done.tokenLogProbabilities.count) log-probabilities")
        }
        if zip(done.stepEnds, done.stepEnds.dropFirst()).contains(where: { $0 >= $1 })
            || done.stepEnds.contains(where: { !(0...done.text.count).contains($0) })
        {
            broken.append("step ends \(done.stepEnds) do not ascend within a text of \(done.text.count) bytes")
        }
        if !done.text.isEmpty, done.tokens == 0, capabilities.countsTokens { broken.append("a text without tokens") }
    }
}
