/* Makes every type of the headers reachable from an exported symbol, so that abidw
 * writes it down. */
#include "stratagem.h"
#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return NULL; }
STG_EXPORT const stg_confidence_1 *stg_confidence_entry(void) { return NULL; }
/* Since 1.1. */
STG_EXPORT const stg_confidence_2 *stg_confidence_2_entry(void) { return NULL; }
STG_EXPORT const stg_capabilities_1 *stg_capabilities_1_entry(void) { return NULL; }
