import Engine
import SearchCore
import Studies

/// What `recommend` prints for people.
extension RecommendReport {
    public func text(width: Int = 100) -> String {
        let parts: [[String]] = [
            [table(width)], [frontierLine], setLines, choiceLines, heldOutLines, [commandLines], [moreLines],
            noteLines,
        ]
        return parts.map { part in
            part.map { $0.hasSuffix("\n") ? $0 : Paragraph.lines("", $0, width: width).joined(separator: "\n") + "\n" }
                .joined()
        }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func table(_ width: Int) -> String {
        let knowsFLOPs = order.contains { (race.racers[$0].figures.meanRun?.flops ?? .nan) > 0 }
        var table = TextTable(
            header: [
                "", "strategy @ \(budget)", "n", "accuracy (95 %)", "difference (simult.)",
                knowsFLOPs ? "FLOPs" : "tokens", "",
            ], texts: [1, 6])
        for racer in order {
            let tally = race.racers[racer].figures
            let cost = tally.meanRun ?? Cost()
            table.add([
                recommendation.isOnFrontier[racer] ? "*" : "", name(racer), "\(tally.finished.count)",
                tally.accuracy.map { "\(percent($0)) (\(percent(tally.ci95)))" } ?? "–", beside(racer),
                knowsFLOPs ? Readable.flops(cost.flops) : Readable.count(cost.tokens), word(racer),
            ])
        }
        return table.text(width: width, folding: 1)
    }

    private func percent(_ share: Double) -> String { Readable.fixed(share * 100, 1) }
    private func percent(_ range: ClosedRange<Double>) -> String {
        "\(percent(range.lowerBound))–\(percent(range.upperBound))"
    }
    private func points(_ value: Double) -> String {
        let text = Readable.fixed(abs(value) * 100, 1)
        return text == "0.0" ? text : (value < 0 ? "−" : "+") + text
    }

    private func beside(_ racer: Int) -> String {
        guard racer != recommendation.leader else { return "best" }
        let range = recommendation.interval(racer)
        return
            "\(points(recommendation.difference(racer).difference)) (\(points(range.lowerBound)) … \(points(range.upperBound)))"
    }

    private func word(_ racer: Int) -> String {
        switch standing(racer) {
        case (.recommended, _): "recommended"
        case (.dropped, let problems): "out at \(problems ?? 0)"
        case (.worse, _): "worse"
        case (.setAside, let problems): "aside at \(problems ?? 0)"
        case (.failed, _): "failed"
        case (.member, _), (.notTried, _): ""
        }
    }

    private var frontierLine: String {
        "n: problems; out at n: dropped after so many. * no other strategy that costs as much or less is as accurate, among those with all \(Readable.count(recommendation.problems, "problem")). "
            + "The difference is to the best; its simultaneous interval allows for \(race.design.candidates - 1) comparisons with the best in \(race.design.rounds.count + 1) looks: "
            + "the best strategy is dropped with a probability of at most 5 %."
    }

    /// Their names, but no more than a person reads.
    private func list(_ racers: [Int]) -> String {
        let shown = racers.prefix(Self.namesShown).map(name).joined(separator: ", ")
        return racers.count > Self.namesShown ? "\(shown) and \(racers.count - Self.namesShown) more" : shown
    }

    private static let namesShown = 8

    private var setLines: [String] {
        let others = recommendation.members.filter { $0 != recommendation.leader }
        let best = name(recommendation.leader)
        var lines = [
            others.isEmpty
                ? "\(best) is better than every other strategy that was measured to the end."
                : "Best so far: \(best). These cannot be told from it: \(list(others))."
        ]
        if recommendation.problems < Self.fewProblems {
            lines.append(
                "Only \(Readable.count(recommendation.problems, "problem")) were compared: on so few, chance chooses among strategies that are not far apart. Spend more before you rely on it."
            )
        }
        if !recommendation.setAside.isEmpty {
            lines.append(
                "Set aside, because the money did not reach for all, but not told from the best: \(list(recommendation.setAside))."
            )
        }
        return lines
    }

    /// On fewer the intervals are so wide that the choice is little more than a guess.
    private static let fewProblems = 50

    // MARK: - the choice

    /// The best estimate, the cheapest that is surely near it, and which of the two it is to be.
    private var choiceLines: [String] {
        let leader = recommendation.leader
        guard recommendation.members.count > 1 else { return ["Recommended: \(name(leader))."] }
        let accuracy = race.racers[leader].figures.accuracy.map { "\(percent($0)) %, " } ?? ""
        return [
            "Best estimate: \(name(leader)), \(accuracy)\(cost(leader)); \(below(leader)).", withinLine,
            "Recommended: \(reason)",
        ]
    }

    private var margin: String {
        let points = Readable.fixed(race.design.margin * 100, 1)
        return (points.hasSuffix(".0") ? String(points.dropLast(2)) : points) + " points"
    }
    /// What was set aside may be better still: nobody knows.
    private var best: String { recommendation.setAside.isEmpty ? "the best" : "the best that was measured to the end" }
    private func weight(_ racer: Int) -> Double { race.racers[racer].figures.meanRun?.weight ?? .nan }

    private func cost(_ racer: Int) -> String {
        let cost = race.racers[racer].figures.meanRun ?? Cost()
        return (cost.flops > 0 ? Readable.flops(cost.flops) : "\(Readable.count(cost.tokens)) tokens") + " a problem"
    }

    /// By the simultaneous intervals.
    private func below(_ racer: Int) -> String {
        "surely at most \(percent(recommendation.lossAtMost[racer] ?? 1)) points below \(best)"
    }

    private var withinLine: String {
        let what = "Cheapest that is surely within \(margin) of \(best): "
        if let found = recommendation.cheapestWithin {
            return what + "\(name(found)), \(cost(found)); \(below(found))."
        }
        guard let cheapest = recommendation.members.first, cheapest != recommendation.leader else {
            return what + "none."
        }
        return what + "none. The cheapest of all these is \(name(cheapest)), \(cost(cheapest)); \(below(cheapest))."
    }

    private var reason: String {
        let (chosen, leader) = (recommendation.recommended, recommendation.leader)
        guard chosen == leader else {
            let part = Readable.percent(weight(chosen) / weight(leader))
            return
                "\(name(chosen)), which costs \(part) of what \(name(leader)) does. If you would not give up \(margin) for that, use \(name(leader))."
        }
        let it = "\(name(leader)), the best estimate"
        guard let within = recommendation.cheapestWithin else {
            return recommendation.members.first == leader
                ? "\(it), and the cheapest." : "\(it). Spend more to know whether a cheaper one is as good."
        }
        if within == leader { return "\(it), and the cheapest within \(margin)." }
        return
            "\(it): \(name(within)) costs \(Readable.percent(weight(within) / weight(leader))) of it, and \(Readable.percent(RaceDesign.saving)) at least should be saved."
    }

    private var heldOutLines: [String] {
        let chosen = recommendation.recommended
        guard let held = recommendation.heldOut, let accuracy = held.recommended.accuracy else {
            return [
                "The accuracies in the table are of the problems that the strategies were chosen by, so the best ones' are too high by chance. "
                    + (race.design.heldOut == 0
                        ? "The data have too few problems to hold some out."
                        : "The \(race.design.heldOut) problems that were held out were not reached: spend more for an unbiased estimate.")
            ]
        }
        var line =
            "On \(Readable.count(held.recommended.finished.count, "problem")) held out, by which nothing was chosen (the table's best are too high by chance): \(name(chosen)) \(percent(accuracy)) % (\(percent(held.recommended.ci95)))"
        if chosen != recommendation.leader, let best = held.leader.accuracy {
            let pair = held.recommended.compared(with: held.leader)
            line +=
                ", \(name(recommendation.leader)) \(percent(best)) % (\(percent(held.leader.ci95))), difference \(points(pair.difference)) (\(points(pair.ci95.lowerBound)) … \(points(pair.ci95.upperBound)))"
        }
        return [line + "."]
    }

    private var commandLines: String { "Run it:\n    \(Plain.line(solveCommand, max: .max))\n" }

    private var moreLines: String {
        let open = recommendation.open(pace: pace)
        var lines: [String] = []
        if open.isEmpty { return "Nothing is left to decide.\n" }
        let most = race.design.selection
        let reach = recommendation.reach(seconds: Self.hour, pace: pace)
        if let reach {
            let here = min(reach, most)
            let decided = open.filter { ($0.problems ?? .max) <= here }
            let what =
                decided.isEmpty
                ? "probably none of the open differences"
                : "probably (80 %) the difference to \(list(decided.map(\.racer)))"
            lines.append(
                recommendation.problems >= most
                    ? "Another hour with these data would decide nothing: all \(most) problems for the choice are used."
                    : "Another hour would reach \(here) problems\(reach > most ? ", all of these data" : ""), and decide \(what)."
            )
        }
        let shown = open.prefix(Self.openShown).map { one -> String in
            guard let problems = one.problems else { return "\(name(one.racer)): no difference so far" }
            let seconds = one.seconds.map { ", \(Readable.seconds($0)) more" } ?? ""
            return
                "\(name(one.racer)): \(Readable.count(problems)) problems\(problems > most ? " (the data have \(most))" : seconds)"
        }
        lines.append(
            "A difference from the best like the one seen is decided, with a probability of 80 %, after: \(shown.joined(separator: "; "))\(open.count > shown.count ? "; and \(open.count - shown.count) more (--json)" : "")."
        )
        let text = lines.flatMap { Paragraph.lines("", $0, width: 100) }.joined(separator: "\n") + "\n"
        return recommendation.problems >= most ? text : text + "To go on:\n    \(Plain.line(moreCommand, max: .max))\n"
    }

    private static let openShown = 6

    private var noteLines: [String] {
        var lines: [String] = []
        let untried = race.racers.indices.filter { race.racers[$0].fate == .waiting }.count
        if untried > 0 { lines.append("Not tried: \(Readable.count(untried, "variation")) of parameters.") }
        for racer in race.racers {
            if case .failed(let error) = racer.fate { lines.append("\(racer.name) failed: \(error.message)") }
        }
        let failed = order.reduce(0) { $0 + race.racers[$1].figures.failed }
        if failed > 0 { lines.append("\(Readable.count(failed, "run")) failed and count as wrong.") }
        lines += leftOut.map { "Left out: \($0.strategy). \($0.reason)" }
        lines.append(
            "Spent: \(Readable.seconds(spent.seconds)), \(Readable.count(spent.tokens)) tokens, \(Readable.flops(spent.flops)) of \(spend)."
        )
        if !isComplete { lines.append("Stopped early: these are partial results.") }
        return lines
    }
}
