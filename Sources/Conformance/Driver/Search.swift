import SearchCore

/// Runs whole searches: turn after turn until the strategy is done, fails, or
/// shows that it will never end.
enum Search {
    static let roundsMax = 600
    static let emptyRoundsMax = 100

    /// - Parameters:
    ///   - destroysAlways: also after failures and faults: else that is left to the
    ///     check whose subject it is.
    ///   - beforeRound: called before each turn; may act on the session, or give
    ///     another one that continues in its place.
    static func run(
        _ strategy: StrategyView, _ scenario: Scenario, rules: MemoryRules = .plain, destroysAlways: Bool = false,
        call: (((() -> Void)) -> Void)? = nil,
        beforeRound: ((Int, PluginSession) -> PluginSession?)? = nil
    ) -> SearchRecord {
        TraceExport.begin(strategy, scenario)
        var session = PluginSession(strategy, world: World(scenario), rules: rules)
        if let call { session.call = call }
        var record = SearchRecord()
        record.limits = scenario.limits
        let status = session.create()
        guard status == 0 else {
            record.ending = .refused(status, reason: session.host.lastError)
            record.violations = session.allViolations
            return record
        }
        var progress = Progress(scenario: scenario)
        while progress.ending == nil {
            if let other = beforeRound?(progress.round, session) { session = other }
            progress.turn(session, &record)
        }
        record.ending = progress.ending ?? .unreadable
        switch record.ending {
        case .done where scenario.faults.isEmpty, .done where destroysAlways, .failed where destroysAlways:
            session.destroy()
        default: session.abandon()
        }
        record.violations = session.allViolations
        record.slowestNextSeconds = session.slowestNextSeconds
        record.waits = session.waits
        record.hostCalls = session.host.calls
        noteFinished(session.world, &record)
        return record
    }

    static func noteFinished(_ world: World, _ record: inout SearchRecord) {
        for (index, node) in world.tree.nodes.enumerated() where node.ending == .finished {
            record.finishedNodes[world.outsideID(index + 1)] = node.answer != nil
        }
        let told = record.rounds.flatMap(\.told).flatMap(\.nodes)
        record.toldAnswers = Set(told).count { record.finishedNodes[$0] == true }
    }

    /// Where a search stands between two turns.
    struct Progress {
        let scenario: Scenario
        private(set) var round = 0
        private(set) var ending: SearchRecord.Ending?
        private var asks: [AskRecord] = []
        private var emptyRounds = 0

        init(scenario: Scenario) { self.scenario = scenario }

        mutating func turn(_ session: PluginSession, _ record: inout SearchRecord) {
            let (event, told) = tell(session.world)
            session.world.setSeconds(round: round + 1)
            let nodes = session.world.takeTouched()
            var noted = RoundRecord(
                event: event, told: told, nodes: nodes, spent: session.world.spent,
                generations: session.world.scenario.limits.generations == nil ? nil : session.world.generations,
                turn: .asks([]))
            TraceExport.note(noted, isOver: false)
            noted.turn = session.next(event, told)
            TraceExport.note(noted, isOver: true)
            let turn = noted.turn
            record.rounds.append(noted)
            round += 1
            settle(turn, event)
        }

        private func tell(_ world: World) -> (Int32, [ToldRecord]) {
            let stop = scenario.stop.flatMap { $0.round == round ? $0 : nil }
            if round == 0 { return (stop?.event ?? 1, []) }
            var told = world.perform(asks, round: round - 1)
            if let stop {
                let scores = Set(asks.lazy.filter { $0.kind == 2 }.map(\.tag))
                told = told.map { cut($0, to: stop.share, event: stop.event, isScore: scores.contains($0.tag)) }
                return (stop.event, told)
            }
            let nothingFitted = !told.isEmpty && told.allSatisfy { $0.outcome == 4 && $0.nodes.isEmpty }
            return (nothingFitted ? 4 : 2, told)
        }

        private func cut(_ told: ToldRecord, to share: Double, event: Int32, isScore: Bool) -> ToldRecord {
            // SCORE is told its nodes whatever comes of them.
            let kept = isScore ? told.nodes.count : Int((Double(told.nodes.count) * share).rounded(.down))
            guard kept < told.nodes.count || event == 3 && share < 1 else { return told }
            return ToldRecord(tag: told.tag, outcome: event == 3 ? 5 : 4, nodes: Array(told.nodes.prefix(kept)))
        }

        private mutating func settle(_ turn: Turn, _ event: Int32) {
            switch turn {
            case .done(let answers): ending = .done(answers)
            case .failed(let status, let reason): ending = .failed(status, reason: reason)
            case .unreadable: ending = .unreadable
            case .asks(let batch):
                asks = batch
                emptyRounds = batch.isEmpty ? emptyRounds + 1 : 0
                if event == 3 || event == 4 {
                    ending = .ignoredStop
                } else if emptyRounds >= emptyRoundsMax {
                    ending = .endless("an empty batch \(emptyRounds) times in a row")
                } else if round >= roundsMax {
                    ending = .endless("no end after \(round) turns")
                }
            }
        }
    }
}
