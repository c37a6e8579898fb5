import SearchCore

/// What a server reported about itself.
public struct ServerProfile: Sendable, Equatable {
    /// The interface of its own that it has besides OpenAI's.
    public enum Kind: String, Sendable, CaseIterable {
        case llamaServer = "llama-server"
        case vLLM = "vllm"
        /// Only OpenAI's interface.
        case other = "openai"
    }

    public var kind: Kind
    /// `owned_by` in its list of models.
    var owner = ""
    /// The version in the server's words; nil if it does not say.
    public var version: String?
    /// The model that is requested, by the server's name for it.
    public var model: String
    /// The number of tokens that one sequence may hold; nil if the server does not say.
    public var contextTokens: Int?
    /// The number of requests that it works on at once; nil if it does not say.
    public var slots: Int?
    /// Whether the server lays out conversations by the model's own chat template, and shows the result.
    public var laysOutChats: Bool
    /// Whether whole answers are asked for in a conversation, because the bundle says so.
    public var isChat = false

    public init(
        kind: Kind, version: String? = nil, model: String, contextTokens: Int? = nil, slots: Int? = nil,
        laysOutChats: Bool = false
    ) {
        self.kind = kind
        self.version = version
        self.model = model
        self.contextTokens = contextTokens
        self.slots = slots
        self.laysOutChats = laysOutChats
    }

    /// Whether the server takes and returns token ids, so that a node is continued by its very tokens.
    public var keepsTokens: Bool { kind != .other }

    /// A description on one line.
    public var summary: String {
        let name =
            switch kind {
            case .llamaServer: "llama-server"
            case .vLLM: "vLLM"
            case .other: "a server with OpenAI's interface"
            }
        var parts = [name + (version.map { " \($0)" } ?? ""), "model \(model)"]
        parts.append(contextTokens.map { "context of \($0) tokens" } ?? "context unknown")
        if let slots { parts.append(slots == 1 ? "1 slot" : "\(slots) slots") }
        parts.append(isChat ? "whole answers by chat" : keepsTokens ? "continues exact tokens" : "prefix by text")
        return parts.joined(separator: ", ")
    }
}

/// Asks a server about itself.
enum ServerQuestions {
    /// - Parameters:
    ///   - model: the model that is wanted; nil: the only one that there is.
    ///   - kind: the kind that the bundle names; nil: it is detected.
    /// - Throws: origin user: no server, another interface, or no such model.
    static func ask(_ client: EndpointClient, model: String?, kind: ServerProfile.Kind? = nil)
        async throws(StratagemError) -> ServerProfile
    {
        let list = try await get(client, .openAI("models"))
        guard let entries = list["data"]?.array, !entries.isEmpty else {
            throw EndpointFailure.nonsense("the list of models has no \"data\"").error(
                server: client.address, request: "GET models")
        }
        let entry = try choose(model, among: entries, of: client.address)
        guard let name = entry["id"]?.string else {
            throw EndpointFailure.nonsense("a model without an \"id\"").error(
                server: client.address, request: "GET models")
        }
        let owner = entry["owned_by"]?.string ?? ""
        let known: ServerProfile.Kind = kind ?? (owner == "llamacpp" ? .llamaServer : owner == "vllm" ? .vLLM : .other)
        var profile = ServerProfile(kind: known, model: name)
        profile.owner = owner
        profile.contextTokens = entry["max_model_len"]?.int
        switch known {
        case .llamaServer: try await addProperties(&profile, client)
        case .vLLM: profile.version = try await get(client, .native("version"))["version"]?.string
        case .other: break
        }
        return profile
    }

    private static func addProperties(_ profile: inout ServerProfile, _ client: EndpointClient)
        async throws(StratagemError)
    {
        let properties = try await get(client, .native("props"))
        profile.version = properties["build_info"]?.string
        profile.contextTokens = properties["default_generation_settings"]?["n_ctx"]?.int
        profile.slots = properties["total_slots"]?.int
        profile.laysOutChats = properties["chat_template"]?.string != nil
    }

    private static func choose(
        _ wanted: String?, among entries: [JSONValue], of server: EndpointAddress
    ) throws(StratagemError) -> JSONValue {
        let names = entries.compactMap { $0["id"]?.string }
        let listed = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        guard let wanted else {
            guard entries.count == 1 else {
                throw StratagemError(
                    .user, .unknownModel,
                    "\(server.root) has several models: \(listed). Name one of them: model = \"…\" in the bundle, or --model"
                )
            }
            return entries[0]
        }
        let found = entries.first { entry in
            entry["id"]?.string == wanted || entry["aliases"]?.array?.contains { $0.string == wanted } == true
        }
        guard let found else {
            throw StratagemError(.user, .unknownModel, "\(server.root) has no model '\(wanted)'. It has: \(listed)")
        }
        return found
    }

    /// If a server is still loading its model, this waits; if there is no server, it does not.
    private static func get(_ client: EndpointClient, _ route: Route) async throws(StratagemError) -> JSONValue {
        let began = ContinuousClock.now
        var pause = Backoff()
        while true {
            do {
                return try await client.get(route)
            } catch {
                guard case .status(503, let after) = error.kind,
                    ContinuousClock.now - began < .seconds(client.limits.retrying)
                else {
                    throw error.error(
                        server: client.address,
                        request: "GET \(client.address.url(of: route).dropFirst(client.address.root.count))")
                }
                await pause.wait(atLeast: after)
            }
        }
    }
}
