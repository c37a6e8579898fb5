@testable import LlamaBackend
import LanguageModels
import Testing

/// What caches take, and that nothing but speed depends on it.
@Suite struct CacheMemoryTests {
    private static func policy(_ memory: CacheMemory) -> LlamaPolicy {
        LlamaPolicy(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 64, threads: 1, memory: memory),
            contextTokens: 512, rules: .init(steps: .delimiter("\n"), stop: []))
    }

    private struct Bytes: Equatable {
        var text: [UInt8], logProbabilities: [Float]
    }

    /// A tree of steps: four levels, three children each, most of which is passed over.
    private func grow(_ model: LlamaPolicy, from root: String) -> [Bytes] {
        var level = [model.root(root)]
        var all: [Bytes] = []
        var id: UInt64 = 0
        for _ in 0..<4 {
            var jobs: [SampleJob] = []
            for node in level {
                for _ in 0..<3 {
                    jobs.append(
                        SampleJob(id: id, prefix: node, until: .steps(1), maxTokens: 30, temperature: 2, seed: id))
                    id += 1
                }
            }
            let done = run(model, jobs)
            all += jobs.map { Bytes(text: done[$0.id]!.text, logProbabilities: done[$0.id]!.tokenLogProbabilities) }
            level = jobs.prefix(5).map { done[$0.id]!.prefix }
        }
        return all
    }

    /// Down to a limit that not even the sequences at work keep.
    @Test(arguments: [1, 100_000, 400_000]) func aLimitChangesNoByte(_ bytesMax: Int) {
        let free = Self.policy(CacheMemory(bytesMax: .max))
        let memory = CacheMemory(bytesMax: bytesMax)
        let tight = Self.policy(memory)
        for problem in 0..<6 {
            #expect(grow(tight, from: "Problem \(problem)") == grow(free, from: "Problem \(problem)"))
        }
    }

    /// Roles share the limit: what one has passed over is evicted for another.
    @Test func allRolesTogetherKeepTheLimit() throws {
        let memory = CacheMemory(bytesMax: 600_000)
        let unlimited = CacheMemory(bytesMax: .max)
        let limited = [Self.policy(memory), Self.policy(memory), Self.policy(memory)]
        let others = [Self.policy(unlimited), Self.policy(unlimited), Self.policy(unlimited)]
        for problem in 0..<10 {
            for model in limited + others { _ = grow(model, from: "A somewhat longer problem, number \(problem)") }
            // Sequences at work stay, and are looked at after the next decode call.
            let last = limited[problem % 3]
            _ = run(
                last,
                [
                    SampleJob(
                        id: 1000, prefix: last.root("Short"), until: .steps(1), maxTokens: 1, temperature: 0, seed: 0)
                ])
            #expect(memory.bytes <= memory.bytesMax)
        }
        withExtendedLifetime(others) {
            #expect(unlimited.bytes > 2 * memory.bytesMax, "without the limit they take more: \(unlimited.bytes)")
        }
    }

    /// A cache's memory goes back to the system, and the cells can be used again.
    @Test func pagesGoBack() throws {
        let memory = CacheMemory(bytesMax: .max)
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 4, threads: 1, memory: memory))
        func fill() -> [Float] {
            var logits: [Float] = []
            for start in stride(from: 0, to: 480, by: 40) {
                context.beginBatch()
                for position in start..<start + 40 {
                    context.add(
                        Token(position % 250), sequence: 2, position: position, owner: position == 479 ? 0 : nil)
                }
                #expect(context.decode() == nil)
            }
            for output in context.outputs {
                logits += UnsafeBufferPointer(start: context.logits(output), count: TinyModel.vocabulary)
            }
            return logits
        }
        let first = fill()
        let full = context.pages.residentBytes
        #expect(full >= 480 * context.cellBytes && memory.bytes == 480 * context.cellBytes, "\(full)")
        context.trim(2, to: 0)
        context.giveBack(2, from: 0)
        context.returnPages()
        #expect(
            memory.bytes == 0 && context.pages.residentBytes <= full - 400 * context.cellBytes,
            "\(context.pages.residentBytes) of \(full)")
        #expect(fill() == first)
    }

    /// What is about to be copied is not given back before it has been.
    @Test func aSourceIsKeptUntilItIsCopied() throws {
        let context = try LlamaContext(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: 4, threads: 1))
        func next(_ sequence: Int) -> [Float] {
            context.beginBatch()
            context.add(7, sequence: sequence, position: 40, owner: 0)
            #expect(context.decode() == nil)
            return Array(UnsafeBufferPointer(start: context.logits(context.outputs[0]), count: TinyModel.vocabulary))
        }
        context.beginBatch()
        for position in 0..<40 { context.add(Token(position), sequence: 0, position: position, owner: nil) }
        #expect(context.decode() == nil)
        context.copy(0, to: 1, length: 40)
        let copied = next(1)
        context.trim(1, to: 40)
        context.copy(1, to: 2, length: 40)
        context.trim(1, to: 0)
        context.giveBack(1, from: 0)
        context.returnPages()
        #expect(next(2) == copied)
    }
}
