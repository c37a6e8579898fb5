import StrategyKit

/// The table that `stratagem fit` made: difficulty bin × budget → strategy and parameters.
///
/// A TOML file of a simple kind (tables, arrays of tables, strings, numbers and lists on one line). It is read here
/// because a plugin is one file and brings no library.
struct PolicyTable {
    struct Choice {
        var bin: Int
        var budget: Int
        /// The strategy as it is typed: `beam-search:beam_width=4`.
        var run: String
        /// The number of generations to spend; at most the budget.
        var spend: Int

        var strategy: String { String(run.prefix { $0 != ":" }) }
        var parameters: [(name: String, value: Ask.Value)] {
            run.dropFirst(strategy.count + 1).split(separator: ",").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), Self.typed(String(parts.count > 1 ? parts[1] : "")))
            }
        }

        private static func typed(_ text: String) -> Ask.Value {
            if let int = Int(text) { return .int(int) }
            if let double = Double(text) { return .float(double) }
            return text == "true" || text == "false" ? .bool(text == "true") : .text(text)
        }
    }

    /// The settings with which a budget's rows were fitted, if each budget has its own.
    struct Level {
        var budget: Int
        /// The number of samples of a problem that estimate its difficulty.
        var samples: Int
        /// Like the bounds of the table.
        var bounds: [Double]
    }

    static let format = "stratagem-policy-table/1"

    /// By role: the SHA-256 of the weights that it was fitted for.
    private(set) var models: [(role: String, hash: String)] = []
    /// The verifier whose mean final score is the difficulty; nil if the table uses oracle difficulty, which only the
    /// caller can know.
    private(set) var verifier: String?
    /// The number of samples per problem that it was fitted with.
    private(set) var samples = 1
    /// In falling order: the ease in bin 1, the easiest, is at or above the first bound; in the last bin it is below
    /// all of them.
    private(set) var bounds: [Double] = []
    /// One for every budget that has rows, or none at all: then `samples` and `bounds` apply to every budget.
    private(set) var levels: [Level] = []
    private(set) var choices: [Choice] = []

    /// The level of the largest budget that is not above `budget`; if there is none, that of the smallest budget.
    func level(_ budget: Int) -> Level {
        let level =
            levels.filter { $0.budget <= budget }.max { $0.budget < $1.budget } ?? levels.min { $0.budget < $1.budget }
        return level ?? Level(budget: budget, samples: samples, bounds: bounds)
    }

    func bin(of ease: Double, budget: Int) -> Int { 1 + level(budget).bounds.prefix { !(ease >= $0) }.count }

    /// The choice, found in the same way.
    func choice(bin: Int, budget: Int) -> Choice? {
        let own = choices.filter { $0.bin == bin }
        let fitting = own.filter { $0.budget <= budget }.max { $0.budget < $1.budget }
        return fitting ?? own.min { $0.budget < $1.budget }
    }
}

