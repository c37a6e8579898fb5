/// What the caches of one lane take together, all roles: cells that have been filled and not
/// given back since. One limit for all of them, since a study that uses many roles uses few
/// at a time.
///
/// When it is passed, what nobody wants goes first, then what a search has passed over,
/// then what it may still continue from; sequences at work stay. Nothing depends on it but
/// speed: what was given up is decoded again.
///
/// Confined to its lane's thread.
final class CacheMemory {
    let bytesMax: Int
    private(set) var bytes = 0
    private var users: [User] = []

    private struct User {
        weak var cache: (any SharedCache)?
        /// What its searches have and will come to need, when it was last asked.
        var wanted = 0
    }

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func add(_ cache: any SharedCache) { users.append(User(cache: cache)) }

    func took(_ count: Int) { bytes += count }
    func gaveBack(_ count: Int) { bytes -= count }

    /// Called when what was to be copied has been copied: after a decode call.
    func reclaim() {
        guard bytes > bytesMax else { return }
        users.removeAll { $0.cache == nil }
        // Somewhat more than need be, or the next call would have to begin again.
        let target = bytesMax - bytesMax / 8
        for worth in [CacheWorth.nothing, .stale, .fresh] {
            for user in users where bytes > target { user.cache?.giveUp(worth) { self.bytes > target } }
        }
    }

    /// Whether one more search would find room, if `cache` wants so many bytes.
    func hasRoom(_ cache: any SharedCache, wanting count: Int) -> Bool {
        var total = 0
        for index in users.indices {
            if users[index].cache === cache { users[index].wanted = count }
            total += users[index].wanted
        }
        return total < bytesMax / 8 * 5
    }
}

/// What a resident is worth: whether somebody may continue from a part of it that no
/// other slot has, and how likely that is.
enum CacheWorth: Comparable { case nothing, stale, fresh }

/// One role's cache.
protocol SharedCache: AnyObject {
    /// Gives up residents of this worth, the least recently used first, as long as that is
    /// needed, and all cells that are not in use.
    func giveUp(_ worth: CacheWorth, while isNeeded: () -> Bool)
}
