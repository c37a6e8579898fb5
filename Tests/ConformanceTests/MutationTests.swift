import Conformance
import Foundation
import Testing

/// Our own strategies with a line changed: the kit notices every time.
@Suite struct MutationTests {
    struct Mutation: CustomTestStringConvertible, Sendable {
        var what: String
        var plugin: String
        var from: String
        var to: String
        var testDescription: String { "\(plugin): \(what)" }
    }

    /// Each replaces the first place where `from` stands, which must be there.
    static let majority: [Mutation] = [
        .init(
            what: "keeps the told nodes' place in a static and reads it after return", plugin: "majority",
            from: "if (tell->event != STG_EVENT_START) return done(self, tell, out);",
            to:
                "static const stg_tell *kept; if (kept && kept->told_count > 1000) return STG_ERROR; kept = tell; if (tell->event != STG_EVENT_START) return done(self, tell, out);"
        ),
        .init(
            what: "budget off by one, upwards", plugin: "majority", from: "if (wanted > left) wanted = left;",
            to: "wanted = left == STG_UNLIMITED ? wanted : left + 1;"),
        .init(
            what: "budget off by one, downwards", plugin: "majority", from: "return wanted < 1 ? 1 : (uint32_t)wanted;",
            to: "return wanted < 2 ? 1 : (uint32_t)wanted - 1;"),
        .init(
            what: "no budget at all", plugin: "majority", from: "return wanted < 1 ? 1 : (uint32_t)wanted;",
            to: "return (uint32_t)budget.generations;"),
        .init(
            what: "counts truncated samples", plugin: "majority", from: "|| !(info.flags & STG_NODE_FINISHED)) return;",
            to: ") return;"),
        .init(
            what: "reads an answer that is not there", plugin: "majority",
            from: "if (info.flags & STG_NODE_ANSWERED) {", to: "if (info.answer.data[0] != 1) {"),
        .init(
            what: "one answer too many", plugin: "majority", from: "out->answer_count = v.node_count;",
            to: "out->answer_count = v.node_count + 1;"),
        .init(
            what: "every node twice", plugin: "majority", from: "answer->node = v->nodes[i];",
            to: "answer->node = v->nodes[0];"),
        .init(
            what: "weights that are not numbers", plugin: "majority", from: "answer->weight = has_answer ? 1 : 0;",
            to: "answer->weight = has_answer ? 1 : 0.0 / 0.0;"),
        .init(
            what: "frees what DONE returned", plugin: "majority", from: "    out->answer_count = v.node_count;\n",
            to: "    out->answer_count = v.node_count;\n    memset(self->answers, 0xFF, 8);\n"),
        .init(
            what: "forgets to free the answers", plugin: "majority", from: "    free(self->answers);\n    free(self);",
            to: "    free(self);"),
        .init(
            what: "frees itself twice", plugin: "majority", from: "    free(self->answers);\n    free(self);",
            to: "    free(self->answers);\n    free(self);\n    free(self);"),
        .init(
            what: "takes memory for granted", plugin: "majority", from: "if (!self) return fail",
            to: "if (0) return fail"),
        .init(
            what: "asks again when it is told to stop", plugin: "majority",
            from: "if (tell->event != STG_EVENT_START) return done",
            to: "if (tell->event == STG_EVENT_RESULTS) return done"),
        .init(
            what: "lost seed: the clock decides", plugin: "majority", from: "out->ask_count = 1;",
            to:
                "out->ask_count = 1; { extern long clock(void); self->ask.max_tokens = 1000 + (uint32_t)clock() % 977; }"
        ),
        .init(
            what: "a state that it does not understand is taken", plugin: "majority",
            from: "if (state.size != 0) return fail", to: "if (0) return fail"),
        .init(
            what: "a struct that says it has no size", plugin: "majority",
            from: "    info.struct_size = sizeof info;\n", to: ""),
        .init(
            what: "an ask that says it has no size", plugin: "majority",
            from: "    self->ask.struct_size = sizeof self->ask;\n", to: ""),
        .init(
            what: "samples from a node that it made up", plugin: "majority",
            from: "self->ask.node = info->problems->root;", to: "self->ask.node = info->problems->root + 7;"),
        .init(
            what: "a default out of range", plugin: "majority", from: "{STG_VALUE_FLOAT, 0, 0, 0.8, {NULL, 0}}",
            to: "{STG_VALUE_FLOAT, 0, 0, 80, {NULL, 0}}"),
        .init(
            what: "one instance for all", plugin: "majority", from: "self = calloc(1, sizeof *self);",
            to: "static stg_instance only; self = calloc(1, 64) ? &only : NULL;"),
        .init(
            what: "an error without a reason", plugin: "majority", from: "    host->set_error(host, code, text);\n",
            to: "    (void)text;\n"),
        .init(
            what: "a status of its own", plugin: "majority", from: "    return code;\n", to: "    return code + 100;\n"),
    ]

    static let functions: [Mutation] = [
        .init(
            what: "reads one byte too far", plugin: "math-answers", from: "s.end = s.at + size;",
            to: "s.end = s.at + size + 1;"),
        .init(
            what: "trims in place", plugin: "math-answers", from: "while (s.at < s.end && is_space(*s.at)) s.at++;",
            to: "while (s.at < s.end && is_space(*s.at)) *(char *)s.at++ = ' ';"),
        .init(
            what: "no status for an empty answer", plugin: "math-answers",
            from: "if (s.at >= s.end) return STG_NOT_FOUND;", to: "if (s.at >= s.end) return 3;"),
    ]

    @Test(arguments: majority + functions) func isFound(_ mutation: Mutation) throws {
        let folder = BrokenPlugin.plugins.appendingPathComponent(mutation.plugin)
        let copy = BrokenPlugin.scratch.appendingPathComponent("mutant-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: folder, to: copy)
        let files = try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted()
        let place = try #require(
            try files.lazy.compactMap { try Self.place(of: mutation.from, in: copy.appendingPathComponent($0)) }.first,
            "\(mutation.plugin) has changed: '\(mutation.from)' is nowhere in it")
        try place.text.replacingCharacters(in: place.range, with: mutation.to).write(
            to: place.file, atomically: true, encoding: .utf8)
        let library = copy.appendingPathComponent("mutant.so").path
        let sources = files.filter { $0.hasSuffix(".c") }.map { copy.appendingPathComponent($0).path }
        try BrokenPlugin.compile(sources[0], to: library, Array(sources.dropFirst()))
        let found = BrokenPlugin.check(library, level: 9).filter(\.isBad)
        print("  \(mutation.testDescription) → \(found.map(\.check.name).joined(separator: ", "))")
        #expect(!found.isEmpty, "nothing found it")
    }

    private static func place(of from: String, in file: URL) throws -> (
        file: URL, text: String, range: Range<String.Index>
    )? {
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.range(of: from).map { (file, text, $0) }
    }
}
