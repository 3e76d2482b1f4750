// SPDX-License-Identifier: BSL-1.0
// Rejections: why there is no permit. They are made for each refusal, so that nothing is asked of
// the engine until it is wanted.
#include "module.h"

typedef struct {
    PyObject_HEAD engine* engine;
    PyObject* user;
    admit_result result;
} rejection;

static PyObject* reasons = NULL;   // those of admit.Reason, in the order of the results
static PyObject* rejected = NULL;  // admit.Rejected

PyObject* rejection_set_classes(PyObject* module, PyObject* args) {
    PyObject *of_reasons, *of_rejected;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O", &PyTuple_Type, &of_reasons, &of_rejected)) return NULL;
    Py_XSETREF(reasons, Py_NewRef(of_reasons));
    Py_XSETREF(rejected, Py_NewRef(of_rejected));
    Py_RETURN_NONE;
}

PyObject* rejection_make(engine* from, PyObject* user, admit_result result) {
    rejection* const made = PyObject_GC_New(rejection, &rejection_type);
    if (made == NULL) return NULL;
    made->engine = (engine*)Py_NewRef(from);
    made->user = Py_NewRef(user);
    made->result = result;
    PyObject_GC_Track(made);
    return (PyObject*)made;
}

PyObject* rejection_raise(engine* from, PyObject* user, admit_result result) {
    PyObject* const made = rejection_make(from, user, result);
    if (made == NULL) return NULL;
    PyErr_SetObject(rejected, made);
    Py_DECREF(made);
    return NULL;
}

// Without a tp_clear: a cycle goes by way of the engine, whose dictionary is cleared.
static int rejection_traverse(rejection* self, visitproc visit, void* arg) {
    Py_VISIT(self->engine);
    Py_VISIT(self->user);
    return 0;
}
static void rejection_dealloc(rejection* self) {
    PyObject_GC_UnTrack(self);
    Py_DECREF(self->engine);
    Py_DECREF(self->user);
    PyObject_GC_Del(self);
}

static int rejection_is_true(rejection* self) {
    (void)self;
    return 0;
}

static PyObject* rejection_reason(rejection* self, void* none) {
    (void)none;
    return PySequence_GetItem(reasons, self->result - 1);
}
static PyObject* rejection_user(rejection* self, void* none) {
    (void)none;
    return Py_NewRef(self->user);
}
static PyObject* rejection_retry_after(rejection* self, void* none) {
    (void)none;
    if (self->result == ADMIT_INVALID_USER_ID) return PyFloat_FromDouble(Py_HUGE_VAL);
    return engine_retry_after(self->engine, self->user);
}
static PyObject* rejection_text(rejection* self) {
    return PyUnicode_FromFormat("<Rejection of %R: %s>", self->user, admit_message(self->result));
}

static PyNumberMethods rejection_number = {.nb_bool = (inquiry)rejection_is_true};
static PyGetSetDef rejection_members[] = {
    {"reason", (getter)rejection_reason, NULL, "Why, as a Reason.", NULL},
    {"user", (getter)rejection_user, NULL, "That of the request.", NULL},
    {"retry_after", (getter)rejection_retry_after, NULL,
     "Seconds, from now, until the user could be admitted, in the worst case; inf if no timeout "
     "makes "
     "room. By the limits of the engine: a max_per_user of the request does not count.",
     NULL},
    {0}};
PyTypeObject rejection_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "admit.Rejection",
    .tp_basicsize = sizeof(rejection),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "Why there is no permit. It is false, as a permit is true.",
    .tp_traverse = (traverseproc)rejection_traverse,
    .tp_dealloc = (destructor)rejection_dealloc,
    .tp_repr = (reprfunc)rejection_text,
    .tp_as_number = &rejection_number,
    .tp_getset = rejection_members};
