// SPDX-License-Identifier: BSL-1.0
// The engine of admit.h for CPython: what admit/__init__.py is made of. Every call is made with the
// interpreter's lock held, and so every callback runs with it: it links what has happened into the
// list of a channel, and wakes the channel's loop. No Python code runs inside a call of the
// library.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <admit/admit.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

static unsigned forks = 0;          // of this process and its ancestors since the import
static PyObject* rejection = NULL;  // what makes a Rejection of engine, user and result
static void count_fork(void) { ++forks; }

static bool usable(unsigned made_at) {
    if (made_at == forks) return true;
    PyErr_SetString(PyExc_RuntimeError,
                    "admit: this engine is the parent's; after a fork, make another one");
    return false;
}

// --- Channels ---------------------------------------------------------------------------------

/// Something that has happened, or may happen: a wait or a supervision.
typedef struct event {
    PyObject_HEAD struct channel* channel;
    struct event* next;
    PyObject* future;  ///< what Python wants to know again
    bool listed;
    bool over;  ///< no callback comes any more
    unsigned forks;
    admit_result result;
    admit_permit permit;
    admit_wait_handle handle;
    admit_supervision* supervision;
} event;

/// Events for one event loop, and the descriptor that wakes it.
typedef struct channel {
    PyObject_HEAD int descriptor;
    event* first;
    event* last;
} channel;

static void put(event* what) {
    channel* const to = what->channel;
    if (what->listed || to->descriptor < 0) return;
    what->listed = true;
    what->next = NULL;
    Py_INCREF(what);
    const bool wake = to->first == NULL;
    if (wake)
        to->first = what;
    else
        to->last->next = what;
    to->last = what;
    const uint64_t one = 1;
    // A full counter is awake already.
    if (wake && write(to->descriptor, &one, sizeof one) < 0 && errno != EAGAIN) perror("admit");
}

