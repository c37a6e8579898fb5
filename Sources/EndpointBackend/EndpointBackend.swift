import LanguageModels
import SearchCore

/// Opens roles that name a server: `endpoint = "http://host:8000/v1"`.
public struct EndpointBackend: Backend {
    public let kind = Bundle.Source.Kind.endpoint

    public init() {}

    public func open(_ model: Bundle.Model, of bundle: Bundle) throws(StratagemError) -> any OpenedRole {
        guard case .endpoint(let endpoint) = model.source else {
            throw StratagemError(.host, .noBackend, "\(bundle.file): models.\(model.role) names no endpoint")
        }
        do throws(StratagemError) {
            if model.kind != .policy { return try EndpointVerifierRole(model, endpoint, of: bundle) }
            return try EndpointRole(endpoint, of: bundle)
        } catch {
            throw StratagemError(error.origin, error.code, "\(bundle.file): models.\(model.role): \(error.message)")
        }
    }
}

/// A policy's server, after it was asked what it is.
struct EndpointRole: OpenedRole {
    let profile: ServerProfile
    let identity: WeightsIdentity
    private let sampler: EndpointSampler
    private let contextTokens: Int
    /// Nil if the server does not lay out conversations.
    let chat: (any ChatLayout)?

    /// - Throws: if there is no server, if it has another interface or no such model, if its context is too short, or
    ///   if replicas differ.
    init(_ endpoint: Bundle.Endpoint, of bundle: Bundle, limits: EndpointLimits = EndpointLimits())
        throws(StratagemError)
    {
        let connection = try EndpointConnection(
            endpoint, contextTokens: bundle.contextTokens, limits: limits, choosesSlots: true)
        guard bundle.steps.serverStops != nil else {
            throw StratagemError(
                .user, .badBundle,
                "steps is a regular expression, but a server can only stop at strings. Use \"line\", \"paragraph\", \"sentence\", \"Step k:\" or step_delimiter = \"…\", or a model in this process"
            )
        }
        var profile = connection.profile
        profile.isChat = endpoint.route == .chat
        guard !profile.isChat || !profile.keepsTokens else {
            throw StratagemError(
                .user, .badBundle,
                "route is \"chat\", but \(connection.address.root) is \(connection.profile.summary), whose tokens are continued exactly. Remove route; `stratagem bundle \(connection.address.base)` prints the model's chat template as a prompt"
            )
        }
        // Only here and not for verifiers, which are shown no conversations.
        let asked = EndpointChat(profile, connection.traffic.clients[0])
        profile.laysOutChats = try Blocking.wait { await asked.laysOut() }
        self.profile = profile
        identity = connection.identity
        contextTokens = bundle.contextTokens
        chat = profile.laysOutChats ? asked : nil
        sampler = EndpointSampler(
            profile, traffic: connection.traffic, rules: StopRules(steps: bundle.steps, stop: bundle.stop),
            stop: bundle.stop)
    }

    var shape: ModelShape? { nil }
    var spread: Spread { .elsewhere }
    var summary: String { profile.summary }

    var capabilities: Capabilities {
        // vLLM repeats a sample whatever else it is working on (observed with float32). llama-server with its default
        // cache does not, and does not report which cache it has.
        Capabilities(
            repeatsSamples: profile.kind == .vLLM, keepsTokens: profile.keepsTokens,
            countsTokens: profile.keepsTokens, countsFLOPs: false, knowsLogProbabilities: profile.keepsTokens,
            knowsTopProbabilities: false, knowsDistributions: false)
    }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        .model(EndpointPolicy(sampler, contextTokens: contextTokens, wake: lane.wake))
    }
}
