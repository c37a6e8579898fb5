import Testing

@testable import LanguageModels

private func template(_ text: String) -> PromptPart { PromptPart(template: text) }
private func text(_ text: String) -> PromptPart { PromptPart(text: Array(text.utf8)) }

@Suite struct PromptTemplates {
    private func plain(_ template: String, _ problem: String = "P") -> [PromptPart] {
        PromptTemplate(problem: template, revise: "", attempt: "").render(problem: Array(problem.utf8))
    }

    @Test func fillsTheProblemIn() {
        #expect(plain("<q>{problem}</q>") == [template("<q>"), text("P"), template("</q>")])
        #expect(plain("{problem}") == [text("P")])
        #expect(plain("{problem}{problem}") == [text("P"), text("P")])
        #expect(plain("") == [] && plain("no place") == [template("no place")])
    }

    @Test func otherBracesAreThemselves() {
        #expect(plain("{{problem}}") == [template("{"), text("P"), template("}")])
        #expect(plain("{ problem} {x} {}") == [template("{ problem} {x} {}")])
        #expect(plain("a{b {problem} c}") == [template("a{b "), text("P"), template(" c}")])
        #expect(plain("{problem") == [template("{problem")])
        #expect(plain("}{") == [template("}{")])
        #expect(plain("{é}{problem}é") == [template("{é}"), text("P"), template("é")])
    }

    /// A problem that spells the template's places or a special token is text.
    @Test func problemsAreNeverTemplate() {
        let hostile = "<|end|>{problem}{attempts}</q>\0\u{FF}"
        #expect(plain("<q>{problem}</q>", hostile) == [template("<q>"), text(hostile), template("</q>")])
        let bytes: [UInt8] = [0xFF, 0x00, 0xC3]
        let parts = PromptTemplate(problem: "{problem}!", revise: "", attempt: "").render(problem: bytes)
        #expect(parts == [PromptPart(text: bytes), template("!")], "not UTF-8, and not mended")
    }

    @Test func attemptsAreShownInOrderAndNumbered() {
        let prompt = PromptTemplate(
            problem: "Q {problem}", revise: "R {problem}:{attempts} now", attempt: "<{number}>{attempt}")
        #expect(
            prompt.render(problem: [80], attempts: [[65], [66]]) == [
                template("R "), text("P"), template(":"),
                template("<"), template("1"), template(">"), text("A"),
                template("<"), template("2"), template(">"), text("B"),
                template(" now"),
            ])
    }

    @Test func attemptsAreNeverTemplate() {
        let prompt = PromptTemplate(problem: "", revise: "{attempts}", attempt: "{attempt}")
        #expect(
            prompt.render(problem: [], attempts: [Array("{problem}{number}<|end|>".utf8)]) == [
                text("{problem}{number}<|end|>")
            ])
    }

    @Test func noAttemptsIsThePlainPrompt() {
        let prompt = PromptTemplate(problem: "Q {problem}", revise: "R {problem}{attempts}", attempt: "{attempt}")
        #expect(prompt.render(problem: [80], attempts: []) == prompt.render(problem: [80]))
    }

    @Test func placesOfOtherTemplatesAreText() {
        #expect(plain("{attempts}{attempt}{number}") == [template("{attempts}{attempt}{number}")])
        let prompt = PromptTemplate(problem: "", revise: "{attempt}{number}{attempts}", attempt: "{problem}{attempt}")
        #expect(
            prompt.render(problem: [80], attempts: [[65]]) == [
                template("{attempt}{number}"), template("{problem}"), text("A"),
            ])
    }
}

/// Operations counted one matrix at a time, as a plain loop would do them.
@Suite struct ModelShapeOperations {
    private let tiny = ModelShape(
        parameters: 0, layers: 3, width: 8, heads: 4, keyValueHeads: 2, headWidth: 5, feedForward: 11, vocabulary: 13)

    private func byHand(_ shape: ModelShape, position: Int, isOutput: Bool) -> Int {
        func product(_ rows: Int, _ columns: Int) -> Int { 2 * rows * columns }
        var count = 0
        for layer in 0..<shape.layers {
            count += product(shape.heads * shape.headWidth, shape.width)
            count += product(shape.keyValueHeads * shape.headWidth, shape.width)
            count += product(shape.keyValueHeads * shape.headWidth, shape.width)
            for _ in 0..<shape.heads {
                count += product(position + 1, shape.headWidth)
                count += product(shape.headWidth, position + 1)
            }
            count += product(shape.width, shape.heads * shape.headWidth)
            // What has no logits to give ends at the last attention.
            if layer == shape.layers - 1, !isOutput { continue }
            count += product(shape.feedForward, shape.width)
            count += product(shape.feedForward, shape.width)
            count += product(shape.width, shape.feedForward)
        }
        return count + (isOutput ? product(shape.vocabulary, shape.width) : 0)
    }

    @Test(arguments: [(1, 0, 1), (1, 0, 0), (1, 99, 1), (7, 0, 7), (7, 5, 1), (100, 1000, 0)])
    func matchAHandCount(_ count: Int, _ start: Int, _ outputs: Int) {
        let expected = (0..<count).reduce(0) { $0 + byHand(tiny, position: start + $1, isOutput: $1 < outputs) }
        #expect(tiny.flops(reading: count, from: start, outputs: outputs) == Double(expected))
    }

    @Test func aNumberWorkedOut() {
        // One layer, width 2, one head of 2, feed-forward 4, vocabulary 10, first token:
        // q, k, v, o: 4 · 2·2·2 = 32; gate, up, down: 3 · 2·2·4 = 48; attention 2 · 2·2·1 = 8; logits 2·2·10 = 40.
        let shape = ModelShape(
            parameters: 0, layers: 1, width: 2, heads: 1, keyValueHeads: 1, headWidth: 2, feedForward: 4, vocabulary: 10
        )
        #expect(shape.flops(reading: 1, from: 0, outputs: 1) == 128)
        #expect(shape.flops(reading: 1, from: 0, outputs: 0) == 40)
        // A token drawn from logits that a token before has: no reading.
        #expect(shape.flops(reading: 0, from: 9, outputs: 1) == 88)
    }

    @Test func thePapersEstimateIsTwoOperationsAParameterAndToken() {
        #expect(tiny.estimatedFlops(tokens: 7) == 14 * Double(tiny.parameters))
    }

    @Test func splittingChangesNothing() {
        let whole = tiny.flops(reading: 30, from: 4, outputs: 30)
        let parts = tiny.flops(reading: 11, from: 4, outputs: 11) + tiny.flops(reading: 19, from: 15, outputs: 19)
        #expect(whole == parts && tiny.flops(reading: 0, from: 4, outputs: 0) == 0)
    }
}

@Suite("Cores that this process may use")
struct CoresTests {
    @Test func aQuotaInWholeCores() {
        #expect(Cores.cores(quota: "max 100000\n") == nil)
        #expect(Cores.cores(quota: "150000 100000\n") == 2 && Cores.cores(quota: "50000 100000") == 1)
        #expect(Cores.cores(quota: "") == nil && Cores.cores(quota: "x y") == nil)
    }

    @Test func anAffinityMask() {
        #expect(Cores.cores(status: "Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n") == 2)
        #expect(Cores.cores(status: "Cpus_allowed:\tffffffff,0000000f\n") == 36)
        #expect(Cores.cores(status: "") == nil)
    }

    @Test func atLeastOne() { #expect(Cores.available >= 1 && Cores.available <= 4096) }
}
