import LanguageModels
import SearchCore

/// The logits of chosen tokens behind the prefixes of some jobs: what a judge reads where another draws.
struct LogitReadings {
    private var wanted: [UInt64: [Token]] = [:]
    private var read: [UInt64: [Float]] = [:]

    var isEmpty: Bool { wanted.isEmpty }

    mutating func want(_ tokens: [Token], of job: UInt64) { wanted[job] = tokens }

    /// Only the first row of a job is wanted, from which its first token is drawn.
    mutating func take(_ logits: UnsafePointer<Float>, of job: UInt64) {
        guard let tokens = wanted.removeValue(forKey: job) else { return }
        read[job] = tokens.map { logits[Int($0)] }
    }

    /// The job is over: if nothing was read for it, nothing will be.
    mutating func forget(_ job: UInt64) { wanted[job] = nil }

    /// Nil if the job ended before anything could be read.
    mutating func result(of job: UInt64) -> [Float]? { read.removeValue(forKey: job) }
}

extension LlamaPolicy {
    /// Submits a job for the logits of these tokens behind its prefix.
    func submit(_ job: SampleJob, reading tokens: [Token]) {
        readings.want(tokens, of: job.id)
        submit(job)
    }

    /// As above, for a text that has its tokens.
    func makePrefix(parent: PrefixHandle?, tokens: [Token]) throws(StratagemError) -> PrefixHandle {
        try open()
        let above = parent.map { engine.tree.node(of: $0) } ?? TokenTree.none
        if above == TokenTree.none {
            guard !tokens.isEmpty else {
                throw StratagemError(
                    .user, .emptyPrompt,
                    "the prompt has no tokens: the problem is empty and so is the bundle's template")
            }
        }
        let before = above == TokenTree.none ? 0 : Int(engine.tree[above].end)
        guard before + tokens.count <= contextTokens else {
            throw StratagemError(
                .user, .contextExceeded,
                "\(before + tokens.count) tokens of prompt do not fit in the model's context of \(contextTokens). Shorten the problem, or raise the bundle's context if the model allows it"
            )
        }
        let node = engine.tree.add(parent: above, tokens: tokens)
        return engine.tree.handle(of: node)
    }

    /// The tokens from the root to the end of a prefix, from position `start` on.
    func tokens(of prefix: PrefixHandle, from start: Int = 0) -> [Token] {
        engine.tree.tokens(to: engine.tree.node(of: prefix), from: start)
    }
}
