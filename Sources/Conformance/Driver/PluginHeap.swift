import CConformance
import CStratagem
import Glibc

/// The plugin's own calls of malloc and its kin, counted and made to fail: the
/// addresses that the loader put into its table of imports are replaced, and
/// nobody else's.
enum PluginHeap {
    /// Blocks that it took and did not give back.
    nonisolated(unsafe) private(set) static var liveBlocks = 0
    nonisolated(unsafe) private static var callsUntilFailure = Int.max
    nonisolated(unsafe) private static var failsOnwards = false
    nonisolated(unsafe) private static var hasFailed = false

    private static func mayAllocate() -> Bool {
        if callsUntilFailure > 0 {
            callsUntilFailure -= 1
            return true
        }
        if hasFailed, !failsOnwards { return true }
        hasFailed = true
        return false
    }

    private static func taken(_ block: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if block != nil { liveBlocks += 1 }
        return block
    }

    /// Makes one allocation after the other fail, then all from one on.
    static func judgeRefusals(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
        guard patch(strategy) > 0 else { throw .skip("it allocates through a runtime of its own") }
        // Of a runtime that unwinds and writes a trace each time, fewer are enough.
        let start = monotonicSeconds()
        for onwards in [false, true] {
            for index in 0..<300 where monotonicSeconds() - start < 8 {
                callsUntilFailure = index
                failsOnwards = onwards
                hasFailed = false
                let record = Search.run(strategy, context.standard, destroysAlways: true)
                callsUntilFailure = .max
                if case .endless(let why) = record.ending {
                    throw context.fail("an end", "\(why), when allocation \(index + 1) fails", strategy)
                }
                if !hasFailed { break }
            }
        }
    }

    /// Puts a search, and one with long nodes, behind the fence.
    static func judgeBounds(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
        var scenarios = [
            context.standard,
            context.standard.with {
                $0.pathSteps = 200; $0.limits.generations = 4
            },
            // What has no score, or was never sampled, may have no weight either.
            context.standard.with { $0.faults = [.init(round: nil, ask: nil, kind: .verifierFails)] },
            context.standard.with { $0.faults = [.init(round: nil, ask: nil, kind: .verifierFailsHalfway)] },
            context.standard.with { $0.faults = [.init(round: 1, ask: nil, kind: .modelFailsHalfway)] },
        ]
        scenarios += (1..<4).map { round in
            context.standard.with { $0.stop = .init(round: round, event: STG_EVENT_CANCELLED, share: 0.5) }
        }
        scenarios += context.otherChoices(strategy).map(\.1)
        if strategy.takesBatch { scenarios.append(context.batch(3)) }
        var plain: [SearchRecord] = []
        for scenario in scenarios { plain.append(context.searchOrRefusal(strategy, scenario)) }
        guard patch(strategy) > 0 else { throw .skip("it allocates through a runtime of its own") }
        for (scenario, record) in zip(scenarios, plain) {
            var fenced = SearchRecord()
            let mistakes = HeapFence.around { fenced = context.searchOrRefusal(strategy, scenario) }
            if let mistake = mistakes.first {
                throw context.fail("its own memory is used as it was taken", mistake, strategy)
            }
            if let place = firstDifference(record.turns, fenced.turns) {
                throw context.fail(
                    "the same asks, whatever new memory holds",
                    "turn \(place) differs where malloc gives memory that is not zero: it reads what it never wrote",
                    strategy)
            }
        }
        guard strategy.canSave else { return }
        let mistakes = HeapFence.around {
            _ = context.searchOrRefusal(
                strategy, context.standard,
                beforeRound: { round, session in
                    var problem: String?
                    return round > 0 ? session.moved(&problem) : nil
                })
        }
        if let mistake = mistakes.first {
            throw context.fail("its own memory is used as it was taken, in save and restore too", mistake, strategy)
        }
    }

    // MARK: The table of imports

