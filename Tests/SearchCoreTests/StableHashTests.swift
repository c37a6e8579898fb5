import SearchCore
import Testing

/// Seeds of samples and keys of nodes are made of these: a change here changes
/// every published result, so the values are frozen. They were worked out by a
/// second implementation (arbitrary precision, in Python).
@Suite struct StableHashValues {
    @Test func mixingIsSplitMix64() {
        // The generator's published first outputs for the seed 1234567.
        let state: UInt64 = 1_234_567
        let outputs = (1...5).map { StableHash.mix(state &+ UInt64($0) &* 0x9E37_79B9_7F4A_7C15) }
        #expect(
            outputs == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func wordsAreFrozen() {
        #expect(StableHash().value == 0x9E37_79B9_7F4A_7C15)
        #expect(StableHash().combining(0).value == 13_867_563_454_281_172_139)
        #expect(StableHash(1).combining(2).combining(3).value == 6_858_866_390_483_579_527)
    }

    @Test(
        arguments: [
            ("", 13_867_563_454_281_172_139),
            ("a", 13_876_501_255_545_775_143),
            ("12345678", 6_514_294_082_371_409_064),
            ("123456789", 17_996_832_028_647_395_590),
            ("What is 2 + 2?", 4_259_222_057_612_524_478),
        ] as [(String, UInt64)])
    func textIsFrozen(_ text: String, _ value: UInt64) {
        var hash = StableHash()
        hash.combine(text.utf8)
        #expect(hash.value == value)
    }

    @Test func orderLengthAndZerosCount() {
        func hash(_ parts: [[UInt8]]) -> UInt64 {
            var hash = StableHash()
            for part in parts { hash.combine(part) }
            return hash.value
        }
        let inputs: [[[UInt8]]] = [
            [], [[]], [[], []], [[0]], [[0, 0]], [[0], [0]], [Array(repeating: 0, count: 8)],
            [Array(repeating: 0, count: 9)],
            [[1, 2]], [[2, 1]], [[1], [2]], [[2], [1]], [[1, 2], []], [[], [1, 2]],
        ]
        #expect(Set(inputs.map(hash)).count == inputs.count)
    }

    @Test func combiningLeavesTheOriginal() {
        let first = StableHash(7)
        var second = first
        second.combine(9 as UInt64)
        #expect(first.combining(9) == second && first == StableHash(7))
    }

    /// One bit of input changes about half of the output, wherever it is.
    @Test func everyBitMatters() {
        for bit in 0..<64 {
            var changed = 0
            for word in 0..<200 as Range<UInt64> {
                changed +=
                    (StableHash(word).combining(0).value ^ StableHash(word).combining(1 << UInt64(bit)).value)
                    .nonzeroBitCount
                changed +=
                    (StableHash(0).combining(word).value ^ StableHash(1 << UInt64(bit)).combining(word).value)
                    .nonzeroBitCount
            }
            #expect(abs(Double(changed) / 400 - 32) < 1.5, "bit \(bit)")
        }
    }
}

@Suite struct SampleRandomNumbers {
    @Test func areFrozen() {
        let random = SampleRandom(seed: 42)
        #expect(
            (0..<3).map { random.bits($0) } == [
                13_679_457_532_755_275_413, 2_949_826_092_126_892_291, 5_139_283_748_462_763_858,
            ])
        #expect(random.uniform(0) == 0.7415648787718233)
    }

    @Test func dependOnSeedAndIndexAlone() {
        let random = SampleRandom(seed: 5)
        let forwards = (0..<100).map { random.bits($0) }
        let backwards = (0..<100).reversed().map { SampleRandom(seed: 5).bits($0) }
        #expect(forwards == backwards.reversed())
        #expect(Set(forwards).count == 100)
    }

    @Test func stayInTheInterval() {
        for index in [0, 1, UInt64.max - 1, .max] {
            for seed in [0, 1, UInt64.max] {
                let value = SampleRandom(seed: seed).uniform(index)
                #expect(value >= 0 && value < 1)
            }
        }
    }

    /// Chi-squared over 64 bins with 63 degrees of freedom: mean 63, deviation
    /// 11.2. Along the indices of one seed, and along seeds at one index.
    @Test func areUniform() {
        func chiSquared(_ values: some Sequence<Double>) -> Double {
            var bins = Array(repeating: 0.0, count: 64)
            for value in values { bins[Int(value * 64)] += 1 }
            let expected = bins.reduce(0, +) / 64
            return bins.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
        }
        for seed in 0..<20 as Range<UInt64> {
            #expect((20...130).contains(chiSquared((0..<20_000).lazy.map { SampleRandom(seed: seed).uniform($0) })))
            #expect((20...130).contains(chiSquared((0..<20_000).lazy.map { SampleRandom(seed: $0).uniform(seed) })))
        }
    }

    /// Neighbours, by index and by seed, have nothing to do with each other.
    @Test func areUncorrelated() {
        func correlation(_ other: (UInt64) -> Double) -> Double {
            let sum = (0..<20_000).reduce(0.0) { $0 + (SampleRandom(seed: 3).uniform($1) - 0.5) * (other($1) - 0.5) }
            return sum / 20_000 * 12
        }
        // The deviation is 1/√20000 ≈ 0.007.
        #expect(abs(correlation { SampleRandom(seed: 3).uniform($0 + 1) }) < 0.035)
        #expect(abs(correlation { SampleRandom(seed: 4).uniform($0) }) < 0.035)
    }
}
