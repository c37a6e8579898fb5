"""Early stopping (Li et al. 2024) with cffi: sample answers a window at a time, and stop as soon as a whole window agrees.

    python3 early_stop_cffi.py HEADER-FOLDER OUTPUT.so [LINKER-OPTION…]

cffi makes a shared object that starts Python and runs `SEARCH` in it."""
import pathlib
import shutil
import sys
import sysconfig
import tempfile

import cffi

# Of each struct only what is used: cffi asks the compiler where it is ("...").
DECLARATIONS = """
    typedef uint64_t stg_node;
    typedef int32_t stg_status;
    typedef struct { const char *data; size_t size; ...; } stg_str;
    typedef struct { int64_t i; ...; } stg_value;
    typedef struct { uint32_t struct_size; int32_t kind; stg_node node; uint32_t count; double temperature; ...; } stg_ask;
    typedef struct { int32_t outcome; const stg_node *nodes; size_t node_count; ...; } stg_told;
    typedef struct { int32_t event; size_t told_count; ...; } stg_tell;
    typedef struct { stg_node node; double weight; } stg_answer;
    typedef struct { int32_t kind; const stg_ask *asks; size_t ask_count; const stg_answer *answers; size_t answer_count; ...; } stg_next;
    typedef struct { uint32_t struct_size, flags; stg_str answer; ...; } stg_node_info;
    typedef struct stg_host { uint32_t struct_size;
        stg_status (*get_node)(const struct stg_host *, stg_node, stg_node_info *);
        stg_status (*generations_left)(const struct stg_host *, stg_node, uint32_t, uint64_t *);
        void (*set_error)(const struct stg_host *, stg_status, stg_str); ...; } stg_host;
    typedef struct { stg_node root; ...; } stg_problem;
    typedef struct { const stg_problem *problems; const stg_value *params; ...; } stg_create_info;
    typedef struct stg_instance stg_instance;
    const stg_told *stg_told_at(const stg_tell *, size_t);
    static const int STG_OK, STG_ERROR, STG_OUTCOME_OK, STG_OUTCOME_TRUNCATED, STG_EVENT_START, STG_EVENT_RESULTS;
    static const int STG_NEXT_ASKS, STG_NEXT_DONE, STG_ASK_SAMPLE, STG_NODE_ANSWERED;
"""
EXPORTS = """
    stg_status search_create(const stg_host *, const stg_create_info *, stg_instance **);
    stg_status search_next(stg_instance *, const stg_tell *, stg_next *);
    void search_destroy(stg_instance *);
"""

# What the plugin is. Nothing of it needs Python, which starts with the first instance.
BLOCK = """
    #include <dlfcn.h>
    #include "stratagem.h"
    #define STR(literal) {(literal), sizeof(literal) - 1}
    static stg_status search_create(const stg_host *, const stg_create_info *, stg_instance **);
    static stg_status search_next(stg_instance *, const stg_tell *, stg_next *);
    static void search_destroy(stg_instance *);
    static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
        stg_status status;
        /* Python's extension modules look for its functions among the symbols that all can see. */
        dlopen("LIBPYTHON", RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
        /* Python looks for its packages beside its program: not beside the first one in the host's PATH. */
        if (!Py_IsInitialized()) Py_SetProgramName(L"PROGRAM");
        *out = NULL;
        status = search_create(host, info, out);
        if (status == STG_OK && !*out) { /* cffi answers 0 if Python does not start */
            static const stg_str why = STR("Python, or its package cffi, did not start");
            host->set_error(host, status = STG_ERROR, why);
        }
        return status;
    }
    static const stg_param params[] = {{sizeof(stg_param), STG_PARAM_INT, STR("window"), STR("samples that must all agree"),
        {STG_VALUE_INT, 0, 4, 0, {NULL, 0}}, {NULL, 0}, 1, 1024, NULL, 0, 0, 0}};
    static const stg_strategy strategy = {sizeof(stg_strategy), 0, STR("org.example.early-stop-cffi"), STR("early-stop-cffi"),
        STR("1.0.0"), STR("Samples until a window of answers agrees"), params, 1, create, search_next, NULL, NULL,
        search_destroy, NULL, 0};
    static const stg_strategy *const strategies[] = {&strategy};
    static const stg_plugin plugin = {STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, STR("early-stop-cffi"),
        STR("1.0.0"), strategies, 1, NULL, 0, NULL};
    STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
""".replace("LIBPYTHON", sysconfig.get_config_var("INSTSONAME")).replace("PROGRAM", sys.executable)

