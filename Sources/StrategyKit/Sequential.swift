/// A strategy written as one function that awaits its results, for searches whose
/// turns do not fit a `switch`. Offer it as `Sequential<MySearch>.self`.
///
///     mutating func search(_ ask: Asker) async throws {
///         let samples = host.harvest(try await ask([.sample(root, count: n)]), distinct: false)
///         answers = samples.finished
///         _ = try await ask([.score(answers)])
///     }
///     func answer() -> [Answer] { host.rank(answers, by: .weighted) }
///
/// Await nothing but `ask`: `next` may not wait, so a function that waits for anything else fails. What `ask` returns
/// is valid until it is called again. A turn costs about a microsecond more, and such a strategy cannot be saved.
public protocol SequentialStrategy {
    static var info: StrategyInfo { get }
    init(_ setup: Setup) throws

    /// The search. When it returns, `answer` is called for the result. When the run is stopped, the last batch comes
    /// back with the results so far, and the next `ask` throws `SearchStopped`: do not catch it, and `answer` is
    /// called.
    mutating func search(_ ask: Asker) async throws

    /// The answers so far, best first.
    func answer() -> [Answer]
}

/// Nothing more can be asked for: the run is over.
public struct SearchStopped: Error {}

/// Asks the host for work, from inside a `SequentialStrategy.search`.
public struct Asker {
    fileprivate let turns: Turns

    /// The results of `asks`, one element each. Suspends until the host has them.
    public func callAsFunction(_ asks: [Ask]) async throws -> Tell {
        if turns.isStopped { throw SearchStopped() }
        turns.asks = asks
        let box = try await withUnsafeThrowingContinuation { turns.waiting = $0 }
        return box.tell
    }
}

/// Runs a sequential strategy a turn at a time.
public struct Sequential<S: SequentialStrategy>: Strategy {
    public static var info: StrategyInfo { S.info }

    private let handle: Handle

    public init(_ setup: Setup) throws {
        handle = Handle(SequentialTurns<S>(strategy: try S(setup)))
    }

    public mutating func next(_ tell: Tell) throws -> Next { try handle.turns.next(tell) }

    /// Ends the function when the instance is destroyed during a search; otherwise its continuation would wait forever.
    private final class Handle {
        let turns: Turns
        init(_ turns: Turns) { self.turns = turns }
        deinit { turns.abandon() }
    }
}

/// Where `next` and the function that it runs exchange data. Both are on the thread of the call, one at a time, so no
/// lock is needed.
private class Turns: @unchecked Sendable {
    /// Carries a tell to the function. Never leaves the thread.
    struct Box: @unchecked Sendable { let tell: Tell }

    var asks: [Ask]?
    var waiting: UnsafeContinuation<Box, any Error>?
    var isStopped = false
    private(set) var isAbandoned = false
    var outcome: Result<[Answer], any Error>?
    private let executor = InlineExecutor()

    func body() async { fatalError("abstract") }

    func next(_ tell: Tell) throws -> Next {
        if tell.event == .stop { isStopped = true }
        if let continuation = take(&waiting) {
            continuation.resume(returning: Box(tell: tell))
        } else if outcome == nil, !isStopped {
            Task(executorPreference: executor) { await self.body() }
        } else if outcome == nil {
            return .done([])  // stopped before it began
        }
        executor.drain()
        if let outcome = take(&outcome) { return .done(try outcome.get()) }
        guard let asks = take(&asks), waiting != nil else {
            throw StrategyError("the strategy awaits something other than its asks")
        }
        return .asks(asks)
    }

    func abandon() {
        isAbandoned = true
        isStopped = true
        take(&waiting)?.resume(throwing: SearchStopped())
        executor.drain()
    }

    private func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}

private final class SequentialTurns<S: SequentialStrategy>: Turns, @unchecked Sendable {
    private var strategy: S
    init(strategy: S) { self.strategy = strategy }

    override func body() async {
        do {
            try await strategy.search(Asker(turns: self))
            outcome = .success(strategy.answer())
        } catch is SearchStopped {
            // If the instance was destroyed during a search, nobody needs answers, and the host may not be called.
            if !isAbandoned { outcome = .success(strategy.answer()) }
        } catch {
            outcome = .failure(error)
        }
    }
}

/// Runs jobs on the thread that drains it. The global executor would use threads of its own, which a plugin must not
/// have.
private final class InlineExecutor: TaskExecutor, @unchecked Sendable {
    private var jobs: [UnownedJob] = []

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    func drain() {
        while !jobs.isEmpty {
            jobs.removeFirst().runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
