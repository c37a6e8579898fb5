import StrategyKit

/// Adaptive branching MCTS with node aggregation, AB-MCTS-A (Inoue et al. 2025, "Wider or deeper?", arXiv 2503.04412):
/// at every node Thompson sampling chooses between GEN, a new answer below it, and CONT, one of the answers that are
/// already there; it then chooses among those answers in the same way, until it chooses GEN. Below the problem a new
/// answer is a fresh one; below an answer it is one that was made with that answer in the prompt (REVISE).
///
/// The score of a new answer is an observation of GEN of its parent and of the answer itself; above that it is an
/// observation of CONT and of the answer on the path. `gaussian` is a normal distribution under a
/// normal-inverse-chi-squared prior, `beta` a Beta prior.
///
/// An attempt without an answer counts as an answer with score 0, and is never refined. The paper's final answer is the
/// one with the best score: that is `selection=naive`. A search has at most 2048 answers, whatever the budget.
struct ABMCTS: SequentialStrategy {
    enum Distribution: String, CaseIterable, Sendable { case gaussian, beta }
    static let distribution = Parameter.choice("dist_type", "of the scores of a node", default: Distribution.gaussian)
    static let batch = Parameter.int(
        "batch_size", "answers that are asked for at once; all are chosen from the same earlier results",
        derived: "1, or N/128 if that is more", in: 1...4096)
    static let info = StrategyInfo(
        id: "org.stratagem.ab-mcts", name: "ab-mcts", version: "1.0.0",
        summary: "N answers, each new or a refinement of an earlier one, as Thompson sampling chooses",
        parameters: [Standard.n, distribution, batch, Standard.selection, Standard.revisionVerifier]
            + Standard.sampling,
        roles: [
            .model("policy", "makes new answers"), .model(RevisionChain.role, "refines answers"),
            .verifier(named: Standard.revisionVerifier, "scores the answers"),
        ])

    /// Each answer adds a draw to every choice, so the work grows with the square of their number.
    private static let answersMax = 2048

    /// An answer, or the problem itself.
    private struct Place {
        let answer: NodeID?
        let parent: Int?
        /// The root from which a new answer is sampled; nil if none was needed yet.
        var root: NodeID?
        var children: [Int] = []
        var new = Scores()
        var old = Scores()
        /// The scores of the answer and of everything that was refined from it.
        var all = Scores()
    }

    private let host: Host
    private let n: Int
    private let batch: Int
    private let distribution: Distribution
    private let sampling: Sampling
    private let selection: Selection
    private let verifier: String
    private var places: [Place]
    /// Answers, in order.
    private var finished: [NodeID] = []
    private var modelFailed = false
    private var verifierFailed = false

    init(_ setup: Setup) throws {
        host = setup.host
        n = min(try setup.attempts(), Self.answersMax)
        // With one answer at a time, a run with large N would wait for its model thousands of times in a row.
        batch = try setup[Self.batch] ?? max(1, n / 128)
        distribution = try setup[Self.distribution]
        sampling = try setup.sampling()
        selection = try setup[Standard.selection]
        verifier = try setup.revisionVerifier(for: .weighted)
        places = [Place(answer: nil, parent: nil, root: setup.problem.root)]
        try host.requireReviser()
    }

    mutating func search(_ ask: Asker) async throws {
        var left = n
        while left > 0 {
            let chosen = try await withRoots((0..<min(batch, left)).map { _ in choose() }, ask)
            left -= min(batch, left)
            if chosen.isEmpty { continue }
            let tell = try await ask(
                chosen.map { .sample($0.root, sampling, role: $0.place == 0 ? "" : RevisionChain.role) })
            let answers = tell.map { $0.nodes.first }
            let new = host.harvest(tell, distinct: false)
            finished += new.finished
            modelFailed = modelFailed || new.modelFailed
            try await score(new.finished, ask)
            for (place, answer) in zip(chosen.map(\.place), answers) { add(answer, below: place) }
            if new.isOutOfBudget { break }
        }
        if finished.isEmpty, modelFailed { throw StrategyError("the model failed before it finished an answer") }
    }

    func answer() -> [Answer] { host.rank(finished, by: selection) }

    // MARK: the tree

    /// Goes down from the problem to the place below which a new answer is made.
    private func choose() -> Int {
        var random = host.random
        var place = 0
        while !places[place].children.isEmpty {
            let gen = places[place].new.draw(distribution, &random)
            if gen >= places[place].old.draw(distribution, &random) { break }
            let draws = places[place].children.map { (child: $0, value: places[$0].all.draw(distribution, &random)) }
            guard let best = draws.max(by: { $0.value < $1.value }) else { break }
            place = best.child
        }
        return place
    }

    /// The chosen places, with the root from which each new answer is sampled: each answer is shown to the reviser
    /// once.
    private mutating func withRoots(_ chosen: [Int], _ ask: Asker) async throws -> [(place: Int, root: NodeID)] {
        let new = Set(chosen).filter { places[$0].root == nil }.sorted()
        if !new.isEmpty {
            let tell = try await ask(
                new.map { .revise(places[$0].answer.map { [$0] } ?? [], role: RevisionChain.role) })
            for (place, told) in zip(new, tell) { places[place].root = told.nodes.first }
        }
        return chosen.compactMap { place in places[place].root.map { (place, $0) } }
    }

    /// A node without an answer cannot win, so the verifier need not read it.
    private mutating func score(_ new: [NodeID], _ ask: Asker) async throws {
        let votes = new.filter { host.node($0)?.answer != nil }
        if votes.isEmpty { return }
        if try await ask([.score(votes, role: verifier)]).contains(.verifierFailed), !verifierFailed {
            verifierFailed = true
            host.log(
                .warning,
                "the verifier failed: answers without a score are not refined and rank last, by majority if none has one"
            )
        }
    }

    /// Adds an answer to the tree; nil means that there was none, so nothing was learnt.
    private mutating func add(_ answer: NodeID?, below parent: Int) {
        guard let answer, let node = host.node(answer) else { return }
        let isAnswer = node.answer != nil
        if isAnswer, node.score == nil { return }
        let score = isAnswer ? node.score ?? 0 : 0
        places[parent].new.observe(score)
        if isAnswer {
            places[parent].children.append(places.count)
            places.append(Place(answer: answer, parent: parent))
            places[places.count - 1].all.observe(score)
        }
        var place = parent
        while let above = places[place].parent {
            places[place].all.observe(score)
            places[above].old.observe(score)
            place = above
        }
    }
}

private let plugin = Plugin(name: "ab-mcts", version: "1.0.0", strategies: [Sequential<ABMCTS>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
