# cython: language_level=3
"""Early stopping (Li et al. 2024) in Cython: sample answers a window at a time, and stop as soon as a whole window agrees.
The shared object starts Python itself."""
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

cdef extern from *:
    """
    #include <dlfcn.h>
    #include <pthread.h>
    #include "stratagem.h"
    #define STR(literal) {(literal), sizeof(literal) - 1}
    PyMODINIT_FUNC PyInit_early_stop(void);
    /* Defined below, in Cython. */
    __PYX_EXTERN_C stg_status search_create(const stg_host *, const stg_create_info *, stg_instance **);
    __PYX_EXTERN_C stg_status search_next(stg_instance *, const stg_tell *, stg_next *);
    __PYX_EXTERN_C void search_destroy(stg_instance *);

    /* Isolated: no environment, no signal handlers. Another plugin may have started Python already. */
    static PyObject *module;
    static void start_python(void) {
        PyGILState_STATE lock = PyGILState_UNLOCKED;
        int mine;
        /* Python's own extension modules look for its functions among the symbols that all can see. */
        dlopen(PYTHON_LIBRARY, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
        mine = !Py_IsInitialized();
        if (mine) {
            PyConfig config;
            PyConfig_InitIsolatedConfig(&config);
            /* Its library lies beside its program: not beside the first one in the host's PATH. */
            PyConfig_SetBytesString(&config, &config.program_name, PYTHON_PROGRAM);
            config.site_import = 0;
            config.use_hash_seed = 1; /* or the order of a set would differ from run to run */
            config.hash_seed = 0;
            PyStatus status = Py_InitializeFromConfig(&config);
            PyConfig_Clear(&config);
            if (PyStatus_Exception(status)) return;
        } else
            lock = PyGILState_Ensure();
        module = PyInit_early_stop();
        if (mine) PyEval_SaveThread(); /* whoever calls next takes the lock */
        else PyGILState_Release(lock);
    }

    static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
        static const stg_str why = STR("Python did not start");
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, start_python);
        if (module) return search_create(host, info, out);
        host->set_error(host, STG_ERROR, why);
        return STG_ERROR;
    }

    static const stg_param params[] = {{sizeof(stg_param), STG_PARAM_INT, STR("window"), STR("samples that must all agree"),
        {STG_VALUE_INT, 0, 4, 0, {NULL, 0}}, {NULL, 0}, 1, 1024, NULL, 0, 0, 0}};
    static const stg_strategy strategy = {sizeof(stg_strategy), 0, STR("org.example.early-stop-cython"), STR("early-stop-cython"),
        STR("1.0.0"), STR("Samples until a window of answers agrees"), params, 1, create, search_next, NULL, NULL,
        search_destroy, NULL, 0};
    static const stg_strategy *const strategies[] = {&strategy};
    static const stg_plugin plugin = {STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, STR("early-stop-cython"),
        STR("1.0.0"), strategies, 1, NULL, 0, NULL};
    STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
    """
    ctypedef uint64_t stg_node
    ctypedef int32_t stg_status
    ctypedef struct stg_str:
        const char *data
        size_t size
    ctypedef struct stg_value:
        int64_t i
    ctypedef struct stg_ask:
        uint32_t struct_size, count
        int32_t kind
        stg_node node
        double temperature
    ctypedef struct stg_told:
        int32_t outcome
        const stg_node *nodes
        size_t node_count
    ctypedef struct stg_tell:
        int32_t event
        size_t told_count
    ctypedef struct stg_answer:
        stg_node node
        double weight
    ctypedef struct stg_next:
        int32_t kind
        const stg_ask *asks
        size_t ask_count
        const stg_answer *answers
        size_t answer_count
    ctypedef struct stg_node_info:
        uint32_t struct_size, flags
        stg_str answer
    ctypedef struct stg_host:
        uint32_t struct_size
        stg_status (*get_node)(const stg_host *, stg_node, stg_node_info *) nogil
        stg_status (*generations_left)(const stg_host *, stg_node, uint32_t, uint64_t *) nogil
        void (*set_error)(const stg_host *, stg_status, stg_str) nogil
    ctypedef struct stg_problem:
        stg_node root
    ctypedef struct stg_create_info:
        const stg_problem *problems
        const stg_value *params
    ctypedef struct stg_instance
    const stg_told *stg_told_at(const stg_tell *, size_t)
    int32_t STG_OK, STG_ERROR, STG_OUTCOME_OK, STG_OUTCOME_TRUNCATED, STG_EVENT_START, STG_EVENT_RESULTS
    int32_t STG_NEXT_ASKS, STG_NEXT_DONE, STG_ASK_SAMPLE
    uint32_t STG_NODE_ANSWERED

