/// A hash whose values never change between builds or machines: seeds, node keys and the guarantee "same seed, same
/// bytes" depend on it. Swift's `Hasher` cannot serve, because it gets a new seed in every process.
///
/// Mixing is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
public struct StableHash: Sendable, Equatable {
    public private(set) var value: UInt64

    public init(_ seed: UInt64 = 0x9E37_79B9_7F4A_7C15) { value = seed }

    public static func mix(_ input: UInt64) -> UInt64 {
        var z = input
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    public mutating func combine(_ word: UInt64) {
        value = Self.mix(value &+ 0x9E37_79B9_7F4A_7C15 ^ Self.mix(word &+ 0x9E37_79B9_7F4A_7C15))
    }

    public mutating func combine(_ bytes: some Collection<UInt8>) {
        combine(UInt64(bytes.count))
        var word: UInt64 = 0
        var filled = 0
        for byte in bytes {
            word |= UInt64(byte) << UInt64(8 * filled)
            filled += 1
            if filled == 8 {
                combine(word)
                word = 0
                filled = 0
            }
        }
        if filled > 0 { combine(word) }
    }

    public func combining(_ word: UInt64) -> StableHash {
        var copy = self
        copy.combine(word)
        return copy
    }
}

/// The random numbers of one sample: number `index` depends only on the seed and the index, so a sample draws the same
/// numbers whatever else is in its batch.
public struct SampleRandom: Sendable {
    public let seed: UInt64
    public init(seed: UInt64) { self.seed = seed }

    public func bits(_ index: UInt64) -> UInt64 {
        StableHash.mix(seed &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Uniform in [0, 1), 53 bits.
    public func uniform(_ index: UInt64) -> Double {
        Double(bits(index) >> 11) * 0x1p-53
    }
}
