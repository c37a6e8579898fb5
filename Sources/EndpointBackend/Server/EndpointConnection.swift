import LanguageModels
import SearchCore

/// The servers of one role, after they were asked what they are: what a policy and a verifier have in common.
struct EndpointConnection: Sendable {
    /// What all replicas are; its context is that of the smallest one.
    let profile: ServerProfile
    let traffic: EndpointTraffic

    /// - Parameters:
    ///   - contextTokens: what the bundle needs for one sequence.
    ///   - choosesSlots: whether its requests name a slot, where the server has slots.
    /// - Throws: if there is no server, if it has another interface or no such model, if its context is too short, or
    ///   if replicas differ.
    init(_ endpoint: Bundle.Endpoint, contextTokens: Int, limits: EndpointLimits, choosesSlots: Bool = false)
        throws(StratagemError)
    {
        let key = try endpoint.keyVariable.map { name throws(StratagemError) in try EndpointKey(variable: name) }
        var limits = limits
        if let timeout = endpoint.timeout { limits.timeout = timeout }
        let kind = try Self.kind(endpoint)
        var profiles: [ServerProfile] = []
        var clients: [EndpointClient] = []
        for url in endpoint.urls {
            let address = try EndpointAddress(parsing: url)
            let asking = EndpointClient(address, key: key, limits: limits)
            let model = endpoint.model
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
            limits.requestsMost = endpoint.requests ?? (profile.kind == .vLLM ? Self.requestsMost : limits.requests)
            limits.slots =
                choosesSlots && profile.kind == .llamaServer
                ? profile.slots.map { max(1, min($0, limits.requests)) } : nil
            clients.append(EndpointClient(address, key: key, limits: limits))
        }
        guard var profile = profiles.first else { throw StratagemError(.user, .badBundle, "endpoint names no address") }
        profile.contextTokens = profiles.compactMap(\.contextTokens).min()
        if let context = profile.contextTokens, context < contextTokens {
            throw StratagemError(
                .user, .badBundle,
                "context is \(contextTokens), and \(clients[0].address.root) has \(context) tokens for one sequence. Lower the bundle's context, or start the server with a longer one"
            )
        }
        self.profile = profile
        traffic = EndpointTraffic(clients, watchesQueues: profile.kind == .vLLM)
        OpenFiles.allow(connections: clients.reduce(0) { $0 + $1.limits.requestsMost })
    }

    /// The kind that the bundle names; nil if the server is to be asked.
    private static func kind(_ endpoint: Bundle.Endpoint) throws(StratagemError) -> ServerProfile.Kind? {
        guard let word = endpoint.server else { return nil }
        if let kind = ServerProfile.Kind(rawValue: word) { return kind }
        let names = ServerProfile.Kind.allCases.map(\.rawValue)
        throw StratagemError(
            .user, .badBundle, "server is '\(word)', which is not one of \(names.joined(separator: ", "))")
    }

    /// Enough requests that a server always has one waiting.
    private static func requests(_ profile: ServerProfile) -> Int {
        switch profile.kind {
        case .llamaServer: 2 * max(1, profile.slots ?? 4)
        case .vLLM: ServerQueue.least
        case .other: 16
        }
    }

    /// To a vLLM that shows that none of them waits.
    private static let requestsMost = 1024

    var identity: WeightsIdentity { .text("\(profile.kind.rawValue) \(profile.model)") }
    var address: EndpointAddress { traffic.clients[0].address }
}
