// SPDX-License-Identifier: BSL-1.0
// The module admit._engine: its types and functions, and what counts forks.
#include "module.h"

#include <pthread.h>

unsigned module_forks = 0;
static void count_fork(void) { ++module_forks; }

static PyObject* message(PyObject* module, PyObject* result) {
    (void)module;
    const long number = PyLong_AsLong(result);
    if (number == -1 && PyErr_Occurred()) return NULL;
    return PyUnicode_FromString(admit_message((admit_result)number));
}
static PyMethodDef functions[] = {{"set_classes", rejection_set_classes, METH_VARARGS, NULL},
                                  {"message", message, METH_O, NULL},
                                  {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "admit._engine",
                                        .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit__engine(void);
PyMODINIT_FUNC PyInit__engine(void) {
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "admit: works in the main interpreter only");
        return NULL;
    }
    static PyTypeObject* const types[] = {&channel_type, &permit_type, &event_type, &rejection_type,
                                          &engine_type};
    static const char* const names[] = {"Channel", "Permit", "Event", "Rejection", "Engine"};
    enum { number_of_types = sizeof names / sizeof names[0] };
    PyObject* const module = PyModule_Create(&definition);
    for (int i = 0; module != NULL && i < number_of_types; ++i)
        if (PyType_Ready(types[i]) != 0 ||
            PyModule_AddObjectRef(module, names[i], (PyObject*)types[i]) != 0) {
            Py_DECREF(module);
            return NULL;
        }
    if (module != NULL && PyModule_AddStringConstant(module, "version", admit_version()) == 0 &&
        pthread_atfork(NULL, NULL, count_fork) == 0)
        return module;
    Py_XDECREF(module);
    return NULL;
}