static int channel_init(channel* self, PyObject* args, PyObject* names) {
    if (!PyArg_ParseTuple(args, "") || (names != NULL && PyDict_GET_SIZE(names) > 0)) return -1;
    if (self->descriptor >= 0) return 0;
    self->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->descriptor < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

static PyObject* channel_new(PyTypeObject* type, PyObject* args, PyObject* names) {
    (void)args, (void)names;
    channel* const self = (channel*)type->tp_alloc(type, 0);
    if (self != NULL) self->descriptor = -1;
    return (PyObject*)self;
}

static void channel_dealloc(channel* self) {
    // Empty: each event in the list has a reference to the channel.
    if (self->descriptor >= 0) close(self->descriptor);
    Py_TYPE(self)->tp_free((PyObject*)self);
}

/// The loop is done with it: the descriptor is closed, and what is listed is forgotten.
static PyObject* channel_close(channel* self, PyObject* none) {
    (void)none;
    if (self->descriptor >= 0) close(self->descriptor);
    self->descriptor = -1;
    while (self->first != NULL) {
        event* const each = self->first;
        self->first = each->next;
        each->listed = false;
        Py_DECREF(each);
    }
    Py_RETURN_NONE;
}

static PyObject* channel_fileno(channel* self, PyObject* none) {
    (void)none;
    return PyLong_FromLong(self->descriptor);
}

/// The events since the last call, in order.
static PyObject* channel_take(channel* self, PyObject* none) {
    (void)none;
    uint64_t count;
    PyObject* const list = PyList_New(0);
    if (list == NULL) return NULL;
    if (self->descriptor >= 0 && read(self->descriptor, &count, sizeof count) < 0 &&
        errno != EAGAIN) {
        Py_DECREF(list);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    while (self->first != NULL) {
        event* const each = self->first;
        self->first = each->next;
        each->listed = false;
        const int failed = PyList_Append(list, (PyObject*)each);
        Py_DECREF(each);
        if (failed) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

static PyMethodDef channel_methods[] = {
    {"fileno", (PyCFunction)channel_fileno, METH_NOARGS, "The descriptor that is readable."},
    {"close", (PyCFunction)channel_close, METH_NOARGS, "Closes the descriptor."},
    {"take", (PyCFunction)channel_take, METH_NOARGS, "The events since the last call."},
    {0}};
static PyTypeObject channel_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Channel",
    .tp_basicsize = sizeof(channel),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Events for one event loop.",
    .tp_new = channel_new,
    .tp_init = (initproc)channel_init,
    .tp_dealloc = (destructor)channel_dealloc,
    .tp_methods = channel_methods};

// --- Permits ----------------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD admit_permit permit;
    unsigned forks;
} permit;

static PyTypeObject permit_type;

static PyObject* make_permit(const admit_permit* from) {
    permit* const made = PyObject_New(permit, &permit_type);
    if (made == NULL) {
        admit_end(from, ADMIT_ERROR);
        return NULL;
    }
    made->permit = *from;
    made->forks = forks;
    return (PyObject*)made;
}

static void permit_dealloc(permit* self) {
    if (self->forks == forks) admit_end(&self->permit, ADMIT_COMPLETED);
    PyObject_Free(self);
}

static PyObject* permit_end(permit* self, PyObject* const* args, Py_ssize_t count) {
    long how = ADMIT_COMPLETED;
    if (count > 1) return PyErr_Format(PyExc_TypeError, "end() takes one argument at most");
    if (count == 1 && (how = PyLong_AsLong(args[0])) == -1 && PyErr_Occurred()) return NULL;
    if (!usable(self->forks)) return NULL;
    return PyBool_FromLong(
        admit_end(&self->permit, how < 0 || how > ADMIT_CANCELLED ? -1 : (int)how));
}
static PyObject* permit_touch(permit* self, PyObject* none) {
    (void)none;
    if (!usable(self->forks)) return NULL;
    return PyBool_FromLong(admit_touch(&self->permit));
}
static PyObject* permit_enter(PyObject* self, PyObject* none) {
    (void)none;
    Py_INCREF(self);
    return self;
}
static PyObject* permit_exit(permit* self, PyObject* const* args, Py_ssize_t count) {
    const bool raised = count > 0 && args[0] != Py_None;
    if (!usable(self->forks)) return NULL;
    admit_end(&self->permit, raised ? ADMIT_ERROR : ADMIT_COMPLETED);
    Py_RETURN_FALSE;
}
static PyObject* permit_id(permit* self, void* none) {
    (void)none;
    const admit_conversation_id* const id = &self->permit.id;
    return PyUnicode_FromFormat("%llu-%u-%llu", (unsigned long long)id->engine, id->slot,
                                (unsigned long long)id->generation);
}
static PyObject* permit_remaining(permit* self, void* none) {
    (void)none;
    if (!usable(self->forks)) return NULL;
    const int64_t left = admit_remaining(&self->permit);
    return left == ADMIT_NEVER ? PyFloat_FromDouble(Py_HUGE_VAL)
                               : PyFloat_FromDouble(1e-9 * (double)left);
}

static PyMethodDef permit_methods[] = {
    {"end", (PyCFunction)(void (*)(void))permit_end, METH_FASTCALL,
     "end(status=Status.COMPLETED, /) -> bool: whether this call ended the conversation."},
    {"touch", (PyCFunction)permit_touch, METH_NOARGS,
     "Records activity. False: the conversation has ended, or was told to end."},
    {"__enter__", permit_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))permit_exit, METH_FASTCALL, NULL},
    {0}};
static PyGetSetDef permit_members[] = {
    {"id", (getter)permit_id, NULL, "The conversation's name, unique in the process.", NULL},
    {"remaining", (getter)permit_remaining, NULL, "Seconds until it times out; 0 if it has ended.",
     NULL},
    {0}};
static PyTypeObject permit_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit.Permit",
    .tp_basicsize = sizeof(permit),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc =
        "An admitted conversation. It ends with end(), with the block of `with`, or with the "
        "last reference to it.",
    .tp_dealloc = (destructor)permit_dealloc,
    .tp_methods = permit_methods,
    .tp_getset = permit_members};

// --- Events -----------------------------------------------------------------------------------

