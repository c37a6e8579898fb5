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
            guard model.kind == .policy else {
                throw StratagemError(
                    .user, .badBundle,
                    "a verifier cannot be an endpoint yet. Name its weights as gguf = \"FILE.gguf\", or a function")
            }
            return try EndpointRole(endpoint, of: bundle)
        } catch {
            throw StratagemError(error.origin, error.code, "\(bundle.file): models.\(model.role): \(error.message)")
        }
    }
}

/// A policy's server, after it was asked what it is.
struct EndpointRole: OpenedRole {
    let profile: ServerProfile
    private let sampler: EndpointSampler
    private let contextTokens: Int
    /// Nil if the server does not lay out conversations.
    let chat: (any ChatLayout)?

    /// - Throws: if there is no server, if it has another interface or no such model, if its context is too short, or
    ///   if replicas differ.
    init(_ endpoint: Bundle.Endpoint, of bundle: Bundle, limits: EndpointLimits = EndpointLimits())
        throws(StratagemError)
    {
        let key = try endpoint.keyVariable.map { name throws(StratagemError) in try EndpointKey(variable: name) }
        var limits = limits
        if let timeout = endpoint.timeout { limits.timeout = timeout }
        var kind: ServerProfile.Kind?
        if let word = endpoint.server {
            kind = ServerProfile.Kind(rawValue: word)
            let names = ServerProfile.Kind.allCases.map(\.rawValue)
            guard kind != nil else {
                throw StratagemError(
                    .user, .badBundle, "server is '\(word)', which is not one of \(names.joined(separator: ", "))")
            }
        }
        var profiles: [ServerProfile] = []
        var clients: [EndpointClient] = []
        for url in endpoint.urls {
            let address = try EndpointAddress(parsing: url)
            let asking = EndpointClient(address, key: key, limits: limits)
            let (model, kind) = (endpoint.model, kind)
            let profile = try Blocking.wait { () async throws(StratagemError) in
                try await ServerQuestions.ask(asking, model: model, kind: kind)
            }
            if let first = profiles.first, first.kind != profile.kind || first.model != profile.model {
                throw StratagemError(
                    .user, .badBundle,
                    "the servers behind endpoint differ: \(endpoint.urls[0]) is \(first.summary), and \(url) is \(profile.summary). Several addresses must be replicas of one model"
                )
            }
            profiles.append(profile)
            limits.requests = endpoint.requests ?? Self.requests(profile)
            clients.append(EndpointClient(address, key: key, limits: limits))
        }
        guard var profile = profiles.first else { throw StratagemError(.user, .badBundle, "endpoint names no address") }
        profile.contextTokens = profiles.compactMap(\.contextTokens).min()
        if let context = profile.contextTokens, context < bundle.contextTokens {
            throw StratagemError(
                .user, .badBundle,
                "context is \(bundle.contextTokens), and \(clients[0].address.root) has \(context) tokens for one sequence. Lower the bundle's context, or start the server with a longer one"
            )
        }
        guard bundle.steps.serverStops != nil else {
            throw StratagemError(
                .user, .badBundle,
                "steps is a regular expression, but a server can only stop at strings. Use \"line\", \"paragraph\", \"sentence\", \"Step k:\" or step_delimiter = \"…\", or a model in this process"
            )
        }
        self.profile = profile
        contextTokens = bundle.contextTokens
        chat = profile.kind == .llamaServer && profile.chatTemplate != nil ? EndpointChat(client: clients[0]) : nil
        sampler = EndpointSampler(
            profile, traffic: EndpointTraffic(clients), rules: StopRules(steps: bundle.steps, stop: bundle.stop),
            stop: bundle.stop)
    }

    /// Enough requests that the server always has one waiting.
    private static func requests(_ profile: ServerProfile) -> Int {
        switch profile.kind {
        case .llamaServer: 2 * max(1, profile.slots ?? 4)
        case .vLLM: 256
        case .other: 16
        }
    }

    var shape: ModelShape? { nil }
    var identity: WeightsIdentity { .text("\(profile.kind.rawValue) \(profile.model)") }
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
