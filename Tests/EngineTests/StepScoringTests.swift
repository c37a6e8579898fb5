import Foundation
import SearchCore
import Testing
@testable import Engine

/// Given solutions, scored step by step.
@Suite struct StepScoringTests {
    private static let script = """
        problem P
          Good. | value 0.9
            Bad. | end value 0.2
        problem Q
          Broken. | end value nan
        """

    private func engine(_ script: String) throws -> Engine {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("engine-\(UUID().uuidString).script")
        try Data(script.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var options = EngineOptions()
        options.bundle = file.path
        return try Engine(options)
    }

    @Test func inOrder() async throws {
        let engine = try engine(Self.script)
        let one = GivenSolution(problem: "P", steps: ["Good.", "Bad."]),
            broken = GivenSolution(problem: "Q", steps: ["Broken."])
        let found = try await engine.scoreSteps(of: (0..<100).map { $0 % 2 == 0 ? one : broken })
        #expect(found.count == 100)
        for (place, scored) in found.enumerated() {
            #expect(
                place % 2 == 1
                    ? scored?.failure?.contains("nan") == true && scored?.values == []
                    : scored?.values == [0.9, 0.2] && scored?.failure == nil)
        }
        #expect(try await engine.scoreSteps(of: [one, one], isStopped: { true }) == [nil, nil])
        await #expect(throws: StratagemError.self) { try await engine.scoreSteps(of: [one], role: "judge") }
    }

    /// A search that wrote the same steps gave them the same values, to the bit.
    @Test func valuesAreThoseOfASearch() async throws {
        let engine = try Engine()
        let problem = Problem(
            text:
                "A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?"
        )
        let result = try await engine.solve(problem, limits: Limits(generations: 4))
        let solutions = result.candidates.map { candidate in
            GivenSolution(problem: problem.text, steps: candidate.text.split(separator: "\n").map(String.init))
        }
        let scored = try await engine.scoreSteps(of: solutions)
        #expect(!solutions.isEmpty && solutions.allSatisfy { $0.steps.count > 1 })
        for (candidate, one) in zip(result.candidates, scored) { #expect(one?.values == candidate.stepScores) }
        #expect(scored.allSatisfy { ($0?.cost.verifierTokens ?? 0) > 0 && ($0?.cost.flops ?? 0) > 0 })
    }
}
