/* A plugin in C++ whose exception crosses the boundary. */
#include <cstdlib>
#include <stdexcept>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}

struct stg_instance {};

static stg_status create(const stg_host *, const stg_create_info *, stg_instance **out) {
    *out = new stg_instance;
    return STG_OK;
}

static stg_status next(stg_instance *, const stg_tell *, stg_next *) { throw std::runtime_error("thrown across the boundary"); }
static void destroy(stg_instance *self) { delete self; }

static const stg_strategy strategy = {
    sizeof(stg_strategy), 0, TEXT("org.example.thrower"), TEXT("thrower"), TEXT("1.0.0"), TEXT("Throws."),
    nullptr, 0, create, next, nullptr, nullptr, destroy,
};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("thrower"), TEXT("1.0.0"), strategies, 1, nullptr, 0, nullptr,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
