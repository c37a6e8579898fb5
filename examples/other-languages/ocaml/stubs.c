/* Between the host and early_stop.ml. OCaml 4 runs on one thread at a time: each call takes a lock, and what belongs to
 * OCaml is touched only under it. */
#define CAML_NAME_SPACE
#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/memory.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(literal) {(literal), sizeof(literal) - 1}

struct stg_instance {
    const stg_host *host;
    stg_node root;
    value search; /* a root of the collector's */
    stg_ask ask;  /* what next returned has to stay until the next call */
    stg_answer *answers;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ------------------------------------------------------------------ what OCaml calls */

/* The host's pointer is no block of OCaml's: a tagged number, which the collector does not follow. */
static value boxed(const stg_host *host) { return (value)host | 1; }
static const stg_host *unboxed(value host) { return (const stg_host *)(host & ~(value)1); }

CAMLprim value search_answer(value host, value node) {
    CAMLparam1(node);
    CAMLlocal1(text);
    stg_node_info info = {.struct_size = sizeof info};
    if (unboxed(host)->get_node(unboxed(host), (stg_node)Int64_val(node), &info) != STG_OK || !(info.flags & STG_NODE_ANSWERED))
        CAMLreturn(Val_none);
    text = caml_alloc_initialized_string(info.answer.size, info.answer.data);
    CAMLreturn(caml_alloc_some(text));
}

CAMLprim value search_room(value host, value root) {
    uint64_t left = STG_UNLIMITED;
    if (unboxed(host)->struct_size >= sizeof(stg_host))
        unboxed(host)->generations_left(unboxed(host), (stg_node)Int64_val(root), 0, &left);
    return caml_copy_int64((int64_t)left);
}

/* ------------------------------------------------------------------ what the host calls */

static value named(const char *name) { return *caml_named_value(name); }

static stg_status refuse(const stg_host *host) {
    host->set_error(host, STG_ERROR, (stg_str)TEXT("OCaml raised an exception"));
    return STG_ERROR;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self = calloc(1, sizeof *self);
    if (!self) return refuse(host);
    self->host = host;
    self->root = info->problems->root;
    pthread_mutex_lock(&lock);
    value root = caml_copy_int64((int64_t)self->root);
    value search = caml_callback3_exn(named("create"), boxed(host), root, Val_long(info->params->i));
    int failed = Is_exception_result(search);
    if (!failed) {
        self->search = search;
        caml_register_generational_global_root(&self->search);
    }
    pthread_mutex_unlock(&lock);
    if (failed) {
        free(self);
        return refuse(host);
    }
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    pthread_mutex_lock(&lock);
    caml_remove_generational_global_root(&self->search);
    pthread_mutex_unlock(&lock);
    free(self->answers);
    free(self);
}

static value list_of(const stg_told *told) {
    CAMLparam0();
    CAMLlocal1(nodes);
    nodes = told->node_count == 0 ? Atom(0) : caml_alloc(told->node_count, 0);
    for (size_t i = 0; i < told->node_count; i++) Store_field(nodes, i, caml_copy_int64((int64_t)told->nodes[i]));
    CAMLreturn(nodes);
}

/* With the lock held. No exception of OCaml's may cross the boundary. */
static stg_status turn(stg_instance *self, const stg_tell *tell, stg_next *out) {
    CAMLparam0();
    CAMLlocal2(result, nodes);
    int over = tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS;
    long count = 0;
    for (size_t i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        nodes = list_of(told); /* a line of its own: it may move what the next one reads */
        result = caml_callback2_exn(named("take"), self->search, nodes);
        if (Is_exception_result(result)) CAMLreturnT(stg_status, refuse(self->host));
        over |= Bool_val(result) || told->node_count == 0 || (told->outcome != STG_OUTCOME_OK && told->outcome != STG_OUTCOME_TRUNCATED);
    }
    if (!over) {
        result = caml_callback_exn(named("count"), self->search);
        if (Is_exception_result(result)) CAMLreturnT(stg_status, refuse(self->host));
        count = Long_val(result);
    }
    if (count > 0) {
        self->ask = (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SAMPLE, .node = self->root,
                              .count = (uint32_t)count, .temperature = 0.8};
        *out = (stg_next){.struct_size = out->struct_size, .kind = STG_NEXT_ASKS, .asks = &self->ask, .ask_count = 1};
        CAMLreturnT(stg_status, STG_OK);
    }
    result = caml_callback_exn(named("rank"), self->search);
    if (Is_exception_result(result)) CAMLreturnT(stg_status, refuse(self->host));
    size_t ranked = Wosize_val(result);
    self->answers = calloc(ranked + 1, sizeof *self->answers);
    if (!self->answers) CAMLreturnT(stg_status, refuse(self->host));
    for (size_t i = 0; i < ranked; i++) self->answers[i] = (stg_answer){(stg_node)Int64_val(Field(result, i)), 1};
    *out = (stg_next){.struct_size = out->struct_size, .kind = STG_NEXT_DONE, .answers = self->answers, .answer_count = ranked};
    CAMLreturnT(stg_status, STG_OK);
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    pthread_mutex_lock(&lock);
    stg_status status = turn(self, tell, out);
    pthread_mutex_unlock(&lock);
    return status;
}

static const stg_param params[] = {{.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("window"),
    .help = TEXT("samples that must all agree"), .fallback = {.kind = STG_VALUE_INT, .i = 4}, .min = 1, .max = 1024}};
static const stg_strategy strategy = {.struct_size = sizeof(stg_strategy), .id = TEXT("org.example.early-stop-ocaml"),
    .name = TEXT("early-stop-ocaml"), .version = TEXT("1.0.0"), .summary = TEXT("Samples until a window of answers agrees"),
    .params = params, .param_count = 1, .create = create, .next = next, .destroy = destroy};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {.magic = STG_MAGIC, .struct_size = sizeof(stg_plugin), .abi_major = STG_ABI_MAJOR,
    .abi_minor = STG_ABI_MINOR, .name = TEXT("early-stop-ocaml"), .version = TEXT("1.0.0"), .strategies = strategies,
    .strategy_count = 1};

/* At load: OCaml's runtime installs a handler for stack overflow, which a search must not do. */
__attribute__((constructor)) static void start(void) {
    static char name[] = "early-stop-ocaml", *arguments[] = {name, NULL};
    caml_startup(arguments);
}

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
