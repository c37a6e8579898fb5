/// "Did you mean": the known name with the smallest edit distance.
public enum Nearest {
    /// The nearest of `names`, if it is near enough to be a typing error: at most a third of the letters differ, and at
    /// least two edits are allowed for very short names.
    public static func name(_ typed: String, among names: [String]) -> String? {
        let limit = max(2, typed.count / 3)
        let ranked = names.map { (name: $0, edits: distance(Array(typed.lowercased()), Array($0.lowercased()))) }
        guard let best = ranked.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
        return best.edits <= limit && best.edits < best.name.count ? best.name : nil
    }

    /// " (did you mean …?)", or nothing.
    public static func suggestion(_ typed: String, among names: [String]) -> String {
        name(typed, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Insertions, deletions, replacements, and swaps of neighbours, each one edit.
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        // Names are short; a very long text is far from all of them.
        guard a.count <= 256, b.count <= 256 else { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1] + [Int](repeating: 0, count: b.count)
            for j in 0..<b.count {
                row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
