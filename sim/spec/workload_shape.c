// SPDX-License-Identifier: Apache-2.0
// Shapes: a layer's geometry and its output from its inputs, by type. Sizes of inputs are at most MP_MAX_SIZE
// and MP_MAX_ELEMENTS, so that the products here stay in 64 bits; the builder checks the output likewise.
#include "sim/spec/build.h"

typedef bool shape_fn(const struct mp_tensor *in, const struct mp_tensor *second,
                      const struct mp_layer_spec *s, struct mp_geometry *g, struct mp_tensor *out,
                      struct mp_err *err);

bool mp_product(const uint64_t *factors, size_t count, uint64_t max, uint64_t *product) {
    *product = 1;
    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(*product, factors[i], product) || *product > max)
            return false;
    return true;
}

static struct mp_geometry pixels(uint64_t groups, uint64_t ic, uint64_t oc, uint64_t h, uint64_t w) {
    return (struct mp_geometry){.groups = groups, .ic = ic, .oc = oc, .ih = h, .iw = w, .oh = h, .ow = w,
                                .kh = 1, .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1};
}

static void set_shape(struct mp_tensor *t, uint64_t c, uint64_t h, uint64_t w) {
    t->c = c;
    t->h = h;
    t->w = w;
}

// Windows

// Output size along one dimension. Rounded up, the last window must still begin in the input or in the
// padding before it, as in PyTorch.
static uint64_t windows(uint64_t in, uint64_t before, uint64_t after, uint64_t reach, uint64_t stride,
                        bool ceil) {
    uint64_t span = in + before + after - reach;
    if (!ceil)
        return span / stride + 1;
    uint64_t out = (span + stride - 1) / stride + 1;
    return (out - 1) * stride >= in + before ? out - 1 : out;
}

static bool set_windows(const struct mp_tensor *in, const struct mp_layer_spec *s, struct mp_geometry *g,
                        struct mp_err *err) {
    uint64_t rh = s->dilation[0] * (s->kernel[0] - 1) + 1, rw = s->dilation[1] * (s->kernel[1] - 1) + 1;
    uint64_t ph = in->h + s->padding[0] + s->padding[2], pw = in->w + s->padding[1] + s->padding[3];
    if (rh > ph || rw > pw)
        return mp_fail(err, "the kernel must fit into the padded input of %jux%ju pixels (got %jux%ju)",
                       (uintmax_t)ph, (uintmax_t)pw, (uintmax_t)rh, (uintmax_t)rw);
    g->ih = in->h;
    g->iw = in->w;
    g->kh = s->kernel[0];
    g->kw = s->kernel[1];
    g->sh = s->stride[0];
    g->sw = s->stride[1];
    g->dh = s->dilation[0];
    g->dw = s->dilation[1];
    g->pt = s->padding[0];
    g->pl = s->padding[1];
    g->oh = windows(in->h, s->padding[0], s->padding[2], rh, s->stride[0], s->ceil);
    g->ow = windows(in->w, s->padding[1], s->padding[3], rw, s->stride[1], s->ceil);
    return true;
}

static bool conv2d(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                   struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    (void)second;
    if (in->c % s->groups != 0 || s->out_channels % s->groups != 0)
        return mp_fail(err, "groups must divide %ju input and %ju output channels (got %ju)",
                       (uintmax_t)in->c, (uintmax_t)s->out_channels, (uintmax_t)s->groups);
    *g = (struct mp_geometry){.groups = s->groups};
    g->ic = in->c / s->groups;
    g->oc = s->out_channels / s->groups;
    if (!set_windows(in, s, g, err))
        return false;
    set_shape(out, s->out_channels, g->oh, g->ow);
    return true;
}

static bool pool(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                 struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    (void)second;
    uint64_t channels = s->out_channels ? s->out_channels : in->c;
    if (channels < in->c)
        return mp_fail(err, "out_channels must be at least the input's %ju (got %ju)", (uintmax_t)in->c,
                       (uintmax_t)channels);
    if (s->first_channel > channels - in->c)
        return mp_fail(err, "first_channel must be at most %ju, out_channels less the input's (got %ju)",
                       (uintmax_t)(channels - in->c), (uintmax_t)s->first_channel);
    *g = (struct mp_geometry){.groups = in->c, .ic = 1, .oc = 1};
    if (!set_windows(in, s, g, err))
        return false;
    set_shape(out, channels, g->oh, g->ow);
    return true;
}

// Matrix products

static bool linear(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                   struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    (void)second, (void)err;
    *g = pixels(1, in->c, s->out_channels, in->h * in->w, 1);
    set_shape(out, s->out_channels, in->h, in->w);
    return true;
}

