/* SPDX-License-Identifier: Apache-2.0
 *
 * host.c: a plugin whose strategies are written in Python. The tables are constant
 * and made by pack.py; Python starts with the first instance. Each call takes
 * Python's lock, so instances at work at the same time take turns. */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "python.h"
#include "stratagem.h"

struct stg_instance {
    const stg_host *host;
    PyObject *strategy;
    PyObject *turn; /* what next or save returned: its texts are handed out */
    stg_ask *asks;
    stg_named_value *values;
    stg_answer *answers;
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out);
static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out);
/* Of use only where a class has save and restore. */
__attribute__((unused)) static stg_status save(stg_instance *self, stg_str *out);
__attribute__((unused)) static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out);
static void destroy(stg_instance *self);

#include "packed.h"

static python_api py;
static PyObject *boundary;
static const char *refusal = "Python was not started";
/* The host whose call this thread is in. Python may be in many at once. */
static _Thread_local const stg_host *current;

static stg_status fail(const stg_host *host, stg_status code, const char *why) {
    stg_str text;
    text.data = why;
    text.size = strlen(why);
    host->set_error(host, code, text);
    return code;
}

/* --------------------------------------------------- what Python can call */

static PyObject *outside(void) {
    py.PyErr_SetString(py.RuntimeError, "the host may be called only inside __init__, next and search, on their own thread");
    return NULL;
}

static PyObject *bytes(stg_str text) { return py.PyBytes_FromStringAndSize(text.data, (ptrdiff_t)text.size); }

static PyObject *none(void) {
    py.Py_IncRef(py.None);
    return py.None;
}

static PyObject *host_get_node(PyObject *self, PyObject *arguments) {
    unsigned long long node;
    stg_node_info info;
    PyObject *text, *answer;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "K", &node)) return NULL;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    if (current->get_node(current, node, &info) != STG_OK) return none();
    text = bytes(info.text);
    answer = bytes(info.answer);
    if (text && answer) /* N: takes them over */
        return py.Py_BuildValue("(IKIIIIddNN)", info.flags, (unsigned long long)info.parent, info.problem, info.depth, info.steps,
                                info.tokens, info.log_probability, info.score, text, answer);
    py.Py_DecRef(text);
    py.Py_DecRef(answer);
    return NULL;
}

static PyObject *host_step_scores(PyObject *self, PyObject *arguments) {
    unsigned long long node;
    size_t count = 0, found = 0, i;
    double *values;
    PyObject *list;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "K", &node)) return NULL;
    list = py.PyList_New(0);
    if (!list || current->step_scores(current, node, NULL, 0, &count) != STG_OK || count == 0) return list;
    values = calloc(count, sizeof *values);
    if (values && current->step_scores(current, node, values, count, &found) == STG_OK) {
        for (i = 0; i < count; i++) {
            PyObject *value = py.PyFloat_FromDouble(values[i]);
            if (value) py.PyList_Append(list, value);
            py.Py_DecRef(value);
        }
    }
    free(values);
    return list;
}

static PyObject *host_get_budget(PyObject *self, PyObject *arguments) {
    stg_budget b;
    (void)self;
    (void)arguments;
    if (!current) return outside();
    memset(&b, 0, sizeof b);
    b.struct_size = sizeof b;
    current->get_budget(current, &b);
    return py.Py_BuildValue("(KKddKKdd)", (unsigned long long)b.generations, (unsigned long long)b.tokens, b.flops, b.seconds,
                            (unsigned long long)b.generations_spent, (unsigned long long)b.tokens_spent, b.flops_spent, b.seconds_spent);
}

static PyObject *host_generations_left(PyObject *self, PyObject *arguments) {
    unsigned long long node;
    unsigned steps;
    uint64_t count = STG_UNLIMITED;
    stg_budget b;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "KI", &node, &steps)) return NULL;
    if (current->struct_size >= sizeof *current) {
        if (current->generations_left(current, node, steps, &count) != STG_OK) return none();
    } else { /* a host of ABI 1.0 only knows what is left at the fullest depth */
        memset(&b, 0, sizeof b);
        b.struct_size = sizeof b;
        current->get_budget(current, &b);
        if (b.generations != STG_UNLIMITED) count = b.generations > b.generations_spent ? b.generations - b.generations_spent : 0;
    }
    return count == STG_UNLIMITED ? none() : py.PyLong_FromUnsignedLongLong(count);
}

