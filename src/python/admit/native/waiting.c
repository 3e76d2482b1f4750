// SPDX-License-Identifier: BSL-1.0
// What completes later: waits for a slot or for idleness, and supervisions. Each has an event.
#include "module.h"

/// _wait(user, wait_ns, priority, max_per_user, channel, future): a Permit, an Event, or a number.
PyObject* engine_wait(engine* self, PyObject* args) {
    PyObject *user, *limit, *to, *future;
    long long at_most;
    unsigned priority;
    const char* bytes;
    Py_ssize_t size;
    admit_request request;
    admit_permit given;
    admit_error error;
    if (!PyArg_ParseTuple(args, "OLIOOO", &user, &at_most, &priority, &limit, &to, &future) ||
        !engine_usable(self) || !engine_user_of(user, &bytes, &size) ||
        !limits_of_request(limit, &request))
        return NULL;
    request.wait_at_most = at_most;
    request.priority = priority;
    event* const made = event_make(to, future);
    if (made == NULL) return NULL;
    const admit_result result = admit_wait(self->engine, bytes, (size_t)size, &request,
                                           event_on_result, made, &given, &made->handle, &error);
    if (result == ADMIT_WAITING) return (PyObject*)made;
    event_drop(made);
    if (result == ADMIT_OK) return permit_make(&given);
    if (result >= ADMIT_WAITING) return engine_refuse(result, &error);
    return PyLong_FromLong(result);
}

/// _wait_idle(channel, future): an Event when nothing is active in the closed engine.
PyObject* engine_wait_idle(engine* self, PyObject* args) {
    PyObject *to, *future;
    if (!PyArg_ParseTuple(args, "OO", &to, &future) || !engine_usable(self)) return NULL;
    event* const made = event_make(to, future);
    if (made == NULL) return NULL;
    const admit_result result = admit_wait_idle(self->engine, event_on_result, made, &made->handle);
    if (result == ADMIT_WAITING) return (PyObject*)made;
    event_drop(made);
    return PyErr_NoMemory();
}

/// _supervise(permit, grace_ns, channel, future): an Event, or None if it has ended.
PyObject* engine_supervise(engine* self, PyObject* args) {
    PyObject *of, *to, *future;
    long long grace;
    if (!PyArg_ParseTuple(args, "O!LOO", &permit_type, &of, &grace, &to, &future) ||
        !engine_usable(self))
        return NULL;
    event* const made = event_make(to, future);
    if (made == NULL) return NULL;
    const admit_result result = admit_supervise(&((permit*)of)->permit, grace, event_on_told,
                                                event_on_release, made, &made->supervision);
    if (result == ADMIT_OK) return (PyObject*)made;
    Py_DECREF(made);  // the library gives its reference back by event_on_release
    if (result == ADMIT_ENDED) Py_RETURN_NONE;
    if (result == ADMIT_NO_MEMORY) return PyErr_NoMemory();
    return PyErr_Format(PyExc_RuntimeError, "admit: supervised already");
}
