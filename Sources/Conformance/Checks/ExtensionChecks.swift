import SearchCore

/// What a host may have besides the header.
let extensionChecks: [Check] = [
    Check(
        "extensions-offered", .lifecycle, level: 6,
        proves:
            "It works with a host that offers extensions and with one that does not; if it uses them, it follows their header.",
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
        }
    }
]
