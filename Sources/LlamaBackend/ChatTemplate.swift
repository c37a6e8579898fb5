import CJinja
import Foundation
import LanguageModels
import SearchCore

/// A model's chat template together with its vocabulary.
struct LlamaChat: ChatLayout {
    let template: ChatTemplate
    let vocabulary: Vocabulary

    func lay(out turns: [ChatTurn]) throws(StratagemError) -> String {
        var text = try template.render(
            turns.map { ChatTemplate.Message(role: $0.role, content: $0.text) }, opensAnswer: true)
        // The model's file says whether this token precedes every prompt; in either case the prompt contains it once.
        if vocabulary.spellsBeginning(text), !template.beginning.isEmpty, text.hasPrefix(template.beginning) {
            text.removeFirst(template.beginning.count)
        }
        return text
    }
}

/// A model's own chat template, rendered by llama.cpp's engine in a process that has little time and memory.
struct ChatTemplate: Sendable {
    struct Message: Encodable {
        var role: String
        var content: String
    }

    let source: String
    /// The texts of the tokens that begin and end a text; templates use them.
    let beginning: String
    let end: String
    /// The file's path, for messages.
    let path: String

    private static let sourceMax = 1 << 20
    private static let limits = stg_jinja_limits(
        processor_seconds: 2, clock_seconds: 60, memory_bytes: 256 << 20, text_bytes: 1 << 20)

    private struct Variables: Encodable {
        var messages: [Message]
        var bos_token: String
        var eos_token: String
        var add_generation_prompt: Bool
    }

    /// - Parameter opensAnswer: whether the text ends where the model's answer begins.
    /// - Throws: if the template does not render, because it refuses, has a mistake, or exceeds the limits on time or
    ///   memory.
    func render(_ messages: [Message], opensAnswer: Bool) throws(StratagemError) -> String {
        guard source.utf8.count <= Self.sourceMax else {
            throw refusal("it is \(source.utf8.count) bytes long, and \(Self.sourceMax) are read")
        }
        let variables = Variables(
            messages: messages, bos_token: beginning, eos_token: end, add_generation_prompt: opensAnswer)
        guard let json = try? JSONEncoder().encode(variables) else {
            throw refusal("its messages cannot be written as JSON")
        }
        var limits = Self.limits
        var text: UnsafeMutablePointer<CChar>?
        var count = 0
        let template = Array(source.utf8)
        let status = template.withUnsafeBytes { source in
            json.withUnsafeBytes { json in
                stg_jinja_render(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
                    json.baseAddress?.assumingMemoryBound(to: CChar.self), json.count, &limits, &text, &count)
            }
        }
        defer { free(text) }
        let told = text.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: count), as: UTF8.self) } ?? ""
        switch status {
        case STG_JINJA_OK: return told
        case STG_JINJA_ERROR: throw refusal(Self.lastLine(told))
        case STG_JINJA_TIME:
            throw refusal("it did not end within \(Self.limits.processor_seconds) seconds of processor time")
        case STG_JINJA_MEMORY:
            throw refusal(
                "it needs more memory than the \(Self.limits.memory_bytes >> 20) MiB that a template may use, or writes more than \(Self.limits.text_bytes >> 20) MiB of text"
            )
        case STG_JINJA_CRASH: throw refusal("it crashes llama.cpp's template engine")
        default:
            throw StratagemError(
                .host, .noProcess,
                "\(path): its chat template could not be rendered, because no process could be started for it: \(told)")
        }
    }

    private func refusal(_ why: String) -> StratagemError {
        StratagemError(
            .model, .badTemplate,
            "\(path): its chat template cannot be rendered: \(why). Write a bundle with a prompt of your own: `stratagem bundle \(path) --plain` prints one to start from"
        )
    }

    /// The engine shows the place of an error on several lines, and the reason on the last one.
    private static func lastLine(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        let place =
            lines.first { $0.hasPrefix("While executing") }.map { " (\($0.dropLast(" in source:".count)))" } ?? ""
        var reason = lines.last ?? "it gives no reason"
        if reason.hasPrefix("Error: ") { reason.removeFirst("Error: ".count) }
        return String(reason.prefix(400)) + place.prefix(120)
    }
}
