/// Which part of a step a picture shows where there is no room for all of it: what tells it from
/// its siblings. What siblings begin with in common is left out, up to every word at which one of
/// them parts from this one; numbers that differ in the middle of equal sentences stay.
///
/// Every picture takes its labels from here. The page of `serve` and `view` does the same in its
/// own language (`stepLabels` in tree.js); Tests/PageTests/labels.json holds the two together.
public struct StepLabel: Sendable, Equatable {
    private struct Word: Sendable, Hashable {
        var text: String
        /// White space is before it.
        var isSpaced: Bool
    }

    private let words: [Word]
    /// Places in `words` where a sibling goes on with another word, ascending; `words.count` if one
    /// goes on where this step ends.
    private let forks: [Int]

    /// Of a step without text.
    static let none = StepLabel(words: [], forks: [])

    /// A longer word is taken letter by letter: in some languages a sentence is one word.
    private static let longestWord = 16

    /// - Parameter siblings: the texts of steps below the same step.
    /// - Returns: a label for each.
    public static func labels(of siblings: [String]) -> [StepLabel] {
        var trie = Trie()
        let paths = siblings.map { trie.add(words(of: $0)) }
        return paths.map { path in
            StepLabel(words: path.words, forks: path.nodes.indices.filter { trie.isFork[path.nodes[$0]] })
        }
    }

    /// All that begins alike is one path.
    private struct Trie {
        private struct Edge: Hashable {
            var node: Int
            var word: Word
        }

        private var children: [Edge: Int] = [:]
        private var isUsed = [false]
        /// By node: texts part after it.
        private(set) var isFork = [false]
        private var ends: Set<Int> = []

        /// - Returns: the node before each word, and the one after the last.
        mutating func add(_ words: [Word]) -> (words: [Word], nodes: [Int]) {
            var node = 0, nodes = [0]
            for word in words {
                let edge = Edge(node: node, word: word)
                if let next = children[edge] {
                    node = next
                } else {
                    if isUsed[node] { isFork[node] = true }
                    isUsed[node] = true
                    children[edge] = isUsed.count
                    node = isUsed.count
                    isUsed.append(false)
                    isFork.append(false)
                }
                nodes.append(node)
            }
            if ends.insert(node).inserted {
                if isUsed[node] { isFork[node] = true }
                isUsed[node] = true
            }
            return (words, nodes)
        }
    }

    private static func words(of text: String) -> [Word] {
        var words: [Word] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            var isSpaced = true
            for run in runs(of: word) {
                for piece in run.count > longestWord ? run.map(String.init) : [run] {
                    words.append(Word(text: piece, isSpaced: isSpaced))
                    isSpaced = false
                }
            }
        }
        return words
    }

    /// "84*0.75=63" is two numbers, their product and the signs between.
    private static func runs(of word: Substring) -> [String] {
        var runs: [String] = []
        var isOpen = false
        for letter in word {
            let isSign = !letter.isLetter && !letter.isNumber && !".,'’".contains(letter)
            if isOpen, !isSign { runs[runs.count - 1].append(letter) } else { runs.append(String(letter)) }
            isOpen = !isSign
        }
        return runs
    }

    /// At most `limit` characters. Where all of the text fits, all of it.
    public func text(_ limit: Int) -> String {
        let whole = drawn(Array(words.indices))
        guard whole.count > limit else { return whole }
        guard !forks.isEmpty else { return whole.prefix(max(1, limit - 1)) + "…" }
        var shown: Set<Int> = []
        /// Shows one more word, if there is room.
        func add(_ place: Int) -> Bool {
            guard words.indices.contains(place), !shown.contains(place) else { return true }
            guard drawn((shown.union([place])).sorted()).count <= limit else { return false }
            shown.insert(place)
            return true
        }
        // The last fork tells it from the sibling that is most like it.
        let places = forks.map { min($0, words.count - 1) }
        let last = places.last ?? 0
        shown.insert(last)
        for place in places.reversed() where !add(place) { break }
        // A word before says what a number is about; where there is little room, it is not worth it.
        if last > 0, words[last - 1].text.count * 4 < limit { _ = add(last - 1) }
        for place in [last] + places.dropLast().reversed() {
            for next in place..<words.count where !add(next) { break }
        }
        for next in (0..<(places.first ?? 0)).reversed() where !add(next) { break }
        let text = drawn(shown.sorted())
        return text.count <= limit ? text : text.prefix(max(1, limit - 1)) + "…"
    }

    /// - Parameter places: ascending. What is between them is "…".
    private func drawn(_ places: [Int]) -> String {
        var text = ""
        var next = 0
        for place in places {
            if place > next {
                text += text.isEmpty ? "…" : " …"
            } else if !text.isEmpty, words[place].isSpaced {
                text += " "
            }
            text += words[place].text
            next = place + 1
        }
        return next < words.count ? text + "…" : text
    }
}
