import SearchCore

/// The roles of a bundle, each opened by the backend of its kind: any mix of them.
public struct BundleModels: ModelSource {
    /// How to use the machine.
    public struct Options: Sendable {
        /// The number of threads that search in parallel, each with its own models; nil lets the models decide.
        public var lanes: Int?
        /// The number of threads that one lane computes with; nil shares the cores among the lanes.
        public var threadsPerLane: Int?

        public init(lanes: Int? = nil, threadsPerLane: Int? = nil) {
            self.lanes = lanes
            self.threadsPerLane = threadsPerLane
        }
    }

    public let bundle: Bundle
    public let laneCount: Int
    public let threadsPerLane: Int
    public let chat: ChatPrompts?
    private let opened: [String: any OpenedRole]

    /// Opens all roles, in order of their names.
    /// - Parameter backends: one for each kind of source.
    /// - Throws: the first error of a backend, or an error that names the kind of source which this program cannot
    ///   open.
    public init(_ bundle: Bundle, backends: [any Backend], options: Options = Options()) throws(StratagemError) {
        self.bundle = bundle
        var opened: [String: any OpenedRole] = [:]
        for model in bundle.models.values.sorted(by: { $0.role < $1.role }) {
            guard let backend = backends.first(where: { $0.kind == model.source.kind }) else {
                throw StratagemError(
                    .user, .noBackend,
                    "\(bundle.file): models.\(model.role) names \(model.source.kind.rawValue) = …, and this program opens only \(backends.map(\.kind.rawValue).joined(separator: ", "))"
                )
            }
            opened[model.role] = try backend.open(model, of: bundle)
        }
        self.opened = opened
        chat = opened["policy"]?.chat.map { ChatPrompts(bundle.prompt, $0, name: bundle.name) }
        let cores = Cores.available
        let spreads = opened.values.map(\.spread)
        // A large model needs every core, whatever small models are used beside it.
        let computesAlone = spreads.contains(.oneLane)
        laneCount = max(1, options.lanes ?? (!computesAlone && spreads.contains(.laneACore) ? min(cores, 16) : 1))
        threadsPerLane = max(1, options.threadsPerLane ?? (computesAlone ? cores / laneCount : 1))
    }

    public var name: String { bundle.name }
    /// What the backends report about what they opened; if several roles share a file, its note appears once.
    public var notes: [String] {
        opened.sorted { $0.key < $1.key }.flatMap(\.value.notes).reduce(into: []) { all, note in
            if !all.contains(note) { all.append(note) }
        }
    }
    public var modelRoles: Set<String> { Set(bundle.policies.map(\.role)) }
    public var verifierRoles: Set<String> { Set(bundle.verifiers.map(\.role)) }
    public var prompt: PromptTemplate { bundle.prompt }
    public var steps: StepRule { bundle.steps }
    public var answerFunctions: AnswerFunctions { bundle.answers }
    public var namesAnswers: Bool { bundle.namesAnswers }
    public var strategyDefaults: StrategyDefaults { bundle.strategies }
    public var settings: String { bundle.settings }
    public var shapes: [String: ModelShape] { opened.compactMapValues(\.shape) }
    public var weights: [String: WeightsIdentity] { opened.mapValues(\.identity) }
    public var capabilities: [String: Capabilities] { opened.mapValues(\.capabilities) }

    public func makeModels(wake: @escaping @Sendable () -> Void) throws(StratagemError) -> ModelSet {
        let seat = LaneSeat(lanes: laneCount, threads: threadsPerLane, wake: wake)
        var models: [String: any LanguageModel] = [:]
        var verifiers: [String: any Verifier] = [:]
        for (role, opened) in opened.sorted(by: { $0.key < $1.key }) {
            switch try opened.make(for: seat) {
            case .model(let model): models[role] = model
            case .verifier(let verifier): verifiers[role] = verifier
            }
        }
        return ModelSet(models: models, verifiers: verifiers)
    }
}
