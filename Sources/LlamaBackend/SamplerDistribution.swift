import SearchCore

/// Figures of a whole row of logits, for strategies that ask how sure the model was.
extension Sampler {
    /// Call it while `weights` contain exp(logit − maximum), which gives the row's own distribution.
    func describe(_ logits: UnsafePointer<Float>, maximum: Float, total: Double) -> TokenDistribution {
        let logTotal = StableMath.log(total)
        let (sum, known) = sumOfLogits(logits)
        // log p is logit − maximum − log total.
        let meanLog = sum / Double(known) - Double(maximum) - logTotal
        let top = topLogits(logits)
        let topMean = top.reduce(0) { $0 + Double($1) } / Double(top.count) - Double(maximum) - logTotal
        return TokenDistribution(
            topMean: Float(topMean), selfCertainty: Float(max(0, -meanLog - StableMath.log(Double(known)))),
            entropy: Float(max(0, logTotal - weightedLogits(logits, maximum: maximum) / total)))
    }

    /// The sum over the tokens whose probability is not 0, and the number of these tokens.
    private func sumOfLogits(_ logits: UnsafePointer<Float>) -> (sum: Double, count: Int) {
        var sum = 0.0
        let raw = UnsafeRawPointer(logits)
        for block in 0..<count / 16 {
            let x = raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self)
            sum += Double(x.sum())
        }
        for index in count / 16 * 16..<count { sum += Double(logits[index]) }
        if sum.isFinite { return (sum, count) }
        // Masked tokens do not belong to the model's distribution.
        var known = 0
        sum = 0
        for index in 0..<count where logits[index].isFinite {
            sum += Double(logits[index])
            known += 1
        }
        return (sum, known)
    }

    /// Sum of weight × (logit − maximum).
    private func weightedLogits(_ logits: UnsafePointer<Float>, maximum: Float) -> Double {
        let raw = UnsafeRawPointer(logits)
        let (top, zero) = (SIMD16<Float>(repeating: maximum), SIMD16<Float>.zero)
        var sum = 0.0
        for block in 0..<count / 16 {
            let x = raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self)
            let product = weights[block] * (x - top)
            // 0 × −∞ would be NaN; a token that cannot occur adds nothing.
            sum += Double(product.replacing(with: zero, where: weights[block] .== zero).sum())
        }
        for index in count / 16 * 16..<count {
            let weight = weights[index / 16][index % 16]
            if weight > 0 { sum += Double(weight * (logits[index] - maximum)) }
        }
        return sum
    }

    /// The largest logits, in descending order: `TokenDistribution.top` of them, or all finite ones if there are fewer.
    private func topLogits(_ logits: UnsafePointer<Float>) -> [Float] {
        var top: [Float] = []
        top.reserveCapacity(TokenDistribution.top + 1)
        var least = -Float.infinity
        func consider(_ value: Float) {
            guard value > least else { return }
            top.insert(value, at: top.firstIndex { $0 < value } ?? top.count)
            if top.count > TokenDistribution.top { top.removeLast() }
            if top.count == TokenDistribution.top { least = top[top.count - 1] }
        }
        let raw = UnsafeRawPointer(logits)
        for block in 0..<count / 16 {
            let x = raw.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self)
            guard any(x .> least) else { continue }
            for lane in 0..<16 { consider(x[lane]) }
        }
        for index in count / 16 * 16..<count { consider(logits[index]) }
        return top
    }
}
