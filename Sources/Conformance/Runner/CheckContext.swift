import CStratagem
import SearchCore

/// What a check's body works with. Lives in the child.
final class CheckContext {
    let path: String
    let seed: UInt64
    /// The sequence to run, of a check that draws many; nil: all of them.
    let sequence: String?
    let settings: SearchSettings
    /// In the second of two processes, what the first one left; nil in the first.
    let carried: String?
    /// What the second one is to be told.
    var carries: String?
    private(set) var digest = StableHash()
    private(set) var hasDigest = false

    init(
        path: String, seed: UInt64, sequence: String? = nil, settings: SearchSettings = SearchSettings(),
        carried: String? = nil
    ) {
        self.carried = carried
        self.settings = settings
        self.path = path
        self.seed = seed
        self.sequence = sequence
    }

    // MARK: The plugin

    func library() throws(CheckStop) -> OpenedLibrary {
        do throws(OpenedLibrary.Problem) { return try OpenedLibrary.open(path) } catch {
            switch error {
            case .unloadable(let why): throw .skip("it cannot be loaded (library-loads): \(why)")
            }
        }
    }

    func view() throws(CheckStop) -> PluginView {
        guard let entry = try library().entry else { throw .skip("it has no \(STG_ENTRY_SYMBOL) (entry-exported)") }
        guard let block = entry() else { throw .skip("\(STG_ENTRY_SYMBOL) returned NULL (entry-block)") }
        let view = PluginView(block: block)
        if let why = view.unreadable { throw .skip(why) }
        AskReading.siblings = view.strategies.filter(\.isUsable)
        return view
    }

    /// Each strategy that can be run.
    func strategies() throws(CheckStop) -> [StrategyView] {
        let all = try view().strategies
        if all.isEmpty { throw .skip("it offers no strategy") }
        let usable = all.filter(\.isUsable)
        if usable.isEmpty {
            throw .skip("none of its strategies has the calls that it needs (strategy-calls, strategy-sizes)")
        }
        let ready = usable.filter { settings.refusal($0) == nil }
        if ready.isEmpty { throw .skip(usable.compactMap { settings.refusal($0) }.joined(separator: "; ")) }
        return ready
    }

    // MARK: Searches

    /// The scenario that most checks vary: a budget of eight and nothing amiss.
    var standard: Scenario { settled(Scenario(seed: seed)) }

    /// The scenario with what the user said of all of them.
    func settled(_ scenario: Scenario) -> Scenario {
        scenario.with {
            $0.settings = settings
            $0.roles = settings.roles((try? view())?.strategies ?? [])
        }
    }

    /// Runs one search. A `create` that refuses it is another check's subject.
    func search(
        _ strategy: StrategyView, _ scenario: Scenario, rules: MemoryRules = .plain,
        call: ((() -> Void) -> Void)? = nil,
        beforeRound: ((Int, PluginSession) -> PluginSession?)? = nil
    ) throws(CheckStop) -> SearchRecord {
        let record = searchOrRefusal(strategy, scenario, rules: rules, call: call, beforeRound: beforeRound)
        if case .refused(let status, let reason) = record.ending {
            throw .skip(
                "create refused the search (create-succeeds): \(statusName(status)), \(reason ?? "no reason given")")
        }
        return record
    }

    func searchOrRefusal(
        _ strategy: StrategyView, _ scenario: Scenario, rules: MemoryRules = .plain, destroysAlways: Bool = false,
        call: ((() -> Void) -> Void)? = nil,
        beforeRound: ((Int, PluginSession) -> PluginSession?)? = nil
    ) -> SearchRecord {
        Search.run(
            strategy, scenario, rules: rules, destroysAlways: destroysAlways, call: call, beforeRound: beforeRound)
    }

    /// Takes what the plugin decided into the digest that two processes must share.
    func digest(_ record: SearchRecord) { digest(record.digest) }

    func digest(_ number: UInt64) {
        digest.combine(number)
        hasDigest = true
    }

    // MARK: Verdicts

    /// Throws if what the search asked for, or answered with, cannot be, and was right in a search without trouble.
    /// - Parameter except: broken rules that the situation itself brings about.
    func judgeAsks(
        _ record: SearchRecord, besides plain: SearchRecord, _ strategy: StrategyView, in situation: String,
        except: Set<String> = []
    ) throws(CheckStop) {
        let known = Set(plain.violations.map(\.check)).union(except)
        for violation in record.violations where !known.contains(violation.check) {
            guard let group = CheckTable.named(violation.check)?.group, group == .asks || group == .answers,
                // A check of its own tells each of these searches where they matter.
                !["answers-not-truncated", "answer-weights", "answers-given"].contains(violation.check)
            else { continue }
            throw fail("\(violation.expected) [\(violation.check)]", "\(violation.happened) (\(situation))", strategy)
        }
    }

    func fail(_ expected: String, _ happened: String, _ subject: StrategyView? = nil) -> CheckStop {
        .finding(CheckFinding(expected: expected, happened: happened, subject: subject?.name))
    }

    /// What is wrong, and why it may be nobody's fault.
    func warn(_ expected: String, _ happened: String, _ subject: StrategyView? = nil) -> CheckStop {
        .warning(CheckFinding(expected: expected, happened: happened, subject: subject?.name))
    }

    /// Throws if the search broke the promise of that check.
    func judge(_ record: SearchRecord, _ check: String, _ strategy: StrategyView, in situation: String)
        throws(CheckStop)
    {
        guard let violation = record.violations.first(where: { $0.check == check }) else { return }
        throw fail(violation.expected, "\(violation.happened) (\(situation))", strategy)
    }
}
