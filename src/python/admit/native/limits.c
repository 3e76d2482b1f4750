// SPDX-License-Identifier: BSL-1.0
// Limits, from Python and to it: of an engine, and of one request.
#include "module.h"

bool limits_of_engine(PyObject* args, admit_limits* limits) {
    *limits = (admit_limits)ADMIT_LIMITS_INIT;
    Py_ssize_t counts[4];
    long long times[2];
    if (!PyArg_ParseTuple(args, "nnLLnn", &counts[0], &counts[1], &times[0], &times[1], &counts[2],
                          &counts[3]))
        return false;
    for (int i = 0; i < 4; ++i)
        if (counts[i] < 0) {
            PyErr_Format(PyExc_ValueError, "a limit is %zd; allowed is 0 or more", counts[i]);
            return false;
        }
    limits->max_concurrent = (size_t)counts[0];
    limits->max_per_user = (size_t)counts[1];
    limits->idle_timeout = times[0];
    limits->max_duration = times[1];
    limits->max_waiting = (size_t)counts[2];
    limits->max_waiting_per_user = (size_t)counts[3];
    return true;
}

bool limits_of_request(PyObject* given, admit_request* request) {
    *request = (admit_request)ADMIT_REQUEST_INIT;
    if (given == Py_None) return true;
    const Py_ssize_t limit = PyLong_AsSsize_t(given);
    if (limit < 0) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "max_per_user is %zd; allowed is 0 or more", limit);
        return false;
    }
    request->max_per_user = (size_t)limit;
    return true;
}

PyObject* engine_set_limits(engine* self, PyObject* args) {
    admit_limits limits;
    admit_error error;
    if (!engine_usable(self) || !limits_of_engine(args, &limits)) return NULL;
    const admit_result result = admit_set_limits(self->engine, &limits, &error);
    if (result != ADMIT_OK) return engine_refuse(result, &error);
    Py_RETURN_NONE;
}
PyObject* engine_limits(engine* self, PyObject* none) {
    (void)none;
    admit_limits limits = ADMIT_LIMITS_INIT;
    if (!engine_usable(self)) return NULL;
    admit_get_limits(self->engine, &limits);
    return Py_BuildValue("nnLLnn", (Py_ssize_t)limits.max_concurrent,
                         (Py_ssize_t)limits.max_per_user, (long long)limits.idle_timeout,
                         (long long)limits.max_duration, (Py_ssize_t)limits.max_waiting,
                         (Py_ssize_t)limits.max_waiting_per_user);
}
