import Foundation
import Testing

/// A plugin of one strategy, `only`, in C: a test says what its `next` does.
struct CPlugin {
    let source: String

    /// - Parameters:
    ///   - body: of `next(instance, tell, out)`; `instance->root` is the problem's root.
    ///   - others: further functions.
    ///   - entry: what it does before it says what it is.
    init(next body: String, others: String = "", entry: String = "") {
        source = """
            #include "stratagem.h"
            #include <stdio.h>
            #include <unistd.h>
            #define TEXT(x) {x, sizeof(x) - 1}
            struct stg_instance { stg_node root; };
            static struct stg_instance one;
            \(others)
            static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
                (void)host;
                one.root = info->problems[0].root;
                *out = &one;
                return STG_OK;
            }
            static stg_status next(stg_instance *instance, const stg_tell *tell, stg_next *out) {
                (void)instance, (void)tell, (void)out;
            \(body)
            }
            static void destroy(stg_instance *instance) { (void)instance; }
            static const stg_strategy only = {sizeof only, 0, TEXT("org.example.only"), TEXT("only"), TEXT("1.0.0"), TEXT("Only"),
                                              NULL, 0, create, next, NULL, NULL, destroy};
            static const stg_strategy *const all[] = {&only};
            static const stg_plugin plugin = {STG_MAGIC, sizeof plugin, STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("only"), TEXT("1.0.0"), all, 1, NULL, 0, NULL};
            STG_EXPORT const stg_plugin *stg_plugin_entry(void) { \(entry) return &plugin; }
            """
    }

    /// - Returns: the path of the plugin, which the user trusts or not.
    func build(in command: Command, isTrusted: Bool) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-std=gnu11", "-w", "-shared", "-fPIC", "-I", root + "/Sources/CStratagem/include",
            try command.write("only.c", source), "-o", command.path("only.so"),
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        if isTrusted { #expect(try command.run("trust", command.path("only.so")).status == 0) }
        return command.path("only.so")
    }
}
