import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("The policy: the same bytes in every company, and every token counted")
struct PolicyTests {
    private func job(_ id: UInt64, _ prefix: PrefixHandle, steps: Int? = nil, most: Int = 40, temperature: Double = 0.9)
        -> SampleJob
    {
        SampleJob(
            id: id, prefix: prefix, until: steps.map(SampleUntil.steps) ?? .end, maxTokens: most,
            temperature: temperature, seed: id &* 77 &+ 5)
    }

    /// What a sample is, apart from whose it is.
    private struct Bytes: Equatable {
        var text: [UInt8], logProbabilities: [Float], stepEnds: [Int], ending: SampleEnding
        init(_ done: SampleCompletion) {
            text = done.text
            logProbabilities = done.tokenLogProbabilities
            stepEnds = done.stepEnds
            ending = done.ending
        }
    }

    /// Each sample by itself, in a fresh model: nothing shared, nothing batched.
    private func alone(_ ids: [UInt64], _ prompt: (UInt64) -> String, most: Int = 40) -> [UInt64: Bytes] {
        Dictionary(
            uniqueKeysWithValues: ids.map { id in
                let model = TinyModel.policy(sequences: 2)
                return (id, Bytes(run(model, [job(id, model.root(prompt(id)), most: most)])[id]!))
            })
    }