static void event_dealloc(event* self) {
    // A grant that nothing has taken goes to the next one.
    if (self->permit.place != NULL && self->forks == forks)
        admit_end(&self->permit, ADMIT_CANCELLED);
    Py_XDECREF(self->channel);
    Py_XDECREF(self->future);
    Py_TYPE(self)->tp_free((PyObject*)self);
}

/// What came of a wait: a permit, or the number of a result. None while it waits, or twice.
static PyObject* event_result(event* self, PyObject* none) {
    (void)none;
    if (self->result != ADMIT_OK) return PyLong_FromLong(self->result);
    if (self->permit.place == NULL) Py_RETURN_NONE;
    const admit_permit given = self->permit;
    self->permit = (admit_permit){0};
    return make_permit(&given);
}

/// True: the wait is taken back, and no event comes.
static PyObject* event_cancel(event* self, PyObject* none) {
    (void)none;
    if (!usable(self->forks)) return NULL;
    if (self->over || !admit_cancel(&self->handle)) Py_RETURN_FALSE;
    self->over = true;
    Py_DECREF(self);  // the library's reference
    Py_RETURN_TRUE;
}

/// Ends a supervised conversation: (status, whether it was told to end, whether it overstayed).
static PyObject* event_unsupervise(event* self, PyObject* how) {
    const long status = PyLong_AsLong(how);
    if (status == -1 && PyErr_Occurred()) return NULL;
    if (!usable(self->forks)) return NULL;
    if (self->supervision == NULL) return PyErr_Format(PyExc_RuntimeError, "not supervised");
    admit_supervision* const ended = self->supervision;
    self->supervision = NULL;
    const admit_ending ending = admit_unsupervise(ended, (admit_status)status);
    return Py_BuildValue("iOO", ending.status, ending.told ? Py_True : Py_False,
                         ending.overstayed ? Py_True : Py_False);
}
static PyObject* event_future(event* self, void* none) {
    (void)none;
    return Py_NewRef(self->future);
}

static PyMethodDef event_methods[] = {
    {"result", (PyCFunction)event_result, METH_NOARGS, "A permit, or the number of a result."},
    {"cancel", (PyCFunction)event_cancel, METH_NOARGS, "Whether the wait was taken back."},
    {"unsupervise", (PyCFunction)event_unsupervise, METH_O, "Ends the conversation."},
    {0}};
static PyGetSetDef event_members[] = {{"future", (getter)event_future, NULL, "What waits.", NULL},
                                      {0}};
static PyTypeObject event_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Event",
    .tp_basicsize = sizeof(event),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = (destructor)event_dealloc,
    .tp_methods = event_methods,
    .tp_getset = event_members};

static event* make_event(PyObject* to, PyObject* future) {
    if (!PyObject_TypeCheck(to, &channel_type)) {
        PyErr_SetString(PyExc_TypeError, "not a Channel");
        return NULL;
    }
    event* const made = (event*)event_type.tp_alloc(&event_type, 0);
    if (made == NULL) return NULL;
    made->forks = forks;
    made->channel = (channel*)Py_NewRef(to);
    made->future = Py_NewRef(future);
    return made;
}

static void waited(void* data, admit_result result, const admit_permit* given) {
    event* const self = data;
    self->over = true;
    self->result = result;
    self->permit = *given;
    put(self);
    Py_DECREF(self);  // the library's; the channel has one
}
static void told(void* data, admit_status how) {
    (void)how;  // the end of the supervision says it
    put(data);
}
static void released(void* data) { Py_DECREF((PyObject*)data); }

// --- Engines ----------------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD admit_engine* engine;
    unsigned forks;
} engine;

static bool engine_usable(const engine* self) {
    if (!usable(self->forks)) return false;
    if (self->engine != NULL) return true;
    PyErr_SetString(PyExc_RuntimeError, "admit: the engine was not made");
    return false;
}

/// The bytes of a user id, borrowed from a str or bytes.
static bool user_of(PyObject* id, const char** bytes, Py_ssize_t* size) {
    if (PyUnicode_Check(id)) return (*bytes = PyUnicode_AsUTF8AndSize(id, size)) != NULL;
    if (PyBytes_Check(id)) return PyBytes_AsStringAndSize(id, (char**)bytes, size) == 0;
    PyErr_Format(PyExc_TypeError, "a user is str or bytes, not %s", Py_TYPE(id)->tp_name);
    return false;
}

