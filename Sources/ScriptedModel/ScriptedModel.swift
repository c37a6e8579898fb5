import LanguageModels
import SearchCore

/// How a scripted model or verifier goes about its work: order, delay, faults.
public struct ScriptedBehavior: Sendable {
    public enum Draws: Sendable {
        /// Step k of a sample is drawn with `SampleRandom(seed).uniform(k)` over the weights.
        case seeded
        /// The i-th draw at a place below one root takes its child i mod n, in order of
        /// submission (temperature 0 takes the heaviest still). Depends on the order of
        /// jobs: for tests that are worked out by hand, and breaks a model's contract.
        case roundRobin
    }
    public var draws = Draws.seeded
    public var contextTokens = 4096
    /// At most so many jobs in the batch at once; the others wait their turn.
    public var batchMax: Int?
    /// Advances before a job in the batch does anything.
    public var delay = 0
    /// So many tokens of each job an advance; `nil`: all of them in one.
    public var tokensPerAdvance: Int?
    /// As a server would: an answer is there so many seconds after it was asked for, and wakes the lane.
    public var latency: Double?
    /// What one advance completes comes in an order drawn from this seed.
    public var shuffle: UInt64?
    /// Jobs that fail, by their number in order of submission, from 0.
    public var failures: Set<Int> = []
    /// Called on the lane's thread before each advance, with its number from 1: to stop
    /// a run at a moment that is known.
    public var onAdvance: (@Sendable (Int) -> Void)?
    /// More prefixes than this at once, and the model fails: who forgets to release them is found out.
    public var prefixesMax = Int.max
    /// Once it holds so many prefixes it has no room for another search.
    public var prefixesRoom = Int.max
    /// A verifier that is one of outcomes.
    public var judgesWholeAnswersOnly = false
    /// For FLOPs; `nil` as at an endpoint.
    public var shape: ModelShape? = .scripted

    public init() {}
}

extension ModelShape {
    /// Small numbers, to be worked out by hand.
    public static let scripted = ModelShape(
        parameters: 100, layers: 1, width: 2, heads: 1, keyValueHeads: 1, headWidth: 2,
        feedForward: 4, vocabulary: 10)
}

/// A deterministic language model over a hand-made tree: for tests, and to try
/// a strategy without weights.
///
/// - A step costs its words (or its stated count), and one token more if it ends the answer.
/// - `maxTokens` and the context cut inside a step; the truncated node continues with that same step.
/// - Where the tree has no more children, the model ends its answer: no text, one token.
/// - Literal text that spells a child leads to that child; any other leaves the model where it was.
public final class ScriptedModel: LanguageModel {
    private struct State {
        var place: Int32
        /// The step that a truncated prefix stands in, and its tokens so far.
        var child: Int32 = 0
        var into: Int32 = 0
        var length: Int
        /// Number of the root it comes from, for `roundRobin`.
        var root: Int32
        var isLive = true
    }
    private struct Turn: Hashable {
        var root: Int32
        var place: Int
    }

    private let places: Places
    private let behavior: ScriptedBehavior
    private var states: [State] = []
    private var free: [Int] = []
    private var roots: Int32 = 0
    private var turns: [Turn: Int] = [:]
    private var submitted = 0
    private var queue: CompletionQueue<SampleCompletion>
    public private(set) var statistics = EngineStatistics()

    /// - Parameter wake: see `LaneSeat.wake`.
    public init(
        _ script: Script, behavior: ScriptedBehavior = ScriptedBehavior(),
        wake: @escaping @Sendable () -> Void = {}
    ) throws(StratagemError) {
        places = try Places(script)
        self.behavior = behavior
        queue = CompletionQueue(behavior, wake: wake)
    }

    public var shape: ModelShape? { behavior.shape }
    public var contextTokens: Int { behavior.contextTokens }

    public func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (
        PrefixHandle, tokens: Int
    ) {
        let bytes = text.flatMap(\.bytes)
        let tokens = Places.countTokens(bytes)
        var state: State
        if let parent {
            state = try live(parent)
            if !bytes.isEmpty {
                state.place = Int32(places.place(after: bytes, at: Int(state.place)))
                state.into = 0
            }
        } else {
            let shown = text.filter { !$0.isTemplate }
            roots += 1
            state = State(
                place: Int32(places.root(problem: shown.first?.bytes ?? [], isRevision: shown.count > 1)), length: 0,
                root: roots)
        }
        guard state.length + tokens <= contextTokens else {
            throw StratagemError(
                .user, .contextFull,
                "\(state.length + tokens) tokens of prompt do not fit the context of \(contextTokens)")
        }
        guard livePrefixes < behavior.prefixesMax else {
            throw StratagemError(.host, .tooManyPrefixes, "the scripted model holds \(livePrefixes) prefixes already")
        }
        state.length += tokens
        statistics.decodedTokens += tokens
        statistics.neededTokens += tokens
        return (keep(state), tokens)
    }

    public func length(of prefix: PrefixHandle) -> Int { states[Int(prefix.raw)].length }

    public func release(_ prefix: PrefixHandle) {
        let slot = Int(prefix.raw)
        guard states[slot].isLive else { return }
        states[slot].isLive = false
        free.append(slot)
    }

    /// Prefixes that were made and not released.
    public var livePrefixes: Int { states.count - free.count }

    public func submit(_ job: SampleJob) {
        let completion = sample(job)
        submitted += 1
        statistics.decodedTokens += completion.tokens
        statistics.neededTokens += completion.tokens
        queue.push(completion)
    }

    public func cancel(job id: UInt64) { queue.cancel(id) }
    public var hasRoom: Bool { livePrefixes < behavior.prefixesRoom }
    public var hasWork: Bool { queue.hasWork }