static PyObject *host_random(PyObject *self, PyObject *arguments) {
    (void)self;
    (void)arguments;
    return current ? py.PyLong_FromUnsignedLongLong(current->random(current)) : outside();
}

/* A text that Python passes, as UTF-8 that lives until it is given back. */
static PyObject *utf8(PyObject *text, stg_str *out) {
    PyObject *encoded = py.PyUnicode_AsUTF8String(text);
    if (!encoded) return NULL;
    out->data = py.PyBytes_AsString(encoded);
    out->size = (size_t)py.PyBytes_Size(encoded);
    return encoded;
}

static PyObject *host_has_role(PyObject *self, PyObject *arguments) {
    PyObject *role, *encoded, *result;
    stg_str text;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "U", &role) || !(encoded = utf8(role, &text))) return NULL;
    result = py.PyBool_FromLong(current->has_role(current, text));
    py.Py_DecRef(encoded);
    return result;
}

static PyObject *host_log(PyObject *self, PyObject *arguments) {
    PyObject *line, *encoded;
    int level;
    stg_str text;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "iU", &level, &line) || !(encoded = utf8(line, &text))) return NULL;
    current->log(current, level < STG_LOG_DEBUG ? STG_LOG_DEBUG : level > STG_LOG_ERROR ? STG_LOG_ERROR : level, text);
    py.Py_DecRef(encoded);
    return none();
}

static PyObject *host_get_extension(PyObject *self, PyObject *arguments) {
    PyObject *id, *encoded, *result;
    stg_str text;
    union { const void *there; void *here; } table;
    (void)self;
    if (!current) return outside();
    if (!py.PyArg_ParseTuple(arguments, "U", &id) || !(encoded = utf8(id, &text))) return NULL;
    table.there = current->get_extension(current, text);
    result = py.PyLong_FromVoidPtr(table.here);
    py.Py_DecRef(encoded);
    return result;
}

static PyMethodDef host_calls[] = {
    {"get_node", host_get_node, METH_VARARGS, NULL}, {"step_scores", host_step_scores, METH_VARARGS, NULL},
    {"get_budget", host_get_budget, METH_VARARGS, NULL}, {"random", host_random, METH_VARARGS, NULL},
    {"has_role", host_has_role, METH_VARARGS, NULL}, {"log", host_log, METH_VARARGS, NULL},
    {"get_extension", host_get_extension, METH_VARARGS, NULL}, {"generations_left", host_generations_left, METH_VARARGS, NULL},
};

/* ------------------------------------------------------------- starting up */

/* Calls boundary.name(arguments), which it takes over, as all of these calls do. */
static PyObject *call(PyObject *object, const char *name, PyObject *arguments) {
    PyObject *function = arguments ? py.PyObject_GetAttrString(object, name) : NULL;
    PyObject *result = function ? py.PyObject_CallObject(function, arguments) : NULL;
    py.Py_DecRef(function);
    py.Py_DecRef(arguments);
    return result;
}

static PyObject *host_table(void) {
    PyObject *table = py.PyDict_New();
    size_t i;
    for (i = 0; table && i < sizeof host_calls / sizeof *host_calls; i++) {
        PyObject *function = py.PyCFunction_NewEx(&host_calls[i], NULL, NULL);
        if (function) py.PyDict_SetItemString(table, host_calls[i].name, function);
        py.Py_DecRef(function);
    }
    return table;
}

/* Pairs of texts. */
static PyObject *pairs(size_t count, const char *(*first)(size_t), const char *(*second)(size_t)) {
    PyObject *list = py.PyList_New(0);
    size_t i;
    for (i = 0; list && i < count; i++) {
        PyObject *pair = py.Py_BuildValue("(ss)", first(i), second(i));
        if (pair) py.PyList_Append(list, pair);
        py.Py_DecRef(pair);
    }
    return list;
}

static const char *module_name(size_t i) { return module_names[i + 1]; }
static const char *module_source(size_t i) { return module_sources[i + 1]; }
static const char *class_module(size_t i) { return classes[i][0]; }
static const char *class_name(size_t i) { return classes[i][1]; }