SEARCH = '''
from early_stop_cffi import ffi, lib

ANSWERS_MAX = 1024
instances = {}  # what the host holds is only a number


class Search:
    def __init__(self, host, info):
        self.host, self.root, self.window = host, info.problems.root, info.params.i
        self.nodes, self.groups, self.places, self.votes, self.asked = [], [], {}, [], 0

    def take(self, told):
        """Adds the answers of a window. True if all of them are the same one, or no more will come."""
        new = []
        for node in told.nodes[0:told.node_count] if told.node_count else []:
            info = ffi.new("stg_node_info *", {"struct_size": ffi.sizeof("stg_node_info")})
            if self.host.get_node(self.host, node, info) != lib.STG_OK or not info.flags & lib.STG_NODE_ANSWERED:
                continue
            place = self.places.setdefault(ffi.buffer(info.answer.data, info.answer.size)[:], len(self.votes))  # a copy
            if place == len(self.votes):
                self.votes.append(0)
            self.votes[place] += 1
            self.nodes.append(node)
            new.append(place)
        self.groups += new
        return (len(new) == self.window and len(set(new)) == 1 or told.node_count == 0
                or told.outcome not in (lib.STG_OUTCOME_OK, lib.STG_OUTCOME_TRUNCATED))

    def rank(self, out):
        """The most common answer's nodes in front."""
        winner = self.votes.index(max(self.votes)) if self.votes else 0
        ranked = sorted(range(len(self.nodes)), key=lambda i: self.groups[i] != winner)  # stable
        self.kept = ffi.new("stg_answer[]", [(self.nodes[i], 1.0) for i in ranked])  # until the instance is gone
        out.kind, out.answers, out.answer_count = lib.STG_NEXT_DONE, self.kept, len(ranked)

    def next(self, tell, out):
        over = tell.event not in (lib.STG_EVENT_START, lib.STG_EVENT_RESULTS)
        for i in range(tell.told_count):
            over = self.take(lib.stg_told_at(tell, i)) or over
        left = ffi.new("uint64_t *", 0 if over else 2**64 - 1)
        if not over and self.host.struct_size >= ffi.sizeof("stg_host"):
            self.host.generations_left(self.host, self.root, 0, left)
        count = min(left[0], self.window, ANSWERS_MAX - self.asked)
        if count == 0:
            return self.rank(out)
        self.asked += count
        self.kept = ffi.new("stg_ask *", {"struct_size": ffi.sizeof("stg_ask"), "kind": lib.STG_ASK_SAMPLE, "node": self.root,
                                          "count": count, "temperature": 0.8})
        out.kind, out.asks, out.ask_count = lib.STG_NEXT_ASKS, self.kept, 1


def failed(host, problem):
    """No exception leaves the plugin: cffi would print it and answer 0."""
    why = repr(problem).encode()
    chars = ffi.new("char[]", why)
    host.set_error(host, lib.STG_ERROR, ffi.new("stg_str *", {"data": chars, "size": len(why)})[0])
    return lib.STG_ERROR


@ffi.def_extern()
def search_create(host, info, out):
    try:
        handle = ffi.new_handle(Search(host, info))
        instances[handle] = handle
        out[0] = ffi.cast("stg_instance *", handle)
        return lib.STG_OK
    except BaseException as problem:
        return failed(host, problem)


@ffi.def_extern()
def search_next(instance, tell, out):
    self = ffi.from_handle(ffi.cast("void *", instance))
    try:
        self.next(tell, out)
        return lib.STG_OK
    except BaseException as problem:
        return failed(self.host, problem)


@ffi.def_extern()
def search_destroy(instance):
    del instances[ffi.cast("void *", instance)]
'''


def main():
    folder, output, *options = sys.argv[1:]
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.embedding_api(EXPORTS)
    ffi.embedding_init_code(SEARCH)
    ffi.set_source("early_stop_cffi", BLOCK, include_dirs=[folder], extra_compile_args=["-O2", "-fvisibility=hidden"],
                   extra_link_args=options)
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copy(ffi.compile(tmpdir=temporary, target=pathlib.Path(output).name, verbose=False), output)


main()
