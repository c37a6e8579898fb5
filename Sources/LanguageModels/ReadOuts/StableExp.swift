/// e^x in double precision from additions and multiplications alone, for |x| < 700; 0 and infinity outside this range.
/// It gives the same bits on every machine, which the system's mathematics library does not promise.
public func stableExp(_ x: Double) -> Double {
    guard x > -700 else { return x.isNaN ? x : 0 }
    guard x < 700 else { return x.isNaN ? x : .infinity }
    let n = (x * 1.442_695_040_888_963_4).rounded()
    let r = (x - n * 0.693_147_180_369_123_8) - n * 1.908_214_929_270_587_7e-10
    var term = 1.0
    var sum = 1.0
    for k in 1...14 {
        term *= r / Double(k)
        sum += term
    }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
}