/* Runs stratagem.py, and makes its Boundary, which loads the strategies. */
static PyObject *make_boundary(void) {
    PyObject *globals = py.PyDict_New(), *code = py.Py_CompileString(module_sources[0], "<plugin>/stratagem.py", PY_FILE_INPUT);
    PyObject *done = NULL, *made = NULL, *name = py.Py_BuildValue("s", "stratagem");
    if (globals && code && name && py.PyDict_SetItemString(globals, "__builtins__", py.PyEval_GetBuiltins()) == 0
        && py.PyDict_SetItemString(globals, "__name__", name) == 0)
        done = py.PyEval_EvalCode(code, globals, globals);
    if (done) {
        PyObject *type = py.PyDict_GetItemString(globals, "start"); /* borrowed */
        PyObject *arguments = py.Py_BuildValue("(NNN)", host_table(), pairs(MODULE_COUNT - 1, module_name, module_source),
                                               pairs(STRATEGY_COUNT, class_module, class_name));
        if (type && arguments) made = py.PyObject_CallObject(type, arguments);
        py.Py_DecRef(arguments);
    }
    py.Py_DecRef(done);
    py.Py_DecRef(name);
    py.Py_DecRef(code);
    py.Py_DecRef(globals);
    return made;
}

/* What a call of Boundary's came to: its status, told to the host if it is not 0. */
static stg_status outcome(const stg_host *host, PyObject *result) {
    PyObject *first = result ? py.PyTuple_GetItem(result, 0) : NULL, *why, *encoded;
    long status = first ? py.PyLong_AsLong(first) : STG_ERROR;
    stg_str text;
    if (first && status == STG_OK) return STG_OK;
    why = first ? py.PyTuple_GetItem(result, 1) : NULL;
    encoded = why ? utf8(why, &text) : NULL;
    if (!encoded) {
        py.PyErr_Clear();
        return fail(host, STG_ERROR, "Python failed, and could not say why");
    }
    if (status < STG_ERROR || status > STG_NOT_FOUND) status = STG_ERROR;
    host->set_error(host, (stg_status)status, text);
    py.Py_DecRef(encoded);
    return (stg_status)status;
}

static void start(void) {
    PyObject *made, *found;
    int lock;
    refusal = python_start(&py, BUILT_WITH);
    if (refusal) return;
    lock = py.PyGILState_Ensure();
    made = make_boundary();
    found = made ? py.PyTuple_GetItem(made, 1) : NULL;
    if (found && py.PyLong_AsLong(py.PyTuple_GetItem(made, 0)) == STG_OK) {
        py.Py_IncRef(found); /* for the life of the process */
        boundary = found;
    } else {
        PyObject *text = found ? py.PyUnicode_AsUTF8String(found) : NULL;
        refusal = text ? strdup(py.PyBytes_AsString(text)) : NULL;
        if (!refusal) refusal = "the kit's own Python does not run with this version of Python";
        py.Py_DecRef(text);
    }
    py.PyErr_Clear();
    py.Py_DecRef(made);
    py.PyGILState_Release(lock);
}

/* ------------------------------------------------------------ create, destroy */

static size_t index_of(const stg_strategy *strategy) {
    size_t i;
    for (i = 0; i < STRATEGY_COUNT; i++)
        if (strategies[i] == strategy) return i;
    return STRATEGY_COUNT;
}

static PyObject *problem_list(const stg_create_info *info) {
    PyObject *list = py.PyList_New(0);
    size_t i;
    for (i = 0; list && i < info->problem_count; i++) {
        const stg_problem *problem = (const stg_problem *)(const void *)((const char *)(const void *)info->problems
                                                                        + i * (size_t)info->problems->struct_size);
        PyObject *pair = py.Py_BuildValue("(NK)", bytes(problem->text), (unsigned long long)problem->root);
        if (pair) py.PyList_Append(list, pair);
        py.Py_DecRef(pair);
    }
    return list;
}

static PyObject *value_object(const stg_value *value) {
    switch (value->kind) {
    case STG_VALUE_INT: return py.Py_BuildValue("L", (long long)value->i);
    case STG_VALUE_FLOAT: return py.PyFloat_FromDouble(value->f);
    case STG_VALUE_BOOL: return py.PyBool_FromLong(value->i != 0);
    case STG_VALUE_TEXT: return py.PyUnicode_DecodeUTF8(value->s.size ? value->s.data : "", (ptrdiff_t)value->s.size, "replace");
    case STG_VALUE_BYTES: return bytes(value->s);
    default: return none();
    }
}

