import CStratagem
import Foundation
import Testing

/// `stratagem_vote.h` of the C kit ranks as StrategyKit does: the kit's strategy, compiled
/// with each way to vote, against best-of-n.
@Suite struct CVoteTests {
    private static let sources =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Sources"

    private func compiled(_ by: String) throws -> PluginImage {
        let folder = NSTemporaryDirectory() + "vote-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = try String(contentsOfFile: Self.sources + "/Scaffold/Resources/c/my_search.c", encoding: .utf8)
        try #require(text.contains("STG_VOTE_SUM"))
        try text.replacing("STG_VOTE_SUM", with: by).write(
            toFile: folder + "/vote.c", atomically: true, encoding: .utf8)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC", "-fvisibility=hidden",
            "-I\(Self.sources)/CStratagem/include", "-I\(Self.sources)/Scaffold/Resources/c", "\(folder)/vote.c", "-o",
            "\(folder)/vote.so",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try PluginImage(path: folder + "/vote.so")
    }

    /// Seven: 0.9 and 0.2; eight: 0.5 and 0.3; nine without a score; one without an answer.
    static let tree = Tree(
        options: [
            "": ["a", "b", "c", "d", "e", "f", "g"], "a": ["=7"], "b": ["=8"], "c": ["=8"], "d": ["=9"], "e": ["="],
            "f": ["=7"], "g": ["~"],
        ],
        scores: ["a=7": 0.9, "b=8": 0.5, "c=8": 0.3, "d=9": .nan, "f=7": 0.2])

    @Test(arguments: [
        (
            "STG_VOTE_SUM",
            ["answer a=7 0.9", "answer f=7 0.2", "answer b=8 0.5", "answer c=8 0.3", "answer d=9 0", "answer e= 0"]
        ),
        (
            "STG_VOTE_BEST",
            ["answer a=7 0.9", "answer f=7 0", "answer b=8 0.5", "answer c=8 0", "answer d=9 0", "answer e= 0"]
        ),
        (
            "STG_VOTE_COUNT",
            ["answer a=7 1", "answer f=7 1", "answer b=8 1", "answer c=8 1", "answer d=9 1", "answer e= 0"]
        ),
    ])
    func byHand(_ by: String, _ ranking: [String]) throws {
        let log = try Run(compiled(by).strategy, FakeHost(Self.tree, generations: 7))()
        #expect(log.filter { $0.hasPrefix("answer") } == ranking)
    }

    /// Trees by chance: few answers, so that many agree; scores that tie, that are none, that are missing.
    @Test(arguments: [("STG_VOTE_SUM", "weighted"), ("STG_VOTE_BEST", "naive"), ("STG_VOTE_COUNT", "majority")])
    func asStrategyKitDoes(_ by: String, _ selection: String) throws {
        let image = try compiled(by)
        var bits: UInt64 = 5
        func random(_ bound: UInt64) -> UInt64 {
            bits = bits &* 6364136223846793005 &+ 1442695040888963407
            return (bits >> 33) % bound
        }
        for round in 0..<200 {
            var tree = Tree(options: ["": []])
            for index in 0..<(1 + random(40)) {
                let step = String(UnicodeScalar(UInt8(65 + index)))
                let end = random(8) == 0 ? "=" : random(12) == 0 ? "~" : "=\(random(5))"
                tree.options[""]?.append(step)
                tree.options[step] = [end]
                // Rounds in which nothing is scored at all, too.
                tree.scores[step + end] = round % 9 == 0 || random(6) == 0 ? -1 : Double(random(4)) / 4
            }
            let count = UInt64(tree.options[""]?.count ?? 1)
            let mine = try Run(image.strategy, FakeHost(tree, generations: count))()
            // The count alone asks for no scores, which settle the order inside an answer here.
            let theirs = try Run("best-of-n", FakeHost(tree, generations: count), ["selection": .text(selection)])()
            let answers = { (log: [String]) in log.filter { $0.hasPrefix("answer") } }
            if selection == "majority" {
                let shown = { (log: [String]) in
                    answers(log).map { $0.split(separator: "=", omittingEmptySubsequences: false).last ?? "" }
                }
                #expect(shown(mine) == shown(theirs))
            } else {
                #expect(answers(mine) == answers(theirs))
            }
        }
    }
}
