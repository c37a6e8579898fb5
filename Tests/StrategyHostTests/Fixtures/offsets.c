/* Prints where every field of every struct lies, and every constant: what version 1
 * promises. Tests compare it with Golden/offsets.txt. */
#include <inttypes.h>
#include <stdio.h>

#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("  %s %zu %zu\n", #field, offsetof(type, field), sizeof(((type *)0)->field))
#define CONSTANT(name) printf("%s %" PRId64 "\n", #name, (int64_t)(name))
#define WORD(name) printf("%s 0x%" PRIX64 "\n", #name, (uint64_t)(name))

int main(void) {
    STRUCT(stg_str);
    FIELD(stg_str, data);
    FIELD(stg_str, size);

    STRUCT(stg_value);
    FIELD(stg_value, kind);
    FIELD(stg_value, reserved);
    FIELD(stg_value, i);
    FIELD(stg_value, f);
    FIELD(stg_value, s);

    STRUCT(stg_named_value);
    FIELD(stg_named_value, name);
    FIELD(stg_named_value, value);

    STRUCT(stg_ask);
    FIELD(stg_ask, struct_size);
    FIELD(stg_ask, kind);
    FIELD(stg_ask, tag);
    FIELD(stg_ask, role);
    FIELD(stg_ask, node);
    FIELD(stg_ask, count);
    FIELD(stg_ask, steps);
    FIELD(stg_ask, max_tokens);
    FIELD(stg_ask, problem);
    FIELD(stg_ask, temperature);
    FIELD(stg_ask, top_p);
    FIELD(stg_ask, min_p);
    FIELD(stg_ask, nodes);
    FIELD(stg_ask, node_count);
    FIELD(stg_ask, text);
    FIELD(stg_ask, params);
    FIELD(stg_ask, param_count);
    FIELD(stg_ask, share);
    FIELD(stg_ask, max_generations);
    FIELD(stg_ask, max_tokens_total);

    STRUCT(stg_told);
    FIELD(stg_told, struct_size);
    FIELD(stg_told, outcome);
    FIELD(stg_told, tag);
    FIELD(stg_told, nodes);
    FIELD(stg_told, node_count);

    STRUCT(stg_tell);
    FIELD(stg_tell, struct_size);
    FIELD(stg_tell, event);
    FIELD(stg_tell, told);
    FIELD(stg_tell, told_count);

    STRUCT(stg_answer);
    FIELD(stg_answer, node);
    FIELD(stg_answer, weight);

    STRUCT(stg_next);
    FIELD(stg_next, struct_size);
    FIELD(stg_next, kind);
    FIELD(stg_next, asks);
    FIELD(stg_next, ask_count);
    FIELD(stg_next, answers);
    FIELD(stg_next, answer_count);

    STRUCT(stg_node_info);
    FIELD(stg_node_info, struct_size);
    FIELD(stg_node_info, flags);
    FIELD(stg_node_info, parent);
    FIELD(stg_node_info, problem);
    FIELD(stg_node_info, depth);
    FIELD(stg_node_info, steps);
    FIELD(stg_node_info, tokens);
    FIELD(stg_node_info, log_probability);
    FIELD(stg_node_info, score);
    FIELD(stg_node_info, text);
    FIELD(stg_node_info, answer);

    STRUCT(stg_budget);
    FIELD(stg_budget, struct_size);
    FIELD(stg_budget, reserved);
    FIELD(stg_budget, generations);
    FIELD(stg_budget, tokens);
    FIELD(stg_budget, flops);
    FIELD(stg_budget, seconds);
    FIELD(stg_budget, generations_spent);
    FIELD(stg_budget, tokens_spent);
    FIELD(stg_budget, flops_spent);
    FIELD(stg_budget, seconds_spent);

    STRUCT(stg_host);
    FIELD(stg_host, struct_size);
    FIELD(stg_host, abi_major);
    FIELD(stg_host, abi_minor);
    FIELD(stg_host, host_data);
    FIELD(stg_host, get_node);
    FIELD(stg_host, step_scores);
    FIELD(stg_host, get_budget);
    FIELD(stg_host, random);
    FIELD(stg_host, has_role);
    FIELD(stg_host, log);
    FIELD(stg_host, set_error);
    FIELD(stg_host, get_extension);
    FIELD(stg_host, generations_left);

    STRUCT(stg_param);
    FIELD(stg_param, struct_size);
    FIELD(stg_param, kind);
    FIELD(stg_param, id);
    FIELD(stg_param, help);
    FIELD(stg_param, fallback);
    FIELD(stg_param, fallback_text);
    FIELD(stg_param, min);
    FIELD(stg_param, max);
    FIELD(stg_param, choices);
    FIELD(stg_param, choice_count);
    FIELD(stg_param, flags);
    FIELD(stg_param, reserved);

    STRUCT(stg_problem);
    FIELD(stg_problem, struct_size);
    FIELD(stg_problem, reserved);
    FIELD(stg_problem, text);
    FIELD(stg_problem, root);

    STRUCT(stg_create_info);
    FIELD(stg_create_info, struct_size);
    FIELD(stg_create_info, problem_count);
    FIELD(stg_create_info, problems);
    FIELD(stg_create_info, params);
    FIELD(stg_create_info, param_count);
    FIELD(stg_create_info, strategy);

    STRUCT(stg_role);
    FIELD(stg_role, struct_size);
    FIELD(stg_role, flags);
    FIELD(stg_role, name);
    FIELD(stg_role, param);
    FIELD(stg_role, unless_param);
    FIELD(stg_role, unless_value);
    FIELD(stg_role, help);

    STRUCT(stg_strategy);
    FIELD(stg_strategy, struct_size);
    FIELD(stg_strategy, flags);
    FIELD(stg_strategy, id);
    FIELD(stg_strategy, name);
    FIELD(stg_strategy, version);
    FIELD(stg_strategy, summary);
    FIELD(stg_strategy, params);
    FIELD(stg_strategy, param_count);
    FIELD(stg_strategy, create);
    FIELD(stg_strategy, next);
    FIELD(stg_strategy, save);
    FIELD(stg_strategy, restore);
    FIELD(stg_strategy, destroy);
    FIELD(stg_strategy, roles);
    FIELD(stg_strategy, role_count);

    STRUCT(stg_function);
    FIELD(stg_function, struct_size);
    FIELD(stg_function, reserved);
    FIELD(stg_function, hook);
    FIELD(stg_function, name);
    FIELD(stg_function, signature);
    FIELD(stg_function, address);

    STRUCT(stg_plugin);
    FIELD(stg_plugin, magic);
    FIELD(stg_plugin, struct_size);
    FIELD(stg_plugin, abi_major);
    FIELD(stg_plugin, abi_minor);
    FIELD(stg_plugin, name);
    FIELD(stg_plugin, version);
    FIELD(stg_plugin, strategies);
    FIELD(stg_plugin, strategy_count);
    FIELD(stg_plugin, functions);
    FIELD(stg_plugin, function_count);
    FIELD(stg_plugin, get_extension);

    STRUCT(stg_confidence);
    FIELD(stg_confidence, struct_size);
    FIELD(stg_confidence, tokens);
    FIELD(stg_confidence, mean);
    FIELD(stg_confidence, minimum);
    FIELD(stg_confidence, tenth);
    FIELD(stg_confidence, median);
    FIELD(stg_confidence, lowest_window);
    FIELD(stg_confidence, last_window);

    STRUCT(stg_confidence_1);
    FIELD(stg_confidence_1, struct_size);
    FIELD(stg_confidence_1, reserved);
    FIELD(stg_confidence_1, summary);

    STRUCT(stg_confidence_2);
    FIELD(stg_confidence_2, struct_size);
    FIELD(stg_confidence_2, reserved);
    FIELD(stg_confidence_2, token_figures);

    STRUCT(stg_capabilities_1);
    FIELD(stg_capabilities_1, struct_size);
    FIELD(stg_capabilities_1, reserved);
    FIELD(stg_capabilities_1, of_role);

    WORD(STG_MAGIC);
    CONSTANT(STG_ABI_MAJOR);
    CONSTANT(STG_ABI_MINOR);
    CONSTANT(STG_NO_NODE);
    CONSTANT(STG_OK);
    CONSTANT(STG_ERROR);
    CONSTANT(STG_INVALID_ARGUMENT);
    CONSTANT(STG_UNSUPPORTED);
    CONSTANT(STG_OUT_OF_MEMORY);
    CONSTANT(STG_NOT_FOUND);
    CONSTANT(STG_VALUE_NONE);
    CONSTANT(STG_VALUE_INT);
    CONSTANT(STG_VALUE_FLOAT);
    CONSTANT(STG_VALUE_BOOL);
    CONSTANT(STG_VALUE_TEXT);
    CONSTANT(STG_VALUE_BYTES);
    CONSTANT(STG_ASK_SAMPLE);
    CONSTANT(STG_ASK_SCORE);
    CONSTANT(STG_ASK_APPEND);
    CONSTANT(STG_ASK_REVISE);
    CONSTANT(STG_ASK_RUN);
    CONSTANT(STG_MAX_COUNT);
    CONSTANT(STG_MAX_STEPS);
    CONSTANT(STG_MAX_ASKS);
    CONSTANT(STG_OUTCOME_OK);
    CONSTANT(STG_OUTCOME_TRUNCATED);
    CONSTANT(STG_OUTCOME_MODEL_FAILED);
    CONSTANT(STG_OUTCOME_VERIFIER_FAILED);
    CONSTANT(STG_OUTCOME_BUDGET_EXHAUSTED);
    CONSTANT(STG_OUTCOME_CANCELLED);
    CONSTANT(STG_OUTCOME_RUN_FAILED);
    CONSTANT(STG_EVENT_START);
    CONSTANT(STG_EVENT_RESULTS);
    CONSTANT(STG_EVENT_CANCELLED);
    CONSTANT(STG_EVENT_BUDGET_OVER);
    CONSTANT(STG_NEXT_ASKS);
    CONSTANT(STG_NEXT_DONE);
    CONSTANT(STG_NODE_FINISHED);
    CONSTANT(STG_NODE_TRUNCATED);
    CONSTANT(STG_NODE_SCORED);
    CONSTANT(STG_NODE_ANSWERED);
    WORD(STG_UNLIMITED);
    CONSTANT(STG_LOG_DEBUG);
    CONSTANT(STG_LOG_INFO);
    CONSTANT(STG_LOG_WARNING);
    CONSTANT(STG_LOG_ERROR);
    CONSTANT(STG_LOG_HOST_MISBEHAVING);
    CONSTANT(STG_PARAM_INT);
    CONSTANT(STG_PARAM_FLOAT);
    CONSTANT(STG_PARAM_BOOL);
    CONSTANT(STG_PARAM_CHOICE);
    CONSTANT(STG_PARAM_TEXT);
    CONSTANT(STG_PARAM_FILE);
    CONSTANT(STG_STRATEGY_BATCH);
    CONSTANT(STG_PARAM_REQUIRED);
    CONSTANT(STG_ROLE_VERIFIER);
    CONSTANT(STG_ROLE_OPTIONAL);
    CONSTANT(STG_CANONICAL_MAX);
    CONSTANT(STG_CONFIDENCE_WINDOW);
    CONSTANT(STG_CONFIDENCE_TOP);
    CONSTANT(STG_TOKEN_LOG_PROBABILITY);
    CONSTANT(STG_TOKEN_TOP_MEAN);
    CONSTANT(STG_TOKEN_SELF_CERTAINTY);
    CONSTANT(STG_TOKEN_ENTROPY);
    CONSTANT(STG_KEEPS_REPEATABILITY);
    CONSTANT(STG_KEEPS_TOKENS);
    CONSTANT(STG_COUNTS_TOKENS);
    CONSTANT(STG_COUNTS_FLOPS);
    CONSTANT(STG_TELLS_PROBABILITIES);
    CONSTANT(STG_TELLS_TOP);
    CONSTANT(STG_TELLS_DISTRIBUTIONS);
    puts("STG_CONFIDENCE_1 " STG_CONFIDENCE_1);
    puts("STG_CONFIDENCE_2 " STG_CONFIDENCE_2);
    puts("STG_CAPABILITIES_1 " STG_CAPABILITIES_1);
    puts("STG_ENTRY_SYMBOL " STG_ENTRY_SYMBOL);
    return 0;
}
