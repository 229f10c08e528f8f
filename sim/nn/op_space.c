// SPDX-License-Identifier: Apache-2.0
// Operators that exchange channels and blocks of pixels: DepthToSpace, SpaceToDepth.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <inttypes.h>
#include <string.h>

static bool read_block(const struct mp_graph *g, const struct mp_graph_node *n, uint64_t *block, struct mp_err *err) {
    int64_t b = mp_attr_int(n, "blocksize", 0);
    *block = (uint64_t)b;
    return (b >= 1 && b <= MP_MAX_STEP) ||
           mp_graph_fail(g, n, err, "attribute \"blocksize\" must be 1..%" PRId64 " (got %" PRId64 ")", MP_MAX_STEP, b);
}

// Columns before rows before channels, or channels last: how the channels of the input are counted.
static bool is_crd(const struct mp_graph_node *n) {
    return strcmp(mp_attr_text(n, "mode", "DCR"), "CRD") == 0;
}

static bool infer_depth_to_space(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const char *mode = mp_attr_text(n, "mode", "DCR");
    uint64_t b;
    if (!mp_op_need_rank(g, n, 0, 4, 4, err) || !read_block(g, n, &b, err))
        return false;
    if (strcmp(mode, "DCR") != 0 && strcmp(mode, "CRD") != 0)
        return mp_graph_fail(g, n, err, "attribute \"mode\" must be \"DCR\" or \"CRD\" (got \"%s\")", mode);
    struct mp_shape s = *mp_op_dims(g, n, 0);
    if (s.dim[1] % (b * b) != 0)
        return mp_graph_fail(g, n, err, "blocks of %" PRIu64 " x %" PRIu64 " must divide the channels (got %" PRIu64 ")", b, b,
                             s.dim[1]);
    s.dim[1] /= b * b, s.dim[2] *= b, s.dim[3] *= b;
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// Walks over [image, channel, row, row of the block, column, column of the block].
static void run_depth_to_space(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                               struct mp_array *const *out) {
    const uint64_t *d = in[0]->shape.dim, b = (uint64_t)mp_attr_int(n, "blocksize", 1), c = out[0]->shape.dim[1];
    const struct mp_shape over = {.rank = 6, .dim = {d[0], c, d[2], b, d[3], b}};
    uint64_t plane = d[2] * d[3], channel = is_crd(n) ? b * b : 1, block = is_crd(n) ? 1 : c;
    const uint64_t step[] = {d[1] * plane, channel * plane, d[3], b * block * plane, 1, block * plane};
    struct mp_walk w;
    (void)g;
    mp_walk_over(&w, &over);
    for (unsigned i = 0; i < 6; i++)
        w.step[0][i] = (int64_t)step[i];
    mp_walk_copy(&w, in[0], out[0]);
}

static bool infer_space_to_depth(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    uint64_t b;
    if (!mp_op_need_rank(g, n, 0, 4, 4, err) || !read_block(g, n, &b, err))
        return false;
    struct mp_shape s = *mp_op_dims(g, n, 0);
    if (s.dim[2] % b != 0 || s.dim[3] % b != 0)
        return mp_graph_fail(g, n, err, "blocks of %" PRIu64 " x %" PRIu64 " must divide the image (got %" PRIu64 " x %" PRIu64 ")",
                             b, b, s.dim[2], s.dim[3]);
    s.dim[1] *= b * b, s.dim[2] /= b, s.dim[3] /= b;
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// Walks over [image, row of the block, column of the block, channel, row, column].
static void run_space_to_depth(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                               struct mp_array *const *out) {
    const uint64_t *d = in[0]->shape.dim, b = (uint64_t)mp_attr_int(n, "blocksize", 1);
    const struct mp_shape over = {.rank = 6, .dim = {d[0], b, b, d[1], d[2] / b, d[3] / b}};
    const uint64_t step[] = {d[1] * d[2] * d[3], d[3], 1, d[2] * d[3], d[3] * b, b};
    struct mp_walk w;
    (void)g;
    mp_walk_over(&w, &over);
    for (unsigned i = 0; i < 6; i++)
        w.step[0][i] = (int64_t)step[i];
    mp_walk_copy(&w, in[0], out[0]);
}

const struct mp_op mp_op_depth_to_space = {
    "DepthToSpace", 1, 1, 1, "blocksize:i mode:t", infer_depth_to_space, run_depth_to_space, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_space_to_depth = {
    "SpaceToDepth", 1, 1, 1, "blocksize:i", infer_space_to_depth, run_space_to_depth, NULL, MP_FLOW_ANY,
};
