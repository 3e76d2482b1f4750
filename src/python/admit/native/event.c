// SPDX-License-Identifier: BSL-1.0
// The event: what Python knows of a wait or a supervision, and the callbacks that complete it.
#include "module.h"

static int event_traverse(event* self, visitproc visit, void* arg) {
    Py_VISIT(self->channel);
    Py_VISIT(self->future);
    return 0;
}
static int event_clear(event* self) {
    Py_CLEAR(self->future);
    return 0;
}
static void event_dealloc(event* self) {
    PyObject_GC_UnTrack(self);
    // A grant that nothing has taken goes to the next one.
    if (self->permit.place != NULL && self->forks == module_forks)
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
    return permit_make(&given);
}

/// True: the wait is taken back, and no event comes.
static PyObject* event_cancel(event* self, PyObject* none) {
    (void)none;
    if (!module_usable(self->forks)) return NULL;
    if (self->over || !admit_cancel(&self->handle)) Py_RETURN_FALSE;
    self->over = true;
    Py_DECREF(self);  // the library's reference
    Py_RETURN_TRUE;
}

/// Ends a supervised conversation: (status, whether it was told to end, whether it overstayed).
static PyObject* event_unsupervise(event* self, PyObject* how) {
    const long status = PyLong_AsLong(how);
    if (status == -1 && PyErr_Occurred()) return NULL;
    if (!module_usable(self->forks)) return NULL;
    // The second time, where a loop was closed and its tasks are collected, it ends nothing.
    admit_supervision* const ended = self->supervision;
    self->supervision = NULL;
    const admit_ending ending = ended != NULL ? admit_unsupervise(ended, (admit_status)status)
                                              : (admit_ending){.status = (admit_status)status};
    return Py_BuildValue("iOO", ending.status, ending.told ? Py_True : Py_False,
                         ending.overstayed ? Py_True : Py_False);
}
static PyObject* event_future(event* self, void* none) {
    (void)none;
    return Py_NewRef(self->future != NULL ? self->future : Py_None);
}

static PyMethodDef event_methods[] = {
    {"result", (PyCFunction)event_result, METH_NOARGS, "A permit, or the number of a result."},
    {"cancel", (PyCFunction)event_cancel, METH_NOARGS, "Whether the wait was taken back."},
    {"unsupervise", (PyCFunction)event_unsupervise, METH_O, "Ends the conversation."},
    {0}};
static PyGetSetDef event_members[] = {{"future", (getter)event_future, NULL, "What waits.", NULL},
                                      {0}};
PyTypeObject event_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit._engine.Event",
    .tp_basicsize = sizeof(event),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = (traverseproc)event_traverse,
    .tp_clear = (inquiry)event_clear,
    .tp_dealloc = (destructor)event_dealloc,
    .tp_methods = event_methods,
    .tp_getset = event_members};

event* event_make(PyObject* to, PyObject* future) {
    if (!PyObject_TypeCheck(to, &channel_type)) {
        PyErr_SetString(PyExc_TypeError, "not a Channel");
        return NULL;
    }
    event* const made = (event*)event_type.tp_alloc(&event_type, 0);
    if (made == NULL) return NULL;
    made->forks = module_forks;
    made->channel = (channel*)Py_NewRef(to);
    made->future = Py_NewRef(future);
    Py_INCREF(made);  // the library's reference
    return made;
}

void event_drop(event* made) {
    Py_DECREF(made);
    Py_DECREF(made);  // the library's reference
}

void event_on_result(void* data, admit_result result, const admit_permit* given) {
    event* const self = data;
    self->over = true;
    self->result = result;
    self->permit = *given;
    channel_put(self);
    Py_DECREF(self);  // the library's reference; the channel has one
}
void event_on_told(void* data, admit_status how) {
    (void)how;  // the end of the supervision says it
    channel_put(data);
}
void event_on_release(void* data) { Py_DECREF((PyObject*)data); }