static PyObject *value_list(const stg_create_info *info, size_t count) {
    PyObject *list = py.PyList_New(0);
    size_t i;
    for (i = 0; list && i < count; i++) {
        PyObject *value = value_object(&info->params[i]);
        if (value) py.PyList_Append(list, value);
        py.Py_DecRef(value);
    }
    return list;
}

static stg_status make(const stg_host *host, const stg_create_info *info, PyObject *(*state)(const stg_str *), const stg_str *bytes_of_state,
                       stg_instance **out) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t index = index_of(info->strategy);
    stg_instance *self;
    stg_status status;
    PyObject *result;
    int lock;
    current = host; /* modules that print when they are loaded */
    pthread_once(&once, start);
    current = NULL;
    if (refusal) return fail(host, STG_UNSUPPORTED, refusal);
    if (index == STRATEGY_COUNT || info->problem_count < 1 || info->param_count < strategies[index]->param_count)
        return fail(host, STG_INVALID_ARGUMENT, "no such strategy, no problem, or too few parameter values");
    self = calloc(1, sizeof *self);
    if (!self) return fail(host, STG_OUT_OF_MEMORY, "no memory for an instance");
    self->host = host;
    lock = py.PyGILState_Ensure();
    current = host;
    result = call(boundary, "create", py.Py_BuildValue("(nNNN)", (ptrdiff_t)index, problem_list(info),
                                                       value_list(info, strategies[index]->param_count), state(bytes_of_state)));
    status = outcome(host, result);
    if (status == STG_OK) {
        self->strategy = py.PyTuple_GetItem(result, 1);
        py.Py_IncRef(self->strategy);
        *out = self;
    } else {
        free(self);
    }
    py.Py_DecRef(result);
    current = NULL;
    py.PyGILState_Release(lock);
    return status;
}

static PyObject *no_state(const stg_str *state) {
    (void)state;
    return none();
}

static PyObject *saved_state(const stg_str *state) { return bytes(*state); }

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) { return make(host, info, no_state, NULL, out); }

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    return make(host, info, saved_state, &state, out);
}

/* The host may not be called from here: a generator that ends, and tries, is told so. */
static void destroy(stg_instance *self) {
    int lock = py.PyGILState_Ensure();
    py.Py_DecRef(call(boundary, "close", py.Py_BuildValue("(O)", self->strategy)));
    py.PyErr_Clear();
    py.Py_DecRef(self->strategy);
    py.Py_DecRef(self->turn);
    py.PyGILState_Release(lock);
    free(self->asks);
    free(self->values);
    free(self->answers);
    free(self);
}

/* -------------------------------------------------------------------- turns */

static PyObject *told_list(const stg_tell *tell) {
    PyObject *list = py.PyList_New(0);
    size_t i, j;
    for (i = 0; list && i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        PyObject *nodes = py.PyList_New(0), *pair;
        for (j = 0; nodes && j < told->node_count; j++) {
            PyObject *node = py.PyLong_FromUnsignedLongLong(told->nodes[j]);
            if (node) py.PyList_Append(nodes, node);
            py.Py_DecRef(node);
        }
        pair = py.Py_BuildValue("(iN)", (int)told->outcome, nodes);
        if (pair) py.PyList_Append(list, pair);
        py.Py_DecRef(pair);
    }
    return list;
}

static stg_str text_of(PyObject *object) {
    stg_str text;
    text.size = (size_t)py.PyBytes_Size(object);
    text.data = text.size ? py.PyBytes_AsString(object) : NULL;
    return text;
}

/* The parameters of a RUN, from `place` on in self->values. How many, or -1. */
static ptrdiff_t read_values(stg_instance *self, PyObject *list, size_t place) {
    ptrdiff_t i, count = py.PyList_Size(list);
    for (i = 0; i < count; i++) {
        stg_named_value *named = &self->values[place + (size_t)i];
        PyObject *name, *text;
        int kind;
        long long whole;
        double real;
        if (!py.PyArg_ParseTuple(py.PyList_GetItem(list, i), "SiLdS", &name, &kind, &whole, &real, &text)) return -1;
        named->name = text_of(name);
        named->value.kind = kind;
        named->value.i = whole;
        named->value.f = real;
        named->value.s = text_of(text);
    }
    return count;
}

