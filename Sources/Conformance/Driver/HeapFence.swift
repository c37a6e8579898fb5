import Glibc
import Locking

/// Blocks of the plugin's own heap, each in its own pages: it ends where no memory is, begins with garbage, and is out
/// of reach once it was given back. What ordinary memory lets pass is a fault here.
enum HeapFence {
    struct Block {
        var size: Int
        var pages: Pages
    }

    struct State {
        var isUp = false
        var blocks: [UInt: Block] = [:]
        /// Blocks given back, so that a second time is known.
        var given: Set<UInt> = []
        /// What was done that no fault shows.
        var mistakes: [String] = []
    }

    private static let state = Locked(State())
    private static let garbage: UInt8 = 0xA5
    /// Each takes two of the mappings that a process may have, 65530.
    private static let blocksMax = 20_000

    /// Runs `body` with the plugin's calls of malloc and its kin behind the fence.
    /// - Returns: what it did wrong that no fault shows.
    static func around(_ body: () -> Void) -> [String] {
        state.withLock { $0.isUp = true }
        body()
        return state.withLock { state in
            state.isUp = false
            return state.mistakes
        }
    }

    /// Nil: the fence is down, or full, and the caller takes ordinary memory.
    static func allocate(_ size: Int, zeroed: Bool) -> UnsafeMutableRawPointer? {
        state.withLock { state in
            guard state.isUp, size >= 0, size <= 64 << 20, state.blocks.count + state.given.count < blocksMax else {
                return nil
            }
            // Aligned as malloc's are. What that leaves behind the block is looked at when it is given back.
            let room = max(16, (size + 15) & ~15)
            let pages = Pages(count: room, label: "a block of the plugin's own heap", atEnd: true)
            memset(pages.start, Int32(garbage), room)
            if zeroed { memset(pages.start, 0, size) }
            state.blocks[UInt(bitPattern: pages.start)] = Block(size: size, pages: pages)
            return pages.start
        }
    }

    /// The size of a block behind the fence; nil: it is not one.
    static func size(of block: UnsafeMutableRawPointer) -> Int? {
        state.withLock { $0.blocks[UInt(bitPattern: block)]?.size }
    }

    /// - Returns: whether the block was, or had been, behind the fence.
    static func free(_ block: UnsafeMutableRawPointer) -> Bool {
        state.withLock { state in
            let place = UInt(bitPattern: block)
            guard let found = state.blocks.removeValue(forKey: place) else {
                guard state.given.contains(place) else { return false }
                state.mistakes.append("it gave a block back twice")
                return true
            }
            let rest = found.size..<max(found.size, found.pages.count)
            if rest.contains(where: { block.load(fromByteOffset: $0, as: UInt8.self) != garbage }) {
                state.mistakes.append("it wrote behind the end of a block of \(found.size) bytes")
            }
            found.pages.takeAway()
            state.given.insert(place)
            return true
        }
    }
}
