/// The memory that the caches of one lane use together, in all roles: cells that have been filled and not returned
/// since. There is one limit for all of them, because a study that uses many roles uses few of them at a time.
///
/// When the limit is exceeded, cells that nobody needs are released first, then those that a search has passed over,
/// then those that a search may still continue from; active sequences stay. The limit affects only speed: what was
/// released is decoded again if it is needed.
///
/// Confined to its lane's thread.
final class CacheMemory {
    let bytesMax: Int
    private(set) var bytes = 0
    private var users: [User] = []

    private struct User {
        weak var cache: (any SharedCache)?
        /// What its searches hold and are expected to need, when it was last asked.
        var wanted = 0
    }

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func add(_ cache: any SharedCache) { users.append(User(cache: cache)) }

    func took(_ count: Int) { bytes += count }
    func gaveBack(_ count: Int) { bytes -= count }

    /// Called after a decode call, when pending copies have been made.
    func reclaim() {
        guard bytes > bytesMax else { return }
        users.removeAll { $0.cache == nil }
        // Releases somewhat more than necessary; otherwise the next call would have to do it again.
        let target = bytesMax - bytesMax / 8
        for worth in [CacheWorth.nothing, .stale, .fresh] {
            for user in users where bytes > target { user.cache?.giveUp(worth) { self.bytes > target } }
        }
    }

    /// Whether one more search would find room, given that `cache` wants so many bytes.
    func hasRoom(_ cache: any SharedCache, wanting count: Int) -> Bool {
        var total = 0
        for index in users.indices {
            if users[index].cache === cache { users[index].wanted = count }
            total += users[index].wanted
        }
        return total < bytesMax / 8 * 5
    }
}

/// The worth of a resident: whether somebody may continue from a part of it that no other slot has, and how likely that
/// is.
enum CacheWorth: Comparable { case nothing, stale, fresh }

/// One role's cache.
protocol SharedCache: AnyObject {
    /// Releases residents of this worth, the least recently used first, as long as `isNeeded` says so, and all cells
    /// that are not in use.
    func giveUp(_ worth: CacheWorth, while isNeeded: () -> Bool)
}
