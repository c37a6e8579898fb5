import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import ScriptedModel

private let tree = """
    problem What is 2 + 2?
      // The most likely way is wrong.
      Add them. | weight 3 value 0.25 name add
        #### 5 | end weight 2 value 0.1
        #### 4 | end value 0.9
        Check it again. | weight 1 value 0.7 goto add
      It is even. | value 0.75
        #### 4 | end value 1
    problem a|b | name other
      x
    revision What is 2 + 2?
      #### 4 | end
    """

private func model(_ source: String = tree, _ change: (inout ScriptedBehavior) -> Void = { _ in }) throws
    -> ScriptedModel
{
    var behavior = ScriptedBehavior()
    change(&behavior)
    return try ScriptedModel(Script(parsing: source), behavior: behavior)
}

private func root(_ model: ScriptedModel, _ problem: String = "What is 2 + 2?") throws -> PrefixHandle {
    try model.makePrefix(parent: nil, text: [PromptPart(text: Array(problem.utf8))]).0
}

private func finish(_ model: ScriptedModel) -> [SampleCompletion] {
    var done: [SampleCompletion] = []
    while model.hasWork { model.advance(into: &done) }
    return done
}

private func sample(
    _ model: ScriptedModel, _ prefix: PrefixHandle, _ until: SampleUntil = .end, max: Int = 100,
    temperature: Double = 0, seed: UInt64 = 0
) -> SampleCompletion {
    model.submit(SampleJob(id: 1, prefix: prefix, until: until, maxTokens: max, temperature: temperature, seed: seed))
    return finish(model)[0]
}

private func text(_ completion: SampleCompletion) -> String { String(decoding: completion.text, as: UTF8.self) }

@Suite struct ScriptText {
    @Test func readsTreesAttributesAndComments() throws {
        let script = try Script(parsing: tree)
        #expect(script.roots.map(\.problem) == ["What is 2 + 2?", "a|b", "What is 2 + 2?"])
        #expect(script.roots.map(\.isRevision) == [false, false, true])
        let add = script.roots[0].children[0]
        #expect(add.text == Array("Add them.\n".utf8) && add.weight == 3 && add.value == 0.25 && add.name == "add")
        #expect(add.children[0].text == Array("#### 5".utf8) && add.children[0].isFinished)
        #expect(add.children[2].goto == "add")
    }

    @Test(arguments: [
        ("  a", "line 1: 2 spaces"), ("problem\n    a", "line 2: 4 spaces"), ("problem\n a", "line 2: 1 spaces"),
        ("tree", "line 1: a tree begins"), ("problem\n  a | b", "line 2: there is no attribute 'b'"),
        ("problem\n  a | weight", "weight needs a value"), ("problem\n  a | weight x", "weight 'x' is not a number"),
        ("problem\n  a | tokens 0", "tokens '0'"),
    ])
    func refusesWithTheLine(_ source: String, _ why: String) {
        let error = #expect(throws: StratagemError.self) { try Script(parsing: source) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("revision\n  a", "it has no 'problem'"), ("problem\n  a | weight 0", "weight '0'"),
        ("problem\n  a | goto b", "goto 'b'"),
        ("problem\n  a | weight nan", "weight 'nan'"), ("problem\n  a | goto a name a\n    b", "that has children"),
    ])
    func refusesTreesThatCannotBeWalked(_ source: String, _ why: String) {
        let error = #expect(throws: StratagemError.self) { try model(source) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }
}

@Suite struct ScriptedSampling {
    @Test func greedyTakesTheHeaviestAndCountsTheEnd() throws {
        let model = try model(tree)
        let done = sample(model, try root(model))
        #expect(text(done) == "Add them.\n#### 5")
        #expect(done.tokens == 2 + 2 + 1 && done.stepEnds == [10, 16] && done.ending == .finished)
        #expect(done.tokenLogProbabilities.count == done.tokens)
        #expect(abs(done.logProbability - log(0.75 * 0.5)) < 1e-6)
    }

