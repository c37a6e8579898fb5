import SearchCore

/// A worker's copy of one run: all data that getters can return was sent with the tells, so no getter waits for the
/// host.
final class IsolatedMirror: InstanceEnvironment {
    private var tree: [UInt64: SearchNode] = [:]
    private let roles: Set<String>
    private let sendLog: (Int32, String) -> Void
    var budget: BudgetView
    /// The extensions that the strategy asked for; the next reply tells the host.
    private(set) var wishes: FigureWishes = []
    private let hasTokenFigures: Bool
    private let promises: [String: Capabilities]

    init(
        roles: [String], promises: [String: Capabilities], hasTokenFigures: Bool, budget: BudgetView,
        log: @escaping (Int32, String) -> Void
    ) {
        self.roles = Set(roles)
        self.promises = promises
        self.hasTokenFigures = hasTokenFigures
        self.budget = budget
        sendLog = log
    }

    /// New nodes, and known nodes that have changed.
    func take(_ nodes: [(id: UInt64, node: SearchNode)]) {
        for (id, node) in nodes { tree[id] = node }
    }

    func node(_ id: UInt64) -> SearchNode? { tree[id] }

    func stepScores(through id: UInt64) -> [Double]? {
        guard tree[id] != nil else { return nil }
        var path: [SearchNode] = []
        var current = id
        while current != 0, let node = tree[current] {
            path.append(node)
            current = UInt64(node.parent)
        }
        return path.reversed().flatMap { node in
            node.stepScores.isEmpty ? Array(repeating: .nan, count: node.stepEnds.count) : node.stepScores
        }
    }

    func offersConfidence() -> Bool {
        wishes.insert(.summaries)
        return true
    }

    func offersTokenFigures() -> Bool {
        if hasTokenFigures { wishes.insert(.tokens) }
        return hasTokenFigures
    }

    func capabilities(of role: String) -> Capabilities? { promises[role] }

    func hasRole(_ role: String) -> Bool {
        if roles.contains(role) { return true }
        guard let pinned = PinnedRole(role) else { return false }
        return roles.contains { $0.hasPrefix("\(pinned.role)@\(pinned.digits)") }
    }

    func log(level: Int32, _ text: String) { sendLog(level, text) }
}
