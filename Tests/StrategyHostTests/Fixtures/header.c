/* Compiled as every C and C++ that the header promises, with all warnings as errors. */
#include "stratagem_confidence.h"

const stg_plugin *stg_plugin_entry(void);

uint64_t first_tag(const stg_tell *tell);
uint64_t first_tag(const stg_tell *tell) {
    return tell->told_count > 0 && tell->event != STG_EVENT_START ? stg_told_at(tell, 0)->tag : STG_UNLIMITED;
}

int is_plugin(const stg_plugin *plugin);
int is_plugin(const stg_plugin *plugin) {
    return plugin->magic == STG_MAGIC && plugin->abi_major == STG_ABI_MAJOR;
}
