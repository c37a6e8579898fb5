import Foundation
import Testing

/// The shipped models through the built program: real llama.cpp, real weights.
@Suite struct ReferenceModelTests {
    private func solve(_ arguments: String...) throws -> [String: Any] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Command.program)
        process.arguments = ["solve", "--json", "--example", "42"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func candidates(_ result: [String: Any]) throws -> [String] {
        try #require(result["candidates"] as? [[String: Any]]).map { $0["text"] as? String ?? "" }
    }

    /// What the demo shows: wrong greedily, right with search.
    @Test func greedyIsWrongAndSearchIsRight() throws {
        let greedy = try solve("--strategy", "greedy")
        #expect(greedy["answer"] as? String == "64")
        #expect(try candidates(greedy)[0].hasSuffix("#### 64"))
        #expect(try solve("--strategy", "best-of-n", "--budget", "16")["answer"] as? String == "54")
        #expect(try solve("--strategy", "beam-search", "--budget", "16")["answer"] as? String == "54")
    }

    /// The bundle brings a policy table that fits its weights: trained again, they need a new one.
    @Test func theBundlesOwnPolicyTable() throws {
        let result = try solve("--strategy", "compute-optimal", "--budget", "4")
        #expect(result["answer"] is String && result["error"] == nil)
        #expect((result["params"] as? [String: Any])?["table"] as? String != nil, "the table is the bundle's")
        let cost = try #require(result["cost"] as? [String: Any])
        #expect(cost["generations"] as? Int ?? 5 <= 4)
    }

    /// The same seed gives the same bytes, on one lane or two, and best-of-4 is the
    /// first four of best-of-16.
    @Test func theSameSeedGivesTheSameBytes() throws {
        let sixteen = try candidates(try solve("--strategy", "majority", "--budget", "16", "--seed", "5"))
        #expect(
            try candidates(try solve("--strategy", "majority", "--budget", "16", "--seed", "5", "--lanes", "1"))
                == sixteen)
        let four = try candidates(try solve("--strategy", "majority", "--budget", "4", "--seed", "5"))
        #expect(four.count <= 4 && Set(four).isSubset(of: Set(sixteen)))
        #expect(try candidates(try solve("--strategy", "majority", "--budget", "16", "--seed", "6")) != sixteen)
    }
}