    nonisolated(unsafe) private static let replacements: [String: UnsafeRawPointer] = {
        let malloc: @convention(c) (Int) -> UnsafeMutableRawPointer? = {
            mayAllocate() ? taken(HeapFence.allocate($0, zeroed: false) ?? Glibc.malloc($0)) : nil
        }
        let calloc: @convention(c) (Int, Int) -> UnsafeMutableRawPointer? = {
            guard mayAllocate() else { return nil }
            let (size, overflows) = $0.multipliedReportingOverflow(by: $1)
            return taken((overflows ? nil : HeapFence.allocate(size, zeroed: true)) ?? Glibc.calloc($0, $1))
        }
        let realloc: @convention(c) (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer? = { old, size in
            guard mayAllocate() else { return nil }
            if let old, let before = HeapFence.size(of: old) {
                guard let new = HeapFence.allocate(size, zeroed: false) ?? Glibc.malloc(size) else { return nil }
                memcpy(new, old, min(before, size))
                _ = HeapFence.free(old)
                return new
            }
            if old == nil, let new = HeapFence.allocate(size, zeroed: false) { return taken(new) }
            return old == nil ? taken(Glibc.realloc(old, size)) : Glibc.realloc(old, size)
        }
        let free: @convention(c) (UnsafeMutableRawPointer?) -> Void = { block in
            if block != nil { liveBlocks -= 1 }
            if let block, HeapFence.free(block) { return }
            Glibc.free(block)
        }
        return [
            "malloc": unsafeBitCast(malloc, to: UnsafeRawPointer.self),
            "calloc": unsafeBitCast(calloc, to: UnsafeRawPointer.self),
            "realloc": unsafeBitCast(realloc, to: UnsafeRawPointer.self),
            "free": unsafeBitCast(free, to: UnsafeRawPointer.self),
        ]
    }()

    /// - Returns: how many imports were replaced.
    static func patch(_ strategy: StrategyView) -> Int { patch(strategy, with: replacements) }

    static func patch(_ strategy: StrategyView, with replacements: [String: UnsafeRawPointer]) -> Int {
        guard let create = strategy.raw.pointee.create,
            let base = kit_image_base(unsafeBitCast(create, to: UnsafeRawPointer.self))
        else { return 0 }
        let dynamic = dynamicEntries(UnsafeRawPointer(base))
        guard let symbols = dynamic[6], let strings = dynamic[5] else { return 0 }
        var patched = 0
        // DT_JMPREL with DT_PLTRELSZ, and DT_RELA with DT_RELASZ.
        for (table, size) in [(dynamic[23], dynamic[2]), (dynamic[7], dynamic[8])] {
            guard let table, let size else { continue }
            for offset in stride(from: 0, to: Int(size), by: 24) {
                guard let entry = UnsafeRawPointer(bitPattern: table)?.advanced(by: offset) else { continue }
                let info = entry.load(fromByteOffset: 8, as: UInt64.self)
                guard isImport(UInt32(truncatingIfNeeded: info)),
                    let symbol = UnsafeRawPointer(bitPattern: symbols + UInt(info >> 32) * 24),
                    let name = UnsafePointer<CChar>(bitPattern: strings + UInt(symbol.load(as: UInt32.self))),
                    let replacement = replacements[String(cString: name)]
                else { continue }
                put(replacement, at: base + Int(entry.load(as: UInt64.self)))
                patched += 1
            }
        }
        return patched
    }

    /// A slot that holds the address of an imported function.
    private static func isImport(_ type: UInt32) -> Bool {
        #if arch(arm64)
        type == 1026 || type == 1025
        #else
        type == 7 || type == 6
        #endif
    }

    /// The dynamic section's values by tag; addresses are those in memory.
    private static func dynamicEntries(_ base: UnsafeRawPointer) -> [Int: UInt] {
        let headers = base + Int(base.load(fromByteOffset: 32, as: UInt64.self))
        for index in 0..<Int(base.load(fromByteOffset: 56, as: UInt16.self)) {
            let header = headers + index * 56
            guard header.load(as: UInt32.self) == 2 else { continue }
            var entries: [Int: UInt] = [:]
            var entry = base + Int(header.load(fromByteOffset: 16, as: UInt64.self))
            while entry.load(as: Int.self) != 0 {
                entries[entry.load(as: Int.self)] = entry.load(fromByteOffset: 8, as: UInt.self)
                entry += 16
            }
            return entries
        }
        return [:]
    }

    private static func put(_ value: UnsafeRawPointer, at slot: UnsafeMutableRawPointer) {
        let page = UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: slot) & ~4095)
        // The loader made it read-only when it was done.
        guard let page,
            mprotect(page, 8192, PROT_READ | PROT_WRITE) == 0 || mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0
        else { return }
        slot.storeBytes(of: value, as: UnsafeRawPointer.self)
    }
}
