import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("Stop strings count wherever they lie in an answer")
struct StopTests {
    private func job(
        _ prefix: PrefixHandle, _ until: SampleUntil, most: Int = 60, temperature: Double = 0, seed: UInt64 = 1
    ) -> SampleJob {
        SampleJob(id: 0, prefix: prefix, until: until, maxTokens: most, temperature: temperature, seed: seed)
    }

    /// A step at a time, as a beam goes.
    private func byStep(_ model: LlamaPolicy, _ prompt: String, most: Int) -> (
        text: [UInt8], tokens: Int, ending: SampleEnding
    ) {
        var (text, tokens, node): ([UInt8], Int, PrefixHandle) = ([], 0, model.root(prompt))
        while true {
            let done = run(model, [job(node, .steps(1), most: most - tokens)])[0]!
            text += done.text
            tokens += done.tokens
            node = done.prefix
            if done.ending != .step || tokens >= most { return (text, tokens, done.ending) }
        }
    }

    @Test(arguments: ["Five apples", "What is 12 + 30?", "Why"]) func aStopThatStraddlesAStepsEnd(prompt: String) throws
    {
        let plain = TinyModel.policy()
        let free = run(plain, [job(plain.root(prompt), .end)])[0]!.text
        // A delimiter in the middle of the stop string, at the first place where the random bytes are text.
        let place = try #require(
            (4..<max(5, free.count - 2)).first { at in free[at - 1...at + 1].allSatisfy { $0 < 0x80 } },
            "take another prompt")
        let delimiter = String(decoding: free[place...place], as: UTF8.self)
        let stop = String(decoding: free[place - 1...place + 1], as: UTF8.self)
        let whole = TinyModel.policy(stop: [stop], steps: .delimiter(delimiter))
        let expected = run(whole, [job(whole.root(prompt), .end)])[0]!
        #expect(expected.ending == .finished && expected.tokens <= place + 2)
        let found = byStep(TinyModel.policy(stop: [stop], steps: .delimiter(delimiter)), prompt, most: 60)
        #expect(found.ending == .finished && found.tokens == expected.tokens)
        #expect(found.text.starts(with: expected.text) && found.text.count - expected.text.count < stop.utf8.count)
    }

    /// A control token has no text, and ends an answer where the bundle names it as a stop string.
    @Test func aControlTokenAsStopString() {
        var ended = 0
        for seed in 0..<150 {
            let plain = TinyModel.policy(), stopping = TinyModel.policy(stop: [TinyModel.good])
            let free = run(plain, [job(plain.root("x"), .end, temperature: 50, seed: UInt64(seed))])[0]!
            let done = run(stopping, [job(stopping.root("x"), .end, temperature: 50, seed: UInt64(seed))])[0]!
            #expect(free.text.starts(with: done.text))
            guard done.tokens < free.tokens else { continue }
            ended += 1
            #expect(
                done.ending == .finished
                    && done.tokenLogProbabilities == Array(free.tokenLogProbabilities.prefix(done.tokens)))
        }
        #expect(ended > 5)
    }
}
