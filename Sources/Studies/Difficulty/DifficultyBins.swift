import SearchCore

/// Problems sorted into bins by ease; bin 1 is the easiest, as in the paper.
public struct DifficultyBins: Sendable, Equatable {
    /// Falling: bin 1 is at or above the first, the last bin is below all.
    public private(set) var bounds: [Double]

    public var count: Int { bounds.count + 1 }

    public func bin(of ease: Double) -> Int { 1 + bounds.prefix { !(ease >= $0) }.count }

    /// By absolute thresholds of ease, in any order.
    public init(thresholds: [Double]) throws(StratagemError) {
        let falling = thresholds.sorted(by: >)
        guard thresholds.allSatisfy({ $0 > 0 && $0 <= 1 }), zip(falling, falling.dropFirst()).allSatisfy(>) else {
            throw StratagemError(
                .user, .badThresholds,
                "thresholds \(thresholds): expected different numbers above 0 and up to 1, such as 0.8,0.6,0.4,0.2")
        }
        bounds = falling
    }

    /// Reads "0.8,0.6,0.4,0.2".
    public init(parsing text: String) throws(StratagemError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count else {
            throw StratagemError(
                .user, .badThresholds,
                "thresholds '\(text)': expected numbers separated by commas, such as 0.8,0.6,0.4,0.2")
        }
        try self.init(thresholds: numbers)
    }

    /// What can be known before anything is measured.
    /// - Parameter differentEases: as many as there can be: N samples come out right 0 to N times.
    public static func check(count: Int, problems: Int, differentEases: Int = .max) throws(StratagemError) {
        guard count >= 1, count <= problems else {
            throw StratagemError(
                .user, .tooFewProblems,
                "\(Readable.count(problems, "problem")) cannot fill \(Readable.count(count, "bin")). Measure more problems, or use fewer bins (--bins)"
            )
        }
        guard count <= differentEases else {
            throw StratagemError(
                .user, .tooFewDifficulties,
                "\(Readable.count(differentEases - 1, "sample")) per problem distinguish at most \(differentEases) difficulties, which cannot fill \(count) bins. Draw more samples per problem (--samples), or use fewer bins (--bins)"
            )
        }
    }

    /// Bins of as equal a size as possible. Problems of equal ease share a bin: nothing
    /// could distinguish them later.
    public init(quantilesOf ease: [Double], count: Int) throws(StratagemError) {
        try Self.check(count: count, problems: ease.count)
        guard ease.allSatisfy(\.isFinite) else {
            throw StratagemError(
                .verifier, .noScores,
                "the difficulty of \(ease.count { !$0.isFinite }) of \(ease.count) problems is not a number. Repair the verifier that gave it"
            )
        }
        let falling = ease.sorted(by: >)
        // Where ease changes: a cut between two problems of equal ease is none.
        let cuts = (1..<max(1, falling.count)).filter { falling[$0] < falling[$0 - 1] }
        guard cuts.count >= count - 1 else {
            let found =
                cuts.isEmpty
                ? "all \(ease.count) problems are equally hard (ease \(Readable.fixed(falling[0], 3)))"
                : "the \(ease.count) problems have \(cuts.count + 1) different difficulties"
            throw StratagemError(
                .user, .tooFewDifficulties,
                "\(found), which cannot fill \(count) bins. Draw more samples per problem, or use fewer bins (--bins)")
        }
        var chosen: [Int] = []
        for index in 1..<max(1, count) {
            let wanted = Double(index * falling.count) / Double(count)
            // Enough cuts must be left for the bins that follow.
            let free = cuts.dropLast(count - 1 - index).filter { $0 > chosen.last ?? 0 }
            let nearest = free.min { abs(Double($0) - wanted) < abs(Double($1) - wanted) }
            if let nearest { chosen.append(nearest) }
        }
        bounds = chosen.map { (falling[$0 - 1] + falling[$0]) / 2 }
    }
}
