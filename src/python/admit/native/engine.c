// SPDX-License-Identifier: BSL-1.0
// The engine: its life, the fast way to a permit, and what it is asked.
#include "module.h"

bool engine_user_of(PyObject* id, const char** bytes, Py_ssize_t* size) {
    if (PyUnicode_Check(id)) {
        if ((*bytes = PyUnicode_AsUTF8AndSize(id, size)) != NULL) return true;
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return false;
        PyErr_Clear();  // a lone surrogate: no user has that id, as none has the empty one
        *bytes = "", *size = 0;
        return true;
    }
    if (PyBytes_Check(id)) return PyBytes_AsStringAndSize(id, (char**)bytes, size) == 0;
    PyErr_Format(PyExc_TypeError, "a user is str or bytes, not %s", Py_TYPE(id)->tp_name);
    return false;
}

PyObject* engine_refuse(admit_result result, const admit_error* error) {
    if (result == ADMIT_NO_MEMORY) return PyErr_NoMemory();
    PyErr_SetString(result == ADMIT_INVALID_ARGUMENT ? PyExc_ValueError : PyExc_OSError,
                    error->text[0] != '\0' ? error->text : admit_message(result));
    return NULL;
}

static int engine_init(engine* self, PyObject* args, PyObject* names) {
    (void)names;
    admit_limits limits;
    admit_error error;
    if (self->engine != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "admit: the engine is made already");
        return -1;
    }
    if (!limits_of_engine(args, &limits)) return -1;
    if (self->engine != NULL) return 0;  // made by what the arguments called
    self->forks = module_forks;
    const admit_result result = admit_engine_new(&limits, NULL, &self->engine, &error);
    if (result == ADMIT_OK) return 0;
    engine_refuse(result, &error);
    return -1;
}

static void engine_dealloc(engine* self) {
    if (self->forks == module_forks) admit_engine_free(self->engine);
    PyTypeObject* const type = Py_TYPE(self);
    type->tp_free((PyObject*)self);
}

enum { error_set = -1 };  // a result of Python's own

/// Asks for (user, *, max_per_user=None).
static int engine_ask(engine* self, PyObject* const* args, Py_ssize_t count, PyObject* names,
                      admit_permit* given) {
    const char* bytes;
    Py_ssize_t size;
    admit_request request;
    const Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count != 1 || named > 1 ||
        (named == 1 &&
         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "max_per_user") != 0)) {
        PyErr_SetString(PyExc_TypeError, "admit: the arguments are (user, *, max_per_user=None)");
        return error_set;
    }
    if (!engine_usable(self) || !engine_user_of(args[0], &bytes, &size) ||
        (named == 1 && !limits_of_request(args[1], &request)))
        return error_set;
    return admit_try_admit(self->engine, bytes, (size_t)size, named == 1 ? &request : NULL, given);
}
static PyObject* engine_try_admit(engine* self, PyObject* const* args, Py_ssize_t count,
                                  PyObject* names) {
    admit_permit given;
    const int result = engine_ask(self, args, count, names, &given);
    if (result == ADMIT_OK) return permit_make(&given);
    return result == error_set ? NULL : rejection_make(self, args[0], result);
}
static PyObject* engine_admit(engine* self, PyObject* const* args, Py_ssize_t count,
                              PyObject* names) {
    admit_permit given;
    const int result = engine_ask(self, args, count, names, &given);
    if (result == ADMIT_OK) return permit_make(&given);
    return result == error_set ? NULL : rejection_raise(self, args[0], result);
}
/// _reject(user, result): raises Rejected for what came of a wait.
static PyObject* engine_reject(engine* self, PyObject* args) {
    PyObject* user;
    int result;
    if (!PyArg_ParseTuple(args, "Oi", &user, &result)) return NULL;
    return rejection_raise(self, user, result);
}

