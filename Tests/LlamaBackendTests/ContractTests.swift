import BackendContract
import LanguageModels
import Testing

@testable import LlamaBackend

@Suite("llama.cpp in this process keeps the contracts")
struct LlamaContractTests {
    /// Bytes are tokens here, and a text of random weights seldom has a newline: a step ends at "e".
    private static let delimiter = "e"

    private func model(_ sequences: Int) -> LlamaPolicy {
        LlamaPolicy(
            weights: TinyModel.weights, options: .init(contextTokens: 512, sequences: sequences, threads: 1),
            contextTokens: 512,
            rules: .init(steps: .delimiter(Self.delimiter), stop: []))
    }

    @Test(arguments: ModelContract.Clause.allCases, [3, 64])
    func theModelKeeps(_ clause: ModelContract.Clause, sequences: Int) throws {
        let contract = ModelContract(
            problems: ["What is 2 + 2?", "Another one, and longer"], stepDelimiter: Self.delimiter
        ) { _ in model(sequences) }
        #expect(try contract.violations(of: clause) == [])
    }

    @Test(arguments: VerifierContract.Clause.allCases, TinyModel.ReadOut.allCases)
    func theVerifierKeeps(_ clause: VerifierContract.Clause, readOut: TinyModel.ReadOut) throws {
        let answers = [["3 + 4 = 7\n", "So 7.\n", "7"], ["3 + 4 = 8\n", "8"], ["7"]]
        let contract = VerifierContract(problem: "3 + 4?", answers: answers) { _ in
            TinyModel.verifier(sequences: 4, readOut: readOut)
        }
        #expect(try contract.violations(of: clause) == [])
    }
}
