/* Compiled as every C and C++ that the header promises, with all warnings as errors. */
#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

const stg_plugin *stg_plugin_entry(void);

uint64_t first_tag(const stg_tell *tell);
uint64_t first_tag(const stg_tell *tell) {
    return tell->told_count > 0 && tell->event != STG_EVENT_START ? stg_told_at(tell, 0)->tag : STG_UNLIMITED;
}

int repeats(const stg_capabilities_1 *capabilities, const stg_host *host);
int repeats(const stg_capabilities_1 *capabilities, const stg_host *host) {
    stg_str role = {0, 0};
    uint64_t kept = 0;
    return capabilities->of_role(host, role, &kept) == STG_OK && (kept & STG_KEEPS_REPEATABILITY) != 0;
}

int is_plugin(const stg_plugin *plugin);
int is_plugin(const stg_plugin *plugin) {
    return plugin->magic == STG_MAGIC && plugin->abi_major == STG_ABI_MAJOR;
}
