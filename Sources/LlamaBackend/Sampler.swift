import SearchCore

/// Draws tokens from logits. The same logits, parameters and uniform number give the same token on every machine.
///
/// Temperature is applied first, then min-p and top-p to the result. The draw uses the inverse of the distribution
/// function in the order of token ids. At temperature 1 with neither filter this is exactly the model's distribution.
struct Sampler {
    struct Parameters: Equatable {
        var temperature: Double
        var topP: Double
        var minP: Double
    }

    struct Draw: Equatable {
        var token: Token
        /// The log-probability under the model's own distribution, at temperature 1.
        var logProbability: Float
    }

    /// The part of the state for a row of logits that does not depend on the job.
    private struct Row {
        var best: Token
        var maximum: Float
        /// Sum of exp(logit − maximum).
        var total: Double
        /// The temperature for which `weights` were computed.
        var temperature: Double
        /// Sum of `weights`.
        var mass: Double
        /// Set if it was asked for.
        var distribution: TokenDistribution?
    }

    let count: Int
    /// The number of whole SIMD blocks; the last one is padded.
    private let blocks: Int
    private(set) var weights: [SIMD16<Float>]
    private var sums: [Float]
    private var order: [UInt64] = []
    private var row: Row?

    init(vocabulary count: Int) {
        self.count = count
        blocks = (count + 15) / 16
        weights = Array(repeating: .zero, count: blocks)
        sums = Array(repeating: 0, count: blocks)
    }

    /// Prepares a row of logits, once for all jobs that draw from it.
    /// - Parameter describes: whether `distribution` is wanted too.
    /// - Returns: whether the row is a distribution (no NaN, some finite value).
    mutating func begin(_ logits: UnsafePointer<Float>, describes: Bool = false) -> Bool {
        row = nil
        guard let (best, maximum) = argmax(logits) else { return false }
        let total = weigh(logits, maximum: maximum, scale: 1)
        guard total.isFinite else { return false }
        row = Row(best: best, maximum: maximum, total: total, temperature: 1, mass: total)
        if describes { row!.distribution = describe(logits, maximum: maximum, total: total) }
        return true
    }

    /// The distribution that the row's tokens are drawn from, if `begin` was told that it is wanted.
    var distribution: TokenDistribution? { row?.distribution }

    /// Draws from the row that `begin` prepared.
    mutating func draw(from logits: UnsafePointer<Float>, _ parameters: Parameters, uniform: Double) -> Draw {
        let token = choose(logits, parameters, uniform)
        let logProbability = Double(logits[Int(token)]) - Double(row!.maximum) - StableMath.log(row!.total)
        return Draw(token: token, logProbability: Float(logProbability))
    }

    private mutating func choose(_ logits: UnsafePointer<Float>, _ parameters: Parameters, _ uniform: Double) -> Token {
        guard parameters.temperature > 0 else { return row!.best }
        if parameters.temperature != row!.temperature {
            let scale = max(Float(1 / parameters.temperature), .leastNormalMagnitude)
            // The temperature is so low that the exponents overflow: in the limit this is the most likely token.
            row!.mass = scale.isFinite ? weigh(logits, maximum: row!.maximum, scale: scale) : 0
            row!.temperature = parameters.temperature
        }
        guard row!.mass > 0 else { return row!.best }
        return parameters.topP < 1 || parameters.minP > 0
            ? filtered(row!.mass, parameters, uniform) : inverse(row!.mass, uniform)
    }

