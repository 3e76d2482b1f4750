// SPDX-License-Identifier: BSL-1.0
// What the sources of the module admit._engine share: the engine of admit.h for CPython. Every call
// is made with the interpreter's lock held, and so every callback of the library runs with it. No
// Python code runs inside a call of the library.
#ifndef ADMIT_PYTHON_NATIVE_MODULE_H
#define ADMIT_PYTHON_NATIVE_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <admit/admit.h>

/// Forks of this process and its ancestors since the import.
extern unsigned module_forks;

/// Whether an object is of this process, and not of a parent. False: with an error set.
static inline bool module_usable(unsigned made_at) {
    if (made_at == module_forks) return true;
    PyErr_SetString(PyExc_RuntimeError,
                    "admit: this engine is the parent's; after a fork, make another one");
    return false;
}

/// Nanoseconds as Python has them.
static inline PyObject* module_seconds(int64_t time) {
    return PyFloat_FromDouble(time == ADMIT_NEVER ? Py_HUGE_VAL : 1e-9 * (double)time);
}

/// Events for one event loop, and the descriptor that wakes it.
typedef struct channel channel;
extern PyTypeObject channel_type;

/// An admitted conversation.
typedef struct {
    PyObject_HEAD admit_permit permit;
    unsigned forks;
} permit;
extern PyTypeObject permit_type;

/// Takes the permit over: without memory for the object, the conversation ends.
PyObject* permit_make(const admit_permit* from);
/// A conversation's name.
PyObject* permit_text_of(const admit_conversation_id* id);

/// Something that has happened, or may happen: a wait or a supervision.
typedef struct event {
    PyObject_HEAD channel* channel;
    struct event* next;  ///< in the channel's list
    PyObject* future;    ///< what Python wants to know again
    bool listed;
    bool over;  ///< no callback comes any more
    unsigned forks;
    admit_result result;
    admit_permit permit;
    admit_wait_handle handle;
    admit_supervision* supervision;
} event;
extern PyTypeObject event_type;

/// Appends to the list of the event's channel, unless it is in there, and wakes the loop.
void channel_put(event* what);

/// An event with two references: the caller's, and the library's until its last callback.
event* event_make(PyObject* to, PyObject* future);
/// Drops both references, of an event that the library has not kept.
void event_drop(event* made);
/// The callbacks of the library for an event, which is `data`.
void event_on_result(void* data, admit_result result, const admit_permit* given);
void event_on_told(void* data, admit_status how);
void event_on_release(void* data);

typedef struct {
    PyObject_HEAD admit_engine* engine;
    unsigned forks;
} engine;
extern PyTypeObject engine_type;

/// False: with an error set.
static inline bool engine_usable(const engine* self) {
    if (!module_usable(self->forks)) return false;
    if (self->engine != NULL) return true;
    PyErr_SetString(PyExc_RuntimeError, "admit: the engine was not made");
    return false;
}

/// Why there is no permit.
extern PyTypeObject rejection_type;
PyObject* rejection_make(engine* from, PyObject* user, admit_result result);
/// Raises it as Rejected. NULL.
PyObject* rejection_raise(engine* from, PyObject* user, admit_result result);
/// set_classes(reasons, rejected): what the package has made of Python's classes.
PyObject* rejection_set_classes(PyObject* module, PyObject* args);

/// The bytes of a user id, borrowed from a str or bytes. False: with an error set.
bool engine_user_of(PyObject* id, const char** bytes, Py_ssize_t* size);
/// Sets the error of a result that no Rejection says. NULL.
PyObject* engine_refuse(admit_result result, const admit_error* error);

/// Read what Python gives. False: with an error set.
bool limits_of_engine(PyObject* args, admit_limits* limits);
bool limits_of_request(PyObject* given, admit_request* request);

// Methods of the engine that have sources of their own.
PyObject* engine_set_limits(engine* self, PyObject* args);
PyObject* engine_limits(engine* self, PyObject* none);
PyObject* engine_stats(engine* self, PyObject* none);
PyObject* engine_conversations(engine* self, PyObject* args);
PyObject* engine_waiters(engine* self, PyObject* args);
PyObject* engine_wait(engine* self, PyObject* args);
PyObject* engine_wait_idle(engine* self, PyObject* args);
PyObject* engine_supervise(engine* self, PyObject* args);
PyObject* engine_retry_after(engine* self, PyObject* user);

#endif
