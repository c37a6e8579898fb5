import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("The verifier: values depend on the text alone, and every step is read once")
struct VerifierTests {
    private let problem = Array("How many are 3 and 4?".utf8)
    private func text(_ steps: String...) -> [[UInt8]] { steps.map { Array($0.utf8) } }

    private func root(_ verifier: LlamaVerifier) -> PrefixHandle {
        try! verifier.makeRoot(problem: problem, attempts: []).0
    }

    /// The value of the last of these steps, worked out by hand.
    private func byHand(_ steps: [[UInt8]]) throws -> Double {
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 1, threads: 1))
        let vocabulary = TinyModel.weights.vocabulary
        let tokens = vocabulary.tokens(of: problem + [10] + steps.joined())
        for (index, token) in tokens.enumerated() {
            context.beginBatch()
            context.add(token, sequence: 0, position: index, owner: 0)
            #expect(context.decode() == nil)
        }
        let logits = context.logits(context.outputs[0])
        let good = Foundation.exp(Double(logits[Int(vocabulary.singleToken(TinyModel.good)!)]))
        let bad = Foundation.exp(Double(logits[Int(vocabulary.singleToken(TinyModel.bad)!)]))
        return good / (good + bad)
    }

    @Test func valuesAreTheReadOutAtEachStepsEnd() throws {
        let verifier = TinyModel.verifier()
        let done = run(
            verifier,
            [ScoreJob(id: 1, prefix: root(verifier), steps: text("3 + 4 = 7\n", "So 7.\n", "7"), isFinished: true)])[1]!
        #expect(done.values.count == 3 && done.failure == nil)
        #expect(abs(done.values[0] - (try byHand(text("3 + 4 = 7\n")))) < 1e-9)
        #expect(abs(done.values[1] - (try byHand(text("3 + 4 = 7\n", "So 7.\n")))) < 1e-9)
        // The last step of an answer lacks its delimiter: the verifier adds it.
        #expect(abs(done.values[2] - (try byHand(text("3 + 4 = 7\n", "So 7.\n", "7\n")))) < 1e-9)
        #expect(done.tokens == 10 + 6 + 2)
    }

    /// Π p(token) / p(most likely) over these steps, each one's first token left out.
    private func likelihoodByHand(_ steps: [[UInt8]]) throws -> Double {
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 1, threads: 1))
        let vocabulary = TinyModel.weights.vocabulary
        let prompt = vocabulary.tokens(of: problem + [10])
        let pieces = steps.map { vocabulary.tokens(of: $0) }
        let firsts = Set(pieces.indices.map { pieces[..<$0].reduce(prompt.count) { $0 + $1.count } })
        var product = 1.0
        var row: [Float] = []
        for (index, token) in (prompt + pieces.joined()).enumerated() {
            if index > prompt.count, !firsts.contains(index), let largest = row.max() {
                product *= Foundation.exp(Double(row[Int(token)] - largest))
            }
            context.beginBatch()
            context.add(token, sequence: 0, position: index, owner: 0)
            #expect(context.decode() == nil)
            row = Array(
                UnsafeBufferPointer(
                    start: context.logits(context.outputs[0]), count: TinyModel.weights.shape.vocabulary))
        }
        return product
    }

    @Test func likelihoodIsTheProductOverTheTokensOfAllSteps() throws {
        let verifier = TinyModel.verifier(readOut: .likelihood)
        #expect(verifier.looksAtEveryToken)
        let done = run(
            verifier,
            [ScoreJob(id: 1, prefix: root(verifier), steps: text("3 + 4 = 7\n", "So 7.\n"), isFinished: false)])[1]!
        let first = try likelihoodByHand(text("3 + 4 = 7\n"))
        let second = try likelihoodByHand(text("3 + 4 = 7\n", "So 7.\n"))
        #expect(first > second && second > 0)
        #expect(abs(done.values[0] / first - 1) < 1e-6 && abs(done.values[1] / second - 1) < 1e-6)
        // A child continues from its parent's value.
        let child = run(verifier, [ScoreJob(id: 2, prefix: done.prefix, steps: text("7"), isFinished: true)])[2]!
        #expect(abs(child.values[0] / (try likelihoodByHand(text("3 + 4 = 7\n", "So 7.\n", "7\n"))) - 1) < 1e-6)
    }

    /// p(good) against p(bad) behind these texts and special tokens, worked out by hand.
    private func verdictByHand(_ parts: [PromptPart]) throws -> Double {
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 1, threads: 1))
        let vocabulary = TinyModel.weights.vocabulary
        for (index, token) in vocabulary.tokens(of: parts).enumerated() {
            context.beginBatch()
            context.add(token, sequence: 0, position: index, owner: 0)
            #expect(context.decode() == nil)
        }
        let logits = context.logits(context.outputs[0])
        let good = Foundation.exp(Double(logits[Int(vocabulary.singleToken(TinyModel.good)!)]))
        let bad = Foundation.exp(Double(logits[Int(vocabulary.singleToken(TinyModel.bad)!)]))
        return good / (good + bad)
    }

    /// Math-Shepherd's way: `step TAG\nstep TAG`, read at each tag.
    @Test func aTagIsReadAtItself() throws {
        let verifier = TinyModel.verifier(readOut: .tag)
        let done = run(
            verifier, [ScoreJob(id: 1, prefix: root(verifier), steps: text("3 + 4 = 7\n", "7"), isFinished: true)])[1]!
        let start = [PromptPart(text: problem + [10] + Array("3 + 4 = 7".utf8)), PromptPart(template: TinyModel.end)]
        #expect(abs(done.values[0] - (try verdictByHand(start))) < 1e-9)
        let whole = start + [PromptPart(text: Array("\n7".utf8)), PromptPart(template: TinyModel.end)]
        let last = try verdictByHand(whole)
        #expect(done.values.count == 2 && abs(done.values[1] - last) < 1e-9)
        #expect(done.tokens == 9 + 2 + 1 + 2)
    }

    /// RLHFlow's way: a user turn a step, the assistant says "+", read one place before that.
    @Test func aTurnIsReadWhereTheVerdictIsAboutToBeSaid() throws {
        let verifier = TinyModel.verifier(readOut: .turn)
        let done = run(
            verifier, [ScoreJob(id: 1, prefix: root(verifier), steps: text("3 + 4 = 7\n", "7"), isFinished: true)])[1]!
        let asked = [
            PromptPart(text: problem + [10] + Array("3 + 4 = 7 Right?".utf8)), PromptPart(template: TinyModel.end),
        ]
        #expect(abs(done.values[0] - (try verdictByHand(asked))) < 1e-9)
        let second =
            asked + [
                PromptPart(template: TinyModel.good + TinyModel.end), PromptPart(text: Array("Next: 7 Right?".utf8)),
                PromptPart(template: TinyModel.end),
            ]
        let last = try verdictByHand(second)
        #expect(done.values.count == 2 && abs(done.values[1] - last) < 1e-9)
    }

    /// The tag is a special token here, and a step that lacks it (as text it is none) has no value.
    @Test func aStepWithoutItsTagHasNoValue() throws {
        let readOut = StepTagReadOut(tag: "x", good: TinyModel.good, bad: [TinyModel.bad])
        let other = TinyModel.weights.vocabulary.singleToken(TinyModel.end)!
        let ids = [other] + readOut.tokens.dropFirst().map { TinyModel.weights.vocabulary.singleToken($0.text)! }
        #expect(
            BoundReadOut(readOut, ids: ids).last(TinyModel.weights.vocabulary.tokens(of: Array("a step x\n".utf8)))
                == nil)
    }

    /// A tokenizer joins a space with the word after it, so a space at the template's end goes before the first step.
    @Test func aSpaceAtTheTemplatesEndGoesBeforeTheFirstStep() throws {
        let readOut = TokenReadOut(good: TinyModel.good, bad: [TinyModel.bad])
        let ids = readOut.tokens.map { TinyModel.weights.vocabulary.singleToken($0.text)! }
        let verifier = LlamaVerifier(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 4, threads: 1),
            contextTokens: 512,
            template: PromptTemplate(problem: "{problem}  ", revise: "{problem}  ", attempt: ""),
            steps: .delimiter("\n"), readOut: BoundReadOut(readOut, ids: ids))
        #expect(try verifier.makeRoot(problem: Array("2+2?".utf8), attempts: []).tokens == 4)
        #expect(verifier.countTokens(text("4\n")) == 2)
        #expect(verifier.countTokens(text("4\n", "4"), at: StepPlace(begins: true, ends: true)) == 2 + 2 + 2)
    }

    /// In the middle of a text, SentencePiece's tokenizer puts no space before a step.
    @Test func noSpaceIsPutBeforeTextThatContinuesText() throws {
        var header = TinyModel.Header()
        header.isSentencePiece = true
        let path = TinyModel.write(header)
        defer { unlink(path) }
        let weights = try LlamaWeights(path: path)
        let vocabulary = weights.vocabulary
        let space: [Int32] = [0xE2, 0x96, 0x81]
        #expect(vocabulary.tokens(of: Array("ab".utf8)) == space + [97, 98])
        #expect(vocabulary.tokens(of: Array("ab".utf8), continuing: true) == [97, 98])
        #expect(vocabulary.tokens(of: Array(" a".utf8), continuing: true) == space + [97])
        let tagged = [PromptPart(text: Array("a".utf8)), PromptPart(token: TinyModel.end), PromptPart(text: [98])]
        #expect(vocabulary.tokens(of: tagged, continuing: true) == [97, 256] + space + [98])
        #expect(vocabulary.singleToken("\n") == 10)
        withExtendedLifetime(weights) {}
    }

    @Test func aChildCostsItsOwnTokensOnly() {
        let verifier = TinyModel.verifier()
        let first = run(
            verifier, [ScoreJob(id: 1, prefix: root(verifier), steps: text("first step\n"), isFinished: false)])[1]!
        let before = verifier.statistics.decodedTokens
        let second = run(
            verifier, [ScoreJob(id: 2, prefix: first.prefix, steps: text("and more\n"), isFinished: false)])[2]!
        #expect(verifier.statistics.decodedTokens - before == 9 && second.tokens == 9)
        #expect(verifier.countTokens(text("and more")) == 9)
        #expect(verifier.statistics.redecodedTokens == 0)
    }

    @Test func stepsInCommonAreReadOnce() {
        let verifier = TinyModel.verifier()
        let top = root(verifier)
        let length = verifier.length(of: top)
        let jobs = (0..<40).map {
            ScoreJob(
                id: UInt64($0), prefix: top, steps: text("common\n", "either \($0 % 2)\n", "own \($0 / 4)\n"),
                isFinished: true)
        }
        let done = run(verifier, jobs)
        #expect(Set(done.values.map { $0.values[0] }).count == 1)
        // common; "either " once, then 2 digits and ends; of the thirds below each
        // "own " once and 10 digits and ends, but the first of a pair is read in one go.
        let least = length + 7 + (7 + 2 * 2) + 2 * (4 + 10 * 2)
        #expect(verifier.statistics.decodedTokens >= least)
        // A start may clear what another could have begun with, now and then.
        #expect(verifier.statistics.decodedTokens <= least + 12)
        #expect(verifier.statistics.redecodedTokens == 0)
    }

    @Test(arguments: [2, 5, 256], TinyModel.ReadOut.allCases)
    func companyAndEvictionChangeNothing(sequences: Int, readOut: TinyModel.ReadOut) {
        func values(_ verifier: LlamaVerifier, batch: Int) -> [[Double]] {
            let top = root(verifier)
            let jobs = (0..<30).map {
                ScoreJob(
                    id: UInt64($0), prefix: top,
                    steps: text("step \($0 % 7)\n", String(repeating: "long ", count: $0) + "\n"),
                    isFinished: $0 % 2 == 0)
            }
            var all: [[Double]] = []
            for start in stride(from: 0, to: jobs.count, by: batch) {
                let part = Array(jobs[start..<min(start + batch, jobs.count)])
                let done = run(verifier, part)
                all += part.map { done[$0.id]!.values }
            }
            return all
        }
        #expect(
            values(TinyModel.verifier(sequences: sequences, readOut: readOut), batch: 30)
                == values(TinyModel.verifier(sequences: 2, readOut: readOut), batch: 1))
    }

    /// Tokens are bytes here, so what a root shows can be counted.
    @Test(
        arguments: [
            (LanguageModels.Bundle.Kind.prm, nil, 10, 10), (.prm, "{problem}\n", 5, 5),
            (.prm, "{attempts}{problem}\n", 5, 8),
            (.orm, nil, 10, 7), (.orm, "{problem}\n", 5, 5),
        ] as [(LanguageModels.Bundle.Kind, String?, Int, Int)])
    func earlierAttemptsAreShownWhereTheTemplateHasAPlace(
        kind: LanguageModels.Bundle.Kind, template: String?, plain: Int, revised: Int
    ) throws {
        var bundle = TinyModel.bundle
        bundle.models["judge"] = .init(
            role: "judge", kind: kind, source: .gguf(TinyModel.path), template: template,
            readOut: TokenReadOut(good: TinyModel.good, bad: [TinyModel.bad]))
        let judge = try #require(try BundleModels(bundle, backends: [GGUFBackend()]).makeModels().verifiers["judge"])
        #expect(judge.judgesWholeAnswersOnly == (kind == .orm))
        #expect(try judge.makeRoot(problem: Array("2+2?".utf8), attempts: []).tokens == plain)
        #expect(try judge.makeRoot(problem: Array("2+2?".utf8), attempts: [Array("= 5".utf8)]).tokens == revised)
    }

    @Test func tooLongIsAFailureAndNotACrash() {
        let verifier = TinyModel.verifier()
        let done = run(
            verifier,
            [ScoreJob(id: 1, prefix: root(verifier), steps: [[UInt8](repeating: 65, count: 600)], isFinished: false)])[
                1]!
        #expect(done.failure != nil && done.values.isEmpty)
        verifier.release(done.prefix)
    }

    @Test func releasingEverythingLeavesNothing() {
        let verifier = TinyModel.verifier(sequences: 4)
        for round in 0..<30 {
            let top = root(verifier)
            let done = run(
                verifier,
                (0..<5).map {
                    ScoreJob(
                        id: UInt64($0), prefix: top, steps: text("round \(round)\n", "step \($0)\n"), isFinished: true)
                })
            for completion in done.values { verifier.release(completion.prefix) }
            verifier.release(top)
        }
        #expect(verifier.liveNodes <= 3 * 4)
    }
}
