import SearchCore
import Testing
@testable import Reporting
@testable import Studies

/// What `recommend` prints of a race that was made by hand.
@Suite struct RecommendTests {
    /// By hand: `right` of each hundred problems, the others' in the same order, so that pairs overlap.
    private func report(
        _ given: [(name: String, right: Int, tokens: Int)], upTo reached: Int = 90, margin: Double = 0.1
    ) throws -> RecommendReport {
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
        var race = Race(racers, design: RaceDesign(problems: problems, candidates: racers.count, margin: margin))
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
            "Best estimate: dear, 62.2 %, 1.0 GFLOP a problem; surely at most ",
            "Cheapest that is surely within 10 points of the best: cheap, 100 MFLOP a problem; surely at most ",
            "Recommended: cheap, which costs 10.0 % of what dear does. If you would not give up 10 points for that, use dear.",
            "too high by chance", "\n    stratagem solve --strategy cheap --budget 8 PROBLEM\n",
            "Not tried: 1 variation of parameters.", "Left out: revise. it needs a reviser", "12,345 tokens",
        ] {
            #expect(text.replacing("\n", with: " ").contains(words.replacing("\n", with: " ")), "\(words): \(text)")
        }
    }

    /// Both are always there with their numbers, and why it is the one.
    @Test func theChoiceIsExplained() throws {
        func text(_ given: [(name: String, right: Int, tokens: Int)], _ margin: Double) throws -> String {
            try report(given, margin: margin).text().replacing("\n", with: " ")
        }
        let unsure = try text(Self.field, 0.02)
        #expect(
            unsure.contains("Best estimate: dear, 62.2 %")
                && unsure.contains(
                    "Cheapest that is surely within 2 points of the best: none. The cheapest of all these is cheap, 100 MFLOP a problem; surely at most "
                )
                && unsure.contains(
                    "Recommended: dear, the best estimate. Spend more to know whether a cheaper one is as good."),
            "\(unsure)")
        let little = try text([("dear", 62, 1000), ("near", 61, 900), ("bad", 5, 90)], 0.1)
        #expect(
            little.contains("of the best: near, 900 MFLOP a problem; surely at most ")
                && little.contains(
                    "Recommended: dear, the best estimate: near costs 90.0 % of it, and 20.0 % at least should be saved."
                ),
            "\(little)")
        let both = try text([("dear", 61, 1000), ("near", 62, 900), ("bad", 5, 90)], 0.1)
        #expect(both.contains("Recommended: near, the best estimate, and the cheapest within 10 points."), "\(both)")
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
                "data", "bundle", "budget", "seed", "complete", "spend", "spent", "problems", "level", "margin",
                "saving", "rounds", "candidates", "left_out", "best", "cannot_be_told_apart", "cheapest_within_margin",
                "recommended", "more",
            ])
        let line = json.line
        for words in [
            "\"best\":\"dear\",\"cannot_be_told_apart\":[\"cheap\",\"dear\",\"a-name-", "\"standing\":\"not_tried\"",
            "\"standing\":\"dropped\",\"left_at\":16,", "\"held_out\":null",
            "\"margin\":0.1,\"saving\":0.2,", "\"cheapest_within_margin\":\"cheap\",", "\"loss_at_most\":0.",
            "\"loss_at_most\":null", "\"compared\":90,\"selection\":90,\"held_out\":30",
        ] {
            #expect(line.contains(words), "\(words): \(line)")
        }
    }
}
