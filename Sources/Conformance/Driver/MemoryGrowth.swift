import CConformance

/// Whether searches leave memory behind: the blocks that the plugin itself took, and
/// the whole heap's bytes in use, over many.
enum MemoryGrowth {
    private static let warmUp = 20
    private static let searches = 50
    /// What a search of the kit's own leaves at most.
    /// What may be more in use a search though nothing leaks: glibc counts free blocks that it keeps at hand for a thread,
    /// and what a block has more than was asked for, because the rest was too little to split off. With every call of
    /// malloc recorded, no block of the kit's is left.
    private static let slack = 640

    static func judge(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
        let scenario = context.standard
        _ = PluginHeap.patch(strategy)
        // What caches and pools take, they take at first.
        for _ in 0..<warmUp { _ = Search.run(strategy, scenario) }
        // A leak grows in every stretch; a table of the kit's own that doubles grows in one.
        var least = Int.max, leastBlocks = Int.max
        for _ in 0..<4 {
            let (before, blocks) = (Int(kit_heap_in_use()), PluginHeap.liveBlocks)
            for _ in 0..<searches { _ = Search.run(strategy, scenario) }
            least = min(least, Int(kit_heap_in_use()) - before)
            leastBlocks = min(leastBlocks, PluginHeap.liveBlocks - blocks)
            // One stretch without is enough.
            if leastBlocks < searches, least < searches * slack { return }
        }
        if leastBlocks >= searches {
            throw context.fail(
                "as many blocks given back as taken", "\(leastBlocks) blocks were not, in \(searches) searches",
                strategy)
        }
        // Of a runtime with its own allocator.
        if least >= searches * slack {
            throw context.fail(
                "no bytes more in use after \(searches) searches", "\(least) bytes more: \(least / searches) a search",
                strategy)
        }
    }
}