    @Test func stopsAfterSteps() throws {
        let model = try model(tree)
        let first = sample(model, try root(model), .steps(1))
        #expect(text(first) == "Add them.\n" && first.ending == .step && first.tokens == 2)
        let both = sample(model, first.prefix, .steps(7))
        #expect(text(both) == "#### 5" && both.ending == .finished)
        #expect(model.length(of: both.prefix) == 5 + 2 + 3)
    }

    /// Cut anywhere and continued, a sample says what it says uncut.
    @Test(arguments: 1...5) func truncatesInsideAStepAndGoesOn(_ limit: Int) throws {
        let model = try model(tree)
        var done = sample(model, try root(model), max: limit)
        #expect(done.tokens == limit)
        #expect(done.ending == (limit == 5 ? .finished : .truncated))
        #expect(done.stepEnds == (limit < 2 ? [] : limit < 4 ? [10] : [10, 16].dropLast(5 - limit)))
        var said = text(done)
        while done.ending == .truncated {
            done = sample(model, done.prefix, max: 1)
            said += text(done)
        }
        #expect(said == "Add them.\n#### 5")
    }

    @Test func drawsFollowTheSeedAndTheWeights() throws {
        let model = try model(tree)
        let prefix = try root(model)
        var heavy = 0
        for seed in 0..<4000 as Range<UInt64> {
            let done = sample(model, prefix, .steps(1), temperature: 1, seed: seed)
            let expected = SampleRandom(seed: seed).uniform(0) * 4 < 3 ? "Add them.\n" : "It is even.\n"
            #expect(text(done) == expected)
            heavy += expected == "Add them.\n" ? 1 : 0
        }
        #expect(abs(heavy - 3000) < 100)
    }

    @Test func temperatureAndCutsBendTheDistribution() throws {
        let places = try Places(Script(parsing: "problem\n  a | weight 4\n  b | weight 2\n  c | weight 1"))
        func drawn(_ uniform: Double, _ temperature: Double, _ topP: Double = 1, _ minP: Double = 0) -> Int {
            places.draw(at: 0, uniform, temperature: temperature, topP: topP, minP: minP)
        }
        // At T = ½ the weights are 16 : 4 : 1, at T = 2 they are 2 : √2 : 1.
        #expect([15.9, 16.1, 19.9, 20.1].map { drawn($0 / 21, 0.5) } == [1, 2, 2, 3])
        #expect([1.99, 2.01, 3.41, 3.42].map { drawn($0 / (3 + 2.0.squareRoot()), 2) } == [1, 2, 2, 3])
        // 4/7 alone reach 0.5; with 2/7 they reach 0.8. A quarter of the heaviest keeps all.
        #expect([0.1, 0.99].map { drawn($0, 1, 0.5) } == [1, 1])
        #expect([0.66, 0.67, 0.999].map { drawn($0, 1, 0.8) } == [1, 2, 2])
        #expect([0.66, 0.67, 0.999].map { drawn($0, 1, 1, 0.3) } == [1, 2, 2])
        #expect(drawn(0.999, 1, 1, 0.25) == 3)
    }

    @Test func roundRobinTakesChildrenInTurn() throws {
        let model = try model(tree) { $0.draws = .roundRobin }
        let prefix = try root(model)
        let said = (0..<4).map { _ in text(sample(model, prefix, temperature: 1)) }
        #expect(said[0] == "Add them.\n#### 5" && said[1] == "It is even.\n#### 4" && said[2] == "Add them.\n#### 4")
        #expect(said[3] == said[1])
        #expect(text(sample(model, try root(model), temperature: 1)) == said[0], "another root has turns of its own")
    }

    @Test func promptsBeyondTheContextAreRefused() throws {
        let model = try model("problem\n  a") { $0.contextTokens = 3 }
        #expect(throws: StratagemError.self) { try root(model, "1 2 3 4") }
        let full = try root(model, "1 2 3")
        #expect(throws: StratagemError.self) { try model.makePrefix(parent: full, text: [PromptPart(template: "4")]) }
        #expect(sample(model, full).ending == .truncated)
    }

