import CConformance
import CStratagem
import Locking
import SearchCore

/// What a plugin makes once, when it is first needed, it makes while others need it too. Each copy of the file has a
/// first time of its own.
func judgeFirst(_ context: CheckContext) throws(CheckStop) {
    var views: [PluginView] = []
    for copy in Sandbox.copies { views.append(try CopiedLibrary.view(of: copy)) }
    views.append(try context.view())
    for view in views {
        for strategy in view.strategies where strategy.isUsable && context.settings.refusal(strategy) == nil {
            guard let thread = firstStray(context, strategy) else { continue }
            throw context.fail(
                "the same asks as alone",
                "of four searches that were the first ones of their process number \(thread + 1) asks for something else",
                strategy)
        }
        for function in view.functions {
            guard let hook = text(function.pointee.hook), hooks[hook] == text(function.pointee.signature),
                let input = FunctionCrowd.strayAtFirst(function, FunctionInput.ordinary(hook))
            else { continue }
            throw .finding(
                CheckFinding(
                    expected: "the same result as later",
                    happened: "another for \(input.shown), in calls that were the first ones of their process",
                    subject: text(function.pointee.name)))
        }
    }
}

/// The search, of four at once, that came to something else than alone.
private func firstStray(_ context: CheckContext, _ strategy: StrategyView) -> Int? {
    let scenarios = (0..<4).map { index in context.standard.with { $0.seed &+= UInt64(index) } }
    let raw = UInt(bitPattern: strategy.raw)
    let found = Locked([[Turn]?](repeating: nil, count: scenarios.count))
    kit_meetings(200)
    inParallel(scenarios.count) { index in
        guard let pointer = UnsafePointer<stg_strategy>(bitPattern: raw) else { return }
        let turns = Search.run(StrategyView(raw: pointer), scenarios[index]).turns
        found.withLock { $0[index] = turns }
    }
    kit_meetings(0)
    let together = found.withLock { $0 }
    return scenarios.indices.first { index in
        together[index].map { $0 != context.searchOrRefusal(strategy, scenarios[index]).turns } ?? false
    }
}

/// Many instances, each after its first turn, and one of them to its end.
func judgeMany(_ context: CheckContext, _ strategy: StrategyView) throws(CheckStop) {
    let plain = try context.requireClean(strategy)
    let count = Effort.of(300, briefly: 12)
    var sessions: [PluginSession] = []
    var records: [SearchRecord] = []
    var last = Search.Progress(scenario: context.standard)
    for number in 1...count {
        let session = PluginSession(strategy, world: World(context.standard))
        let status = session.create()
        if status != STG_OK {
            throw context.fail(
                "\(count) instances at the same time", "create of number \(number) returned \(statusName(status))",
                strategy)
        }
        var progress = Search.Progress(scenario: context.standard)
        var record = SearchRecord()
        progress.turn(session, &record)
        sessions.append(session)
        records.append(record)
        last = progress
    }
    if let session = sessions.last { while last.ending == nil { last.turn(session, &records[count - 1]) } }
    for (index, record) in records.enumerated() {
        let wanted = index == count - 1 ? plain.turns : Array(plain.turns.prefix(1))
        if record.turns != wanted {
            throw context.fail(
                "the same asks as alone", "instance \(index + 1) of \(count) asks for something else", strategy)
        }
    }
    for session in sessions { session.destroy() }
}
