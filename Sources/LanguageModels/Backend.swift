import SearchCore

/// Opens one kind of source that a bundle's role can name: weights, a script, a plugin's
/// function, a server. Only the backend knows the kind of a role's source.
///
/// A backend is made once for a program and may open several roles of several bundles. What these have in common (a
/// file that plays two roles) it opens only once. To add a kind of source, add a case of `Bundle.Source` with its keys
/// in `BundleSourceReader`, a type that conforms to this protocol, and a line where the program lists its backends.
///
/// `Tests/BackendContract` checks the models and verifiers that it makes against the contracts of `LanguageModel` and
/// `Verifier`.
public protocol Backend: Sendable {
    /// The kind of source that it opens.
    var kind: Bundle.Source.Kind { get }
    /// Opens what `model` names and checks it against the bundle. May take seconds, because this call reads files and
    /// queries servers. Called on the thread that opens the bundle.
    /// - Throws: if the source cannot be used; the error names the bundle's file and key, and the remedy.
    func open(_ model: Bundle.Model, of bundle: Bundle) throws(StratagemError) -> any OpenedRole
}

/// A role whose source is open. All lanes share it; it makes a separate model or verifier for each lane.
public protocol OpenedRole: Sendable {
    /// The shape from which FLOPs are counted; nil if it is not known (a server) or there is none (a program).
    var shape: ModelShape? { get }
    /// The identity of the weights.
    var identity: WeightsIdentity { get }
    var capabilities: Capabilities { get }
    /// The best way to spread its work over the machine's cores.
    var spread: Spread { get }
    /// Notes for the user about its results, logged once when it is opened.
    var notes: [String] { get }
    /// The model's own chat template; nil if it has none, or none that can be used.
    var chat: (any ChatLayout)? { get }
    /// A short description of what was opened.
    var summary: String { get }
    /// Called once per lane, on the lane's thread. What it returns stays on that thread.
    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker
}

extension OpenedRole {
    public var notes: [String] { [] }
    public var chat: (any ChatLayout)? { nil }
    public var summary: String { "opened" }
}

/// What a role consists of on one lane.
public enum RoleWorker {
    case model(any LanguageModel)
    case verifier(any Verifier)
}

/// The best way to spread a role's work over the machine's cores.
public enum Spread: Sendable {
    /// One lane per core, each computing with one thread: small models.
    case laneACore
    /// One lane, for which all cores compute: large models.
    case oneLane
    /// It does not compute on the lane, because it is a server or needs next to no time.
    case elsewhere
}

/// The lane that a model or verifier is made for.
public struct LaneSeat: Sendable {
    /// The number of lanes that share the machine.
    public var lanes: Int
    /// The number of threads that this lane may compute with.
    public var threads: Int
    /// Wakes the lane. Call it whenever `advance` has something to do after it returned ``Advance/waiting``. It may be
    /// called from any thread, at any time and as often as you like: it is cheap, and has no effect on a lane that is
    /// awake or gone.
    public var wake: @Sendable () -> Void
    private let shared = LaneStorage()

    /// What a backend's roles on one lane have in common; made at the first call. Call it on the lane's thread.
    public func shared<Value: AnyObject>(_ make: () -> Value) -> Value {
        if let known = shared.values[ObjectIdentifier(Value.self)] as? Value { return known }
        let made = make()
        shared.values[ObjectIdentifier(Value.self)] = made
        return made
    }

    public init(lanes: Int = 1, threads: Int = 1, wake: @escaping @Sendable () -> Void = {}) {
        self.lanes = lanes
        self.threads = threads
        self.wake = wake
    }
}

/// Confined to its lane's thread.
private final class LaneStorage: @unchecked Sendable {
    var values: [ObjectIdentifier: AnyObject] = [:]
}
