/// ", did you mean 'beam-search'?" if one of `known` is near enough to a typing
/// error, else nothing.
public func suggestion(for word: String, among known: some Collection<String>) -> String {
    let near = known.map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let near, near.distance <= max(2, word.count / 3) else { return "" }
    return ", did you mean '\(near.name)'?"
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first.utf8.prefix(64)), b = Array(second.utf8.prefix(64))
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
            row.append(best)
        }
        before = last
        last = row
    }
    return last[b.count]
}
