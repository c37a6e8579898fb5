/* SPDX-License-Identifier: Apache-2.0
 * Finding and starting CPython. */
#define _GNU_SOURCE
#include "python.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OLDEST = 8, NEWEST = 13 };

static char why[1024];

/* Symbols are for all to see, since Python's own extension modules look for them. */
static void *open_version(int minor, int flags) {
    char name[64];
    snprintf(name, sizeof name, "libpython3.%d.so.1.0", minor);
    return dlopen(name, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE | flags);
}

/* One that is there already; the one that the user names; the one that the plugin was
 * built with; else the newest. */
static void *find(int built_with) {
    const char *named = getenv("STRATAGEM_PYTHON");
    void *library = NULL;
    int minor;
    for (minor = NEWEST; minor >= OLDEST && !library; minor--) library = open_version(minor, RTLD_NOLOAD);
    if (library) return library;
    if (named && *named) {
        library = dlopen(named, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
        if (!library) snprintf(why, sizeof why, "STRATAGEM_PYTHON names %s, which cannot be opened: %s", named, dlerror());
        return library;
    }
    if (built_with >= OLDEST && built_with <= NEWEST) library = open_version(built_with, 0);
    for (minor = NEWEST; minor >= OLDEST && !library; minor--) library = open_version(minor, 0);
    if (!library)
        snprintf(why, sizeof why,
                 "this strategy is written in Python, and no libpython3.so from 3.%d to 3.%d was found. Install it (Debian: "
                 "apt-get install libpython3.11), or set STRATAGEM_PYTHON to the path of a libpython3.N.so",
                 OLDEST, NEWEST);
    return library;
}

static const char *bind_all(python_api *py, void *library) {
    PyObject **error, *none;
#define PYTHON_BIND(result, name, arguments) \
    *(void **)&py->name = dlsym(library, #name); \
    if (!py->name) { \
        snprintf(why, sizeof why, "the Python that was found has no function " #name ": versions 3.8 to 3.13 do"); \
        return why; \
    }
    PYTHON_API(PYTHON_BIND)
    error = dlsym(library, "PyExc_RuntimeError");
    none = dlsym(library, "_Py_NoneStruct");
    if (!error || !none) return "the Python that was found has no RuntimeError and no None";
    py->RuntimeError = (PyObject *)error; /* where it will be, once Python has started */
    py->None = none;
    return NULL;
}

/* The prefix whose standard library belongs to that libpython, as the path of an
 * interpreter in it: Python looks from there. Debian has libpython a folder deeper.
 * It must be there: Python would end the process without, or find another's. */
static int find_home(void *symbol, char *program, size_t size) {
    Dl_info info;
    char folder[PATH_MAX], path[PATH_MAX + 64];
    int minor = 0, up;
    const char *digits;
    if (!dladdr(symbol, &info) || !info.dli_fname) return 0;
    digits = strstr(info.dli_fname, "libpython3.");
    if (!digits || sscanf(digits, "libpython3.%d", &minor) != 1) return 0;
    if (minor < OLDEST || minor > NEWEST || !realpath(info.dli_fname, folder)) return 0;
    for (up = 0; up < 3; up++) {
        char *slash = strrchr(folder, '/');
        if (!slash) return 0;
        *slash = 0;
        snprintf(path, sizeof path, "%s/lib/python3.%d/encodings/__init__.py", folder, minor);
        if (access(path, R_OK) == 0) {
            snprintf(program, size, "%s/bin/python3.%d", folder, minor);
            return 1;
        }
    }
    return 0;
}

/* Isolated, as -I -S -B says: no environment, no packages but Python's own, nothing
 * written. Hashes do not depend on chance, so that sets keep their order from run to
 * run; no signal handler is installed, and the locale stays as it is. */
static const char *initialize(python_api *py, const char *program) {
    const char *arguments[] = {NULL, "-I", "-S", "-B"};
    PyPreConfig before;
    PyConfig *config = calloc(1, sizeof *config);
    PyStatus status;
    if (!config) return "no memory for Python";
    memset(&before, 0, sizeof before);
    py->PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    status = py->Py_PreInitialize(&before);
    if (!py->PyStatus_Exception(status)) {
        py->PyConfig_InitPythonConfig(config);
        config->install_signal_handlers = 0;
        config->use_hash_seed = 1;
        config->hash_seed = 0;
        arguments[0] = program;
        status = py->PyConfig_SetBytesArgv(config, 4, (char *const *)arguments);
        if (!py->PyStatus_Exception(status)) status = py->Py_InitializeFromConfig(config);
        py->PyConfig_Clear(config);
    }
    free(config);
    if (!py->PyStatus_Exception(status)) {
        py->PyEval_SaveThread(); /* which gives the lock to whoever calls next */
        return NULL;
    }
    snprintf(why, sizeof why, "Python did not start: %s", status.message ? status.message : "it does not say why");
    return why;
}

const char *python_start(python_api *py, int built_with) {
    char program[PATH_MAX + 64];
    const char *problem = NULL;
    void *library;
    /* Two plugins, or two copies of one, may be here at once: what they have in common
     * is the C library. Its standard input's lock is the one that nobody else holds. */
    flockfile(stdin);
    library = find(built_with);
    if (!library) problem = why;
    if (!problem) problem = bind_all(py, library);
    if (!problem && !py->Py_IsInitialized()) {
        if (find_home(*(void **)&py->Py_IsInitialized, program, sizeof program)) {
            problem = initialize(py, program);
        } else {
            problem = "the Python library was found, but not its standard library, or that may not be read (in a worker: only what "
                      "lies in /usr/lib or /usr/local/lib). Install it (Debian: apt-get install libpython3.11-stdlib), or trust the plugin "
                      "and set STRATAGEM_PYTHON";
        }
    }
    funlockfile(stdin);
    if (!problem) py->RuntimeError = *(PyObject **)py->RuntimeError;
    return problem;
}
