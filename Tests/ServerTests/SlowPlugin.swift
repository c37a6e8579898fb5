import Engine
import Foundation
import StrategyHost

/// A strategy `slow` that samples until it is told to stop, a third of a second a sample: it is at work when a
/// test looks, however quick the machine is and however busy.
enum SlowPlugin {
    private static let source = """
        #include "stratagem.h"
        #include <stdlib.h>
        #include <unistd.h>
        #define TEXT(x) {x, sizeof(x) - 1}
        struct stg_instance { stg_node root; stg_ask ask; stg_answer answer; unsigned turns; };
        static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
            (void)host;
            if (!(*out = calloc(1, sizeof **out))) return STG_OUT_OF_MEMORY;
            (*out)->root = info->problems[0].root;
            return STG_OK;
        }
        static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
            if (tell->told_count > 0 && self->answer.node == 0 && stg_told_at(tell, 0)->node_count > 0)
                self->answer = (stg_answer){stg_told_at(tell, 0)->nodes[0], 1};
            if (tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS) {
                out->kind = STG_NEXT_DONE;
                out->answers = &self->answer, out->answer_count = self->answer.node != 0;
                return STG_OK;
            }
            if (self->turns++ > 0) usleep(300000);
            self->ask = (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SAMPLE, .node = self->root, .count = 1, .temperature = 1};
            out->kind = STG_NEXT_ASKS;
            out->asks = &self->ask, out->ask_count = 1;
            return STG_OK;
        }
        static void destroy(stg_instance *self) { free(self); }
        static const stg_strategy slow = {sizeof slow, 0, TEXT("org.example.slow"), TEXT("slow"), TEXT("1.0.0"), TEXT("Takes its time"),
                                          NULL, 0, create, next, NULL, NULL, destroy};
        static const stg_strategy *const all[] = {&slow};
        static const stg_plugin plugin = {STG_MAGIC, sizeof plugin, STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("slow"), TEXT("1.0.0"), all, 1, NULL, 0, NULL};
        STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
        """

    /// Built once, into a folder that the system's cleaning of temporary files takes.
    private static let folder: Result<String, any Error> = Result {
        let folder = try Folder()
        let file = try folder.write("slow.c", source)
        let include = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/CStratagem/include"
        ).standardized.path
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-std=gnu11", "-shared", "-fPIC", "-I", include, file, "-o", folder.path + "/slow.so",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return folder.path
    }

    /// The shipped plugins, and this one.
    static let registry: Result<PluginRegistry, any Error> = Result {
        var options = PluginOptions()
        options.folders = [try folder.get()]
        #if SANITIZED
        // An isolated worker cannot run with a sanitizer.
        options.environment["XDG_DATA_HOME"] = options.folders[0]
        _ = try TrustStore.standard(environment: options.environment)?.trust(options.folders[0] + "/slow.so")
        #endif
        return Engine.plugins(options)
    }
}