static PyObject* refuse(admit_result result, const admit_error* error) {
    if (result == ADMIT_NO_MEMORY) return PyErr_NoMemory();
    PyErr_SetString(result == ADMIT_INVALID_ARGUMENT ? PyExc_ValueError : PyExc_OSError,
                    error->text[0] != '\0' ? error->text : admit_message(result));
    return NULL;
}

static bool limits_of(PyObject* args, admit_limits* limits) {
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

static int engine_init(engine* self, PyObject* args, PyObject* names) {
    (void)names;
    admit_limits limits;
    admit_error error;
    if (self->engine != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "admit: the engine is made already");
        return -1;
    }
    if (!limits_of(args, &limits)) return -1;
    if (self->engine != NULL) return 0;  // made by what the arguments called
    self->forks = forks;
    const admit_result result = admit_engine_new(&limits, NULL, &self->engine, &error);
    if (result == ADMIT_OK) return 0;
    refuse(result, &error);
    return -1;
}

static void engine_dealloc(engine* self) {
    if (self->forks == forks) admit_engine_free(self->engine);
    PyTypeObject* const type = Py_TYPE(self);
    type->tp_free((PyObject*)self);
}

static PyObject* reject(engine* self, PyObject* user, admit_result result) {
    return PyObject_CallFunction(rejection, "OOi", self, user, result);
}

static bool limit_of(PyObject* given, admit_request* request) {
    *request = (admit_request)ADMIT_REQUEST_INIT;
    if (given == NULL || given == Py_None) return true;
    const Py_ssize_t limit = PyLong_AsSsize_t(given);
    if (limit < 0) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "max_per_user is %zd; allowed is 0 or more", limit);
        return false;
    }
    request->max_per_user = (size_t)limit;
    return true;
}

/// try_admit(user, max_per_user=None)
static PyObject* engine_try_admit(engine* self, PyObject* const* args, Py_ssize_t count,
                                  PyObject* names) {
    const char* bytes;
    Py_ssize_t size;
    admit_request request;
    admit_permit given;
    const Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count != 1 || named > 1 ||
        (named == 1 &&
         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "max_per_user") != 0))
        return PyErr_Format(PyExc_TypeError, "try_admit(user, *, max_per_user=None)");
    if (!engine_usable(self) || !user_of(args[0], &bytes, &size) ||
        !limit_of(named == 1 ? args[1] : NULL, &request))
        return NULL;
    const admit_result result =
        admit_try_admit(self->engine, bytes, (size_t)size, named == 1 ? &request : NULL, &given);
    return result == ADMIT_OK ? make_permit(&given) : reject(self, args[0], result);
}

/// _wait(user, wait_ns, priority, max_per_user, channel, future): a Permit, an Event, or a number.
static PyObject* engine_wait(engine* self, PyObject* args) {
    PyObject *user, *limit, *to, *future;
    long long at_most;
    unsigned priority;
    const char* bytes;
    Py_ssize_t size;
    admit_request request;
    admit_permit given;
    admit_error error;
    if (!PyArg_ParseTuple(args, "OLIOOO", &user, &at_most, &priority, &limit, &to, &future) ||
        !engine_usable(self) || !user_of(user, &bytes, &size) || !limit_of(limit, &request))
        return NULL;
    request.wait_at_most = at_most;
    request.priority = priority;
    event* const made = make_event(to, future);
    if (made == NULL) return NULL;
    Py_INCREF(made);  // the library's, until the callback or the cancellation
    const admit_result result = admit_wait(self->engine, bytes, (size_t)size, &request, waited,
                                           made, &given, &made->handle, &error);
    if (result == ADMIT_WAITING) return (PyObject*)made;
    Py_DECREF(made);
    Py_DECREF(made);
    if (result == ADMIT_OK) return make_permit(&given);
    if (result >= ADMIT_WAITING) return refuse(result, &error);
    return PyLong_FromLong(result);
}

