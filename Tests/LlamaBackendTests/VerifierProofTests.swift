import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

private let verifierFolder = ProcessInfo.processInfo.environment["STRATAGEM_VERIFIERS"]

/// Our values beside those of the published code, on the models that `examples/verifiers/prove.py` makes: `make
/// test-verifiers`. Without its folder there is nothing to compare with.
@Suite(.enabled(if: verifierFolder != nil)) struct VerifierProofTests {
    static let names: [String] = {
        guard let folder = verifierFolder, let all = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return []
        }
        return all.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/expected.jsonl") }.sorted()
    }()

    private struct Sample: Decodable {
        var problem: String
        var steps: [String]
        /// Nil if the model does not come to a verdict.
        var values: [Double]?
    }

    @Test(arguments: names) func valuesAreThoseOfThePublishedCode(name: String) throws {
        let folder = try #require(verifierFolder) + "/" + name
        let samples = try String(contentsOfFile: folder + "/expected.jsonl", encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(Sample.self, from: Data($0.utf8)) }
        let bundle = try BundleReader.read(file: folder + "/bundle.toml")
        let models = try BundleModels(bundle, backends: [GGUFBackend()], options: .init(lanes: 1))
        let verifier = try #require(try models.makeModels().verifiers["verifier"])
        for (index, sample) in samples.enumerated() {
            let root = try verifier.makeRoot(problem: Array(sample.problem.utf8), attempts: []).0
            let steps = sample.steps.enumerated().map { place, step in
                Array(step.utf8) + (place == sample.steps.count - 1 ? [] : bundle.steps.delimiter(of: Array(step.utf8)))
            }
            verifier.submit(ScoreJob(id: UInt64(index), prefix: root, steps: steps, isFinished: true))
        }
        var done: [ScoreCompletion] = []
        while verifier.hasWork { verifier.advance(into: &done) }
        #expect(done.count == samples.count && samples.count >= 200)
        var largest = 0.0
        var apart = 0
        for completion in done {
            let sample = samples[Int(completion.id)]
            // A verifier of whole answers gives its value for every step.
            let values = verifier.judgesWholeAnswersOnly ? Array(completion.values.suffix(1)) : completion.values
            guard let expected = sample.values else {
                #expect(
                    values.isEmpty && completion.failure?.contains("no verdict") == true, "\(sample): \(completion)")
                continue
            }
            guard values.count == expected.count else {
                Issue.record("\(values.count) values for \(expected.count) of \(sample): \(completion)")
                continue
            }
            let difference = zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
            largest = max(largest, difference)
            if difference > 1e-3 {
                apart += 1
                if apart <= 3 { Issue.record("\(sample) has \(values)") }
            }
        }
        let values = samples.compactMap(\.values).flatMap { $0 }
        let none = samples.count { $0.values == nil }
        let spread = (values.max() ?? 0) - (values.min() ?? 0)
        #expect(apart == 0 && spread > 0.3)
        print(
            "\(name): \(samples.count) texts (\(none) without a verdict), \(values.count) values from \(values.min() ?? 0) to \(values.max() ?? 0), at most \(largest) apart, \(apart) texts by more than 0.001"
        )
    }
}
