import Glibc

/// Draws from distributions, for strategies that search by chance. With the host's
/// `random` as their source they repeat with the run's seed.
extension RandomNumberGenerator {
    /// In [0, 1), 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Places in `weights`, drawn with replacement, each as likely as its weight; 0 where none has any.
    public mutating func places(_ count: Int, in weights: [Double]) -> [Int] {
        var sum = 0.0
        let sums = weights.map { weight in
            sum += weight
            return sum
        }
        // Rounding may leave nothing above what was drawn.
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

    /// Of mean 0 and variance 1 (Box and Muller 1958: two uniforms, so that as many bits are used each time).
    public mutating func normal() -> Double {
        let (radius, angle) = (1 - uniform(), uniform())
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }

    /// Of mean and variance `shape`, above 0 (Marsaglia and Tsang 2000).
    public mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        // One in a hundred is refused: so many in a row only by a source that is not random.
        for _ in 0..<64 {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            let u = 1 - uniform()
            if v > 0, log(u) <= x * x / 2 + d - d * v + d * log(v) { return d * v }
        }
        return shape
    }

    /// In [0, 1], of mean a / (a + b).
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        let (x, y) = (gamma(a), gamma(b))
        return x + y > 0 ? x / (x + y) : a / (a + b)
    }
}

/// Shares that add up to 1, each as exp(value / temperature); the largest of equal ones if the temperature is 0.
public func softmax(_ values: [Double], temperature: Double = 1) -> [Double] {
    guard let top = values.max() else { return [] }
    let powers = values.map { $0 == top ? 1 : temperature > 0 ? exp(($0 - top) / temperature) : 0 }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// The natural logarithm.
@inlinable public func ln(_ value: Double) -> Double { log(value) }
