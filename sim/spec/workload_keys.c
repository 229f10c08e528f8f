// SPDX-License-Identifier: Apache-2.0
// The keys of workload.json's layers, by type.
#include "sim/spec/workload_keys.h"

static const char *const activations[] = {"none", "relu", "relu6", NULL};
static const char *const pool_ops[] = {"max", "avg", NULL};
static const char *const activation_ops[] = {
    "relu", "relu6", "sigmoid", "tanh", "gelu", "hswish", "leaky_relu", "clip",
    "hsigmoid", "swish", "exp", "sqrt", "pow", "erf", "affine", "function", NULL,
};

#define AT(member) .offset = offsetof(struct mp_layer_spec, member)
#define OUT_CHANNELS \
    {.key = "out_channels", .type = MP_FIELD_UINT, AT(out_channels), .required = true, .min = 1, \
     .max = MP_MAX_SIZE, .help = "output channels, of all groups"}
#define GROUPS(what) \
    {.key = "groups", .type = MP_FIELD_UINT, AT(groups), .def = 1, .min = 1, .max = MP_MAX_SIZE, .help = what}
#define FLAG(name, what) {.key = #name, .type = MP_FIELD_BOOL, AT(name), .help = what}
#define ACTIVATION \
    {.key = "activation", .type = MP_FIELD_ENUM, AT(activation), .names = activations, \
     .help = "fused into the layer"}
#define OP(list, what) \
    {.key = "op", .type = MP_FIELD_ENUM, AT(op), .required = true, .names = list, .help = what}
#define WEIGHTS_OF \
    {.key = "weights_of", .type = MP_FIELD_NAME, AT(weights_of), \
     .help = "an earlier layer whose weights it uses"}
#define END {.key = NULL}

static const struct mp_field conv2d_fields[] = {
    OUT_CHANNELS, GROUPS("equal parts of input and output channels"), FLAG(bias, "a bias an output channel"),
    FLAG(norm, "a batch norm, folded"), ACTIVATION, WEIGHTS_OF, END,
};
static const struct mp_field linear_fields[] = {
    OUT_CHANNELS,
    FLAG(bias, "a bias an output channel"),
    FLAG(norm, "a batch norm, folded"),
    ACTIVATION,
    WEIGHTS_OF,
    END,
};
static const struct mp_field matmul_fields[] = {
    GROUPS("products side by side, such as the heads of attention"),
    FLAG(transpose_b, "the second operand is [groups * K, N, 1] and not [groups * N, K, 1]"), END,
};
static const struct mp_field pool_fields[] = {
    OP(pool_ops, "of each window"), FLAG(ceil, "output sizes are rounded up"),
    {.key = "out_channels", .type = MP_FIELD_UINT, AT(out_channels), .min = 1, .max = MP_MAX_SIZE,
     .help = "by default the input's; more: channels of zeros are added"},
    {.key = "first_channel", .type = MP_FIELD_UINT, AT(first_channel), .max = MP_MAX_SIZE,
     .help = "channels of zeros in front of the input's; the others of out_channels are behind"}, END,
};
static const struct mp_field add_fields[] = {ACTIVATION, END};
static const struct mp_field activation_fields[] = {OP(activation_ops, "applied to each element"), END};
static const struct mp_field softmax_fields[] = {GROUPS(
                                                     "vectors that the channels hold, one behind the other"),
                                                 END};
static const struct mp_field no_fields[] = {END};

#define KERNEL {"kernel", offsetof(struct mp_layer_spec, kernel), 2, true, 0, 1, "height, width"}
#define STRIDE {"stride", offsetof(struct mp_layer_spec, stride), 2, false, 1, 1, "height, width"}
#define PADDING \
    {"padding", offsetof(struct mp_layer_spec, padding), 4, false, 0, 0, "top, left, bottom, right"}
#define DILATION {"dilation", offsetof(struct mp_layer_spec, dilation), 2, false, 1, 1, "height, width"}

static const struct mp_sizes conv2d_sizes[] = {KERNEL, STRIDE, PADDING, DILATION, END};
static const struct mp_sizes pool_sizes[] = {KERNEL, STRIDE, PADDING, END};
static const struct mp_sizes view_sizes[] = {
    {"shape", offsetof(struct mp_layer_spec, shape), 3, true, 0, 1, "channels, height, width"}, END,
};
static const struct mp_sizes no_sizes[] = {END};

const struct mp_layer_keys mp_layer_keys[MP_LAYER_TYPES] = {
    [MP_CONV2D] = {conv2d_fields, conv2d_sizes, 1, 1, "convolution"},
    [MP_LINEAR] = {linear_fields, no_sizes, 1, 1, "matrix product with weights; every pixel is a row"},
    [MP_MATMUL] = {matmul_fields, no_sizes, 2, 2,
                   "matrix product of two activations, the first [groups * K, M, 1]"},
    [MP_POOL] = {pool_fields, pool_sizes, 1, 1, "pooling"},
    [MP_ADD] = {add_fields, no_sizes, 2, 2, "element-wise sum; the second may be [c, 1, 1], for all pixels"},
    [MP_MUL] = {no_fields, no_sizes, 2, 2, "element-wise product; the second may be [c, 1, 1], for all pixels"},
    [MP_ACTIVATION] = {activation_fields, no_sizes, 1, 1, "a function of each element"},
    [MP_SOFTMAX] = {softmax_fields, no_sizes, 1, 1, "softmax over the channels of a group"},
    [MP_LAYER_NORM] = {no_fields, no_sizes, 1, 1, "layer norm over the channels"},
    [MP_CONCAT] = {no_fields, no_sizes, 2, MP_MAX_LAYERS, "inputs joined along the channels; moves nothing"},
    [MP_VIEW] = {no_fields, view_sizes, 1, 1,
                 "the input, or a part of it, under another shape; moves nothing"},
};

size_t mp_layer_key_names(enum mp_layer_type type, const char *out[MP_LAYER_KEYS_MAX]) {
    const struct mp_layer_keys *k = &mp_layer_keys[type];
    size_t n = 0;
    out[n++] = "name";
    out[n++] = "type";
    out[n++] = "inputs";
    out[n++] = "output";
    for (size_t i = 0; k->fields[i].key; i++)
        out[n++] = k->fields[i].key;
    for (size_t i = 0; k->sizes[i].key; i++)
        out[n++] = k->sizes[i].key;
    return n;
}
