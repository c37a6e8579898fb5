/* SPDX-License-Identifier: Apache-2.0
 *
 * python.h: CPython, found when it is first needed. No header and no library of
 * Python's is needed to build a plugin, and the file runs with whichever of 3.8 to
 * 3.13 is there. */
#ifndef STRATAGEM_PYTHON_H
#define STRATAGEM_PYTHON_H

#include <stddef.h>
#include <stdint.h>

typedef struct PyObject PyObject; /* opaque: its layout is nobody's business */
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);

typedef struct PyMethodDef { /* of the stable ABI */
    const char *name;
    PyCFunction function;
    int flags;
    const char *doc;
} PyMethodDef;
#define METH_VARARGS 1
#define PY_FILE_INPUT 257

typedef struct PyStatus {
    int type;
    const char *function, *message;
    int exit_code;
} PyStatus;

/* These begin alike in all versions from 3.8 to 3.13, which is as far as we look;
 * there is room behind for the rest, which Python itself fills in. */
typedef struct PyPreConfig {
    int init, parse_argv, isolated, use_environment, configure_locale, coerce_c_locale, coerce_c_locale_warn, utf8_mode, dev_mode, allocator;
    char room[216];
} PyPreConfig;

typedef struct PyConfig {
    int init, isolated, use_environment, dev_mode, install_signal_handlers, use_hash_seed;
    unsigned long hash_seed;
    char room[8160];
} PyConfig;

#define PYTHON_API(X) \
    X(int, Py_IsInitialized, (void)) \
    X(void, PyPreConfig_InitIsolatedConfig, (PyPreConfig *)) \
    X(PyStatus, Py_PreInitialize, (const PyPreConfig *)) \
    X(void, PyConfig_InitPythonConfig, (PyConfig *)) \
    X(PyStatus, PyConfig_SetBytesArgv, (PyConfig *, ptrdiff_t, char *const *)) \
    X(PyStatus, Py_InitializeFromConfig, (const PyConfig *)) \
    X(void, PyConfig_Clear, (PyConfig *)) \
    X(int, PyStatus_Exception, (PyStatus)) \
    X(int, PyGILState_Ensure, (void)) \
    X(void, PyGILState_Release, (int)) \
    X(void *, PyEval_SaveThread, (void)) \
    X(PyObject *, PyEval_GetBuiltins, (void)) \
    X(PyObject *, PyEval_EvalCode, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, Py_CompileString, (const char *, const char *, int)) \
    X(PyObject *, PyObject_CallObject, (PyObject *, PyObject *)) \
    X(PyObject *, PyObject_GetAttrString, (PyObject *, const char *)) \
    X(void, Py_IncRef, (PyObject *)) \
    X(void, Py_DecRef, (PyObject *)) \
    X(void, PyErr_Clear, (void)) \
    X(PyObject *, PyErr_Occurred, (void)) \
    X(void, PyErr_SetString, (PyObject *, const char *)) \
    X(PyObject *, PyCFunction_NewEx, (PyMethodDef *, PyObject *, PyObject *)) \
    X(int, PyArg_ParseTuple, (PyObject *, const char *, ...)) \
    X(PyObject *, Py_BuildValue, (const char *, ...)) \
    X(PyObject *, PyDict_New, (void)) \
    X(int, PyDict_SetItemString, (PyObject *, const char *, PyObject *)) \
    X(PyObject *, PyDict_GetItemString, (PyObject *, const char *)) \
    X(PyObject *, PyList_New, (ptrdiff_t)) \
    X(int, PyList_Append, (PyObject *, PyObject *)) \
    X(PyObject *, PyList_GetItem, (PyObject *, ptrdiff_t)) \
    X(ptrdiff_t, PyList_Size, (PyObject *)) \
    X(ptrdiff_t, PyTuple_Size, (PyObject *)) \
    X(PyObject *, PyTuple_GetItem, (PyObject *, ptrdiff_t)) \
    X(PyObject *, PyLong_FromUnsignedLongLong, (unsigned long long)) \
    X(long, PyLong_AsLong, (PyObject *)) \
    X(PyObject *, PyLong_FromVoidPtr, (void *)) \
    X(PyObject *, PyBool_FromLong, (long)) \
    X(PyObject *, PyFloat_FromDouble, (double)) \
    X(PyObject *, PyBytes_FromStringAndSize, (const char *, ptrdiff_t)) \
    X(char *, PyBytes_AsString, (PyObject *)) \
    X(ptrdiff_t, PyBytes_Size, (PyObject *)) \
    X(PyObject *, PyUnicode_DecodeUTF8, (const char *, ptrdiff_t, const char *)) \
    X(PyObject *, PyUnicode_AsUTF8String, (PyObject *))

#define PYTHON_MEMBER(result, name, arguments) result(*name) arguments;
typedef struct python_api {
    PYTHON_API(PYTHON_MEMBER)
    PyObject *RuntimeError, *None;
} python_api;

/* Finds and starts Python, unless another plugin has. NULL, or why there is none:
 * a text that lives for ever. */
const char *python_start(python_api *py, int built_with);

#endif