from cpython.ref cimport PyObject, Py_INCREF, Py_DECREF

cdef enum: ANSWERS_MAX = 1024


cdef class Search:
    cdef const stg_host *host
    cdef stg_node root
    cdef int window
    cdef uint64_t asked
    cdef stg_ask ask         # what next returned has to stay until the next call
    cdef stg_answer *ranking
    cdef list nodes, groups  # of each node, the place of its answer in votes
    cdef dict places
    cdef list votes

    def __cinit__(self):
        self.nodes, self.groups, self.places, self.votes = [], [], {}, []

    def __dealloc__(self):
        free(self.ranking)

    cdef bint take(self, const stg_told *told) except -1:
        """Adds the answers of a window. True if all of them are the same one, or no more will come."""
        cdef stg_node_info info
        cdef size_t i, first = len(self.nodes)
        for i in range(told.node_count):
            info.struct_size = sizeof(info)
            if self.host.get_node(self.host, told.nodes[i], &info) != STG_OK or not info.flags & STG_NODE_ANSWERED:
                continue
            place = self.places.setdefault(info.answer.data[:info.answer.size], len(self.votes))  # a copy
            if place == len(self.votes):
                self.votes.append(0)
            self.votes[place] += 1
            self.nodes.append(told.nodes[i])
            self.groups.append(place)
        new = self.groups[first:]
        return (len(new) == self.window and len(set(new)) == 1 or told.node_count == 0
                or told.outcome not in (STG_OUTCOME_OK, STG_OUTCOME_TRUNCATED))

    cdef int rank(self, stg_next *out) except -1:
        """The most common answer's nodes in front."""
        winner = self.votes.index(max(self.votes)) if self.votes else 0
        ranked = sorted(range(len(self.nodes)), key=lambda i: self.groups[i] != winner)  # stable
        self.ranking = <stg_answer *>calloc(len(ranked) + 1, sizeof(stg_answer))
        if not self.ranking:
            raise MemoryError
        for at, i in enumerate(ranked):
            self.ranking[at].node = self.nodes[i]
            self.ranking[at].weight = 1
        out.kind, out.answers, out.answer_count = STG_NEXT_DONE, self.ranking, len(ranked)

    cdef int turn(self, const stg_tell *tell, stg_next *out) except -1:
        cdef bint over = tell.event != STG_EVENT_START and tell.event != STG_EVENT_RESULTS
        cdef size_t i
        cdef uint64_t left = 0xFFFFFFFFFFFFFFFF
        for i in range(tell.told_count):
            over = self.take(stg_told_at(tell, i)) or over
        if over:
            left = 0
        elif self.host.struct_size >= sizeof(stg_host):
            self.host.generations_left(self.host, self.root, 0, &left)
        left = min(left, ANSWERS_MAX - self.asked)
        if left == 0:
            return self.rank(out)
        self.ask.struct_size, self.ask.kind, self.ask.node = sizeof(stg_ask), STG_ASK_SAMPLE, self.root
        self.ask.count, self.ask.temperature = min(left, <uint64_t>self.window), 0.8
        self.asked += self.ask.count
        out.kind, out.asks, out.ask_count = STG_NEXT_ASKS, &self.ask, 1


cdef stg_status failed(const stg_host *host, problem):
    cdef bytes why = repr(problem).encode()
    cdef stg_str text
    text.data, text.size = why, len(why)
    host.set_error(host, STG_ERROR, text)
    return STG_ERROR


cdef public stg_status search_create(const stg_host *host, const stg_create_info *info, stg_instance **out) with gil:
    cdef Search self
    try:
        self = Search()
        self.host, self.root, self.window = host, info.problems.root, info.params.i
        Py_INCREF(self)  # the host holds it
        out[0] = <stg_instance *><PyObject *>self
        return STG_OK
    except BaseException as problem:
        return failed(host, problem)


cdef public stg_status search_next(stg_instance *instance, const stg_tell *tell, stg_next *out) with gil:
    cdef Search self = <Search><PyObject *>instance
    try:
        self.turn(tell, out)
        return STG_OK
    except BaseException as problem:
        return failed(self.host, problem)


cdef public void search_destroy(stg_instance *instance) with gil:
    Py_DECREF(<Search><PyObject *>instance)
