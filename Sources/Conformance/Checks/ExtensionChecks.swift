import SearchCore

/// What a host may have besides the header.
let extensionChecks: [Check] = [
    Check(
        "extensions-offered", .lifecycle, level: 6,
        proves:
            "It works with a host that offers extensions, also later ones, and with one that does not; if it uses them, it follows their header.",
        clause:
            "get_extension: An extension's table by its id; stg_confidence.struct_size: set by the plugin before the call"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            let record = try context.search(strategy, context.standard.with { $0.offersExtensions = true })
            try context.judge(record, "extensions-offered", strategy, in: "a host with stratagem.confidence/2")
            switch record.ending {
            case .failed, .endless, .unreadable:
                throw context.fail("a search with extensions ends as well as one without", record.endingText, strategy)
            default: break
            }
            try judgeLaterBits(context, strategy)
        }
    }
]

/// What models tell matters to some choices only.
private func judgeLaterBits(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let offered = context.standard.with { $0.offersExtensions = true }
    for (what, scenario) in [("the defaults", offered)] + context.otherChoices(strategy, from: offered) {
        let plain = context.searchOrRefusal(strategy, scenario)
        let later = context.searchOrRefusal(strategy, scenario.with { $0.host.hasUnknownFlags = true })
        guard let place = firstDifference(plain.turns, later.turns) else { continue }
        throw context.fail(
            "the same asks where of_role sets a bit of a later minor version",
            "turn \(place) differs (with \(what)): are bits compared as a whole?", strategy)
    }
}
