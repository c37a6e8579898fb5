import CStratagem
import SearchCore

/// What it is given, it reads within its bounds.
let boundsChecks: [Check] = [
    boundsCheck(
        "bounds-host", .host, "reads no field past the end of the host's struct",
        clause: "Read a field only if it lies inside the struct_size of the struct at hand"),
    boundsCheck(
        "bounds-info", .info, "reads no field past the end of stg_create_info",
        clause: "Read a field only if it lies inside the struct_size of the struct at hand"),
    boundsCheck(
        "bounds-problems", .problems, "reads no problem after the last one", clause: "stg_create_info.problem_count"),
    boundsCheck(
        "bounds-params", .params, "reads no parameter value after the last one", clause: "stg_create_info.param_count"),
    boundsCheck(
        "bounds-problem-text", .problemText, "reads no byte after a problem's text",
        clause: "Text: pointer and length, never NUL-terminated"),
    boundsCheck(
        "bounds-tell", .tell, "reads no field past the end of stg_tell",
        clause: "Read a field only if it lies inside the struct_size of the struct at hand"),
    boundsCheck("bounds-told", .told, "reads nothing after the last stg_told", clause: "stg_tell.told_count"),
    boundsCheck(
        "bounds-told-nodes", .toldNodes, "reads no node after the last one in a tell", clause: "stg_told.node_count"),
    boundsCheck(
        "bounds-next", .next, "writes nothing past the end of stg_next",
        clause: "stg_next: The host zeroes it first and sets struct_size"),
    boundsCheck(
        "bounds-node-text", .getterText, "reads no byte after a node's text or answer",
        clause: "Text: pointer and length, never NUL-terminated"),
    Check(
        "larger-structs", .memory, level: 5, proves: "It accepts structs that a later minor version has made longer.",
        clause: "Versions: A minor version may append fields to the end of a struct"
    ) { context throws(CheckStop) in
        try compare(
            context, MemoryRules(grown: [.host, .info, .problems, .tell, .next]),
            "a host of a later minor version, whose structs are longer")
    },
    Check(
        "larger-told", .memory, level: 5, proves: "It steps through a tell by the elements' own size.",
        clause: "Arrays of such structs step by the struct_size of their elements; see stg_told_at"
    ) { context throws(CheckStop) in
        try compare(context, MemoryRules(grown: [.told]), "a later minor version's stg_told, which is longer")
    },
]

/// What it is given, it neither keeps nor writes to.
let lifetimeChecks: [Check] = [
    keptCheck(
        "kept-info", .info, [.info, .problems, .params], "nothing of create's arguments",
        clause: "create: The host pointer and nothing else of the arguments may be kept"),
    keptCheck(
        "kept-problem-text", .problemText, [.problemText], "no pointer to a problem's text",
        clause: "create: The host pointer and nothing else of the arguments may be kept"),
    keptCheck(
        "kept-tell", .tell, [.tell, .told, .toldNodes], "no pointer into a tell",
        clause: "What a call passes in is valid until that call returns"),
    keptCheck(
        "kept-node-text", .getterText, [.getterText], "no pointer to a node's text or answer",
        clause:
            "Every pointer a getter hands out stays valid until the call of the plugin's that it was made from returns"),
    readOnlyCheck("readonly-host", [.host], "the host's table"),
    readOnlyCheck("readonly-info", [.info, .problems, .params, .problemText], "create's arguments"),
    readOnlyCheck("readonly-tell", [.tell, .told, .toldNodes], "a tell"),
    readOnlyCheck("readonly-node-text", [.getterText], "a text that get_node returned"),
    Check(
        "heap-bounds", .memory, level: 6,
        proves: "It uses its own memory within its bounds and its time, and reads nothing there that it never wrote.",
        clause: "step_scores: Writes at most `capacity` of them and sets *count to how many there are"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try PluginHeap.judgeBounds(context, strategy)
        }
    },
    Check(
        "memory-steady", .memory, level: 7, proves: "Fifty searches, again and again, do not leak memory.",
        clause: "destroy: Frees the instance, in any state"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try MemoryGrowth.judge(context, strategy)
        }
    },
    Check(
        "memory-refused", .memory, level: 9,
        proves: "When the machine has no memory left, it returns an error and stops.",
        clause: "STG_OUT_OF_MEMORY",
        ending:
            "many languages' runtimes end the process when there is no memory, and all other searches in it end too. "
            + "Isolated it is alone in its process"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try PluginHeap.judgeRefusals(context, strategy)
        }
    },
]

private func boundsCheck(_ name: String, _ region: Region, _ what: String, clause: String) -> Check {
    Check(name, .memory, level: 5, proves: "It \(what).", clause: clause) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.eachSituation(strategy) { _, scenario in
                _ = context.searchOrRefusal(strategy, scenario, rules: MemoryRules(bounded: [region]))
            }
        }
    }
}

private func keptCheck(_ name: String, _ region: Region, _ regions: Set<Region>, _ what: String, clause: String)
    -> Check
{
    Check(name, .memory, level: 5, proves: "It keeps \(what) after the call.", clause: clause) {
        context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.eachSituation(strategy) { _, scenario in
                _ = context.searchOrRefusal(strategy, scenario, rules: MemoryRules(fleeting: regions))
            }
        }
    }
}

private func readOnlyCheck(_ name: String, _ regions: Set<Region>, _ what: String) -> Check {
    Check(
        name, .memory, level: 5, proves: "It writes nothing into \(what).",
        clause: "What a call passes in is valid until that call returns, and read-only"
    ) { context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.eachSituation(strategy) { _, scenario in
                _ = context.searchOrRefusal(strategy, scenario, rules: MemoryRules(readOnly: regions))
            }
        }
    }
}

/// A search under the rules must come to what it comes to without.
private func compare(_ context: CheckContext, _ rules: MemoryRules, _ situation: String) throws(CheckStop) {
    for strategy in try context.strategies() {
        try context.requireClean(strategy)
        let several = context.standard.with {
            $0.problems = SequenceText.problems(3); $0.limits.generations = 24
        }
        let scenarios = context.situations(strategy).map(\.1) + (strategy.takesBatch ? [several] : [])
        for scenario in scenarios {
            let plain = context.searchOrRefusal(strategy, scenario)
            let record = context.searchOrRefusal(strategy, scenario, rules: rules)
            if record.turns != plain.turns {
                throw context.fail("the same search", "\(record.endingText), and other asks (\(situation))", strategy)
            }
        }
    }
}