/* `list`: what stratagem._raw makes, an element an ask. */
static int read_asks(stg_instance *self, PyObject *list, stg_next *out) {
    ptrdiff_t i, count = py.PyList_Size(list), values = 0, used = 0;
    for (i = 0; i < count; i++) {
        PyObject *params = py.PyTuple_GetItem(py.PyList_GetItem(list, i), 12);
        ptrdiff_t size = params ? py.PyList_Size(params) : -1;
        if (size < 0) return 0;
        values += size;
    }
    free(self->asks);
    free(self->values);
    self->asks = calloc((size_t)count + 1, sizeof *self->asks);
    self->values = calloc((size_t)values + 1, sizeof *self->values);
    if (!self->asks || !self->values) return 0;
    for (i = 0; i < count; i++) {
        stg_ask *ask = &self->asks[i];
        PyObject *role, *nodes, *text, *params;
        unsigned long long node, generations, tokens;
        int kind;
        if (!py.PyArg_ParseTuple(py.PyList_GetItem(list, i), "iSKIIIIdddSSOdKK", &kind, &role, &node, &ask->count, &ask->steps,
                                 &ask->max_tokens, &ask->problem, &ask->temperature, &ask->top_p, &ask->min_p, &nodes, &text, &params,
                                 &ask->share, &generations, &tokens))
            return 0;
        ask->struct_size = sizeof *ask;
        ask->kind = kind;
        ask->tag = (uint64_t)i;
        ask->role = text_of(role);
        ask->node = node;
        ask->node_count = (size_t)py.PyBytes_Size(nodes) / sizeof(stg_node);
        ask->nodes = ask->node_count ? (const stg_node *)(const void *)py.PyBytes_AsString(nodes) : NULL;
        ask->text = text_of(text);
        ask->max_generations = generations;
        ask->max_tokens_total = tokens;
        if (kind == STG_ASK_RUN) {
            ptrdiff_t own = read_values(self, params, (size_t)used);
            if (own < 0) return 0;
            ask->params = own ? &self->values[used] : NULL;
            ask->param_count = (size_t)own;
            used += own;
        }
    }
    out->kind = STG_NEXT_ASKS;
    out->asks = count ? self->asks : NULL;
    out->ask_count = (size_t)count;
    return 1;
}

static int read_answers(stg_instance *self, PyObject *list, stg_next *out) {
    ptrdiff_t i, count = py.PyList_Size(list);
    free(self->answers);
    self->answers = calloc((size_t)count + 1, sizeof *self->answers);
    if (!self->answers) return 0;
    for (i = 0; i < count; i++) {
        unsigned long long node;
        if (!py.PyArg_ParseTuple(py.PyList_GetItem(list, i), "Kd", &node, &self->answers[i].weight)) return 0;
        self->answers[i].node = node;
    }
    out->kind = STG_NEXT_DONE;
    out->answers = count ? self->answers : NULL;
    out->answer_count = (size_t)count;
    return 1;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    int lock = py.PyGILState_Ensure(), read;
    stg_status status;
    current = self->host;
    py.Py_DecRef(self->turn);
    self->turn = call(boundary, "next", py.Py_BuildValue("(OiN)", self->strategy, (int)tell->event, told_list(tell)));
    status = outcome(self->host, self->turn);
    if (status == STG_OK) {
        PyObject *list = py.PyTuple_GetItem(self->turn, 2);
        read = py.PyLong_AsLong(py.PyTuple_GetItem(self->turn, 1)) == STG_NEXT_ASKS ? read_asks(self, list, out) : read_answers(self, list, out);
        if (!read) {
            int forgot = py.PyErr_Occurred() != NULL;
            py.PyErr_Clear();
            status = fail(self->host, forgot ? STG_ERROR : STG_OUT_OF_MEMORY, forgot ? "an ask was not made by Sample, Score, Append, Revise or Run" : "no memory for a turn");
        }
    }
    current = NULL;
    py.PyGILState_Release(lock);
    return status;
}

static stg_status save(stg_instance *self, stg_str *out) {
    int lock = py.PyGILState_Ensure();
    stg_status status;
    current = self->host;
    py.Py_DecRef(self->turn);
    self->turn = call(boundary, "save", py.Py_BuildValue("(O)", self->strategy));
    status = outcome(self->host, self->turn);
    if (status == STG_OK) *out = text_of(py.PyTuple_GetItem(self->turn, 1));
    current = NULL;
    py.PyGILState_Release(lock);
    return status;
}

/* -------------------------------------------------------------------- entry */

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, PLUGIN_NAME, PLUGIN_VERSION, strategies, STRATEGY_COUNT, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