static PyObject* engine_expire(engine* self, PyObject* none) {
    (void)none;
    if (!engine_usable(self)) return NULL;
    const admit_expired ended = admit_expire(self->engine, admit_now());
    return PyLong_FromSize_t(ended.idle + ended.timed_out);
}
static PyObject* engine_close(engine* self, PyObject* none) {
    (void)none;
    if (!engine_usable(self)) return NULL;
    admit_close(self->engine);
    Py_RETURN_NONE;
}
/// _cut_off(): seconds until it is to be called again, or None.
static PyObject* engine_cut_off(engine* self, PyObject* none) {
    (void)none;
    if (!engine_usable(self)) return NULL;
    const int64_t again = admit_cut_off(self->engine);
    if (again == ADMIT_NEVER) Py_RETURN_NONE;
    const int64_t left = again - admit_now();
    return PyFloat_FromDouble(left > 0 ? 1e-9 * (double)left : 0.001);
}

static PyObject* engine_end_user(engine* self, PyObject* args) {
    PyObject* user;
    int how = ADMIT_COMPLETED;
    const char* bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O|i", &user, &how) || !engine_usable(self) ||
        !engine_user_of(user, &bytes, &size))
        return NULL;
    return PyLong_FromSize_t(admit_end_user(self->engine, bytes, (size_t)size, how));
}
static PyObject* engine_active(engine* self, PyObject* args) {
    PyObject* user = NULL;
    const char* bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "|O", &user) || !engine_usable(self)) return NULL;
    if (user == NULL) return PyLong_FromSize_t(admit_active(self->engine));
    if (!engine_user_of(user, &bytes, &size)) return NULL;
    return PyLong_FromSize_t(admit_active_of(self->engine, bytes, (size_t)size));
}
PyObject* engine_retry_after(engine* self, PyObject* user) {
    const char* bytes;
    Py_ssize_t size;
    if (!engine_usable(self) || !engine_user_of(user, &bytes, &size)) return NULL;
    return module_seconds(admit_retry_after(self->engine, bytes, (size_t)size));
}

static PyMethodDef engine_methods[] = {
    {"try_admit", (PyCFunction)(void (*)(void))engine_try_admit, METH_FASTCALL | METH_KEYWORDS,
     "try_admit(user, *, max_per_user=None): a Permit, or a Rejection, which is false."},
    {"admit", (PyCFunction)(void (*)(void))engine_admit, METH_FASTCALL | METH_KEYWORDS,
     "admit(user, *, max_per_user=None): a Permit, now. Raises Rejected."},
    {"_reject", (PyCFunction)engine_reject, METH_VARARGS, NULL},
    {"_wait", (PyCFunction)engine_wait, METH_VARARGS, NULL},
    {"_wait_idle", (PyCFunction)engine_wait_idle, METH_VARARGS, NULL},
    {"_supervise", (PyCFunction)engine_supervise, METH_VARARGS, NULL},
    {"_cut_off", (PyCFunction)engine_cut_off, METH_NOARGS, NULL},
    {"_set_limits", (PyCFunction)engine_set_limits, METH_VARARGS, NULL},
    {"_limits", (PyCFunction)engine_limits, METH_NOARGS, NULL},
    {"_stats", (PyCFunction)engine_stats, METH_NOARGS, NULL},
    {"_conversations", (PyCFunction)engine_conversations, METH_VARARGS, NULL},
    {"_waiters", (PyCFunction)engine_waiters, METH_VARARGS, NULL},
    {"expire", (PyCFunction)engine_expire, METH_NOARGS,
     "Ends what has been idle, or active, for too long, and waits that are over. How many "
     "conversations."},
    {"close", (PyCFunction)engine_close, METH_NOARGS,
     "Admits nothing more; what waits is rejected, what is active goes on."},
    {"end_user", (PyCFunction)engine_end_user, METH_VARARGS,
     "end_user(user, status=Status.COMPLETED, /): ends all conversations of a user. How many."},
    {"active_count", (PyCFunction)engine_active, METH_VARARGS,
     "active_count(user=..., /): conversations active now, of all users or of one."},
    {"retry_after", (PyCFunction)engine_retry_after, METH_O,
     "retry_after(user): seconds until the user could be admitted, in the worst case; inf if no "
     "timeout makes room."},
    {0}};
PyTypeObject engine_type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Engine",
                            .tp_basicsize = sizeof(engine),
                            .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                            .tp_new = PyType_GenericNew,
                            .tp_init = (initproc)engine_init,
                            .tp_dealloc = (destructor)engine_dealloc,
                            .tp_methods = engine_methods};
