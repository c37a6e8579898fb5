import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("Drawing tokens from logits")
struct SamplerTests {
    private let logits: [Float] = (0..<259).map { Float(sin(Double($0) * 1.7) * 3 + cos(Double($0) * 0.31)) }

    private func softmax(_ logits: [Float], temperature: Double = 1) -> [Double] {
        let top = Double(logits.max()!)
        let weights = logits.map { Foundation.exp((Double($0) - top) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    private func draw(_ logits: [Float], temperature: Double = 1, topP: Double = 1, minP: Double = 0, uniform: Double)
        -> Sampler.Draw?
    {
        var sampler = Sampler(vocabulary: logits.count)
        return logits.withUnsafeBufferPointer { row in
            guard sampler.begin(row.baseAddress!) else { return nil }
            return sampler.draw(
                from: row.baseAddress!, .init(temperature: temperature, topP: topP, minP: minP), uniform: uniform)
        }
    }

    @Test func exponentialAndLogarithm() {
        for step in 0..<20_000 {
            let x = -Float(step) * 0.0043
            let value = StableMath.exp(SIMD16<Float>(repeating: x))[3]
            #expect(abs(Double(value) / Foundation.exp(Double(x)) - 1) < 3e-7)
        }
        #expect(StableMath.exp(SIMD16<Float>(repeating: -.infinity))[0] == 0)
        #expect(StableMath.exp(SIMD16<Float>(repeating: 0))[0] == 1)
        for x in [1e-300, 1e-5, 0.3, 0.9999, 1, 1.5, 2, 1024, 1e200] {
            #expect(abs(StableMath.log(x) - Foundation.log(x)) <= 1e-14 * max(1, abs(Foundation.log(x))))
        }
        for x in stride(from: -690.0, to: 690, by: 3.7) {
            #expect(abs(stableExp(x) / Foundation.exp(x) - 1) < 1e-13)
        }
    }

    private func describe(_ logits: [Float]) -> TokenDistribution? {
        var sampler = Sampler(vocabulary: logits.count)
        return logits.withUnsafeBufferPointer { row in
            guard sampler.begin(row.baseAddress!, describes: true) else { return nil }
            return sampler.distribution
        }
    }

    /// Three figures against their definitions; masked tokens are none of the model's.
    @Test(arguments: [false, true]) func whatIsSaidOfADistribution(masked: Bool) throws {
        var logits = logits
        if masked { for token in stride(from: 0, to: logits.count, by: 7) { logits[token] = -.infinity } }
        let known = logits.filter(\.isFinite)
        let p = softmax(known)
        let found = try #require(describe(logits))
        let logs = p.map { Foundation.log($0) }
        #expect(abs(Double(found.topMean) - logs.sorted(by: >).prefix(20).reduce(0, +) / 20) < 1e-5)
        #expect(
            abs(
                Double(found.selfCertainty)
                    - (-logs.reduce(0, +) / Double(known.count) - Foundation.log(Double(known.count)))) < 1e-5)
        #expect(abs(Double(found.entropy) + zip(p, logs).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-5)
    }

    /// A uniform distribution knows nothing; fewer tokens than 20 are all of them.
    @Test func theEndsOfTheScale() throws {
        let flat = try #require(describe([Float](repeating: 2, count: 5)))
        #expect(
            flat.selfCertainty < 1e-6 && abs(flat.entropy - Float(Foundation.log(5.0))) < 1e-6
                && abs(flat.topMean + Float(Foundation.log(5.0))) < 1e-6)
        let sure = try #require(describe([40] + [Float](repeating: 0, count: 30)))
        #expect(
            sure.entropy < 1e-5 && abs(sure.selfCertainty - Float(40 * 30 / 31.0 - Foundation.log(31.0))) < 1e-3
                && abs(sure.topMean + 38) < 1e-3)
        var sampler = Sampler(vocabulary: 5)
        let unasked = [Float](repeating: 2, count: 5).withUnsafeBufferPointer { sampler.begin($0.baseAddress!) }
        #expect(unasked && sampler.distribution == nil)
    }

