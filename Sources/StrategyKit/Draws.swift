import Glibc

/// Draws from distributions, for strategies that search at random. If the host's `random` is their source, the same
/// seed gives the same draws.
extension RandomNumberGenerator {
    /// A uniform number in [0, 1), with 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Indices into `weights`, drawn with replacement in proportion to the weights; 0 if no weight is positive.
    public mutating func places(_ count: Int, in weights: [Double]) -> [Int] {
        var sum = 0.0
        let sums = weights.map { weight in
            sum += weight
            return sum
        }
        // Because of rounding, no cumulative weight may exceed the number that was drawn.
        let last = weights.lastIndex { $0 > 0 } ?? 0
        return (0..<count).map { _ in
            let drawn = uniform() * sum
            var (low, high) = (0, last)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > drawn { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// A normal number with mean 0 and variance 1 (Box and Muller 1958: two uniforms, so that each draw uses the same
    /// number of bits).
    public mutating func normal() -> Double {
        let (radius, angle) = (1 - uniform(), uniform())
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }

    /// A Gamma-distributed number with mean and variance `shape`, above 0 (Marsaglia and Tsang 2000).
    public mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        // One in a hundred draws is rejected, so only a source that is not random can have so many rejections in a row.
        for _ in 0..<64 {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            let u = 1 - uniform()
            if v > 0, log(u) <= x * x / 2 + d - d * v + d * log(v) { return d * v }
        }
        return shape
    }

    /// A Beta-distributed number in [0, 1], with mean a / (a + b).
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        let (x, y) = (gamma(a), gamma(b))
        return x + y > 0 ? x / (x + y) : a / (a + b)
    }
}

/// Shares that add up to 1, each proportional to exp(value / temperature); if the temperature is 0, only the largest
/// value has a share, divided among equal ones.
public func softmax(_ values: [Double], temperature: Double = 1) -> [Double] {
    guard let top = values.max() else { return [] }
    let powers = values.map { $0 == top ? 1 : temperature > 0 ? exp(($0 - top) / temperature) : 0 }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// The natural logarithm.
@inlinable public func ln(_ value: Double) -> Double { log(value) }