    @Test func contextIsALimitToo() throws {
        let model = try model("problem\n  a b | name one\n    c d | goto one") { $0.contextTokens = 9 }
        let done = sample(model, try root(model, "x y"))
        #expect(done.tokens == 7 && done.ending == .truncated && text(done) == "a b\nc d\nc d\nc")
        let nothing = sample(model, done.prefix)
        #expect(nothing.tokens == 0 && nothing.ending == .truncated)
    }

    @Test func appendedTextLeadsToItsChildOrStays() throws {
        let model = try model(tree)
        let start = try root(model)
        let even = try model.makePrefix(parent: start, text: [PromptPart(text: Array("It is even.\n".utf8))])
        #expect(even.tokens == 3 && text(sample(model, even.0)) == "#### 4")
        let wait = try model.makePrefix(parent: start, text: [PromptPart(text: Array("Wait".utf8))])
        #expect(wait.tokens == 1 && text(sample(model, wait.0)) == "Add them.\n#### 5")
    }

    @Test func endsWhereTheTreeEnds() throws {
        let model = try model(tree)
        let x = sample(model, try root(model, "a|b"))
        #expect(text(x) == "x\n" && x.tokens == 2 && x.stepEnds == [2] && x.ending == .finished)
        let nothing = sample(model, x.prefix)
        #expect(nothing.text.isEmpty && nothing.tokens == 1 && nothing.stepEnds == [0] && nothing.ending == .finished)
    }

    @Test func revisionsAndUnknownProblemsFindATree() throws {
        let model = try model(tree)
        let shown = [
            PromptPart(text: Array("What is 2 + 2?".utf8)), PromptPart(template: "again"), PromptPart(text: [65]),
        ]
        #expect(text(sample(model, try model.makePrefix(parent: nil, text: shown).0)) == "#### 4")
        #expect(text(sample(model, try root(model, "What else?"))) == "Add them.\n#### 5")
    }
}

@Suite struct ScriptedOrder {
    let source = "problem\n  one two three four | end"

    private func submit(_ count: Int, to model: ScriptedModel) throws {
        let prefix = try root(model, "")
        for id in 0..<UInt64(count) {
            model.submit(SampleJob(id: id, prefix: prefix, until: .end, maxTokens: 9, temperature: 1, seed: id))
        }
    }

    private func ticks(_ model: ScriptedModel) -> [[UInt64]] {
        var ticks: [[UInt64]] = []
        while model.hasWork {
            var done: [SampleCompletion] = []
            model.advance(into: &done)
            ticks.append(done.map(\.id))
        }
        return ticks
    }

    @Test func everythingAtOnce() throws {
        let model = try model(source)
        try submit(3, to: model)
        #expect(ticks(model) == [[0, 1, 2]])
    }

    @Test func batchesAreCapped() throws {
        let model = try model(source) { $0.batchMax = 2 }
        try submit(5, to: model)
        #expect(ticks(model) == [[0, 1], [2, 3], [4]])
    }

    @Test func delaysAndTokensByAdvance() throws {
        let model = try model(source) {
            $0.delay = 1; $0.tokensPerAdvance = 2; $0.batchMax = 1
        }
        try submit(2, to: model)
        #expect(ticks(model) == [[], [], [], [0], [], [], [], [1]], "5 tokens, 2 an advance, after one of delay")
    }