/// _wait_idle(channel, future): an Event when nothing is active in the closed engine.
static PyObject* engine_wait_idle(engine* self, PyObject* args) {
    PyObject *to, *future;
    if (!PyArg_ParseTuple(args, "OO", &to, &future) || !engine_usable(self)) return NULL;
    event* const made = make_event(to, future);
    if (made == NULL) return NULL;
    Py_INCREF(made);
    if (admit_wait_idle(self->engine, waited, made, &made->handle) == ADMIT_WAITING)
        return (PyObject*)made;
    Py_DECREF(made);
    Py_DECREF(made);
    return PyErr_NoMemory();
}

/// _supervise(permit, grace_ns, channel, future): an Event, or None if it has ended.
static PyObject* engine_supervise(engine* self, PyObject* args) {
    PyObject *of, *to, *future;
    long long grace;
    if (!PyArg_ParseTuple(args, "O!LOO", &permit_type, &of, &grace, &to, &future) ||
        !engine_usable(self))
        return NULL;
    event* const made = make_event(to, future);
    if (made == NULL) return NULL;
    Py_INCREF(made);  // the library's, until `released`
    const admit_result result =
        admit_supervise(&((permit*)of)->permit, grace, told, released, made, &made->supervision);
    if (result == ADMIT_OK) return (PyObject*)made;
    Py_DECREF(made);
    if (result == ADMIT_ENDED) Py_RETURN_NONE;
    return result == ADMIT_NO_MEMORY
               ? PyErr_NoMemory()
               : PyErr_Format(PyExc_RuntimeError, "admit: supervised already");
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

static PyObject* engine_set_limits(engine* self, PyObject* args) {
    admit_limits limits;
    admit_error error;
    if (!engine_usable(self) || !limits_of(args, &limits)) return NULL;
    const admit_result result = admit_set_limits(self->engine, &limits, &error);
    if (result != ADMIT_OK) return refuse(result, &error);
    Py_RETURN_NONE;
}
static PyObject* engine_limits(engine* self, PyObject* none) {
    (void)none;
    admit_limits limits = ADMIT_LIMITS_INIT;
    if (!engine_usable(self)) return NULL;
    admit_get_limits(self->engine, &limits);
    return Py_BuildValue("nnLLnn", (Py_ssize_t)limits.max_concurrent,
                         (Py_ssize_t)limits.max_per_user, (long long)limits.idle_timeout,
                         (long long)limits.max_duration, (Py_ssize_t)limits.max_waiting,
                         (Py_ssize_t)limits.max_waiting_per_user);
}

static PyObject* numbers(const uint64_t* from, int count) {
    PyObject* const list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; ++i)
        PyList_SET_ITEM(list, i, PyLong_FromUnsignedLongLong(from[i]));
    return list;
}
static PyObject* engine_stats(engine* self, PyObject* none) {
    (void)none;
    admit_stats stats = ADMIT_STATS_INIT;
    if (!engine_usable(self)) return NULL;
    admit_get_stats(self->engine, &stats);
    return Py_BuildValue(
        "nnnKKNN", (Py_ssize_t)stats.active, (Py_ssize_t)stats.users, (Py_ssize_t)stats.waiting,
        (unsigned long long)stats.admitted, (unsigned long long)stats.overstayed,
        numbers(stats.rejected, ADMIT_WAIT_TIMEOUT + 1), numbers(stats.ended, ADMIT_CANCELLED + 1));
}

