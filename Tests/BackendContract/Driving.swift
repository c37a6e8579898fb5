import Dispatch
import LanguageModels

/// Where a worker's wake arrives, and where its driver waits for it: a lane without a runtime.
public final class Wakes: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    public init() {}

    public func wake() { semaphore.signal() }

    /// - Returns: false if none came: far longer than any answer takes.
    public func wait() -> Bool { semaphore.wait(timeout: .now() + 60) == .success }
}

/// What a model and a verifier have in common to who drives them.
protocol Driven {
    associatedtype Done
    var hasWork: Bool { get }
    func step(into done: inout [Done]) -> Advance
}

struct DrivenModel: Driven {
    let model: any LanguageModel
    var hasWork: Bool { model.hasWork }
    func step(into done: inout [SampleCompletion]) -> Advance { model.advance(into: &done) }
}

struct DrivenVerifier: Driven {
    let verifier: any Verifier
    var hasWork: Bool { verifier.hasWork }
    func step(into done: inout [ScoreCompletion]) -> Advance { verifier.advance(into: &done, mayWait: false) }
}

/// What broke a contract, in words. A clause that is kept has none.
public typealias Violations = [String]

extension Driven {
    /// Calls `advance` until no job is left, and notes what it says that is not so.
    func finish(_ wakes: Wakes, _ broken: inout Violations, whileWorking: (Int) -> Void = { _ in }) -> [Done] {
        var done: [Done] = []
        var calls = 0
        while hasWork {
            calls += 1
            whileWorking(calls)
            let before = done.count
            switch step(into: &done) {
            case .progressed: break
            case .idle: broken.append("advance said idle while a job was left")
            case .waiting:
                if done.count > before { broken.append("advance said waiting and completed something") }
                if hasWork, !wakes.wait() {
                    broken.append("advance said waiting, and no wake came")
                    return done
                }
            }
            guard calls < 1_000_000 else {
                broken.append("\(calls) calls of advance did not end the jobs")
                return done
            }
        }
        if step(into: &done) != .idle { broken.append("advance did not say idle when no job was left") }
        return done
    }
}