extension PolicyTable {
    init(parsing bytes: [UInt8]) throws {
        var reader = TableReader(text: String(decoding: bytes, as: UTF8.self))
        while let entry = try reader.next() { try take(entry, &reader) }
        guard reader.sawFormat else { throw reader.refuse("has no line: format = \"\(Self.format)\"") }
        guard !choices.isEmpty else { throw reader.refuse("has no [[choice]]") }
        for bounds in [bounds] + levels.map(\.bounds) {
            guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 > $1 }) else {
                throw reader.refuse("has bounds that do not fall: \(bounds)")
            }
            if let wrong = bounds.first(where: { !(0...1).contains($0) }) {
                throw reader.refuse("has the bound \(wrong); ease is from 0 to 1")
            }
        }
        for (index, choice) in choices.enumerated()
        where choices[..<index].contains(where: { $0.bin == choice.bin && $0.budget == choice.budget }) {
            throw reader.refuse("has two choices for bin \(choice.bin) and budget \(choice.budget)")
        }
        for (index, level) in levels.enumerated() where levels[..<index].contains(where: { $0.budget == level.budget })
        {
            throw reader.refuse("has the budget \(level.budget) twice")
        }
        if levels.isEmpty {
            try check(choices, bounds, "", reader)
        } else {
            for level in levels {
                try check(
                    choices.filter { $0.budget == level.budget }, level.bounds, " of budget \(level.budget)", reader)
            }
            if let lone = choices.first(where: { choice in !levels.contains { $0.budget == choice.budget } }) {
                throw reader.refuse("has a choice for budget \(lone.budget), but no [[budget]] of it")
            }
        }
        for choice in choices where choice.strategy.isEmpty || choice.spend < 1 || choice.budget < choice.spend {
            throw reader.refuse(
                "has an invalid choice: bin \(choice.bin), budget \(choice.budget), run \"\(choice.run)\", spend \(choice.spend)"
            )
        }
    }

    /// Checks that every bin has a choice, and every choice a bin.
    private func check(_ choices: [Choice], _ bounds: [Double], _ whose: String, _ reader: TableReader) throws {
        for bin in 1...bounds.count + 1 where !choices.contains(where: { $0.bin == bin }) {
            throw reader.refuse(
                "has \(bounds.count) bounds\(whose), so \(bounds.count + 1) bins, but no choice for bin \(bin)")
        }
        if let wrong = choices.first(where: { !(1...bounds.count + 1).contains($0.bin) }) {
            throw reader.refuse("has a choice for bin \(wrong.bin)\(whose), but \(bounds.count + 1) bins")
        }
    }

    /// Entries for people, which are skipped.
    private static let remarks: Set = [
        "data.file", "data.sha256", "data.problems", "choice.problems", "choice.accuracy", "choice.interval",
    ]
    private static let samplesMost = 4096

    private mutating func take(_ entry: TableReader.Entry, _ reader: inout TableReader) throws {
        // A single bracket, [choice], begins no element.
        let hasNone = ["choice": choices.isEmpty, "budget": levels.isEmpty][entry.table] ?? false
        guard entry.key.isEmpty || !hasNone else { throw reader.unknown(entry) }
        switch (entry.table, entry.key) {
        case ("", "format"):
            let format = try reader.text(entry)
            guard format == Self.format else {
                throw reader.refuse("is of format \"\(format)\"; this strategy reads \"\(Self.format)\": fit it again")
            }
            reader.sawFormat = true
        case ("models", _): models.append((entry.key, try reader.text(entry)))
        case ("difficulty", "verifier"): verifier = try reader.text(entry)
        case ("difficulty", "kind"):
            let kind = try reader.text(entry)
            guard kind == "predicted" || kind == "oracle" else {
                throw reader.refuse("uses the difficulty \"\(kind)\"; expected predicted or oracle")
            }
        case ("difficulty", "samples"):
            samples = try Self.samples(entry, reader)
        case ("difficulty", "bounds"): bounds = try reader.numbers(entry)
        case ("budget", ""): levels.append(Level(budget: 0, samples: 1, bounds: []))
        case ("budget", "budget"): levels[levels.count - 1].budget = try reader.whole(entry)
        case ("budget", "samples"): levels[levels.count - 1].samples = try Self.samples(entry, reader)
        case ("budget", "bounds"): levels[levels.count - 1].bounds = try reader.numbers(entry)
        case ("choice", ""): choices.append(Choice(bin: 0, budget: 0, run: "", spend: 0))
        case ("choice", "bin"): choices[choices.count - 1].bin = try reader.whole(entry)
        case ("choice", "budget"): choices[choices.count - 1].budget = try reader.whole(entry)
        case ("choice", "run"): choices[choices.count - 1].run = try reader.text(entry)
        case ("choice", "spend"): choices[choices.count - 1].spend = try reader.whole(entry)
        default:
            guard Self.remarks.contains("\(entry.table).\(entry.key)") else { throw reader.unknown(entry) }
        }
    }

    private static func samples(_ entry: TableReader.Entry, _ reader: TableReader) throws -> Int {
        let samples = try reader.whole(entry)
        guard (1...samplesMost).contains(samples) else {
            throw reader.refuse("tells difficulty from \(samples) samples; 1 to \(samplesMost) are possible")
        }
        return samples
    }
}

/// Reads the table's lines.
struct TableReader {
    struct Entry {
        /// "" before the first header.
        var table: String
        /// "" for the header of an array's element.
        var key: String
        var value: Substring
    }

    private let lines: [Substring]
    private var line = 0
    private var table = ""
    var sawFormat = false

    init(text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

    mutating func next() throws -> Entry? {
        while line < lines.count {
            let text = trimmed(lines[line])
            line += 1
            if text.isEmpty || text.first == "#" { continue }
            if text.hasPrefix("[[") {
                table = String(trimmed(text.dropFirst(2).prefix { $0 != "]" }))
                return Entry(table: table, key: "", value: "")
            }
            if text.hasPrefix("[") {
                table = String(trimmed(text.dropFirst().prefix { $0 != "]" }))
                continue
            }
            guard let equals = text.firstIndex(of: "=") else {
                throw refuse("is not a policy table: line \(line) is neither a header nor key = value")
            }
            return Entry(
                table: table, key: String(trimmed(text[..<equals])), value: trimmed(text[text.index(after: equals)...]))
        }
        return nil
    }

    func text(_ entry: Entry) throws -> String {
        guard entry.value.first == "\"", let end = entry.value.dropFirst().firstIndex(of: "\"") else {
            throw wrong(entry, "a text in quotes")
        }
        return String(entry.value[..<end].dropFirst())
    }

    func whole(_ entry: Entry) throws -> Int {
        guard let value = Int(bare(entry.value)), value >= 0 else { throw wrong(entry, "a whole number") }
        return value
    }

    func numbers(_ entry: Entry) throws -> [Double] {
        guard entry.value.first == "[", let end = entry.value.firstIndex(of: "]") else {
            throw wrong(entry, "a list of numbers on one line")
        }
        return try entry.value[..<end].dropFirst().split(separator: ",").map { text in
            guard let value = Double(trimmed(text)), value.isFinite else {
                throw wrong(entry, "a list of numbers on one line")
            }
            return value
        }
    }

    func refuse(_ why: String) -> StrategyError {
        StrategyError("the policy table \(why)", status: STG_INVALID_ARGUMENT)
    }

    func unknown(_ entry: Entry) -> StrategyError {
        refuse(
            "has on line \(line) the key \(entry.key)\(entry.table.isEmpty ? "" : " in [\(entry.table)]"), which is not known"
        )
    }

    private func wrong(_ entry: Entry, _ expected: String) -> StrategyError {
        refuse("has on line \(line): \(entry.key) = \(entry.value); expected \(expected)")
    }

    /// Without a comment after it.
    private func bare(_ text: Substring) -> Substring { trimmed(text.prefix { $0 != "#" }) }

    private func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