    @Test(arguments: [4, 13, 64, 256]) func batchingAndSharingChangeNothing(sequences: Int) {
        let prompt = { (id: UInt64) in
            id % 3 == 0 ? "What is 12 + 30?" : "A longer question, number \(id % 3): how many apples are left of 144?"
        }
        let ids = Array(0..<UInt64(24))
        let expected = alone(ids, prompt)
        let model = TinyModel.policy(sequences: sequences)
        let roots = (0..<3).map { model.root(prompt($0)) }
        let done = run(model, ids.map { job($0, roots[Int($0 % 3)]) })
        for id in ids { #expect(Bytes(done[id]!) == expected[id]) }
    }

    @Test func companyThatComesAndGoesChangesNothing() {
        let ids = Array(0..<UInt64(30))
        let prompt = { (id: UInt64) in "Question \(id / 5)" }
        let expected = alone(ids, prompt, most: 25)
        let model = TinyModel.policy(sequences: 9)
        var done: [SampleCompletion] = []
        for id in ids {
            model.submit(job(id, model.root(prompt(id)), most: 25))
            // Strangers, of which some are cancelled half-way.
            model.submit(job(1000 + id, model.root("stranger \(id)"), most: 11))
            for _ in 0..<Int(id % 4) { model.advance(into: &done) }
            if id % 3 == 0 { model.cancel(job: 1000 + id) }
        }
        while model.hasWork { model.advance(into: &done) }
        #expect(done.count == 60 && Set(done.map(\.id)).count == 60)
        for completion in done where completion.id < 1000 { #expect(Bytes(completion) == expected[completion.id]) }
    }

    @Test func twoThreadsGiveTheBytesOfOne() {
        let one = TinyModel.policy(threads: 1), two = TinyModel.policy(threads: 2)
        // Few: threads that wait for each other are slow where cores are busy.
        let first = run(one, (0..<5).map { job($0, one.root("Five questions"), most: 10) })
        let second = run(two, (0..<5).map { job($0, two.root("Five questions"), most: 10) })
        for id in 0..<UInt64(5) { #expect(Bytes(first[id]!) == Bytes(second[id]!)) }
    }

    /// Steps sampled one by one are the bytes of the same tokens in one go, whether
    /// their prefix is in the cache, was evicted, or is read as a prompt.
    @Test(arguments: [2, 3, 8, 64]) func aTreeOfStepsSurvivesEviction(sequences: Int) {
        func tree(_ model: LlamaPolicy) -> [Bytes] {
            var level = [model.root("Grow a tree:")]
            var all: [Bytes] = []
            var id: UInt64 = 0
            for _ in 0..<4 {
                var jobs: [SampleJob] = []
                for node in level {
                    for _ in 0..<3 {
                        jobs.append(
                            SampleJob(id: id, prefix: node, until: .steps(1), maxTokens: 12, temperature: 2, seed: id))
                        id += 1
                    }
                }
                let done = run(model, jobs)
                all += jobs.map { Bytes(done[$0.id]!) }
                // Continue below truncated nodes as well: text is text.
                level = jobs.prefix(5).map { done[$0.id]!.prefix }
            }
            return all
        }
        #expect(tree(TinyModel.policy(sequences: sequences)) == tree(TinyModel.policy(sequences: 256)))
    }

    @Test func greedyIsTheLoopWrittenOut() throws {
        let model = TinyModel.policy()
        let root = model.root("Written out")
        let done = try #require(run(model, [job(1, root, most: 30, temperature: 0)])[1])
        // The same by hand: one sequence, one token per call.
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 1, threads: 1))
        var tokens = TinyModel.weights.vocabulary.tokens(of: Array("Written out".utf8))
        var text: [UInt8] = []
        var position = 0
        for _ in 0..<30 {
            context.beginBatch()
            for (index, token) in tokens.enumerated() {
                context.add(token, sequence: 0, position: position, owner: index == tokens.count - 1 ? 0 : nil)
                position += 1
            }
            #expect(context.decode() == nil)
            let logits = UnsafeBufferPointer(start: context.logits(context.outputs[0]), count: TinyModel.vocabulary)
            let best = Token(logits.firstIndex(of: logits.max()!)!)
            if TinyModel.weights.vocabulary.isEnd(best) { break }
            text += TinyModel.weights.vocabulary.piece(best)
            tokens = [best]
        }
        #expect(done.text == text)
    }

    // MARK: Accounts

    @Test func aPromptIsReadOnceAndEveryTokenCounted() {
        let model = TinyModel.policy(sequences: 256)
        let root = model.root("How many tokens does this prompt have?")
        let length = model.length(of: root)
        let done = run(model, (0..<100).map { job($0, root, most: 17) })
        #expect(done.values.allSatisfy { $0.tokens <= 17 && $0.tokens == $0.tokenLogProbabilities.count })
        let sampled = done.values.reduce(0) { $0 + $1.tokens }
        // A sample's last token needs no reading; tokens in common are read once.
        #expect(model.statistics.decodedTokens <= length + sampled - 100)
        #expect(model.statistics.redecodedTokens == 0)
        #expect(model.statistics.neededTokens == model.statistics.decodedTokens)
    }

    @Test func distinctTokensAreReadOnce() {
        let model = TinyModel.policy(sequences: 256)
        let root = model.root("Say")
        let done = run(model, (0..<60).map { job($0, root, most: 9, temperature: 0.3) })
        // The least possible: each distinct prefix of a text once, its last token not.
        var distinct: Set<[Float]> = []
        for sample in done.values {
            for length in 1..<max(1, sample.tokenLogProbabilities.count) {
                distinct.insert(Array(sample.tokenLogProbabilities.prefix(length)))
            }
        }
        #expect(model.statistics.decodedTokens == model.length(of: root) + distinct.count)
    }

    @Test func expandingANodeReadsItsLastTokenOnceAndNoMore() throws {
        let model = TinyModel.policy(sequences: 64)
        let root = model.root("Beam:")
        let first = run(model, (0..<8).map { job($0, root, steps: 1, most: 400, temperature: 3) })
        let open = try #require(first.values.first { $0.ending == .step && $0.tokens > 3 })
        let before = model.statistics
        let second = run(model, (100..<110).map { job($0, open.prefix, most: 5, temperature: 3) })
        let sampled = second.values.reduce(0) { $0 + $1.tokens - 1 }
        #expect(model.statistics.decodedTokens - before.decodedTokens <= sampled + 1)
        #expect(model.statistics.redecodedTokens == before.redecodedTokens)
    }

    /// What a search has passed over is evicted before what another is about to continue from,
    /// however long that has waited.
    @Test func whatASearchPassedOverMakesWayFirst() {
        let model = TinyModel.policy(sequences: 16)
        func step(_ from: [PrefixHandle], _ id: inout UInt64, each: Int) -> [PrefixHandle] {
            var jobs: [SampleJob] = []
            for prefix in from {
                for _ in 0..<each {
                    jobs.append(
                        SampleJob(id: id, prefix: prefix, until: .steps(1), maxTokens: 500, temperature: 3, seed: id))
                    id += 1
                }
            }
            let done = run(model, jobs)
            return jobs.compactMap { done[$0.id]!.ending == .step ? done[$0.id]!.prefix : nil }
        }
        var id: UInt64 = 0
        let waiting = step([model.root("It waits")], &id, each: 12).prefix(4)
        var frontier = [model.root("It goes on")]
        for _ in 0..<8 { frontier = Array(step(frontier, &id, each: frontier.count == 1 ? 6 : 3).prefix(2)) }
        #expect(waiting.count == 4 && model.statistics.evictions > 0)
        let before = model.statistics
        _ = run(
            model,
            waiting.map { prefix in
                id += 1
                return job(id, prefix, most: 2)
            })
        #expect(model.statistics.redecodedTokens == before.redecodedTokens)
    }

    @Test func thereIsRoomUntilSearchesFillTheCache() {
        let model = TinyModel.policy(sequences: 16)
        #expect(model.hasRoom)
        let root = model.root("Room")
        for id in 0..<UInt64(64) {
            model.submit(SampleJob(id: id, prefix: root, until: .steps(1), maxTokens: 300, temperature: 3, seed: id))
        }
        #expect(!model.hasRoom)
        var done: [SampleCompletion] = []
        while model.hasWork { model.advance(into: &done) }
        for sample in done { model.release(sample.prefix) }
        #expect(model.hasRoom)
    }

    @Test func capsAreKeptAndTruncatedIsNotFinished() throws {
        let model = TinyModel.policy()
        let root = model.root("Caps")
        let done = run(model, (1...50).map { job($0, root, most: Int($0)) })
        for (id, sample) in done {
            #expect(sample.tokens <= Int(id))
            if sample.ending == .truncated { #expect(sample.tokens == Int(id)) }
        }
        #expect(done[1]!.tokens == 1)
    }

    @Test func theContextIsAHardEnd() throws {
        let model = TinyModel.policy(sequences: 4, contextTokens: 256)
        let root = model.root(String(repeating: "x", count: 250))
        #expect(model.length(of: root) == 250)
        let done = run(model, [job(1, root, most: 100), job(2, root, most: 3)])
        #expect(done[1]!.tokens <= 6 && (done[1]!.tokens == 6) == (done[1]!.ending == .truncated))
        #expect(done[2]!.tokens <= 3)
        let full = run(model, [job(3, model.root(String(repeating: "y", count: 256)))])
        #expect(full[3]!.ending == .truncated && full[3]!.tokens == 0)
        let error = try #require(throws: StratagemError.self) {
            _ = try model.makePrefix(parent: nil, text: [PromptPart(text: [UInt8](repeating: 65, count: 257))])
        }
        #expect(error.origin == .user && error.code == .contextExceeded)
    }

    @Test func stepsEndAtTheDelimiter() {
        let model = TinyModel.policy()
        let done = run(model, (0..<40).map { job($0, model.root("Steps"), steps: 2, most: 300, temperature: 4) })
        for sample in done.values where sample.ending == .step {
            #expect(sample.stepEnds.count == 2 && sample.stepEnds.last == sample.text.count)
            #expect(sample.stepEnds.allSatisfy { sample.text[$0 - 1] == UInt8(ascii: "\n") })
            #expect(sample.text.filter { $0 == UInt8(ascii: "\n") }.count == 2)
        }
        #expect(done.values.contains { $0.ending == .step })
        #expect(done.values.contains { $0.ending == .finished })
    }

    @Test func stopStringsEndAnAnswer() {
        let model = TinyModel.policy(stop: ["e", "zz"])
        let done = run(model, (0..<40).map { job($0, model.root("Stop"), most: 300, temperature: 4) })
        for sample in done.values {
            #expect(!sample.text.contains(UInt8(ascii: "e")))
        }
        #expect(done.values.filter { $0.ending == .finished }.count > 30)
        for sample in done.values where sample.ending == .truncated {
            #expect(sample.tokens == 300)
        }
    }

    @Test func appendedTextIsPartOfThePrefix() throws {
        let model = TinyModel.policy()
        let whole = model.root("One, two")
        let upper = model.root("One,")
        let (lower, tokens) = try model.makePrefix(parent: upper, text: [PromptPart(text: Array(" two".utf8))])
        #expect(tokens == 4 && model.length(of: lower) == model.length(of: whole))
        let a = run(model, [job(1, whole)])[1]!
        let b = run(model, [job(1, lower)])[1]!
        #expect(Bytes(a) == Bytes(b))
    }

    @Test func onlyTemplatesSpellSpecialTokens() throws {
        let model = TinyModel.policy()
        let (_, plain) = try model.makePrefix(parent: nil, text: [PromptPart(text: Array(TinyModel.end.utf8))])
        let (_, special) = try model.makePrefix(parent: nil, text: [PromptPart(template: "a\(TinyModel.end)b")])
        #expect(plain == TinyModel.end.utf8.count && special == 3)
    }

    // MARK: Life

    @Test func cancelledJobsCompleteOnceWithWhatTheyHave() {
        let model = TinyModel.policy(sequences: 8)
        let root = model.root("Cancel")
        for id in 0..<UInt64(12) {
            model.submit(job(id, id < 6 ? root : model.root("Cancel \(id)"), most: 200, temperature: 0.2))
        }
        var done: [SampleCompletion] = []
        for _ in 0..<10 { model.advance(into: &done) }
        for id in 0..<UInt64(12) { model.cancel(job: id) }
        model.cancel(job: 3)
        model.cancel(job: 999)
        while model.hasWork { model.advance(into: &done) }
        #expect(done.count == 12)
        for sample in done where sample.ending == .cancelled { #expect(sample.tokens <= 10) }
        #expect(done.contains { $0.ending == .cancelled && $0.tokens > 0 })
        #expect(done.contains { $0.ending == .cancelled && $0.tokens == 0 })
    }

    @Test func releasingEverythingLeavesNothing() {
        let model = TinyModel.policy(sequences: 8)
        for round in 0..<50 {
            let root = model.root("Round \(round)")
            let done = run(model, (0..<6).map { job($0, root, steps: 1, most: 8, temperature: 3) })
            let next = run(model, done.values.map { job($0.id, $0.prefix, most: 5) })
            for sample in next.values { model.release(sample.prefix) }
            for sample in done.values { model.release(sample.prefix) }
            model.release(root)
        }
        // What the cache still holds, and no more.
        #expect(model.liveNodes <= 3 * 8)
    }
}
