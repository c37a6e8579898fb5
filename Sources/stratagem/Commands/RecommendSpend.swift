import SearchCore
import Studies

/// What `recommend` may spend, and what it says of that.
enum RecommendSpend {
    static func limits(_ text: String) throws(StratagemError) -> Limits {
        let limits: Limits
        do throws(StratagemError) { limits = try Limits(parsing: text) } catch {
            throw StratagemError(error.origin, error.code, "--spend: \(error.message)")
        }
        guard limits.generations == nil else {
            throw StratagemError(
                .user, .badBudget,
                "--spend '\(text)': what a study spends is not counted in generations. Write seconds=S, tokens=T or flops=F, such as seconds=300"
            )
        }
        return limits
    }

    /// What can be known before anything runs.
    static func check(_ spend: Limits, _ field: RaceField, _ design: RaceDesign, _ file: String)
        throws(StratagemError)
    {
        guard design.selection >= RaceDesign.firstRound else {
            throw StratagemError(
                .user, .tooFewProblems,
                "\(file) has \(Readable.count(design.selection, "problem")), and strategies cannot be compared on fewer than \(RaceDesign.firstRound)"
            )
        }
        let runs = field.isVariation.count { !$0 } * RaceDesign.firstRound
        guard (spend.tokens ?? .max) >= runs else {
            throw StratagemError(
                .user, .badBudget,
                "--spend \(spend) is too little: the first round alone has \(runs) runs, each with a token at least. Spend more, or name fewer strategies with --strategy"
            )
        }
    }

    static func announce(_ spend: Limits, _ field: RaceField, _ design: RaceDesign, budget: String, data: String) {
        let variations = field.isVariation.count { $0 }
        let more = variations == 0 ? "" : " (and \(Readable.count(variations, "variation")), if that leaves room)"
        let held = design.heldOut == 0 ? "" : " and \(design.heldOut) held out"
        Output.warning(
            "\(Readable.count(field.names.count - variations, "strategy").replacing("strategys", with: "strategies"))\(more) at budget \(budget) on \(data.split(separator: "/").last ?? ""), \(Readable.count(design.selection, "problem"))\(held); spends \(spend) at most"
        )
    }

    static func line(_ news: RaceRunner.News) -> String {
        let what = news.problems.map { "to \($0) problems" } ?? "held-out problems"
        return
            "\(Progress.bar(news.used, width: 20)) \(what)  \(news.racing) strategies  \(Readable.seconds(news.spent.seconds))  \(Readable.count(news.spent.tokens)) tokens"
    }
}