    /// The draw is the inverse of the distribution function: walking the uniform
    /// number from 0 to 1 must give every token exactly its share.
    @Test(arguments: [1.0, 0.7, 1.9]) func sharesAreTheDistribution(temperature: Double) {
        let expected = softmax(logits, temperature: temperature)
        var shares = [Double](repeating: 0, count: logits.count)
        let steps = 50_000
        var sampler = Sampler(vocabulary: logits.count)
        logits.withUnsafeBufferPointer { pointer in
            let isUsable = sampler.begin(pointer.baseAddress!)
            #expect(isUsable)
            for step in 0..<steps {
                let draw = sampler.draw(
                    from: pointer.baseAddress!, .init(temperature: temperature, topP: 1, minP: 0),
                    uniform: (Double(step) + 0.5) / Double(steps))
                shares[Int(draw.token)] += 1 / Double(steps)
            }
        }
        for token in logits.indices { #expect(abs(shares[token] - expected[token]) < 1.5 / Double(steps)) }
    }

    /// The same with the numbers that samples use: chi-squared within five sigma.
    @Test func seededDrawsFollowTheDistribution() {
        let expected = softmax(logits)
        var counts = [Double](repeating: 0, count: logits.count)
        let draws = 40_000
        var sampler = Sampler(vocabulary: logits.count)
        logits.withUnsafeBufferPointer { pointer in
            let isUsable = sampler.begin(pointer.baseAddress!)
            #expect(isUsable)
            for seed in 0..<draws {
                let uniform = SampleRandom(seed: UInt64(seed)).uniform(UInt64(seed % 7))
                counts[
                    Int(
                        sampler.draw(
                            from: pointer.baseAddress!, .init(temperature: 1, topP: 1, minP: 0), uniform: uniform
                        ).token)] += 1
            }
        }
        let chi = logits.indices.reduce(0.0) { sum, token in
            let wanted = expected[token] * Double(draws)
            return sum + (counts[token] - wanted) * (counts[token] - wanted) / wanted
        }
        let freedom = Double(logits.count - 1)
        #expect(abs(chi - freedom) < 5 * (2 * freedom).squareRoot())
    }

    @Test func coldIsTheLikeliestAndTheLowestOnATie() throws {
        var tied = logits
        tied[40] = 9
        tied[17] = 9
        tied[200] = 9
        for uniform in [0, 0.5, 0.999] {
            #expect(try #require(draw(tied, temperature: 0, uniform: uniform)).token == 17)
            #expect(
                try #require(draw(logits, temperature: 1e-30, uniform: uniform)).token
                    == Token(logits.firstIndex(of: logits.max()!)!))
        }
    }

    @Test func logProbabilityIsTheModelsOwn() throws {
        for temperature in [0.0, 0.5, 1, 2] {
            let drawn = try #require(draw(logits, temperature: temperature, topP: 0.9, uniform: 0.4))
            #expect(abs(Double(drawn.logProbability) - Foundation.log(softmax(logits)[Int(drawn.token)])) < 1e-5)
        }
    }

    @Test(arguments: [(0.5, 0.0), (0.9, 0.0), (0.999, 0.0), (1.0, 0.1), (1.0, 0.9), (0.8, 0.05), (1e-9, 0.0)])
    func filtersKeepWhatTheyShould(topP: Double, minP: Double) {
        let probabilities = softmax(logits, temperature: 0.8)
        let ranked = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        var nucleus: Set<Int> = []
        var sum = 0.0
        for token in ranked where sum < topP {
            sum += probabilities[token]
            nucleus.insert(token)
        }
        let kept = nucleus.filter { probabilities[$0] >= minP * probabilities[ranked[0]] }
        var drawn: Set<Int> = []
        for step in 0..<4_000 {
            drawn.insert(
                Int(
                    draw(logits, temperature: 0.8, topP: topP, minP: minP, uniform: (Double(step) + 0.5) / 4_000)!.token
                ))
        }
        #expect(drawn.isSubset(of: kept))
        let mass = kept.reduce(0) { $0 + probabilities[$1] }
        for token in kept where probabilities[token] / mass > 5e-4 { #expect(drawn.contains(token)) }
    }

    /// Jobs with other parameters that draw from the same row do not matter.
    @Test func theOrderOfDrawsDoesNotMatter() throws {
        let parameters: [Sampler.Parameters] = [
            (1, 1, 0), (0.7, 1, 0), (1, 0.9, 0), (0, 1, 0), (0.7, 1, 0.1), (1, 1, 0),
        ].map { .init(temperature: $0.0, topP: $0.1, minP: $0.2) }
        var sampler = Sampler(vocabulary: logits.count)
        logits.withUnsafeBufferPointer { row in
            let isUsable = sampler.begin(row.baseAddress!)
            #expect(isUsable)
            for (index, one) in parameters.enumerated() {
                let uniform = Double(index) / 6 + 0.1
                let drawn = sampler.draw(from: row.baseAddress!, one, uniform: uniform)
                #expect(
                    drawn
                        == draw(logits, temperature: one.temperature, topP: one.topP, minP: one.minP, uniform: uniform))
            }
        }
    }

    @Test func noDistributionIsNoDraw() throws {
        var broken = logits
        broken[100] = .nan
        #expect(draw(broken, uniform: 0.5) == nil)
        broken[100] = .infinity
        #expect(draw(broken, uniform: 0.5) == nil)
        #expect(draw([Float](repeating: -.infinity, count: 20), uniform: 0.5) == nil)
        // Masked tokens are legal and never drawn.
        broken = [Float](repeating: -.infinity, count: 259)
        broken[7] = 0.5
        broken[258] = 0.5
        #expect(try #require(draw(broken, uniform: 0.2)).token == 7)
        #expect(try #require(draw(broken, uniform: 0.9999999)).token == 258)
        #expect(try #require(draw(broken, temperature: 1e300, uniform: 0.9999999)).token == 258)
    }
}
