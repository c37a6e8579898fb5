import LanguageModels
import SearchCore

/// Conversations that a llama-server lays out with its model's chat template.
struct EndpointChat: ChatLayout {
    let client: EndpointClient

    /// Blocks until the server has answered.
    func lay(out turns: [ChatTurn]) throws(StratagemError) -> String {
        let client = client
        return try Blocking.wait { () async throws(StratagemError) in
            do throws(EndpointFailure) { return try await Self.prompt(of: turns, from: client) } catch {
                throw error.error(server: client.address, request: "POST /apply-template")
            }
        }
    }

    static func prompt(of turns: [ChatTurn], from client: EndpointClient) async throws(EndpointFailure) -> String {
        let messages = turns.map { turn in
            var message = JSONWriter()
            message.add("role", turn.role)
            message.add("content", turn.text)
            return String(decoding: message.finish(), as: UTF8.self)
        }
        var body = JSONWriter()
        body.add("messages", json: "[\(messages.joined(separator: ","))]")
        guard let prompt = try await client.post(.native("apply-template"), body.finish())["prompt"]?.string else {
            throw .nonsense("a template that gives no prompt")
        }
        return prompt
    }
}
