// SPDX-License-Identifier: BSL-1.0
// The permit: an admitted conversation, with the fast way to end it.
#include "module.h"

PyObject* permit_make(const admit_permit* from) {
    permit* const made = PyObject_New(permit, &permit_type);
    if (made == NULL) {
        admit_end(from, ADMIT_ERROR);
        return NULL;
    }
    made->permit = *from;
    made->forks = module_forks;
    return (PyObject*)made;
}

PyObject* permit_text_of(const admit_conversation_id* id) {
    return PyUnicode_FromFormat("%llu-%u-%llu", (unsigned long long)id->engine, id->slot,
                                (unsigned long long)id->generation);
}

static void permit_dealloc(permit* self) {
    if (self->forks == module_forks) admit_end(&self->permit, ADMIT_COMPLETED);
    PyObject_Free(self);
}

static PyObject* permit_end(permit* self, PyObject* const* args, Py_ssize_t count) {
    long how = ADMIT_COMPLETED;
    if (count > 1) return PyErr_Format(PyExc_TypeError, "end() takes one argument at most");
    if (count == 1 && (how = PyLong_AsLong(args[0])) == -1 && PyErr_Occurred()) return NULL;
    if (!module_usable(self->forks)) return NULL;
    return PyBool_FromLong(
        admit_end(&self->permit, how < 0 || how > ADMIT_CANCELLED ? -1 : (int)how));
}
static PyObject* permit_touch(permit* self, PyObject* none) {
    (void)none;
    if (!module_usable(self->forks)) return NULL;
    return PyBool_FromLong(admit_touch(&self->permit));
}
static PyObject* permit_enter(PyObject* self, PyObject* none) {
    (void)none;
    Py_INCREF(self);
    return self;
}
static PyObject* permit_exit(permit* self, PyObject* const* args, Py_ssize_t count) {
    const bool raised = count > 0 && args[0] != Py_None;
    if (!module_usable(self->forks)) return NULL;
    admit_end(&self->permit, raised ? ADMIT_ERROR : ADMIT_COMPLETED);
    Py_RETURN_FALSE;
}
static PyObject* permit_id(permit* self, void* none) {
    (void)none;
    return permit_text_of(&self->permit.id);
}
static PyObject* permit_remaining(permit* self, void* none) {
    (void)none;
    if (!module_usable(self->forks)) return NULL;
    return module_seconds(admit_remaining(&self->permit));
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
PyTypeObject permit_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit.Permit",
    .tp_basicsize = sizeof(permit),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc =
        "An admitted conversation. It ends with end(), with the block of `with`, or with the "
        "last reference to it.",
    .tp_dealloc = (destructor)permit_dealloc,
    .tp_methods = permit_methods,
    .tp_getset = permit_members};
