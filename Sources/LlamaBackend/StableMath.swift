/// Exponential and logarithm from additions and multiplications alone. They give the same bits on every machine, which
/// the system's mathematics library does not promise. See also `stableExp`.
enum StableMath {
    /// e to the power of each lane, for lanes ≤ 0; below −87 it is 0. Relative error < 2 × 10⁻⁷.
    ///
    /// As Cephes' `expf`: x = n ln 2 + r, a polynomial for e^r, and n added to the exponent.
    @inline(__always)
    static func exp(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let low = SIMD16<Float>(repeating: -87)
        let clamped = x.replacing(with: low, where: x .< low)
        // Adding and subtracting 1.5 × 2²³ rounds to a whole number.
        let magic = SIMD16<Float>(repeating: 12_582_912)
        let shifted = clamped * 1.442_695_04 + magic
        let n = shifted - magic
        let r = clamped - n * 0.693_359_375 + n * 2.121_944_4e-4
        var p = SIMD16<Float>(repeating: 1.987_569_15e-4)
        p = p * r + 1.398_199_95e-3
        p = p * r + 8.333_451_9e-3
        p = p * r + 4.166_579_6e-2
        p = p * r + 1.666_666_55e-1
        p = p * r + 5.000_000_12e-1
        let mantissa = p * (r * r) + r + 1
        let whole = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- unsafeBitCast(magic, to: SIMD16<Int32>.self)
        let scale = unsafeBitCast((whole &+ 127) &<< 23, to: SIMD16<Float>.self)
        return (mantissa * scale).replacing(with: 0, where: x .< low)
    }

    /// The natural logarithm of a positive, normal number.
    static func log(_ x: Double) -> Double {
        // x = 2ⁿ m with m in [√½, √2); log m = 2 artanh((m − 1)/(m + 1)).
        var n = x.exponent
        var m = x.significand
        if m > 1.414_213_562_373_095 {
            m /= 2
            n += 1
        }
        let s = (m - 1) / (m + 1)
        let square = s * s
        var power = s
        var sum = 0.0
        for k in stride(from: 1, through: 23, by: 2) {
            sum += power / Double(k)
            power *= square
        }
        return Double(n) * 0.693_147_180_559_945_3 + 2 * sum
    }
}
