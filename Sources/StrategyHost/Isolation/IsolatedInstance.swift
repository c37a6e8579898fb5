import SearchCore

/// A driver whose answer comes later, so that no thread waits for it.
///
/// It is used from one thread: call `send`; after `onReply` has been called from another thread, call `takeReply`; and
/// so on. Never call `send` a second time before the reply.
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
    /// The roles of the bundle's models and verifiers.
    var roles: [String] { get }
    /// Whether ``InstanceEnvironment/offersTokenFigures()`` has anything to offer.
    var hasTokenFigures: Bool { get }
}

extension MirroredEnvironment {
    public var hasTokenFigures: Bool { false }

    fileprivate var promises: [String: Capabilities] {
        // Names with a hash of weights are the same roles again.
        Dictionary(
            uniqueKeysWithValues: Set(roles.filter { !$0.contains("@") }).compactMap { role in
                capabilities(of: role).map { (role, $0) }
            })
    }
}

/// A strategy instance in a worker process. See ``StrategyInstance`` for the same in this process: the results that a
/// run sees are equal to the byte.
public final class IsolatedInstance: AsyncStrategyDriver {
    private let session: IsolatedSession
    private unowned let environment: any MirroredEnvironment
    private var writer = WireWriter()

    /// - Parameter onReply: called on another thread when the outcome of a turn has arrived.
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

    /// For runs whose turns are synchronous, which this driver does not support.
    public func next(_ tell: Tell) throws(StratagemError) -> NextStep {
        throw StratagemError(.host, .notSynchronous, "an isolated instance answers later: use send")
    }
}
