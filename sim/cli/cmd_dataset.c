// SPDX-License-Identifier: Apache-2.0
// mpsim dataset: what is in a data set; writes it as .npz and draws a contact sheet.
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"

#include "sim/base/say.h"
#include "sim/nn/dataset_stats.h"
#include "sim/report/quantity.h"
#include "sim/report/table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct dataset_options {
    unsigned split;
    uint64_t images;
    const char *preprocess, *output, *picture;
    bool json, csv;
};

static const char *const splits[] = {"test", "train", NULL};

#define AT(member) .offset = offsetof(struct dataset_options, member)
static const struct mp_opt opts[] = {
    {"split", "test|train", MP_OPT_CHOICE, AT(split), .names = splits, .def = "test", .help = "which part"},
    {"images", "N", MP_OPT_COUNT, AT(images), .min = 1, .max = 1 << 24, .def = "all",
     .help = "the first N; of a drawn set's training part as many as asked for"},
    {"preprocess", "NAME|FILE", MP_OPT_TEXT, AT(preprocess), .def = "numbers as stored",
     .help = "preprocess.json or a shipped name: what a network takes instead of what is stored"},
    {"output", "FILE", MP_OPT_TEXT, AT(output), .letter = 'o',
     .help = "write the images there as .npz: x [image][channel][row][column], y the labels"},
    {"picture", "FILE", MP_OPT_TEXT, AT(picture), .help = "draw a contact sheet there as PNG, a class a row"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "the classes as CSV: {class, name, images}"},
    {0},
};

struct content {
    const struct mp_dataset *d;
    struct mp_channel_stats *channels;
    uint64_t *classes;
};

static const char *class_name(const struct mp_dataset *d, uint64_t i, char out[MP_SAY_BYTES]) {
    const char *name = d->class_names ? d->class_names[i] : "";
    return mp_say_text(name, strlen(name), out);
}

