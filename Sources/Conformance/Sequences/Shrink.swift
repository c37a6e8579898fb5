/// Makes a failing sequence shorter: leaves out what it fails without, then tries
/// smaller numbers. Every attempt is its own child, since it may crash.
extension CheckRunner {
    /// Enough for the longest sequences that the generator draws.
    private static var attemptsMax: Int { 60 }

    func shrink(_ result: inout CheckResult, from sequence: String, _ server: CheckServer) {
        var best = SequenceText(parsing: sequence)
        var attempts = 0
        let wanted = result.status
        func fails(_ candidate: SequenceText) -> Bool {
            guard attempts < Self.attemptsMax else { return false }
            attempts += 1
            let (again, _) = attempt(result.check, result.plugin, candidate.text, server)
            guard again.status == wanted, again.finding?.expected == result.finding?.expected else { return false }
            let seconds = result.seconds + again.seconds
            result = again
            result.seconds = seconds
            return true
        }
        // From the whole: it must fail alone too, or what came before it in its process matters.
        guard fails(best) else { return }
        var place = 0
        while place < best.droppable.count {
            var shorter = best
            shorter.parts.remove(at: best.droppable[place])
            if fails(shorter) { best = shorter } else { place += 1 }
        }
        for index in best.parts.indices {
            for smaller in Self.smaller(best.parts[index]) {
                var simpler = best
                simpler.parts[index] = smaller
                if fails(simpler) {
                    best = simpler
                    break
                }
            }
        }
    }

    private static func smaller(_ part: String) -> [String] {
        let pieces = part.split(separator: "=", maxSplits: 1).map(String.init)
        guard pieces.count == 2, let number = UInt64(pieces[1]), number > 1 else { return [] }
        return Set([1, 2, 3, number / 2]).filter { $0 < number && $0 >= 1 }.sorted().map { "\(pieces[0])=\($0)" }
    }
}
