// SPDX-License-Identifier: Apache-2.0
// Reads preprocess.json: from stored numbers to a network's input.
#include "sim/nn/dataset.h"

#include "sim/base/field.h"

#define MAX_CHANNELS 8
#define LARGEST 1e12
#define SMALLEST 1e-12

static const char *const layout_names[] = {"nchw", "nhwc", NULL};
static const char *const order_names[] = {"rgb", "bgr", NULL};

struct head {
    double scale;
    unsigned layout, order;
};

static const struct mp_field fields[] = {
    {.key = "scale",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct head, scale),
     .def = 1,
     .min = SMALLEST,
     .max = LARGEST,
     .help = "factor on what is stored"},
    {.key = "layout",
     .type = MP_FIELD_ENUM,
     .offset = offsetof(struct head, layout),
     .names = layout_names,
     .help = "of stored arrays: nchw is image, channel, row, column; nhwc has the channel last"},
    {.key = "channels",
     .type = MP_FIELD_ENUM,
     .offset = offsetof(struct head, order),
     .names = order_names,
     .help = "order that the network takes; bgr is the opposite of the stored one"},
    {0},
};

void mp_preprocess_default(struct mp_preprocess *p) {
    *p = (struct mp_preprocess){.scale = 1};
    for (size_t i = 0; i < MAX_CHANNELS; i++)
        p->std[i] = 1;
}

// A list of a number for each channel; its length must be that of the list before, if there was one.
static bool read_list(const struct mp_node *root, const char *key, double min, double *out, unsigned *channels,
                      struct mp_err *err) {
    struct mp_node list, item;
    size_t i = 0, count;
    if (!mp_node_get(root, key, &list))
        return true;
    if (!mp_node_array(&list, err))
        return false;
    count = mp_node_count(&list);
    if (count < 1 || count > MAX_CHANNELS)
        return mp_node_fail(&list, err, "must have a number for each channel, 1..%d (got %zu)", MAX_CHANNELS, count);
    if (*channels > 0 && *channels != count)
        return mp_node_fail(&list, err, "must have as many numbers as /mean, %u (got %zu)", *channels, count);
    *channels = (unsigned)count;
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item))
        if (!mp_node_real(&item, min, LARGEST, &out[i++], err))
            return false;
    return true;
}

bool mp_preprocess_read(struct mp_preprocess *p, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    static const char *const also[] = {"mean", "std", NULL};
    struct head h;
    mp_preprocess_default(p);
    if (!mp_fields_read(fields, also, root, a, &h, err) ||
        !read_list(root, "mean", -LARGEST, p->mean, &p->channels, err) ||
        !read_list(root, "std", SMALLEST, p->std, &p->channels, err))
        return false;
    p->scale = h.scale;
    p->channels_last = h.layout == 1;
    p->reverse = h.order == 1;
    return true;
}

bool mp_preprocess_load(struct mp_preprocess *p, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_preprocess_read(p, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}
