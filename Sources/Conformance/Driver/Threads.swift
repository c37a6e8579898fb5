import CConformance
import CStratagem
import Glibc
import Locking
import SearchCore

private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// - Returns: nil if no thread could be made.
private func startThread(_ attributes: UnsafePointer<pthread_attr_t>?, _ body: @escaping () -> Void) -> pthread_t? {
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, attributes,
        { raw in
            guard let raw else { return nil }
            Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    if code != 0 { box.release() }
    return code == 0 ? thread : nil
}

/// Runs `body` on its own thread, and waits for it.
/// - Parameter stack: the memory that is its stack.
func onNewThread(stack: Pages? = nil, _ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        if let stack { pthread_attr_setstack(&attributes, stack.start, stack.count) }
        if let thread = startThread(&attributes, body) { pthread_join(thread, nil) } else { body() }
        pthread_attr_destroy(&attributes)
    }
}

func onNewThread(_ body: () -> Void) { onNewThread(stack: nil, body) }

/// Runs `body` on so many threads at once, and waits for all of them.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let started = (0..<count).map { index in startThread(nil) { body(index) } }
    for thread in started { if let thread { pthread_join(thread, nil) } }
}

/// How much is done of what is done many times because chance decides. The kit's own tests run every check over every
/// broken plugin: there, a check that is not about the plugin's defect does little.
enum Effort {
    nonisolated(unsafe) static var isBrief = false

    static func of(_ many: Int, briefly few: Int) -> Int { isBrief ? min(many, few) : many }
}

/// Searches on several threads at once, which wait for each other before each. Two calls of the plugin's begin at the
/// same moment, and two calls of host functions end at the same moment: so what comes next in the plugin comes
/// together, on a busy machine too.
struct Crowd {
    var threads: Int
    /// Searches that each thread runs.
    var rounds: Int
    var generations: Int
    /// How often all of it is done, with new threads.
    var times = 1
    /// Every call of a host function, and many of the C library's, let the other threads go first: what a plugin keeps
    /// outside its instances over such a call is another's when it returns. The plugin's calls stay that slow.
    var pauses = false

    func judge(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
        let scenarios = (0..<threads).map { index in
            context.standard.with {
                $0.seed &+= UInt64(index)
                $0.limits.generations = Effort.of(generations, briefly: 60)
            }
        }
        var alone: [[Turn]] = []
        for scenario in scenarios { alone.append(try context.search(strategy, scenario).turns) }
        if pauses { _ = PluginHeap.patch(strategy, with: PluginSurroundings.pausingFunctions) }
        let paused = scenarios.map { scenario in scenario.with { $0.host.pausesInCalls = pauses } }
        for _ in 0..<Effort.of(times, briefly: 1) {
            guard let index = try run(strategy, paused, alone).first else { continue }
            throw context.fail(
                "the same asks as alone",
                "instance \(index + 1) of \(threads) asks for something else when the others run at the same time",
                strategy)
        }
    }

    /// - Returns: the threads that asked for something else than alone.
    private func run(_ strategy: StrategyView, _ scenarios: [Scenario], _ alone: [[Turn]]) throws(CheckStop) -> [Int] {
        let raw = UInt(bitPattern: strategy.raw)
        let different = Locked<Set<Int>>([])
        let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)
        pthread_barrier_init(barrier, nil, UInt32(threads))
        let place = UInt(bitPattern: barrier)
        // A plugin that lets one thread in at a time makes each wait vain.
        kit_meetings(Int32(Effort.of(1000, briefly: 20)))
        defer { kit_meetings(0) }
        let started = scenarios.indices.map { index in
            startThread(nil) {
                guard let pointer = UnsafePointer<stg_strategy>(bitPattern: raw) else { return }
                for _ in 0..<Effort.of(rounds, briefly: 3) {
                    if let barrier = UnsafeMutablePointer<pthread_barrier_t>(bitPattern: place) {
                        pthread_barrier_wait(barrier)
                    }
                    let turns = Search.run(StrategyView(raw: pointer), scenarios[index]).turns
                    if turns != alone[index] { different.withLock { _ = $0.insert(index) } }
                }
            }
        }
        // Those that were started wait for the others till their process ends, which is soon.
        guard !started.contains(nil) else { throw .skip("the kit cannot start \(threads) threads") }
        for thread in started { if let thread { pthread_join(thread, nil) } }
        pthread_barrier_destroy(barrier)
        barrier.deallocate()
        return different.withLock { $0.sorted() }
    }
}
