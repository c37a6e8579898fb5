import CStratagem
import Testing

/// Particles drawn by hand: the host's random bits are given.
@Suite struct ParticleFilterTests {
    /// Odds are r / (1 - r): of 0.5, 0.75, 0.8 and 0.9 they are 1, 3, 4 and 9.
    static let tree = Tree(
        options: ["": ["a", "b", "c"], "a": ["=1"], "c": ["f", "=2"], "cf": ["=1"], "b": ["=3"]],
        scores: ["a": 0.5, "b": 0.75, "c": 0.8, "a=1": 0.5, "b=3": 0.5, "cf": 0.5, "c=2": 0.9, "cf=1": 0.2])

    private func run(_ host: FakeHost, _ draws: [Double], _ parameters: [String: Value] = [:]) throws -> [String] {
        var left = draws[...]
        host.random = { UInt64((left.popFirst() ?? 0) * 0x1p53) << 11 }
        let log = try Run("particle-filter", host, parameters)()
        #expect(left.isEmpty)
        return log
    }

    /// First draw: a, b and c share 1 : 3 : 4 of 8, up to 0.125, 0.5 and 1. Second: a=1, cf and c=2 share 1 : 1 : 9 of
    /// 11, up to 0.09, 0.18 and 1. All have ended then, and nothing is drawn any more.
    @Test func drawnByTheOdds() throws {
        let host = FakeHost(Self.tree, generations: 3)
        #expect(
            try run(host, [0.1, 0.6, 0.9] + [0.05, 0.1, 0.5]) == [
                "sample 3 from root, 1 step", "score a b c",
                "sample 1 from a, 1 step", "sample 2 from c, 1 step", "score a=1 cf c=2",
                "sample 1 from cf, 1 step", "score cf=1",
                "answer c=2 0.9", "answer a=1 0.5", "answer cf=1 0.2",
            ])
        #expect(host.generations == 3)
    }

    /// An ended particle that is drawn twice has two votes, and one that is not drawn has none.
    @Test func endedParticlesAreDrawnToo() throws {
        #expect(
            try run(FakeHost(Self.tree, generations: 3), [0.1, 0.6, 0.9] + [0.3, 0.1, 0.5]).suffix(4) == [
                "sample 1 from cf, 1 step", "score cf=1", "answer c=2 1.8", "answer cf=1 0.2",
            ])
    }

    /// Particle Gibbs, two passes of two. The first draws c twice and then both of its children; c=2 and cf=1 share 9
    /// : 0.25, and 0.5 keeps c=2. The second pass has one new particle, a, beside c, the first step of what is kept:
    /// they share 1 : 4, and 0.7 draws c. Of its child cf and c=2 itself, 1 : 9, it is c=2 that 0.5 draws.
    @Test func gibbs() throws {
        var tree = Self.tree
        tree.options[""] = ["a", "c"]
        #expect(
            try run(
                FakeHost(tree, generations: 4), [0.3, 0.4] + [0.05, 0.5] + [0.5] + [0.7] + [0.5],
                ["num_iterations": .int(2)]) == [
                    "sample 2 from root, 1 step", "score a c",
                    "sample 2 from c, 1 step", "score cf c=2",
                    "sample 1 from cf, 1 step", "score cf=1",
                    "sample 1 from root, 1 step", "score a",
                    "sample 1 from c, 1 step", "score cf",
                    "answer c=2 1.8",
                ])
    }

    /// Odds of 0.99 and of 0.5 three times: shares 99/102 and 1/102, so ESS is 1.06 of 4. Drawn systematically from
    /// 0.5, the places 0.125, 0.375, 0.625 and 0.875 are all a's. Flattened by T = 0.975 / 0.265 = 3.675 a has
    /// 99^(1/T) = 3.49 of 6.49, that is 0.54, and the others 0.15 each.
    @Test func entropic() throws {
        let tree = Tree(
            options: ["": ["a", "b", "c", "d"], "a": ["=1"], "b": ["=2"], "c": ["=3"], "d": ["=4"]],
            scores: ["a": 0.99, "b": 0.5, "c": 0.5, "d": 0.5])
        func second(_ parameters: [String: Value]) throws -> [String] {
            try run(FakeHost(tree, generations: 4), [0.5], parameters).filter { $0.hasPrefix("sample") }.dropFirst().map
            { String($0.dropLast(8)) }
        }
        #expect(try second(["resampling": .text("systematic")]) == ["sample 4 from a"])
        #expect(try second(["entropic": .bool(true)]) == ["sample 2 from a", "sample 1 from b", "sample 1 from d"])
        // Not this early, and not below this share.
        #expect(try second(["entropic": .bool(true), "early_phase": .float(0.02)]) == ["sample 4 from a"])
        #expect(try second(["entropic": .bool(true), "ess_threshold": .float(0.26)]) == ["sample 4 from a"])
    }

    /// A particle that was cut is drawn no more: its place goes to another.
    @Test func aCutParticleIsReplaced() throws {
        let tree = Tree(options: ["": ["a", "b~"], "a": ["=1"]], scores: ["a": 0.5, "a=1": 0.5])
        #expect(
            try run(FakeHost(tree, generations: 2), [0.1, 0.9]) == [
                "sample 2 from root, 1 step", "score a", "sample 2 from a, 1 step", "score a=1 a=1", "answer a=1 0.5",
                "answer a=1 0.5",
            ])
    }
}