    @discardableResult
    public func advance(into completions: inout [SampleCompletion]) -> Advance {
        guard hasWork else { return .idle }
        statistics.decodeCalls += 1
        behavior.onAdvance?(statistics.decodeCalls)
        return queue.advance(into: &completions) { completion, done in
            // What has failed has no prefix, and stays failed.
            if case .failed = completion.ending { return }
            // Cut in proportion: close enough for a text that nobody continues with.
            completion.text.removeLast(completion.text.count - completion.text.count * done / max(completion.tokens, 1))
            completion.stepEnds.removeAll { $0 > completion.text.count }
            completion.tokenLogProbabilities.removeLast(completion.tokens - done)
            if !completion.tokenDistributions.isEmpty {
                completion.tokenDistributions.removeLast(completion.tokens - done)
            }
            completion.tokens = done
            completion.ending = .cancelled
        }
    }

    // MARK: - sampling

    private func sample(_ job: SampleJob) -> SampleCompletion {
        guard let state = try? live(job.prefix) else { return failure(job, "prefix \(job.prefix.raw) was released") }
        if behavior.failures.contains(submitted) { return failure(job, "scripted failure of job \(submitted)") }
        if livePrefixes >= behavior.prefixesMax {
            return failure(job, "the scripted model holds \(livePrefixes) prefixes already")
        }
        let limit = max(0, min(job.maxTokens, contextTokens - state.length))
        // The one-step sample that fits is what stress runs are made of: nothing is copied.
        if state.into == 0, job.until == .steps(1), let child = next(state, Int(state.place), job, step: 0) {
            let tokens = places.all[child].tokens
            if tokens <= limit && !places.all[child].modelFails {
                let after = State(place: Int32(child), length: state.length + tokens, root: state.root)
                return SampleCompletion(
                    id: job.id, prefix: keep(after), text: places.all[child].text,
                    stepEnds: places.all[child].stepEnds, tokens: tokens,
                    tokenLogProbabilities: places.all[child].logProbabilities,
                    tokenDistributions: job.wantsDistributions ? places.all[child].distributions : [],
                    ending: places.all[child].isFinished ? .finished : .step)
            }
            return walk(job, from: state, limit: limit, first: child)
        }
        return walk(job, from: state, limit: limit, first: nil)
    }

    private func walk(_ job: SampleJob, from start: State, limit: Int, first: Int?) -> SampleCompletion {
        var out = failure(job, "")
        var state = start
        var drawn = first
        var steps = 0
        out.ending = .truncated
        walking: while true {
            let child = state.into > 0 ? Int(state.child) : drawn ?? next(state, Int(state.place), job, step: steps)
            drawn = nil
            guard let child else {
                guard out.tokens < limit else { break }
                out.tokens += 1
                out.tokenLogProbabilities.append(0)
                if job.wantsDistributions { out.tokenDistributions.append(.certain) }
                if out.stepEnds.last != out.text.count { out.stepEnds.append(out.text.count) }
                out.ending = .finished
                break
            }
            let step = places.all[child]
            if step.modelFails {
                out.ending = .failed("scripted failure at '\(String(decoding: step.text, as: UTF8.self))'")
                return out
            }
            let from = Int(state.into)
            let to = min(step.tokens, from + limit - out.tokens)
            out.text += step.text[end(of: step, from)..<end(of: step, to)]
            out.tokenLogProbabilities += step.logProbabilities[from..<to]
            if job.wantsDistributions { out.tokenDistributions += step.distributions[from..<to] }
            out.tokens += to - from
            state.child = Int32(child)
            state.into = Int32(to)
            guard to == step.tokens else { break }
            out.stepEnds.append(out.text.count)
            state.place = Int32(child)
            state.into = 0
            steps += 1
            if step.isFinished {
                out.ending = .finished
                break walking
            }
            if job.until == .steps(steps) {
                out.ending = .step
                break walking
            }
        }
        state.length += out.tokens
        out.prefix = keep(state)
        return out
    }

    private func end(of step: Places.Place, _ tokens: Int) -> Int {
        tokens == 0 ? 0 : step.tokenEnds.isEmpty ? 0 : step.tokenEnds[min(tokens, step.tokenEnds.count) - 1]
    }

    /// The step that follows `place`, or `nil` where the tree ends.
    private func next(_ state: State, _ place: Int, _ job: SampleJob, step: Int) -> Int? {
        guard !places.all[place].children.isEmpty else { return nil }
        if behavior.draws == .roundRobin, job.temperature > 0 {
            let turn = turns[Turn(root: state.root, place: place), default: 0]
            turns[Turn(root: state.root, place: place)] = turn + 1
            return places.all[place].children[turn % places.all[place].children.count]
        }
        return places.draw(
            at: place, SampleRandom(seed: job.seed).uniform(UInt64(step)), temperature: job.temperature,
            topP: job.topP, minP: job.minP)
    }

    private func failure(_ job: SampleJob, _ why: String) -> SampleCompletion {
        SampleCompletion(
            id: job.id, prefix: PrefixHandle(raw: .max), text: [], stepEnds: [], tokens: 0,
            tokenLogProbabilities: [], ending: .failed(why))
    }

    private func live(_ prefix: PrefixHandle) throws(StratagemError) -> State {
        guard prefix.raw < UInt64(states.count), states[Int(prefix.raw)].isLive else {
            throw StratagemError(
                .host, .releasedPrefix, "prefix \(prefix.raw) is unknown to the scripted model or was released")
        }
        return states[Int(prefix.raw)]
    }

    private func keep(_ state: State) -> PrefixHandle {
        if let slot = free.popLast() {
            states[slot] = state
            return PrefixHandle(raw: UInt64(slot))
        }
        states.append(state)
        return PrefixHandle(raw: UInt64(states.count - 1))
    }
}
