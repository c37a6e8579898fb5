/// The strategies of the paper, as the figures name and colour them.
enum Strategies {
    struct Kind: Sendable {
        var strategy: String
        var name: String
        var ink: Ink
    }

    static let bestOfN = Kind(strategy: "best-of-n", name: "best-of-N", ink: .bestOfN)
    static let majority = Kind(strategy: "majority", name: "majority", ink: .majority)
    static let beam = Kind(strategy: "beam-search", name: "beam search", ink: .beam)
    static let lookahead = Kind(strategy: "lookahead", name: "lookahead", ink: .lookahead)
    static let reviseSearch = Kind(strategy: "revise-search", name: "revise-search", ink: .reviseSearch)
    static let search = [bestOfN, majority, beam, lookahead]
}

extension Analysis {
    /// What changes which verifier or vote is used: compared in their own figures.
    private static let ofSelection: Set = ["selection", "verifier", "temperature", "top_p", "min_p", "max_tokens", "n"]

    /// Runs of a search strategy as the paper has it: with its own selection and sampling.
    func runs(_ kind: Strategies.Kind) -> [[MeasuredStudy.Cell]] {
        let plain = data.runs(of: kind.strategy) { Self.ofSelection.isDisjoint(with: $0.params.keys) }
        return plain.isEmpty
            ? Array(
                data.runs(of: kind.strategy) { $0.params["selection"] == nil && $0.params["verifier"] == nil }.prefix(1)
            ) : plain
    }

    /// The one with the fewest parameters.
    func main(_ kind: Strategies.Kind) -> [MeasuredStudy.Cell] { runs(kind).first ?? [] }

    /// Best-of-N with another verifier: the `role` that scores.
    func bestOfN(verifier role: String) -> [MeasuredStudy.Cell] {
        data.runs(of: Strategies.bestOfN.strategy) { $0.params == ["verifier": role] }.first ?? []
    }

    // MARK: - revisions

    /// Attempts of a chain and chains of a cell of `revise` or `revise-parallel`.
    static func chains(_ cell: MeasuredStudy.Cell) -> Int? {
        chains(cell.strategy, cell.allParams, budget: cell.budget)
    }

    /// - Parameter params: with the defaults.
    static func chains(_ strategy: String, _ params: [String: String], budget: Int) -> Int? {
        switch strategy {
        case "revise": return 1
        case "revise-parallel":
            if let chains = params["chains"].flatMap({ Int($0) }) { return chains.clamped(to: 1...max(1, budget)) }
            guard let ratio = params["ratio"].flatMap({ Double($0) }), ratio > 0 else { return nil }
            return Int((Double(budget) / ratio).squareRoot().rounded().clamped(to: 1...Double(max(1, budget))))
        default: return nil
        }
    }

    /// All cells of revisions with this selection: by budget, then by number of chains.
    func revisions(majority: Bool) -> [Int: [Int: MeasuredStudy.Cell]] {
        var found: [Int: [Int: MeasuredStudy.Cell]] = [:]
        let wanted = data.cells.filter { cell in
            majority ? cell.allParams["selection"] == "majority" : cell.params["selection"] == nil
        }
        // `revise` before `revise-parallel:chains=1`, and few parameters before many.
        for cell in wanted.sorted(by: { ($0.params.count, $0.run) < ($1.params.count, $1.run) }) {
            guard let chains = Self.chains(cell), found[cell.budget]?[chains] == nil else { continue }
            found[cell.budget, default: [:]][chains] = cell
        }
        // One attempt is a chain and is side by side.
        return found
    }

    /// One chain of N.
    func sequential(majority: Bool) -> [MeasuredStudy.Cell] {
        revisions(majority: majority).compactMap { $0.value[1] }.sorted { $0.budget < $1.budget }
    }

    /// N chains of one.
    func parallel(majority: Bool) -> [MeasuredStudy.Cell] {
        revisions(majority: majority).compactMap { $0.value[$0.key] }.sorted { $0.budget < $1.budget }
    }

    // MARK: - the larger model

    /// Its greedy answer; at whatever budget, it is one generation.
    var large: MeasuredStudy.Cell? { greedy { $0.params.values.contains("large") } }

    /// The small one's.
    var small: MeasuredStudy.Cell? { greedy { !$0.params.values.contains("large") } }

    private func greedy(_ isMeant: (MeasuredStudy.Cell) -> Bool) -> MeasuredStudy.Cell? {
        data.cells.first { $0.strategy == "greedy" && isMeant($0) }
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