static PyObject* engine_end_user(engine* self, PyObject* args) {
    PyObject* user;
    int how = ADMIT_COMPLETED;
    const char* bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O|i", &user, &how) || !engine_usable(self) ||
        !user_of(user, &bytes, &size))
        return NULL;
    return PyLong_FromSize_t(admit_end_user(self->engine, bytes, (size_t)size, how));
}
static PyObject* engine_active(engine* self, PyObject* args) {
    PyObject* user = NULL;
    const char* bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "|O", &user) || !engine_usable(self)) return NULL;
    if (user == NULL) return PyLong_FromSize_t(admit_active(self->engine));
    if (!user_of(user, &bytes, &size)) return NULL;
    return PyLong_FromSize_t(admit_active_of(self->engine, bytes, (size_t)size));
}
static PyObject* engine_retry_after(engine* self, PyObject* user) {
    const char* bytes;
    Py_ssize_t size;
    if (!engine_usable(self) || !user_of(user, &bytes, &size)) return NULL;
    const int64_t wait = admit_retry_after(self->engine, bytes, (size_t)size);
    return PyFloat_FromDouble(wait == ADMIT_NEVER ? Py_HUGE_VAL : 1e-9 * (double)wait);
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
        Py_BuildValue("NNdd",
                      PyUnicode_FromFormat("%llu-%u-%llu", (unsigned long long)each->id.engine,
                                           each->id.slot, (unsigned long long)each->id.generation),
                      text_of_user(each->user, each->user_size), 1e-9 * (double)each->started,
                      1e-9 * (double)each->last_activity));
}
static bool add_waiter(void* list, const admit_waiter* each) {
    return add(list,
               Py_BuildValue("NdnI", text_of_user(each->user, each->user_size),
                             1e-9 * (double)each->since, (Py_ssize_t)each->ahead, each->priority));
}
/// The list, unless a line or the list could not be made.
static PyObject* listed(PyObject* list, admit_result result) {
    if (!PyErr_Occurred() && result == ADMIT_OK) return list;
    Py_DECREF(list);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}
static bool optional_user(PyObject* args, const char** bytes, Py_ssize_t* size) {
    PyObject* user = Py_None;
    *bytes = NULL;
    *size = 0;
    return PyArg_ParseTuple(args, "|O", &user) && (user == Py_None || user_of(user, bytes, size));
}
static PyObject* engine_conversations(engine* self, PyObject* args) {
    const char* bytes;
    Py_ssize_t size;
    if (!engine_usable(self) || !optional_user(args, &bytes, &size)) return NULL;
    PyObject* const list = PyList_New(0);
    if (list == NULL) return NULL;
    return listed(list,
                  admit_conversations(self->engine, bytes, (size_t)size, add_conversation, list));
}
static PyObject* engine_waiters(engine* self, PyObject* args) {
    const char* bytes;
    Py_ssize_t size;
    if (!engine_usable(self) || !optional_user(args, &bytes, &size)) return NULL;
    PyObject* const list = PyList_New(0);
    if (list == NULL) return NULL;
    return listed(list, admit_waiters(self->engine, bytes, (size_t)size, add_waiter, list));
}

static PyMethodDef engine_methods[] = {
    {"try_admit", (PyCFunction)(void (*)(void))engine_try_admit, METH_FASTCALL | METH_KEYWORDS,
     "try_admit(user, *, max_per_user=None): a Permit, or a Rejection, which is false."},
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
static PyTypeObject engine_type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Engine",
                                   .tp_basicsize = sizeof(engine),
                                   .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                                   .tp_new = PyType_GenericNew,
                                   .tp_init = (initproc)engine_init,
                                   .tp_dealloc = (destructor)engine_dealloc,
                                   .tp_methods = engine_methods};

// --- The module -------------------------------------------------------------------------------

static PyObject* set_rejection(PyObject* module, PyObject* factory) {
    (void)module;
    Py_XSETREF(rejection, Py_NewRef(factory));
    Py_RETURN_NONE;
}
static PyObject* message(PyObject* module, PyObject* result) {
    (void)module;
    const long number = PyLong_AsLong(result);
    if (number == -1 && PyErr_Occurred()) return NULL;
    return PyUnicode_FromString(admit_message((admit_result)number));
}
static PyMethodDef functions[] = {
    {"set_rejection", set_rejection, METH_O, NULL}, {"message", message, METH_O, NULL}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "admit._engine",
                                        .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit__engine(void);
PyMODINIT_FUNC PyInit__engine(void) {
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "admit: works in the main interpreter only");
        return NULL;
    }
    static PyTypeObject* const types[] = {&channel_type, &permit_type, &event_type, &engine_type};
    static const char* const names[] = {"Channel", "Permit", "Event", "Engine"};
    PyObject* const module = PyModule_Create(&definition);
    for (int i = 0; module != NULL && i < 4; ++i)
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
