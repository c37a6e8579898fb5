/// Items of several groups, taken from one group after another.
struct InTurns<Item> {
    private var groups: [(key: UInt64, items: [Item])] = []
    private var places: [UInt64: Int] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: Item, of group: UInt64) {
        let place = places[group] ?? groups.count
        if place == groups.count {
            places[group] = place
            groups.append((group, []))
        }
        groups[place].items.append(item)
        count += 1
    }

    /// The first of each group, then the second of each, and so on; nothing is left.
    mutating func takeAll() -> [Item] {
        defer { self = InTurns() }
        let longest = groups.map(\.items.count).max() ?? 0
        return (0..<longest).flatMap { round in
            groups.compactMap { round < $0.items.count ? $0.items[round] : nil }
        }
    }
}
