// SPDX-License-Identifier: BSL-1.0
// What an engine counts, and the lists of its conversations and waiters.
#include "module.h"

static PyObject* numbers(const uint64_t* from, int count) {
    PyObject* list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; ++i) {
        PyObject* const number = PyLong_FromUnsignedLongLong(from[i]);
        if (number == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, number);
    }
    return list;
}
PyObject* engine_stats(engine* self, PyObject* none) {
    (void)none;
    admit_stats stats = ADMIT_STATS_INIT;
    if (!engine_usable(self)) return NULL;
    admit_get_stats(self->engine, &stats);
    return Py_BuildValue(
        "nnnKKNN", (Py_ssize_t)stats.active, (Py_ssize_t)stats.users, (Py_ssize_t)stats.waiting,
        (unsigned long long)stats.admitted, (unsigned long long)stats.overstayed,
        numbers(stats.rejected, ADMIT_WAIT_TIMEOUT + 1), numbers(stats.ended, ADMIT_CANCELLED + 1));
}

static PyObject* text_of_user(const char* bytes, size_t size) {
    PyObject* const text = PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)size, NULL);
    if (text != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) return text;
    PyErr_Clear();
    return PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size);
}
static bool add(PyObject* list, PyObject* line) {
    const bool added = line != NULL && PyList_Append(list, line) == 0;
    Py_XDECREF(line);
    return added;
}
static bool add_conversation(void* list, const admit_conversation* each) {
    return add(
        list,
        Py_BuildValue("NNdd", permit_text_of(&each->id), text_of_user(each->user, each->user_size),
                      1e-9 * (double)each->started, 1e-9 * (double)each->last_activity));
}
static bool add_waiter(void* list, const admit_waiter* each) {
    return add(list,
               Py_BuildValue("NdnI", text_of_user(each->user, each->user_size),
                             1e-9 * (double)each->since, (Py_ssize_t)each->ahead, each->priority));
}

static admit_result list_conversations(const admit_engine* of, const char* user, size_t size,
                                       PyObject* list) {
    return admit_conversations(of, user, size, add_conversation, list);
}
static admit_result list_waiters(const admit_engine* of, const char* user, size_t size,
                                 PyObject* list) {
    return admit_waiters(of, user, size, add_waiter, list);
}

/// The list of all users or of one, unless a line or the list could not be made.
static PyObject* list_of(engine* self, PyObject* args,
                         admit_result (*fill)(const admit_engine*, const char*, size_t,
                                              PyObject*)) {
    PyObject* user = Py_None;
    const char* bytes = NULL;
    Py_ssize_t size = 0;
    if (!engine_usable(self) || !PyArg_ParseTuple(args, "|O", &user) ||
        (user != Py_None && !engine_user_of(user, &bytes, &size)))
        return NULL;
    PyObject* const list = PyList_New(0);
    if (list == NULL) return NULL;
    const admit_result result = fill(self->engine, bytes, (size_t)size, list);
    if (!PyErr_Occurred() && result == ADMIT_OK) return list;
    Py_DECREF(list);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}
PyObject* engine_conversations(engine* self, PyObject* args) {
    return list_of(self, args, list_conversations);
}
PyObject* engine_waiters(engine* self, PyObject* args) { return list_of(self, args, list_waiters); }
