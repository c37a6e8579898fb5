/* SPDX-License-Identifier: Apache-2.0
 * The header has no code of its own; this file gives SwiftPM something to
 * compile and fails the build if a layout that version 1 promised has moved.
 * Tests/StrategyHostTests keeps every offset; here are the sizes (LP64). */
#include "stratagem.h"

#if UINTPTR_MAX == UINT64_MAX
#define STG_SIZE_IS(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has moved")
STG_SIZE_IS(stg_str, 16);
STG_SIZE_IS(stg_value, 40);
STG_SIZE_IS(stg_named_value, 56);
STG_SIZE_IS(stg_ask, 152);
STG_SIZE_IS(stg_told, 32);
STG_SIZE_IS(stg_tell, 24);
STG_SIZE_IS(stg_answer, 16);
STG_SIZE_IS(stg_next, 40);
STG_SIZE_IS(stg_node_info, 80);
STG_SIZE_IS(stg_budget, 72);
STG_SIZE_IS(stg_host, 88);
STG_SIZE_IS(stg_param, 136);
STG_SIZE_IS(stg_problem, 32);
STG_SIZE_IS(stg_create_info, 40);
STG_SIZE_IS(stg_role, 88);
STG_SIZE_IS(stg_strategy, 144);
STG_SIZE_IS(stg_function, 64);
STG_SIZE_IS(stg_plugin, 88);
#endif
