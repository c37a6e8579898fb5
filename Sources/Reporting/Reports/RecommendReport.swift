import Engine
import SearchCore
import Studies

/// What `recommend` found.
public struct RecommendReport: Sendable {
    public var recommendation: Recommendation
    public var leftOut: [RaceField.LeftOut]
    /// By racer.
    public var params: [[String: ParameterValue]]
    public var data: String
    public var bundle: String
    public var budget: String
    public var seed: UInt64
    public var spend: Limits
    public var spent: Cost
    public var pace: Double?
    /// False after Ctrl-C.
    public var isComplete: Bool
    /// For the shell: a problem with the recommended strategy, and the same race with more to spend.
    public var solveCommand: String
    public var moreCommand: String

    public init(
        _ recommendation: Recommendation, leftOut: [RaceField.LeftOut], params: [[String: ParameterValue]],
        data: String, bundle: String, budget: String, seed: UInt64, purse: Purse, isComplete: Bool,
        solveCommand: String, moreCommand: String
    ) {
        (self.recommendation, self.leftOut, self.params) = (recommendation, leftOut, params)
        (self.data, self.bundle, self.budget, self.seed) = (data, bundle, budget, seed)
        (spend, spent, pace) = (purse.limits, purse.spent, purse.pace)
        self.isComplete = isComplete
        (self.solveCommand, self.moreCommand) = (solveCommand, moreCommand)
    }

    /// What another hour is.
    static let hour = 3600.0

    var race: Race { recommendation.race }
    func name(_ racer: Int) -> String { race.racers[racer].name }

    /// Racers that were measured and did not fail: those on most problems first, of these the most accurate.
    var order: [Int] {
        func accuracy(_ racer: Int) -> Double { race.racers[racer].figures.accuracy ?? 0 }
        func isShown(_ racer: Racer) -> Bool { if case .failed = racer.fate { false } else { racer.measured > 0 } }
        return race.racers.indices.filter { isShown(race.racers[$0]) }.sorted {
            (-race.racers[$0].measured, -accuracy($0), $0) < (-race.racers[$1].measured, -accuracy($1), $1)
        }
    }

    /// As the table and the JSON say what became of a racer.
    enum Standing: String {
        case recommended, member, worse, dropped, setAside = "set_aside", failed, notTried = "not_tried"
    }

    func standing(_ racer: Int) -> (standing: Standing, problems: Int?) {
        switch race.racers[racer].fate {
        case .waiting: return (.notTried, nil)
        case .dropped(let problems): return (.dropped, problems)
        case .setAside(let problems): return (.setAside, problems)
        case .failed: return (.failed, nil)
        case .racing:
            if racer == recommendation.recommended { return (.recommended, nil) }
            return (recommendation.worse.contains(racer) ? .worse : .member, nil)
        }
    }

    // MARK: - JSON

    public var json: JSON {
        [
            "data": .string(data),
            "bundle": .string(bundle),
            "budget": .string(budget),
            "seed": SolveReport.seed(seed),
            "complete": .bool(isComplete),
            "spend": .string("\(spend)"),
            "spent": JSON(spent),
            "problems": [
                "compared": .int(recommendation.problems), "selection": .int(race.design.selection),
                "held_out": .int(race.design.heldOut),
            ],
            "level": .number(race.design.level),
            "margin": .number(race.design.margin),
            "saving": .number(RaceDesign.saving),
            "rounds": .array(race.rounds.map(round)),
            "candidates": .array(race.racers.indices.map(candidate)),
            "left_out": .array(
                leftOut.map { ["strategy": .string($0.strategy), "reason": .string($0.reason)] }),
            "best": .string(name(recommendation.leader)),
            "cannot_be_told_apart": .array(recommendation.members.map { .string(name($0)) }),
            "cheapest_within_margin": JSON(recommendation.cheapestWithin.map(name)),
            "recommended": recommended,
            "more": more,
        ]
    }

    private func round(_ round: Race.Round) -> JSON {
        func names(_ racers: [Int]) -> JSON { .array(racers.map { .string(name($0)) }) }
        return [
            "problems": .int(round.problems), "racing": .int(round.racing.count), "dropped": names(round.dropped),
            "set_aside": names(round.setAside),
        ]
    }

    private func candidate(_ racer: Int) -> JSON {
        let one = race.racers[racer]
        let (standing, problems) = standing(racer)
        let fields: JSON = [
            "name": .string(one.name), "strategy": .string(one.strategy), "params": JSON(params[racer]),
            "variation": .bool(one.isVariation), "standing": .string(standing.rawValue),
            "left_at": problems.map { .int($0) } ?? .null, "problems": .int(one.measured),
        ]
        guard one.measured > 0 else { return fields }
        let (tally, pair) = (one.figures, recommendation.difference(racer))
        return fields.adding([
            .init("correct", .int(tally.correct)), .init("failed", .int(tally.failed)),
            .init("accuracy", JSON(tally.accuracy)), .init("ci95", JSON(tally.ci95)),
            .init("difference", JSON(pair.difference)),
            .init("simultaneous", JSON(recommendation.interval(racer))),
            .init("loss_at_most", JSON(recommendation.lossAtMost[racer])),
            .init("only_this", .int(pair.firstOnly)), .init("only_best", .int(pair.secondOnly)),
            .init("p_value", JSON(pair.secondBetterP)),
            .init("frontier", .bool(recommendation.isOnFrontier[racer])),
            .init("cost", .object(tally.meanCost.map { .init($0.name, JSON($0.value)) })),
        ])
    }

    private var recommended: JSON {
        let fields: JSON = [
            "name": .string(name(recommendation.recommended)), "command": .string(solveCommand),
        ]
        guard let held = recommendation.heldOut else { return fields.adding([.init("held_out", .null)]) }
        let pair = held.recommended.compared(with: held.leader)
        return fields.adding([
            .init(
                "held_out",
                [
                    "problems": .int(held.recommended.finished.count), "correct": .int(held.recommended.correct),
                    "accuracy": JSON(held.recommended.accuracy), "ci95": JSON(held.recommended.ci95),
                    "best_correct": .int(held.leader.correct), "best_accuracy": JSON(held.leader.accuracy),
                    "best_ci95": JSON(held.leader.ci95), "difference": JSON(pair.difference),
                    "difference_ci95": JSON(pair.ci95),
                ])
        ])
    }

    private var more: JSON {
        [
            "command": .string(moreCommand),
            "reach_in_an_hour": recommendation.reach(seconds: Self.hour, pace: pace).map { .int($0) } ?? .null,
            "open": .array(
                recommendation.open(pace: pace).map { one in
                    [
                        "name": .string(name(one.racer)), "problems": one.problems.map { .int($0) } ?? .null,
                        "seconds": JSON(one.seconds),
                    ]
                }),
        ]
    }
}