    /// The largest logit; a NaN may hide it.
    static func maximum(_ logits: UnsafePointer<Float>, _ count: Int) -> Float {
        var top = SIMD16<Float>(repeating: -.infinity)
        let whole = count / 16
        let raw = UnsafeRawPointer(logits)
        for block in 0..<whole {
            let x = raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self)
            top = top.replacing(with: x, where: x .> top)
        }
        var maximum = top.max()
        for index in whole * 16..<count { maximum = max(maximum, logits[index]) }
        return maximum
    }

    /// The most likely token, and the lowest id in a tie; `nil` if a logit is NaN or none is finite.
    private func argmax(_ logits: UnsafePointer<Float>) -> (Token, Float)? {
        let maximum = Self.maximum(logits, count)
        var check = SIMD16<Float>.zero
        let whole = count / 16
        let raw = UnsafeRawPointer(logits)
        for block in 0..<whole { check += raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self) * 0 }
        var isNumber = check == check
        for index in whole * 16..<count { isNumber = isNumber && !logits[index].isNaN }
        // 0 × −∞ is NaN too, and a masked logit is allowed, so check each value.
        if !isNumber {
            for index in 0..<count where logits[index].isNaN || logits[index] == .infinity { return nil }
        }
        guard maximum.isFinite else { return nil }
        for index in 0..<count where logits[index] == maximum { return (Token(index), maximum) }
        return nil
    }

    /// Fills `weights` with exp((logit − maximum) × scale) and returns their sum.
    private mutating func weigh(_ logits: UnsafePointer<Float>, maximum: Float, scale: Float) -> Double {
        let raw = UnsafeRawPointer(logits)
        let whole = count / 16
        let top = SIMD16<Float>(repeating: maximum)
        var total = 0.0
        weights.withUnsafeMutableBufferPointer { weights in
            sums.withUnsafeMutableBufferPointer { sums in
                for block in 0..<whole {
                    let x = raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self)
                    let weight = StableMath.exp((x - top) * scale)
                    weights[block] = weight
                    sums[block] = weight.sum()
                    total += Double(sums[block])
                }
                if whole < blocks {
                    var x = SIMD16<Float>(repeating: -.infinity)
                    for index in whole * 16..<count { x[index - whole * 16] = logits[index] }
                    let weight = StableMath.exp((x - top) * scale)
                    weights[whole] = weight
                    sums[whole] = weight.sum()
                    total += Double(sums[whole])
                }
            }
        }
        return total
    }

    /// The first token whose cumulative weight exceeds `uniform` times the total weight.
    private func inverse(_ mass: Double, _ uniform: Double) -> Token {
        let target = uniform * mass
        var before = 0.0
        var last = 0
        for block in 0..<blocks {
            let after = before + Double(sums[block])
            if after > target {
                var sum = before
                for lane in 0..<16 where weights[block][lane] > 0 {
                    sum += Double(weights[block][lane])
                    last = block * 16 + lane
                    if sum > target { return Token(last) }
                }
                // The sum of the separate lanes may be smaller than the block's sum because of rounding.
                return Token(last)
            }
            before = after
        }
        // Because of rounding at the very end: the last token with any weight.
        for index in stride(from: count - 1, through: 0, by: -1) where weights[index / 16][index % 16] > 0 {
            return Token(index)
        }
        return Token(last)
    }

    /// Draws with min-p (relative to the most likely token) and top-p (the fewest tokens that reach it, the most likely
    /// first, the lowest id in a tie).
    private mutating func filtered(_ mass: Double, _ parameters: Parameters, _ uniform: Double) -> Token {
        // Tokens at or below this weight could not fill the rest of the nucleus, not even all of them together.
        let rest = (1 - parameters.topP) * mass / Double(count)
        let floor = max(Float(parameters.minP), rest > 0 ? Float(rest) * 0.999 : 0)
        order.removeAll(keepingCapacity: true)
        for block in 0..<blocks where sums[block] >= floor {
            for lane in 0..<16 {
                let weight = weights[block][lane]
                guard weight > 0, weight >= floor else { continue }
                order.append(UInt64(weight.bitPattern) << 32 | UInt64(UInt32.max - UInt32(block * 16 + lane)))
            }
        }
        order.sort(by: >)
        let wanted = parameters.topP * mass
        var kept = 0
        var sum = 0.0
        for key in order {
            sum += Double(Float(bitPattern: UInt32(key >> 32)))
            kept += 1
            if parameters.topP < 1, sum >= wanted { break }
        }
        let target = uniform * sum
        var cumulative = 0.0
        var token = Token(0)
        for key in order.prefix(kept) {
            cumulative += Double(Float(bitPattern: UInt32(key >> 32)))
            token = Token(UInt32.max - UInt32(truncatingIfNeeded: key))
            if cumulative > target { break }
        }
        return token
    }
}
