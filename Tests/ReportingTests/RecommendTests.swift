import SearchCore
import Testing
@testable import Reporting
@testable import Studies

/// What `recommend` prints of a race that was made by hand.
@Suite struct RecommendTests {
    /// By hand: `right` of each hundred problems, the others' in the same order, so that pairs overlap.
    private func report(_ given: [(name: String, right: Int, tokens: Int)], upTo reached: Int = 90) throws
        -> RecommendReport
    {
        let problems = 120
        let racers = given.map { name, right, tokens in
            let outcomes = (0..<problems).map { item -> EvalOutcome? in
                guard item < reached else { return nil }
                let isRight = (item * 37) % 100 < right
                return EvalOutcome(
                    answer: isRight ? "1" : "2", isCorrect: isRight,
                    cost: Cost(tokens: tokens, flops: Double(tokens) * 1e6))
            }
            return Racer(
                name: name, strategy: String(name.prefix { $0 != ":" }), isVariation: name.contains(":"),
                tally: EvalTally(outcomes: outcomes, seconds: 0))
        }
        var race = Race(racers, design: RaceDesign(problems: problems, candidates: racers.count))
        for size in race.design.rounds where size <= reached { race.judge(at: size) }
        race.measure(min(reached, race.design.selection))
        let purse = Purse(Limits(seconds: 300))
        purse.pay(Cost(tokens: 12_345, flops: 1e9, seconds: 0))
        return RecommendReport(
            try #require(Recommendation(race)), leftOut: [.init(strategy: "revise", reason: "it needs a reviser")],
            params: racers.map { _ in [:] }, data: "d.jsonl", bundle: "b", budget: "8", seed: 0, purse: purse,
            isComplete: true, solveCommand: "stratagem solve --strategy cheap --budget 8 PROBLEM",
            moreCommand: "stratagem recommend --budget 8")
    }

    private static let field: [(name: String, right: Int, tokens: Int)] = [
        ("dear", 62, 1000), ("cheap", 61, 100), ("bad", 5, 90),
        ("dear:selection=other", 60, 1000),
        ("a-name-that-somebody-has-made-longer-than-any-table-can-be-wide", 60, 1000),
    ]

    @Test func theTextFitsAndIsHonest() throws {
        let text = try report(Self.field).text()
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        for words in [
            "\n*  dear ", "recommended\n", "out at ",
            "Best so far: dear. These cannot be told from it: cheap, a-name-",
            "Recommended: cheap, the cheapest of them: dear costs 10.0 times as much.", "may still be up to ",
            "too high by chance", "\n    stratagem solve --strategy cheap --budget 8 PROBLEM\n",
            "Not tried: 1 variation of parameters.", "Left out: revise. it needs a reviser", "12,345 tokens",
        ] {
            #expect(text.replacing("\n", with: " ").contains(words.replacing("\n", with: " ")), "\(words): \(text)")
        }
    }

    @Test func aGuessIsSaidToBeOne() throws {
        let few = try report(Self.field, upTo: 16).text().replacing("\n", with: " ")
        #expect(few.contains("Only 16 problems were compared: on so few, chance chooses"), "\(few)")
        #expect(try !report(Self.field).text().contains("chance chooses"))
    }

    /// What is decided is not said to be open, and the most accurate needs no second choice.
    @Test func aDecidedRaceSaysSo() throws {
        let text = try report([("good", 90, 100), ("bad", 5, 90)]).text()
        #expect(text.contains("good is better than every other strategy") && text.contains("Recommended: good."))
        #expect(text.contains("Nothing is left to decide."), "\(text)")
    }

    @Test func theJSONHasWhatTheDocumentationSays() throws {
        let json = try report(Self.field).json
        guard case .object(let fields) = json else { return }
        #expect(
            fields.map(\.name) == [
                "data", "bundle", "budget", "seed", "complete", "spend", "spent", "problems", "level", "rounds",
                "candidates", "left_out", "best", "cannot_be_told_apart", "recommended", "more",
            ])
        let line = json.line
        for words in [
            "\"best\":\"dear\",\"cannot_be_told_apart\":[\"cheap\",\"dear\",\"a-name-", "\"standing\":\"not_tried\"",
            "\"standing\":\"dropped\",\"left_at\":16,", "\"held_out\":null",
            "\"compared\":90,\"selection\":90,\"held_out\":30",
        ] {
            #expect(line.contains(words), "\(words): \(line)")
        }
    }
}
