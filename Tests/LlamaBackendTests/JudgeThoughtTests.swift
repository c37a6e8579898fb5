import BackendContract
import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("A judge that writes is read where its verdict follows")
struct JudgeThoughtTests {
    private static let problem = Array("How many are 3 and 4?".utf8)
    private static let ask = " Right? "
    private static let verdict = "; so "

    /// Bytes are tokens here, and the weights are random: a thought ends at a letter that they come to.
    private static let ends = "abcdefghijklmnopqrstuvwxyz0123456789 "
    private static func list(_ ends: String) -> String { "[\(ends.map { "\"\($0)\"" }.joined(separator: ", "))]" }

    private static func bundle(
        _ keys: String = "", kind: String = "prm", think: Int = 64, until: String = list(ends),
        verdict: String = verdict
    ) throws -> LanguageModels.Bundle {
        try BundleReader.parse(
            TinyModel.judging(
                """
                read_out = "judge"
                ask = "\(ask)"
                think = \(think)
                until = \(until)
                verdict = "\(verdict)"
                yes = ["y", "Y", "Yes"]
                no = ["n"]
                \(keys)
                """, kind: kind), file: "tiny.toml")
    }

    private static func judge(_ bundle: LanguageModels.Bundle, sequences: Int = 64) throws -> LlamaJudge {
        let models = try BundleModels(
            bundle, backends: [GGUFBackend(sequences: sequences)], options: .init(lanes: 1))
        return try #require(try models.makeModels().verifiers["judge"] as? LlamaJudge)
    }

    private func score(_ judge: LlamaJudge, _ steps: [String], isFinished: Bool = true) throws -> ScoreCompletion {
        let root = try judge.makeRoot(problem: Self.problem, attempts: []).0
        judge.submit(
            ScoreJob(id: 1, prefix: root, steps: steps.map { Array($0.utf8) }, isFinished: isFinished))
        return try #require(finish(judge).first)
    }

    private func finish(_ judge: LlamaJudge) -> [ScoreCompletion] {
        var done: [ScoreCompletion] = []
        while judge.hasWork { judge.advance(into: &done) }
        return done
    }

    /// llama.cpp alone, token by token.
    private struct Hand {
        let context: LlamaContext
        var length = 0

        init() throws {
            context = try LlamaContext(
                weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 1, threads: 1))
        }

        /// The logits behind these tokens.
        mutating func read(_ tokens: [Token]) -> [Float] {
            var row: [Float] = []
            for token in tokens {
                context.beginBatch()
                context.add(token, sequence: 0, position: length, owner: 0)
                #expect(context.decode() == nil)
                row = Array(
                    UnsafeBufferPointer(start: context.logits(context.outputs[0]), count: TinyModel.vocabulary))
                length += 1
            }
            return row
        }

        /// The likeliest tokens up to the first end, without it; nil if there is none among so many.
        mutating func think(_ row: [Float], most: Int) -> [Token]? {
            var (row, thought) = (row, [Token]())
            for _ in 0..<most {
                let token = Token(row.indices.max { row[$0] < row[$1] } ?? 0)
                if TinyModel.weights.vocabulary.isEnd(token)
                    || JudgeThoughtTests.ends.utf8.contains(where: { Token($0) == token })
                {
                    return thought
                }
                thought.append(token)
                row = read([token])
            }
            return nil
        }

        mutating func trim(_ count: Int) {
            length -= count
            context.trim(0, to: length)
        }
    }

    private func bytes(_ text: String) -> [Token] { text.utf8.map { Token($0) } }

    private func share(_ row: [Float]) -> Double {
        let (yes, no) = (["y", "Y"].map { bytes($0)[0] }, bytes("n")[0])
        func p(_ token: Token) -> Double { Foundation.exp(Double(row[Int(token)])) }
        let good = yes.reduce(0) { $0 + p($1) }
        return good / (good + p(no))
    }

    /// The values of these steps, and the tokens that they cost, worked out by hand. Question and thought do not stay.
    private func byHand(_ steps: [String], most: Int = 64) throws -> (values: [Double], tokens: Int) {
        var hand = try Hand()
        _ = hand.read(Self.problem.map { Token($0) } + [10])
        var (values, tokens) = ([Double](), 0)
        var lengths: [Int] = []
        for step in steps {
            let text = step.hasSuffix("\n") ? String(step.dropLast()) : step
            let begun = hand.length
            let row = hand.read(bytes(text + Self.ask))
            let written = hand.think(row, most: most)
            let thought = try #require(written, "the weights do not come to an end: \(step)")
            values.append(share(hand.read(bytes(Self.verdict))))
            // The delimiter too, and the token that ended the thought.
            tokens += hand.length - begun + 2
            hand.trim(hand.length - begun)
            _ = hand.read(bytes(text + "\n"))
            lengths.append(thought.count)
        }
        #expect(Set(lengths).count > 1 && lengths.allSatisfy { $0 < most } || steps.count == 1, "\(lengths)")
        return (values, tokens)
    }

    @Test func theValueIsReadBehindTheThoughtAndTheVerdictsText() throws {
        let steps = ["3 + 4 = 7\n", "So 7.\n", "7"]
        let done = try score(try Self.judge(try Self.bundle()), steps)
        let (values, tokens) = try byHand(steps)
        #expect(done.failure == nil && done.values.count == 3)
        #expect(zip(done.values, values).allSatisfy { abs($0 - $1) < 1e-9 }, "\(done.values) \(values)")
        #expect(done.tokens == tokens)
        #expect(Set(values).count == 3)
    }

    /// A judge of whole answers thinks once, and its verdict is that of every step.
    @Test func aWholeAnswerIsJudgedOnce() throws {
        let done = try score(try Self.judge(try Self.bundle(kind: "orm")), ["3 + 4 = 7\n", "So 7.\n", "7"])
        let (values, _) = try byHand(["3 + 4 = 7\nSo 7.\n7"])
        #expect(done.values.count == 3 && done.values.allSatisfy { abs($0 - values[0]) < 1e-9 })
    }

    /// GenPRM's way: thoughts and verdicts stay in the conversation, and steps are numbered.
    @Test func theConversationStays() throws {
        let keys = "next = \"! Next: \""
        var bundle = try Self.bundle(keys)
        let plain = try #require(bundle.models["judge"]?.readOut as? JudgeReadOut)
        bundle.models["judge"]?.readOut = plain.asking(" Right {number}? ")
        let judge = try Self.judge(bundle)
        let done = try score(judge, ["3 + 4 = 7\n", "7"])
        var hand = try Hand()
        _ = hand.read(Self.problem.map { Token($0) } + [10])
        var values: [Double] = []
        let begun = hand.length
        for (number, step) in ["3 + 4 = 7", "7"].enumerated() {
            let row = hand.read(bytes(step + " Right \(number + 1)? "))
            let written = hand.think(row, most: 64)
            #expect(written != nil)
            let verdict = hand.read(bytes(Self.verdict))
            values.append(share(verdict))
            let word = ["y", "Y", "n"].map { bytes($0)[0] }.max { verdict[Int($0)] < verdict[Int($1)] }
            _ = hand.read([try #require(word)] + bytes("! Next: "))
        }
        #expect(zip(done.values, values).allSatisfy { abs($0 - $1) < 1e-9 }, "\(done.values) \(values)")
        #expect(done.values.count == 2 && done.tokens == hand.length - begun + 2)
        #expect(judge.length(of: done.prefix) == hand.length)
    }

    @Test func aThoughtWithoutAnEndIsAFailureThatCosts() throws {
        let judge = try Self.judge(try Self.bundle(think: 20, until: "[\"never to be found\"]"))
        let done = try score(judge, ["3 + 4 = 7\n", "7"])
        #expect(done.values.isEmpty && !done.wasCancelled)
        #expect(
            done.failure
                == "the judge wrote 20 tokens and did not come to 'never to be found', so there is no verdict. Raise think, or name the text at which its thoughts end (until)"
        )
        // The first step, the question and the thought.
        #expect(done.tokens == 10 + 8 + 20)
        // Prompt, step and question leave room for some thirty tokens.
        let full = try score(
            try Self.judge(try Self.bundle(think: 500, until: "[\"never to be found\"]")),
            [String(repeating: "a", count: 450) + "\n"])
        #expect(full.failure?.hasPrefix("the context was full after ") == true, "\(full)")
    }

    @Test func aTextThatDoesNotFitIsAFailureAndNotACrash() throws {
        let done = try score(try Self.judge(try Self.bundle()), [String(repeating: "a", count: 600)])
        #expect(done.values.isEmpty && done.failure?.contains("do not fit") == true)
    }

    /// What is charged is what is computed: a thought is read once, and the verdict behind it.
    @Test func theCostIsThatOfTheWork() throws {
        let judge = try Self.judge(try Self.bundle())
        let step = "3 + 4 = 7\n"
        let root = try judge.makeRoot(problem: Self.problem, attempts: []).0
        let start = judge.length(of: root)
        let most = judge.countTokens([Array(step.utf8)], at: StepPlace(begins: true))
        judge.submit(ScoreJob(id: 1, prefix: root, steps: [Array(step.utf8)], isFinished: false))
        let done = try #require(finish(judge).first)
        let shape = TinyModel.weights.shape
        let prompt = shape.flops(reading: start, from: 0, outputs: 0)
        // The step's own delimiter is read with the next step.
        let delimiter = shape.flops(reading: 1, from: start + 9, outputs: 0)
        let flops = try #require(done.flops)
        #expect(done.failure == nil)
        #expect(abs((prompt + flops - delimiter) / judge.statistics.flops - 1) < 1e-9)
        #expect(judge.statistics.redecodedTokens == 0)
        #expect(done.tokens <= most)
        #expect(flops <= shape.flops(reading: most, from: start, outputs: judge.outputs(tokens: most, steps: 1)))
    }

    /// The seed is a hash of the role and the text: nothing else changes a thought.
    @Test func aThoughtIsDrawnFromTheRoleAndTheText() throws {
        let steps = ["3 + 4 = 7\n", "So 7.\n", "7"]
        let warm = try Self.bundle("temperature = 1.0", think: 400)
        let (one, other) = (try score(try Self.judge(warm), steps), try score(try Self.judge(warm), steps))
        #expect(one.values == other.values && one.values.count == 3, "\(one)")
        let greedy = try score(try Self.judge(try Self.bundle(think: 400)), steps)
        #expect(greedy.values != one.values)
        var bundle = warm
        bundle.models["second"] = bundle.models["judge"]
        bundle.models["second"]?.role = "second"
        let models = try BundleModels(bundle, backends: [GGUFBackend()], options: .init(lanes: 1))
        let second = try #require(try models.makeModels().verifiers["second"] as? LlamaJudge)
        #expect(try score(second, steps).values != one.values)
    }

    @Test(arguments: VerifierContract.Clause.allCases, ["", "next = \"! Next: \"", "temperature = 0.7"])
    func theJudgeKeeps(_ clause: VerifierContract.Clause, keys: String) throws {
        let bundle = try Self.bundle(keys, think: 100, until: Self.list(Self.ends))
        let answers = [["3 + 4 = 7\n", "So 7.\n", "7"], ["3 + 4 = 8\n", "8"], ["7"]]
        let contract = VerifierContract(problem: "3 + 4?", answers: answers, countsAhead: false) { _ in
            try Self.judge(bundle)
        }
        let broken = try contract.violations(of: clause)
        #expect(broken == [], "\(broken)")
    }

    @Test func releasingEverythingLeavesNothing() throws {
        let judge = try Self.judge(try Self.bundle(), sequences: 4)
        for round in 0..<20 {
            let root = try judge.makeRoot(problem: Array("Round \(round)?".utf8), attempts: []).0
            for id in 0..<5 {
                judge.submit(
                    ScoreJob(
                        id: UInt64(id), prefix: root, steps: [Array("step \(id)\n".utf8), Array("7".utf8)],
                        isFinished: true))
            }
            if round % 3 == 1 { judge.cancel(job: 2) }
            for done in finish(judge) where done.failure == nil { judge.release(done.prefix) }
            judge.release(root)
        }
        // What is left is in the cache: a path has at most eight nodes.
        #expect(judge.liveNodes <= 4 * 8, "\(judge.liveNodes)")
    }

    // MARK: Keys

    private func refusal(_ keys: String, think: String = "think = 20\nverdict = \"so\"") -> String {
        do {
            let text = TinyModel.judging("read_out = \"judge\"\n\(think)\n\(keys)")
            _ = try Self.judge(try BundleReader.parse(text, file: "tiny.toml"))
            return "opened"
        } catch { return "\(error)" }
    }

    @Test func keysThatCannotWorkAreRefused() {
        let words = "yes = \"y\"\nno = \"n\""
        #expect(refusal(words) == "opened")
        let cases: [(keys: String, think: String, words: [String])] = [
            (words, "verdict = \"so\"", ["verdict", "think = 1024"]),
            (words, "next = \"so\"", ["next", "think = 1024"]),
            (words, "temperature = 1", ["temperature", "think = 1024"]),
            (words, "think = 20", ["verdict is missing"]),
            (words, "think = 0\nverdict = \"so\"", ["think", "from 1"]),
            (words, "think = 20\nverdict = \" \\n\"", ["verdict", "no word"]),
            (words + "\nuntil = []", "think = 20\nverdict = \"so\"", ["until", "empty"]),
            (words + "\ntemperature = -1", "think = 20\nverdict = \"so\"", ["temperature", "from 0"]),
            (words + "\ngood = \"+\"", "think = 20\nverdict = \"so\"", ["good", "not a key"]),
            ("", "think = 20\nverdict = \"so\"", ["judge.yes", "none of which is one token of", TinyModel.path]),
            (words, "", ["on a server", "read_out = \"token\"", "think = 1024"]),
        ]
        for (keys, think, words) in cases {
            let text = refusal(keys, think: think)
            for word in words { #expect(text.contains(word), "\(think) \(keys): \(text)") }
        }
    }

    /// Without a text of its own, a thought ends where the model writes the verdict's.
    @Test func aThoughtEndsAtTheVerdictsText() throws {
        var keys = try Self.bundle(until: "[\"e\"]", verdict: "\\n Is it?")
        #expect((keys.models["judge"]?.readOut as? JudgeReadOut)?.thought?.until == ["e"])
        let text = """
            name = "tiny"
            context = 512
            [template]
            problem = "{problem}"
            [models.policy]
            gguf = "p.gguf"
            [models.judge]
            gguf = "p.gguf"
            kind = "orm"
            template = "{problem}"
            read_out = "judge"
            think = 9
            verdict = "\\n Is it?"
            """
        keys = try BundleReader.parse(text, file: "t.toml", checkingFiles: false)
        let judge = try #require(keys.models["judge"]?.readOut as? JudgeReadOut)
        #expect(judge.thought == JudgeThought(tokens: 9, until: ["Is it?"], verdict: "\n Is it?"))
        #expect(judge.settings.suffix(6) == ["think", "9", "\n Is it?", "1", "Is it?", "0.0"])
    }
}

extension JudgeReadOut {
    /// The same with another question.
    fileprivate func asking(_ ask: String) -> JudgeReadOut {
        JudgeReadOut(ask: ask, yes: yes, no: no, thought: thought)
    }
}