static bool matmul(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                   struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    if (in->w != 1 || second->w != 1)
        return mp_fail(err, "the operands' width must be 1 (got %ju and %ju)", (uintmax_t)in->w,
                       (uintmax_t)second->w);
    if (in->c % s->groups != 0 || second->c % s->groups != 0)
        return mp_fail(err, "groups must divide the operands' %ju and %ju channels (got %ju)",
                       (uintmax_t)in->c, (uintmax_t)second->c, (uintmax_t)s->groups);
    uint64_t k = in->c / s->groups, of_second = second->c / s->groups;
    uint64_t k2 = s->transpose_b ? of_second : second->h, n = s->transpose_b ? second->h : of_second;
    if (k != k2)
        return mp_fail(err, "the second operand must have the first's %ju terms a sum (got %ju%s)",
                       (uintmax_t)k, (uintmax_t)k2, k == n ? "; transpose_b would make them agree" : "");
    *g = pixels(s->groups, k, n, in->h, 1);
    set_shape(out, s->groups * n, in->h, 1);
    return true;
}

// Element by element, and vectors

static bool elementwise(const struct mp_tensor *in, const struct mp_tensor *second,
                        const struct mp_layer_spec *s, struct mp_geometry *g, struct mp_tensor *out,
                        struct mp_err *err) {
    bool all = second && (s->type == MP_ADD || s->type == MP_MUL) && second->h == 1 && second->w == 1;
    if (second && (in->c != second->c || (!all && (in->h != second->h || in->w != second->w))))
        return mp_fail(err, "inputs must have the same shape (got %jux%jux%ju and %jux%jux%ju)",
                       (uintmax_t)in->c, (uintmax_t)in->h, (uintmax_t)in->w, (uintmax_t)second->c,
                       (uintmax_t)second->h, (uintmax_t)second->w);
    *g = pixels(in->c, 1, 1, in->h, in->w);
    set_shape(out, in->c, in->h, in->w);
    return true;
}

// The vector goes through whole: as many output as input channels.
static bool vectors(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                    struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    (void)second;
    uint64_t groups = s->type == MP_SOFTMAX ? s->groups : 1;
    if (in->c % groups != 0)
        return mp_fail(err, "groups must divide the input's %ju channels (got %ju)", (uintmax_t)in->c,
                       (uintmax_t)groups);
    *g = pixels(groups, in->c / groups, in->c / groups, in->h * in->w, 1);
    set_shape(out, in->c, in->h, in->w);
    return true;
}

static bool view(const struct mp_tensor *in, const struct mp_tensor *second, const struct mp_layer_spec *s,
                 struct mp_geometry *g, struct mp_tensor *out, struct mp_err *err) {
    (void)second, (void)g;
    uint64_t have = in->c * in->h * in->w, want;
    if (!mp_product(s->shape, 3, have, &want))
        return mp_fail(err, "shape must have at most the input's %ju elements (got %jux%jux%ju)",
                       (uintmax_t)have, (uintmax_t)s->shape[0], (uintmax_t)s->shape[1],
                       (uintmax_t)s->shape[2]);
    set_shape(out, s->shape[0], s->shape[1], s->shape[2]);
    return true;
}

static bool concat(const struct mp_workload *w, const struct mp_layer_spec *s, struct mp_tensor *out,
                   struct mp_err *err) {
    const struct mp_tensor *first = &w->tensors[s->inputs[0]];
    set_shape(out, 0, first->h, first->w);
    for (size_t i = 0; i < s->input_count; i++) {
        const struct mp_tensor *in = &w->tensors[s->inputs[i]];
        if (in->h != first->h || in->w != first->w)
            return mp_fail(err, "inputs must have the same height and width (got %jux%ju and %jux%ju)",
                           (uintmax_t)first->h, (uintmax_t)first->w, (uintmax_t)in->h, (uintmax_t)in->w);
        out->c += in->c;
    }
    return true;
}

bool mp_layer_shape(const struct mp_workload *w, const struct mp_layer_spec *s, struct mp_layer *l,
                    struct mp_tensor *out, struct mp_err *err) {
    static shape_fn *const shape[MP_LAYER_TYPES] = {
        [MP_CONV2D] = conv2d,          [MP_LINEAR] = linear,
        [MP_MATMUL] = matmul,          [MP_POOL] = pool,
        [MP_ADD] = elementwise,        [MP_MUL] = elementwise,
        [MP_ACTIVATION] = elementwise, [MP_SOFTMAX] = vectors,
        [MP_LAYER_NORM] = vectors,     [MP_VIEW] = view,
    };
    l->geo = (struct mp_geometry){0};
    if (s->type == MP_CONCAT)
        return concat(w, s, out, err);
    const struct mp_tensor *second = s->input_count > 1 ? &w->tensors[s->inputs[1]] : NULL;
    return shape[s->type](&w->tensors[s->inputs[0]], second, s, &l->geo, out, err);
}
