/* What the plugin is, and the start of Haskell's runtime. */
#include <HsFFI.h>
#include <Rts.h>

#include "stratagem.h"

#define TEXT(literal) {(literal), sizeof(literal) - 1}

/* EarlyStop.hs exports them. */
stg_status search_create(const stg_host *host, const stg_create_info *info, stg_instance **out);
stg_status search_next(stg_instance *instance, const stg_tell *tell, stg_next *out);
void search_destroy(stg_instance *instance);

static const stg_param params[] = {{.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("window"),
    .help = TEXT("samples that must all agree"), .fallback = {.kind = STG_VALUE_INT, .i = 4}, .min = 1, .max = 1024}};
static const stg_strategy strategy = {.struct_size = sizeof(stg_strategy), .id = TEXT("org.example.early-stop-haskell"),
    .name = TEXT("early-stop-haskell"), .version = TEXT("1.0.0"), .summary = TEXT("Samples until a window of answers agrees"),
    .params = params, .param_count = 1, .create = search_create, .next = search_next, .destroy = search_destroy};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {.magic = STG_MAGIC, .struct_size = sizeof(stg_plugin), .abi_major = STG_ABI_MAJOR,
    .abi_minor = STG_ABI_MINOR, .name = TEXT("early-stop-haskell"), .version = TEXT("1.0.0"), .strategies = strategies,
    .strategy_count = 1};

/* No handlers of signals, and no thread that ticks: the process is the host's. */
__attribute__((constructor)) static void start(void) {
    static char name[] = "early-stop-haskell", *words[] = {name, NULL}, **arguments = words;
    int count = 1;
    RtsConfig config = defaultRtsConfig;
    config.rts_opts_enabled = RtsOptsAll;
    config.rts_opts = "-V0 --install-signal-handlers=no";
    hs_init_ghc(&count, &arguments, config);
}

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
