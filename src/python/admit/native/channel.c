// SPDX-License-Identifier: BSL-1.0
// The channel: a list of events, linked by the callbacks of the library and taken by one event
// loop.
#include <errno.h>
#include <stdio.h>

#include "module.h"
#include "wake.h"

struct channel {
    PyObject_HEAD wake wake;
    event* first;
    event* last;
};

static bool is_open(const channel* self) { return self->wake.reading >= 0; }

void channel_put(event* what) {
    channel* const to = what->channel;
    if (what->listed || !is_open(to)) return;
    what->listed = true;
    what->next = NULL;
    Py_INCREF(what);
    const bool first = to->first == NULL;
    if (first)
        to->first = what;
    else
        to->last->next = what;
    to->last = what;
    if (first && !wake_send(&to->wake)) perror("admit");
}

/// The first event, with the list's reference to it. NULL: there is none.
static event* pop(channel* self) {
    event* const first = self->first;
    if (first == NULL) return NULL;
    self->first = first->next;
    first->listed = false;
    return first;
}

static int channel_init(channel* self, PyObject* args, PyObject* names) {
    if (!PyArg_ParseTuple(args, "") || (names != NULL && PyDict_GET_SIZE(names) > 0)) return -1;
    if (is_open(self) || wake_open(&self->wake)) return 0;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

static PyObject* channel_new(PyTypeObject* type, PyObject* args, PyObject* names) {
    (void)args, (void)names;
    channel* const self = (channel*)type->tp_alloc(type, 0);
    if (self != NULL) self->wake = WAKE_CLOSED;
    return (PyObject*)self;
}

static void channel_dealloc(channel* self) {
    // Empty: each event in the list has a reference to the channel.
    wake_close(&self->wake);
    Py_TYPE(self)->tp_free((PyObject*)self);
}

/// The loop is done with it: the descriptor is closed, and what is listed is forgotten.
static PyObject* channel_close(channel* self, PyObject* none) {
    (void)none;
    wake_close(&self->wake);
    for (event* each; (each = pop(self)) != NULL;) Py_DECREF(each);
    Py_RETURN_NONE;
}

static PyObject* channel_fileno(channel* self, PyObject* none) {
    (void)none;
    return PyLong_FromLong(self->wake.reading);
}

/// The events since the last call, in order.
static PyObject* channel_take(channel* self, PyObject* none) {
    (void)none;
    PyObject* const list = PyList_New(0);
    if (list == NULL) return NULL;
    if (is_open(self) && !wake_clear(&self->wake)) {
        Py_DECREF(list);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    while (self->first != NULL && PyList_Append(list, (PyObject*)self->first) == 0)
        Py_DECREF(pop(self));
    if (self->first == NULL) return list;
    // Without memory the rest is for another time; what is in the list has left the channel.
    wake_send(&self->wake);
    if (PyList_GET_SIZE(list) > 0) {
        PyErr_Clear();
        return list;
    }
    Py_DECREF(list);
    return NULL;
}

static PyMethodDef channel_methods[] = {
    {"fileno", (PyCFunction)channel_fileno, METH_NOARGS, "The descriptor that is readable."},
    {"close", (PyCFunction)channel_close, METH_NOARGS, "Closes the descriptor."},
    {"take", (PyCFunction)channel_take, METH_NOARGS, "The events since the last call."},
    {0}};
PyTypeObject channel_type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Channel",
                             .tp_basicsize = sizeof(channel),
                             .tp_flags = Py_TPFLAGS_DEFAULT,
                             .tp_doc = "Events for one event loop.",
                             .tp_new = channel_new,
                             .tp_init = (initproc)channel_init,
                             .tp_dealloc = (destructor)channel_dealloc,
                             .tp_methods = channel_methods};
