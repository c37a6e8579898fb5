import Foundation
import LanguageModels
import SearchCore
import Testing

@testable import LlamaBackend

@Suite("A chat template is rendered, and cannot harm")
struct ChatTemplateTests {
    private func render(_ source: String) throws(StratagemError) -> String {
        try ChatTemplate(source: source, beginning: "<s>", end: "</s>", path: "x.gguf").render(
            [.init(role: "user", content: "2 + {problem}?")], opensAnswer: true)
    }
    private func refusal(_ source: String) throws -> String {
        let error = try #require(throws: StratagemError.self) { _ = try render(source) }
        #expect(
            error.code == .badTemplate && error.origin == .model && error.message.hasPrefix("x.gguf: its chat template")
        )
        return error.message
    }

    @Test func whatTemplatesUse() throws {
        let chatml = """
            {{ bos_token }}{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{% endif %}{% for m in messages %}\
            {{ '<|im_start|>' + m['role'] + '\\n' + m['content'] | trim + '<|im_end|>\\n' }}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
            """
        #expect(
            try render(chatml)
                == "<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2 + {problem}?<|im_end|>\n<|im_start|>assistant\n"
        )
        #expect(
            try render("{% set d = strftime_now('%d %b %Y') %}{{ d }}") == "26 Jul 2024", "the same prompt every day")
    }

    @Test func itsOwnRefusalIsTold() throws {
        #expect(try refusal("{{ raise_exception('Only one system turn') }}").contains("Only one system turn"))
        #expect(try refusal("{% if %}").contains("Unexpected token"))
        #expect(try refusal("{{ messages | nosuchfilter }}").contains("nosuchfilter"))
    }

    @Test(arguments: [
        "{{ 'x' * 100000000000 }}", "{{ '\(String(repeating: "x", count: 1000))' * 2000 }}",
        "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    ]) func greedyOnesEnd(source: String) throws {
        #if SANITIZED
        // A sanitizer's allocator ends the process where there is no memory left.
        let words = "--plain"
        #else
        let words = "it needs more memory than the 256 MiB"
        #endif
        #expect(try refusal(source).contains(words))
    }

    /// By time or, on a fast machine, by memory.
    @Test(arguments: [
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for i in range(20000) %}{% for j in range(20000) %}{% for k in range(20000) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{{ " + String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000) + " }}",
    ]) func endlessOnesEnd(source: String) throws {
        #expect(try refusal(source).contains("--plain"))
    }
}

@Suite("A bundle made of a file alone")
struct GGUFStarterTests {
    private static let chat = """
        {% for m in messages %}<|good|>{{ m.role }}: {{ m.content }}<|bad|>
        {% endfor %}{% if add_generation_prompt %}<|good|>assistant: {% endif %}
        """

    private func starter(_ header: TinyModel.Header, plain: Bool = false) throws -> (GGUFStarter, LanguageModels.Bundle)
    {
        let path = TinyModel.write(header)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let starter = try GGUFStarter.make(path, plain: plain)
        let bundle = try BundleReader.parse(starter.text, file: "made.toml")
        _ = try BundleModels(bundle, backends: [GGUFBackend()])
        return (starter, bundle)
    }

    @Test func aChatModel() throws {
        let (starter, bundle) = try starter(.init(chatTemplate: Self.chat))
        #expect(
            bundle.prompt.problem.hasPrefix("<|good|>user: {problem}\n")
                && bundle.prompt.problem.hasSuffix("<|bad|>\n<|good|>assistant: "))
        #expect(bundle.prompt.revise.contains("{attempts}"))
        #expect(bundle.stop == ["<|bad|>"], "what ends a turn ends an answer")
        #expect(
            bundle.contextTokens == TinyModel.contextTokens && bundle.steps == .line && bundle.answers.thought == nil)
        #expect(starter.summary.contains("its own chat template"))
        #expect(Set(bundle.models.keys) == ["policy", "prm"])
    }

    /// What a template spells and the tokenizer adds stands in no bundle, so there is nothing to warn of.
    @Test func oneBeginning() throws {
        let (_, bundle) = try starter(
            .init(beginning: 257, addsBeginning: true, chatTemplate: "{{ bos_token }}" + Self.chat))
        #expect(bundle.prompt.problem.hasPrefix("<|good|>user"))
        let (_, kept) = try self.starter(
            .init(beginning: 257, addsBeginning: false, chatTemplate: "{{ bos_token }}" + Self.chat))
        #expect(kept.prompt.problem.hasPrefix("<|good|><|good|>user"))
    }

    @Test func aModelThatThinks() throws {
        let (_, bundle) = try starter(.init(chatTemplate: Self.chat + "{% if false %}</think>{% endif %}<think>\n"))
        #expect(bundle.answers.thought == Thought(opens: "<think>", closes: "</think>"))
        #expect(bundle.answers.thought?.isOpen(after: bundle.prompt.problem) == true)
    }

    @Test func aBaseModelIsToldToGoOnAsExamplesDo() throws {
        for (header, plain) in [(TinyModel.Header(), false), (TinyModel.Header(chatTemplate: Self.chat), true)] {
            let (starter, bundle) = try starter(header, plain: plain)
            #expect(
                bundle.prompt.problem.hasSuffix("Question: {problem}\nSolution:\n") && bundle.stop == ["\nQuestion:"])
            #expect(starter.summary.contains("a plain prompt with two examples"))
        }
    }

    @Test func aTemplateThatDropsTheQuestion() throws {
        let path = TinyModel.write(.init(chatTemplate: "Hello"))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = try #require(throws: StratagemError.self) { _ = try GGUFStarter.make(path) }
        #expect(error.code == .badTemplate && error.message.contains("drops the question"))
    }
}
