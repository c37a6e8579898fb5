import SearchCore

/// A driver whose answer comes later, so that nobody waits for it.
///
/// Used from one thread: `send`, then, after `onReply` has been called from some
/// other thread, `takeReply`; and so on. Never a second `send` before the reply.
public protocol AsyncStrategyDriver: StrategyDriver {
    /// Begins a turn. Never blocks.
    func send(_ tell: Tell)
    /// The turn's outcome, or nil if it has not come yet.
    func takeReply() -> Result<NextStep, StratagemError>?
}

/// The run behind an instance in a worker.
public protocol MirroredEnvironment: InstanceEnvironment {
    /// Nodes that are new or have changed since the last call, by id, ascending.
    func takeChanges() -> [(id: UInt64, node: SearchNode)]
    /// Roles of the bundle's models and verifiers.
    var roles: [String] { get }
    /// Whether there is anything for ``InstanceEnvironment/offersTokenFigures()`` to offer.
    var hasTokenFigures: Bool { get }
}

extension MirroredEnvironment {
    public var hasTokenFigures: Bool { false }

    fileprivate var promises: [String: Capabilities] {
        // Those with a hash of weights are the same roles again.
        Dictionary(
            uniqueKeysWithValues: Set(roles.filter { !$0.contains("@") }).compactMap { role in
                capabilities(of: role).map { (role, $0) }
            })
    }
}

/// One strategy at work in a worker process. See ``StrategyInstance`` for the same
/// in this process: what a run sees of the two is equal to the byte.
public final class IsolatedInstance: AsyncStrategyDriver {
    private let session: IsolatedSession
    private unowned let environment: any MirroredEnvironment
    private var writer = WireWriter()

    /// - Parameter onReply: called on another thread when a turn's outcome has come.
    /// - Throws: while the plugin is refused because it keeps crashing.
    public init(
        _ loaded: LoadedStrategy, in image: IsolatedImage, environment: any MirroredEnvironment,
        problems: [(text: String, root: UInt64)],
        params: [String: ParameterValue], seed: UInt64, sink: (any ABITraceSink)? = nil,
        onReply: @escaping @Sendable () -> Void
    ) throws(StratagemError) {
        self.environment = environment
        session = IsolatedSession(
            id: IsolatedImage.newID(), image: image, strategyName: loaded.info.name, sink: sink, onReply: onReply)
        let create = IsolatedMessages.Create(
            strategyID: loaded.info.id, seed: seed, isTraced: sink != nil, roles: environment.roles,
            promises: environment.promises, hasTokenFigures: environment.hasTokenFigures, problems: problems,
            params: params,
            budget: environment.budget, nodes: environment.takeChanges())
        IsolatedMessages.put(create, &writer)
        try session.create(writer.bytes)
    }

    deinit { session.destroy() }

    public func send(_ tell: Tell) {
        writer = WireWriter()
        IsolatedMessages.put(environment.budget, &writer)
        IsolatedMessages.put(environment.takeChanges(), &writer)
        IsolatedMessages.put(tell, &writer)
        session.tell(writer.bytes)
    }

    public func takeReply() -> Result<NextStep, StratagemError>? {
        let (reply, wishes, logs) = session.take()
        if wishes.contains(.summaries) { _ = environment.offersConfidence() }
        if wishes.contains(.tokens) { _ = environment.offersTokenFigures() }
        for (level, text) in logs { environment.log(level: level, text) }
        return reply
    }

    /// For a run that takes its turns at once: this driver has no such form.
    public func next(_ tell: Tell) throws(StratagemError) -> NextStep {
        throw StratagemError(.host, .notSynchronous, "an isolated instance answers later: use send")
    }
}