static void write_json(const struct content *k, struct mp_jsonw *w) {
    const struct mp_dataset *d = k->d;
    const uint64_t shape[] = {d->count, d->channels, d->height, d->width};
    char shown[MP_SAY_BYTES];
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "data");
    mp_jsonw_string(w, mp_say_text(d->name, strlen(d->name), shown));
    mp_jsonw_key(w, "split");
    mp_jsonw_string(w, splits[d->split]);
    mp_jsonw_key(w, "has_train");
    mp_jsonw_bool(w, d->has_train);
    mp_jsonw_key(w, "shape");
    mp_jsonw_open(w, '[', true);
    for (int i = 0; i < 4; i++)
        mp_jsonw_uint(w, shape[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "stored");
    mp_jsonw_string(w, d->bytes ? "bytes" : "reals");
    mp_jsonw_key(w, "channels");
    mp_jsonw_open(w, '[', false);
    for (uint64_t c = 0; c < d->channels; c++) {
        const char *const keys[] = {"min", "max", "mean", "std"};
        const double values[] = {k->channels[c].min, k->channels[c].max, k->channels[c].mean, k->channels[c].std};
        mp_jsonw_open(w, '{', true);
        for (int i = 0; i < 4; i++) {
            mp_jsonw_key(w, keys[i]);
            mp_jsonw_real(w, values[i]);
        }
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "classes");
    mp_jsonw_open(w, '[', false);
    for (uint64_t i = 0; i < d->classes; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_key(w, "name");
        mp_jsonw_string(w, class_name(d, i, shown));
        mp_jsonw_key(w, "images");
        mp_jsonw_uint(w, k->classes[i]);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void write_csv(const struct content *k, struct mp_arena *a, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"class", MP_RIGHT}, {"name", MP_LEFT}, {"images", MP_RIGHT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 3};
    char shown[MP_SAY_BYTES];
    for (uint64_t i = 0; i < k->d->classes; i++) {
        mp_table_addf(&t, "%" PRIu64, i);
        mp_table_add(&t, class_name(k->d, i, shown));
        mp_table_addf(&t, "%" PRIu64, k->classes[i]);
    }
    mp_table_csv(&t, out);
}

static void write_channels(const struct content *k, struct mp_arena *a, struct mp_buf *out) {
    static const struct mp_column columns[] = {
        {"channel", MP_RIGHT}, {"min", MP_RIGHT}, {"max", MP_RIGHT}, {"mean", MP_RIGHT}, {"std", MP_RIGHT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 5};
    for (uint64_t c = 0; c < k->d->channels; c++) {
        const struct mp_channel_stats *s = &k->channels[c];
        const double values[] = {s->min, s->max, s->mean, s->std};
        double largest = fabs(s->min) > fabs(s->max) ? fabs(s->min) : fabs(s->max);
        mp_table_addf(&t, "%" PRIu64, c);
        for (int i = 0; i < 4; i++) {
            char text[MP_QTY_BYTES];
            mp_table_add(&t, mp_qty_fixed(values[i], largest < 10 ? 4 : 2, text));
        }
    }
    mp_table_text(&t, &(struct mp_style){0}, 2, out);
}

static void write_classes(const struct content *k, struct mp_arena *a, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"class", MP_RIGHT}, {"images", MP_RIGHT}, {"name", MP_LEFT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 3};
    char shown[MP_SAY_BYTES], count[MP_QTY_BYTES];
    for (uint64_t i = 0; i < k->d->classes; i++) {
        mp_table_addf(&t, "%" PRIu64, i);
        mp_table_add(&t, mp_qty_count(k->classes[i], count));
        mp_table_add(&t, class_name(k->d, i, shown));
    }
    mp_table_text(&t, &(struct mp_style){0}, 2, out);
}

static void write_text(const struct content *k, struct mp_arena *a, struct mp_buf *out) {
    const struct mp_dataset *d = k->d;
    char shown[MP_SAY_BYTES], count[MP_QTY_BYTES];
    mp_buf_addf(out, "%s, %s split: %s images of %" PRIu64 "x%" PRIu64 "x%" PRIu64 ", stored as %s%s\n\n",
                mp_say_text(d->name, strlen(d->name), shown), splits[d->split], mp_qty_count(d->count, count),
                d->channels, d->height, d->width, d->bytes ? "bytes" : "reals",
                d->has_train && d->split == MP_SPLIT_TEST ? "; there is a train split" : "");
    write_channels(k, a, out);
    mp_buf_add(out, "\n");
    if (d->labels)
        write_classes(k, a, out);
    else
        mp_buf_add(out, "no labels\n");
}

static int report(const struct dataset_options *o, const struct mp_dataset *d, struct mp_arena *a) {
    struct content k = {d, mp_arena_alloc(a, d->channels, sizeof *k.channels),
                        mp_arena_alloc(a, d->classes, sizeof *k.classes)};
    struct mp_buf out = {0};
    struct mp_jsonw w;
    mp_dataset_stats(d, k.channels, k.classes);
    mp_jsonw_init(&w, &out);
    if (o->json)
        write_json(&k, &w);
    else if (o->csv)
        write_csv(&k, a, &out);
    else
        write_text(&k, a, &out);
    int status = mp_out_text(&out);
    mp_buf_finish(&out);
    return status;
}

static int save(const char *path, bool made, const struct mp_buf *file, const struct mp_err *err) {
    return made ? mp_out_to(path, file) : mp_out_error(err);
}

static int write_files(const struct dataset_options *o, const struct mp_dataset *d) {
    struct mp_buf npz = {0}, sheet = {0};
    struct mp_err err;
    int status = MP_EXIT_OK;
    if (o->output)
        status = save(o->output, mp_dataset_npz_write(d, o->preprocess != NULL, &npz, &err), &npz, &err);
    if (o->picture && status == MP_EXIT_OK)
        status = save(o->picture, mp_dataset_sheet(d, &sheet, &err), &sheet, &err);
    mp_buf_finish(&npz);
    mp_buf_finish(&sheet);
    return status;
}

static int dataset(const struct dataset_options *o, const char *name, struct mp_arena *a) {
    struct mp_preprocess prep;
    struct mp_dataset d;
    struct mp_err err;
    if (!mp_input_preprocess(o->preprocess, a, &prep, &err) ||
        !mp_dataset_open(&d, a, name, o->split ? MP_SPLIT_TRAIN : MP_SPLIT_TEST, o->images, &prep, &err))
        return mp_out_error(&err);
    int status = write_files(o, &d);
    return status == MP_EXIT_OK ? report(o, &d, a) : status;
}

static int check_usage(const struct mp_command *c, const struct dataset_options *o, const struct mp_texts *sets) {
    char shown[MP_SAY_BYTES];
    if (sets->count != 1)
        return mp_usage_error(c, sets->count ? "one data set at a time (got %zu)" : "no data set is named",
                              sets->count);
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (!mp_out_named(o->output, ".npz"))
        return mp_usage_error(c, "option --output: the name must end in .npz (got \"%s\")",
                              mp_say_text(o->output, strlen(o->output), shown));
    if (!mp_out_named(o->picture, ".png"))
        return mp_usage_error(c, "option --picture: the name must end in .png (got \"%s\")",
                              mp_say_text(o->picture, strlen(o->picture), shown));
    return MP_EXIT_OK;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct dataset_options o = {0};
    struct mp_arena a = {0};
    struct mp_texts sets;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &sets, &a, &status) && (status = check_usage(c, &o, &sets)) == MP_EXIT_OK)
        status = dataset(&o, sets.text[0], &a);
    mp_arena_finish(&a);
    return status;
}

const struct mp_command mp_cmd_dataset = {
    .name = "dataset",
    .help = "what is in a set of labelled images",
    .usage = "DATA [OPTIONS]",
    .about =
        "Reads labelled images and tells how many there are, their shape, the range, mean and spread of each channel "
        "as a network takes them, and the images of each class. DATA is a file (.bin of CIFAR, .npy, .npz), a "
        "folder (of CIFAR's batches, or of PNG files by class), or the name of a set that mpsim draws itself: "
        "glyphs.",
    .opts = opts,
    .examples = "  mpsim dataset glyphs --picture glyphs.png\n"
                "  mpsim dataset glyphs --split train --images 50000 -o train.npz\n"
                "  mpsim dataset cifar-10-batches-bin --preprocess imagenet\n",
    .run = run,
};
