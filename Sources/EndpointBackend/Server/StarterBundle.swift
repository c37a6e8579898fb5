import LanguageModels
import SearchCore

/// A bundle to start from, written for a running server.
public struct StarterBundle: Sendable {
    /// What the server reported about itself.
    public let profile: ServerProfile
    /// The bundle's TOML.
    public let text: String

    private static let task = BundleText.task

    /// Asks the server at `url` about itself. Blocks until it has answered.
    /// - Parameters:
    ///   - model: the server's name for it; nil: the only one that it has.
    ///   - keyVariable: the environment variable that holds its key.
    /// - Throws: no server, another interface, or no such model; the error names the remedy.
    public static func ask(_ url: String, model: String? = nil, keyVariable: String? = nil) throws(StratagemError)
        -> StarterBundle
    {
        let address = try EndpointAddress(parsing: url)
        let key = try keyVariable.map { name throws(StratagemError) in try EndpointKey(variable: name) }
        let client = EndpointClient(address, key: key)
        let (profile, chat) = try Blocking.wait { () async throws(StratagemError) in
            var profile = try await ServerQuestions.ask(client, model: model)
            profile.laysOutChats = await EndpointChat(profile, client).laysOut()
            profile.isChat = await EndpointChat(profile, client).answers()
            do throws(EndpointFailure) {
                return (profile, try await chatPrompt(profile, client))
            } catch {
                throw error.error(server: address, request: EndpointChat.request(profile))
            }
        }
        return StarterBundle(
            profile: profile, text: write(address, profile, model: model, keyVariable: keyVariable, chat: chat))
    }

    /// The model's own template around the task; nil if the server does not render it, or if the model has none:
    /// llama-server then uses chatml, whose marks are not tokens of such a model.
    private static func chatPrompt(_ profile: ServerProfile, _ client: EndpointClient) async throws(EndpointFailure)
        -> String?
    {
        if profile.isChat { return task }
        guard profile.laysOutChats else { return nil }
        let prompt = try await EndpointChat(profile, client).prompt(of: [ChatTurn(role: "user", text: task)])
        // A template that drops the question cannot be used.
        guard prompt.contains("{problem}") else { return nil }
        guard profile.kind == .llamaServer else { return prompt }
        let specials = try await EndpointTokenizer(profile).hasSpecials(Array(prompt.utf8), on: client)
        return specials ? prompt : nil
    }

    private static func write(
        _ address: EndpointAddress, _ profile: ServerProfile, model: String?, keyVariable: String?, chat: String?
    ) -> String {
        let context = profile.contextTokens.map { min($0, 4096) } ?? 2048
        var lines = [
            "# Written for \(profile.summary).",
            "name = \(quote(name(profile)))",
            "step_delimiter = \"\\n\"",
            "# Tokens of one sequence, prompt included\(profile.contextTokens.map { ": the server allows \($0)" } ?? "").",
            "context = \(context)",
            "",
            "[template]",
            comment(profile, hasChat: chat != nil),
            "problem = \(quote(chat ?? "Question: " + task + "\nSolution:\n"))",
            "",
            "[models.policy]",
            "endpoint = \(quote(address.base))",
        ]
        if model != nil || profile.kind != .llamaServer { lines.append("model = \(quote(profile.model))") }
        if let keyVariable { lines.append("key_env = \(quote(keyVariable))") }
        if profile.isChat {
            lines.append(
                "# Whole answers in a conversation: best-of-n, majority. A search by steps needs vLLM, SGLang or llama-server."
            )
            lines.append("route = \"chat\"")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func comment(_ profile: ServerProfile, hasChat: Bool) -> String {
        if profile.isChat { return "# The user's message; the server puts the model's chat template around it." }
        return hasChat
            ? "# The model's own chat template, rendered by the server around {problem}."
            : "# Plain: the server does not show a chat template. For a chat model, write its own here."
    }

    /// The model's name without folder and extension.
    private static func name(_ profile: ServerProfile) -> String {
        let last = profile.model.split(separator: "/").last.map(String.init) ?? "endpoint"
        return last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last
    }

    private static func quote(_ text: String) -> String { JSON.quoted(text) }
}
