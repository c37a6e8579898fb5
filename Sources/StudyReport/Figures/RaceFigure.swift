import Reporting
import SearchCore
import Studies

/// The picture of a race: accuracy over what a problem costs, with intervals.
public enum RaceFigure {
    /// Strategies with a mark of their own; the others share one.
    private static let named = 11
    private static let inks: [Ink] = [
        .bestOfN, .beam, .lookahead, .majority, .revise, .parallel, .reviseSearch, .predicted, .charged, .ran, .large,
    ]

    public static func make(_ found: Recommendation, budget: String) -> Figure {
        let race = found.race
        struct Point {
            var racer: Int
            var point: Series.Point
        }
        let costsFLOPs = race.racers.contains { ($0.meanCost?.flops ?? 0) > 0 }
        let measured = race.racers.indices.filter {
            race.racers[$0].measured > 0 && (race.racers[$0].figures.meanRun?.weight ?? 0) > 0
        }
        let least = measured.compactMap { race.racers[$0].figures.meanRun?.weight }.min() ?? 1
        let unit = costsFLOPs ? Analysis.unit(least) : (1, "tokens sampled")
        let points = measured.map { racer -> Point in
            let tally = race.racers[racer].figures
            return Point(
                racer: racer,
                point: Series.Point(
                    (tally.meanRun?.weight ?? 0) / unit.0,
                    Estimate(
                        value: tally.accuracy ?? 0, low: tally.ci95.lowerBound, high: tally.ci95.upperBound,
                        problems: tally.finished.count)))
        }
        // Members and those on the frontier first: they are what is chosen from.
        let isOn = found.isOnFrontier, members = Set(found.members)
        func rank(_ one: Point) -> (Int, Double, Int) {
            (
                one.racer == found.recommended ? 0 : members.contains(one.racer) || isOn[one.racer] ? 1 : 2,
                -one.point.y.value, one.racer
            )
        }
        let order = points.sorted { rank($0) < rank($1) }
        let edge = points.filter { isOn[$0.racer] }.map(\.point).sorted { $0.x < $1.x }
        let own = zip(order, inks).map { one, ink in
            Series(race.racers[one.racer].name, ink, .none, [one.point])
        }
        let others = Series("others", .axis, .none, order.dropFirst(named).map(\.point))
        let chosen = race.racers[found.recommended].name
        return Figure(
            id: "recommend", title: "Accuracy over cost at budget \(budget)",
            about:
                "Accuracy over the mean cost of a problem, with 95 % intervals; strategies that were dropped early were measured on fewer problems.",
            panels: [
                Panel(
                    title: "recommended: \(chosen)",
                    series: [Series("frontier", .optimal, .dotted, edge)] + own + [others])
            ],
            x: XAxis(label: "mean cost of a problem (\(unit.1))", scale: .doubling),
            seen: [
                found.recommended == found.leader
                    ? "\(chosen) has the best estimate of \(found.members.count) that cannot be told apart."
                    : "\(chosen) is the cheapest that is surely within \(Readable.fixed(race.design.margin * 100, 1)) points of the best."
            ])
    }
}

extension Gnuplot {
    /// A figure as an SVG file of its own.
    public func file(_ figure: Figure) throws(StratagemError) -> String {
        Drawing(figure, svg: try draw(figure)).file
    }
}
