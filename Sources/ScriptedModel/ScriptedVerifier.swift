import LanguageModels
import SearchCore

/// A verifier that reads its values from a script.
///
/// A step that the script has where the prefix stands gets that step's value; the
/// first part of one (a truncated step) gets it too, and so does the rest. Any
/// other text gets 0.5 and leaves the verifier where it was. Tokens are words.
public final class ScriptedVerifier: Verifier {
    private struct State {
        var place: Int
        /// The child that a truncated step stands in, and its bytes so far.
        var child = 0
        var into = 0
        var length: Int
        var isLive = true
    }

    private let places: Places
    private let behavior: ScriptedBehavior
    private var states: [State] = []
    private var free: [Int] = []
    private var submitted = 0
    private var queue: CompletionQueue<ScoreCompletion>
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
    public var judgesWholeAnswersOnly: Bool { behavior.judgesWholeAnswersOnly }
    /// Prefixes that were made and not released.
    public var livePrefixes: Int { states.count - free.count }

    public func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        let tokens = Places.countTokens(problem) + countTokens(attempts)
        return (
            keep(State(place: places.root(problem: problem, isRevision: !attempts.isEmpty), length: tokens)), tokens
        )
    }

    public func length(of prefix: PrefixHandle) -> Int { states[Int(prefix.raw)].length }
    public func countTokens(_ steps: [[UInt8]]) -> Int { steps.reduce(0) { $0 + Places.countTokens($1) } }

    public func submit(_ job: ScoreJob) {
        let completion = score(job)
        submitted += 1
        statistics.decodedTokens += completion.tokens
        statistics.neededTokens += completion.tokens
        queue.push(completion)
    }

    public var hasWork: Bool { queue.hasWork }

    public func cancel(job id: UInt64) { queue.cancel(id) }

    @discardableResult
    public func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        guard hasWork else { return .idle }
        statistics.decodeCalls += 1
        return queue.advance(into: &completions) { [self] completion, _ in
            if completion.failure == nil { release(completion.prefix) }
            completion = .cancelled(completion.id, tokens: completion.tokens)
        }
    }

    public func release(_ prefix: PrefixHandle) {
        let slot = Int(prefix.raw)
        guard slot < states.count, states[slot].isLive else { return }
        states[slot].isLive = false
        free.append(slot)
    }

    private func score(_ job: ScoreJob) -> ScoreCompletion {
        func failed(_ why: String, tokens: Int = 0) -> ScoreCompletion {
            ScoreCompletion(id: job.id, prefix: PrefixHandle(raw: .max), values: [], tokens: tokens, failure: why)
        }
        guard job.prefix.raw < UInt64(states.count), states[Int(job.prefix.raw)].isLive else {
            return failed("prefix \(job.prefix.raw) is unknown to the scripted verifier or was released")
        }
        if behavior.failures.contains(submitted) { return failed("scripted failure of job \(submitted)") }
        if livePrefixes >= behavior.prefixesMax {
            return failed("the scripted verifier holds \(livePrefixes) prefixes already")
        }
        var state = states[Int(job.prefix.raw)]
        var values: [Double] = []
        values.reserveCapacity(job.steps.count)
        var tokens = 0
        for step in job.steps {
            tokens += Places.countTokens(step)
            guard let child = read(step, &state) else {
                values.append(0.5)
                continue
            }
            if places.all[child].verifierFails { return failed("scripted failure at a step", tokens: tokens) }
            values.append(places.all[child].value)
        }
        state.length += tokens
        return ScoreCompletion(id: job.id, prefix: keep(state), values: values, tokens: tokens)
    }

    /// Moves past `step`; the script's step that it is (a part of), if any.
    private func read(_ step: [UInt8], _ state: inout State) -> Int? {
        if state.into > 0 {
            let child = state.child
            let rest = places.all[child].text[state.into...]
            if rest.elementsEqual(step) {
                state.place = child
                state.into = 0
                return child
            }
            if rest.starts(with: step) {
                state.into += step.count
                return child
            }
        }
        if let child = places.all[state.place].children.first(where: { places.all[$0].text == step }) {
            state.place = child
            state.into = 0
            return child
        }
        guard !step.isEmpty,
            let child = places.all[state.place].children.first(where: { places.all[$0].text.starts(with: step) })
        else {
            return nil
        }
        state.child = child
        state.into = step.count
        return child
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