    @Test func cancelledJobsKeepWhatTheyHave() throws {
        let model = try model(source) { $0.tokensPerAdvance = 2 }
        try submit(2, to: model)
        var done: [SampleCompletion] = []
        model.advance(into: &done)
        model.cancel(job: 1)
        #expect(done.isEmpty)
        model.advance(into: &done)
        #expect(done.count == 1 && done[0].id == 1 && done[0].ending == .cancelled && done[0].tokens == 2)
        #expect(
            done[0].tokenLogProbabilities.count == 2 && done[0].stepEnds.isEmpty && done[0].text.count == 18 * 2 / 5)
        #expect(finish(model).map(\.id) == [0])
    }

    @Test func cancelledBeforeAnythingCostsNothing() throws {
        let model = try model(source)
        try submit(2, to: model)
        model.cancel(job: 0)
        let done = finish(model)
        #expect(done.map(\.ending) == [.cancelled, .finished] && done.map(\.tokens) == [0, 5])
    }

    @Test func shuffledOrderIsSeeded() throws {
        func order(_ seed: UInt64?) throws -> [UInt64] {
            let model = try model(source) { $0.shuffle = seed }
            try submit(20, to: model)
            return ticks(model)[0]
        }
        #expect(try order(1) == order(1) && order(1) != order(2) && order(1) != order(nil))
        #expect(try order(1).sorted() == order(nil))
    }

    @Test func faultsOnDemand() throws {
        let model = try model("problem\n  a b\n    c | model-fails") { $0.failures = [1] }
        let prefix = try root(model, "")
        let inTree = sample(model, prefix)
        #expect(inTree.tokens == 2 && text(inTree) == "a b\n")
        guard case .failed = inTree.ending else { Issue.record("\(inTree.ending)"); return }
        guard case .failed = sample(model, prefix).ending else { Issue.record("job 1 was to fail"); return }
        #expect(sample(model, prefix, .steps(1)).ending == .step)
        model.release(prefix)
        guard case .failed(let why) = sample(model, prefix).ending else { Issue.record("released"); return }
        #expect(why.contains("released"))
    }
}

@Suite struct ScriptedScoring {
    private func score(_ verifier: ScriptedVerifier, _ prefix: PrefixHandle, _ steps: [String]) -> ScoreCompletion {
        verifier.submit(ScoreJob(id: 1, prefix: prefix, steps: steps.map { Array($0.utf8) }, isFinished: false))
        var done: [ScoreCompletion] = []
        while verifier.hasWork { verifier.advance(into: &done) }
        return done[0]
    }

    @Test func valuesComeFromTheTree() throws {
        let verifier = try ScriptedVerifier(Script(parsing: tree))
        let start = try verifier.makeRoot(problem: Array("What is 2 + 2?".utf8), attempts: [])
        #expect(start.tokens == 5)
        let all = score(verifier, start.0, ["Add them.\n", "Check it again.\n", "#### 4"])
        #expect(all.values == [0.25, 0.7, 0.9] && all.tokens == 7 && verifier.length(of: all.prefix) == 12)
        let add = score(verifier, start.0, ["Add them.\n"])
        #expect(score(verifier, add.prefix, ["#### 5"]).values == [0.1])
        #expect(score(verifier, start.0, ["Add"]).values == [0.25])
        #expect(score(verifier, start.0, ["Add", " them.\n", "#### 5"]).values == [0.25, 0.25, 0.1])
        #expect(score(verifier, add.prefix, ["Wait\n", "#### 4"]).values == [0.5, 0.9], "unknown text moves nothing")
        #expect(verifier.countTokens([Array("a b".utf8), Array("c\n".utf8)]) == 3)
    }

    @Test func faultsOnDemand() throws {
        var behavior = ScriptedBehavior()
        behavior.failures = [2]
        let script = try Script(parsing: "problem\n  a | value nan\n  b | value inf\n  c | verifier-fails\n  d")
        let verifier = try ScriptedVerifier(script, behavior: behavior)
        let start = try verifier.makeRoot(problem: [], attempts: []).0
        #expect(score(verifier, start, ["a\n"]).values[0].isNaN)
        #expect(score(verifier, start, ["b\n"]).values == [.infinity])
        #expect(score(verifier, start, ["d\n"]).failure != nil, "number 2")
        #expect(score(verifier, start, ["c\n"]).failure != nil)
        #expect(score(verifier, start, ["d\n"]).failure == nil)
    }
}
