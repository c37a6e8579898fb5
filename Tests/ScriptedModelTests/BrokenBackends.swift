import BackendContract
import LanguageModels
import SearchCore

/// A model that does one thing wrong.
final class BrokenModel: LanguageModel {
    enum Defect: CaseIterable, Sendable {
        case drawsByOrder, passesLimit, completesTwice, losesJobs, readsTwice, ignoresCancel, cancelsAll, neverIdle,
            saysIdle,
            forgetsChildren, acceptsAll, miscountsLogProbabilities, dropsDelimiter,
            describesUnasked, describesTooLittle, redraws

        var clause: ModelContract.Clause {
            switch self {
            case .drawsByOrder: .repeats
            case .passesLimit: .limits
            case .completesTwice, .losesJobs: .once
            case .readsTwice: .shares
            case .ignoresCancel, .cancelsAll: .cancels
            case .neverIdle, .saysIdle: .advances
            case .forgetsChildren: .releases
            case .acceptsAll: .fails
            case .miscountsLogProbabilities, .dropsDelimiter: .spells
            case .describesUnasked, .describesTooLittle, .redraws: .describes
            }
        }
    }

    private let inner: any LanguageModel
    private let defect: Defect
    private var submitted: UInt64 = 0
    private var released = false

    init(_ inner: any LanguageModel, _ defect: Defect) { (self.inner, self.defect) = (inner, defect) }

    var shape: ModelShape? { inner.shape }
    var contextTokens: Int { defect == .acceptsAll ? 1 << 10 : inner.contextTokens }
    var hasWork: Bool { inner.hasWork }
    var statistics: EngineStatistics {
        var statistics = inner.statistics
        if defect == .readsTwice { statistics.decodedTokens += 9 * Int(submitted) }
        return statistics
    }
    func makePrefix(parent: PrefixHandle?, text: [PromptPart]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        try inner.makePrefix(parent: parent, text: text)
    }
    func length(of prefix: PrefixHandle) -> Int { inner.length(of: prefix) }
    func release(_ prefix: PrefixHandle) {
        released = true
        inner.release(prefix)
    }

    func submit(_ job: SampleJob) {
        submitted += 1
        var job = job
        if defect == .forgetsChildren, released { job.maxTokens = 1 }
        if defect == .drawsByOrder { job.seed &+= submitted &* 0x9E37_79B9_7F4A_7C15 }
        if defect == .passesLimit { job.maxTokens += 3 }
        if defect == .describesUnasked { job.wantsDistributions = true }
        if defect == .redraws, job.wantsDistributions { job.seed &+= 99 }
        inner.submit(job)
    }

    func cancel(job id: UInt64) {
        if defect == .ignoresCancel { return }
        if defect == .cancelsAll { for other in 0..<UInt64(18) { inner.cancel(job: other) } }
        inner.cancel(job: id)
    }

    @discardableResult
    func advance(into completions: inout [SampleCompletion]) -> Advance {
        let start = completions.count
        let progress = inner.advance(into: &completions)
        switch defect {
        case .completesTwice: completions += completions[start...].prefix(1)
        case .losesJobs: if completions.count > start { completions.removeLast() }
        case .miscountsLogProbabilities:
            for index in start..<completions.count { completions[index].tokenLogProbabilities.append(0) }
        case .describesTooLittle: for index in start..<completions.count { completions[index].tokenDistributions = [] }
        case .dropsDelimiter:
            for index in start..<completions.count where completions[index].ending == .step {
                completions[index].text.removeLast()
            }
        case .neverIdle: return .progressed
        case .saysIdle: return .idle
        default: break
        }
        return progress
    }
}

/// A verifier that does one thing wrong.
final class BrokenVerifier: Verifier {
    enum Defect: CaseIterable, Sendable {
        case valuesByOrder, losesAValue, passesOne, losesJobs, miscounts, ignoresCancel, waitsForEver, forgetsPrefixes,
            failsForEver

        var clause: VerifierContract.Clause {
            switch self {
            case .valuesByOrder: .repeats
            case .losesAValue, .passesOne: .values
            case .losesJobs: .once
            case .miscounts: .counts
            case .ignoresCancel: .cancels
            case .waitsForEver: .advances
            case .forgetsPrefixes: .releases
            case .failsForEver: .fails
            }
        }
    }

    private let inner: any Verifier
    private let defect: Defect
    private var done = 0
    private var released = false
    private var failed = false

    init(_ inner: any Verifier, _ defect: Defect) { (self.inner, self.defect) = (inner, defect) }

    var shape: ModelShape? { inner.shape }
    var judgesWholeAnswersOnly: Bool { inner.judgesWholeAnswersOnly }
    var hasWork: Bool { inner.hasWork }
    var statistics: EngineStatistics { inner.statistics }
    func makeRoot(problem: [UInt8], attempts: [[UInt8]]) throws(StratagemError) -> (PrefixHandle, tokens: Int) {
        try inner.makeRoot(problem: problem, attempts: attempts)
    }
    func length(of prefix: PrefixHandle) -> Int { inner.length(of: prefix) }
    func countTokens(_ steps: [[UInt8]]) -> Int { inner.countTokens(steps) }
    func release(_ prefix: PrefixHandle) {
        released = true
        inner.release(prefix)
    }
    func submit(_ job: ScoreJob) {
        failed = failed || job.steps.contains { $0.count > 100_000 }
        inner.submit(job)
    }
    func cancel(job id: UInt64) { if defect != .ignoresCancel { inner.cancel(job: id) } }

    @discardableResult
    func advance(into completions: inout [ScoreCompletion], mayWait: Bool) -> Advance {
        if defect == .waitsForEver, mayWait { return .progressed }
        let start = completions.count
        let progress = inner.advance(into: &completions, mayWait: mayWait)
        for index in start..<completions.count where !completions[index].values.isEmpty {
            done += 1
            switch defect {
            case .valuesByOrder: completions[index].values[0] = 1 / Double(1 + done)
            case .losesAValue: completions[index].values.removeLast()
            case .passesOne: completions[index].values[0] = 1.5
            case .miscounts: completions[index].tokens += 1
            case .forgetsPrefixes where released, .failsForEver where failed: completions[index].values[0] = 0.123
            default: break
            }
        }
        if defect == .losesJobs, completions.count > start { completions.removeLast() }
        return progress
    }
}
