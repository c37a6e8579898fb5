import BackendContract
import Foundation
import LanguageModels
import Locking
import SearchCore
import StrategyHost
import Testing

@testable import SearchRuntime

/// A program instead of a verifier: it runs beside the lane, costs no tokens, and may fail or hang.
@Suite struct FunctionVerifiers {
    /// The share of a text that is digits.
    private static func digits(_ problem: [UInt8], _ text: [UInt8]) -> Double {
        text.isEmpty ? 0 : Double(text.filter { (48...57).contains($0) }.count) / Double(text.count)
    }

    private func verifier(
        _ wakes: Wakes, isOutcome: Bool, secondsMost: Double = 30,
        _ call: @escaping @Sendable ([UInt8], [UInt8]) -> Double = FunctionVerifiers.digits
    ) -> FunctionVerifier {
        FunctionVerifier(
            calls: FunctionCalls(name: "digits", secondsMost: secondsMost, wake: { wakes.wake() }, call: call),
            isOutcome: isOutcome)
    }

    @Test(arguments: VerifierContract.Clause.allCases, [false, true])
    func keepsTheContract(_ clause: VerifierContract.Clause, isOutcome: Bool) throws {
        let answers = [["3 + 4 = 7\n", "So 7.\n", "7"], ["3 + 4 = 8\n", "8"], ["7"]]
        let contract = VerifierContract(problem: "3 + 4?", answers: answers) { verifier($0, isOutcome: isOutcome) }
        #expect(try contract.violations(of: clause) == [])
    }

    private func finish(_ verifier: FunctionVerifier, _ wakes: Wakes, _ ids: Range<UInt64>) -> [ScoreCompletion] {
        let (root, tokens) = verifier.makeRoot(problem: Array("p".utf8), attempts: [])
        #expect(tokens == 0 && verifier.countTokens([[1, 2, 3]]) == 0)
        for id in ids {
            verifier.submit(
                ScoreJob(id: id, prefix: root, steps: [[UInt8(48 + id)], Array("x".utf8)], isFinished: true))
        }
        var done: [ScoreCompletion] = []
        while verifier.hasWork {
            if verifier.advance(into: &done) == .waiting { #expect(wakes.wait()) }
        }
        return done.sorted { $0.id < $1.id }
    }

    @Test func callsAreCountedOneAStepOrOneAnAnswer() {
        let wakes = Wakes()
        let (steps, whole) = (
            finish(verifier(wakes, isOutcome: false), wakes, 0..<3),
            finish(verifier(wakes, isOutcome: true), wakes, 0..<3)
        )
        #expect(steps.map(\.calls) == [2, 2, 2] && whole.map(\.calls) == [1, 1, 1])
        #expect(steps.allSatisfy { $0.values == [1, 0.5] } && whole.allSatisfy { $0.values == [0.5, 0.5] })
        #expect((steps + whole).allSatisfy { $0.tokens == 0 && $0.seconds > 0 })
    }

    /// The call for the second answer never comes back: it fails, and the others do not.
    @Test func aCallThatHangsFailsAlone() {
        let wakes = Wakes()
        let release = DispatchSemaphore(value: 0)
        let hanging = verifier(wakes, isOutcome: true, secondsMost: 0.2) { _, text in
            if text.first == 49 { release.wait() }
            return 0.5
        }
        let done = finish(hanging, wakes, 0..<4)
        release.signal()
        #expect(done.count == 4)
        #expect(done.map { $0.failure == nil } == [true, false, true, true], "\(done.map { $0.failure ?? "-" })")
        #expect(done[1].failure?.contains("did not return within 0.2 seconds") == true)
    }
}
