// SPDX-License-Identifier: Apache-2.0
// Data sets from files: what is read, and what is refused with which words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/data_fixture.h"
#include "tests/unit/spec_fixture.h"

#include "sim/nn/dataset.h"

#include <stdlib.h>
#include <string.h>

#define RECORD 3073

// Record `i` of `labels` label bytes: pixel k is i + k.
static void put_records(const char *path, size_t count, size_t labels, unsigned first) {
    uint8_t *text = calloc(count, RECORD + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t *r = text + i * (RECORD - 1 + labels);
        r[0] = (uint8_t)((first + i) % 10);
        r[labels - 1] = (uint8_t)((first + i) % 10);
        for (size_t k = 0; k < RECORD - 1; k++)
            r[labels + k] = (uint8_t)(first + i + k);
    }
    put_file(path, text, count * (RECORD - 1 + labels));
    free(text);
}

static void cifar(void **state) {
    struct folder *f = *state;
    struct mp_arena a = {0};
    struct mp_dataset d;
    struct mp_err err;
    float image[RECORD - 1];
    put_records(in_folder(f, "test_batch.bin"), 4, 1, 3);
    put_records(in_folder(f, "data_batch_1.bin"), 2, 1, 5);
    put_records(in_folder(f, "data_batch_2.bin"), 3, 1, 7);
    assert_ok(mp_dataset_open(&d, &a, f->path, MP_SPLIT_TEST, 0, NULL, &err), err);
    assert_true(d.count == 4 && d.channels == 3 && d.height == 32 && d.width == 32 && d.classes == 10 && d.has_train);
    assert_int_equal(d.labels[3], 6);
    assert_string_equal(d.class_names[6], "frog");
    assert_ok(mp_dataset_open(&d, &a, f->path, MP_SPLIT_TRAIN, 4, NULL, &err), err);
    assert_true(d.count == 4 && d.split == MP_SPLIT_TRAIN);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(d.labels[i], 5 + i);
    mp_dataset_image(&d, 3, image);
    assert_true(image[0] == 8 && image[1024] == (8 + 1024) % 256);
    assert_ok(mp_dataset_open(&d, &a, in_folder(f, "data_batch_2.bin"), MP_SPLIT_TEST, 2, NULL, &err), err);
    assert_true(d.count == 2 && d.labels[1] == 8 && !d.has_train);
    put_records(in_folder(f, "hundred.bin"), 2, 2, 1);
    assert_ok(mp_dataset_open(&d, &a, in_folder(f, "hundred.bin"), MP_SPLIT_TEST, 0, NULL, &err), err);
    assert_true(d.count == 2 && d.labels[1] == 2 && d.classes == 100 && d.bytes[3072] == 2);
    mp_arena_finish(&a);
}

static void refuse(const struct folder *f, const char *name, enum mp_data_split split, const char *message) {
    struct mp_arena a = {0};
    struct mp_dataset d;
    struct mp_err err = {""};
    const char *path = *name ? in_folder(f, name) : f->path;
    assert_false(mp_dataset_open(&d, &a, path, split, 0, NULL, &err));
    assert_string_equal(err.text, mp_arena_printf(&a, message, path));
    mp_arena_finish(&a);
}

static void cifar_errors(void **state) {
    const struct folder *f = *state;
    uint8_t bytes[RECORD] = {10};
    put_file(in_folder(f, "x.bin"), bytes, RECORD - 1);
    refuse(f, "x.bin", MP_SPLIT_TEST,
           "%s: its size must be a multiple of 3073 bytes (CIFAR-10: a label and 3x32x32 pixels) or of 3074 (CIFAR-100: "
           "two labels) (got 3072 bytes)");
    put_file(in_folder(f, "x.bin"), bytes, RECORD);
    refuse(f, "x.bin", MP_SPLIT_TEST, "%s: image 0: its label must be 0..9 (got 10)");
    refuse(f, "x.bin", MP_SPLIT_TRAIN, "%s: has no train split");
    refuse(f, "none.bin", MP_SPLIT_TEST, "%s: no such file or folder");
    put_records(in_folder(f, "data_batch_1.bin"), 1, 1, 0);
    put_records(in_folder(f, "data_batch_2.bin"), 1, 2, 0);
    refuse(f, "", MP_SPLIT_TEST, "%s: has no test split");
    refuse(f, "", MP_SPLIT_TRAIN,
           "%1$s/data_batch_2.bin: has records of CIFAR-100, %1$s/data_batch_1.bin of CIFAR-10");
}

static void preprocessing(void **state) {
    const struct folder *f = *state;
    static const char text[] = "{\"scale\": 0.5, \"mean\": [1, 2, 3], \"std\": [1, 2, 4], \"channels\": \"bgr\"}";
    struct mp_arena a = {0};
    struct mp_dataset d;
    struct mp_preprocess p;
    struct mp_err err;
    float image[RECORD - 1];
    put_file(in_folder(f, "p.json"), text, strlen(text));
    put_records(in_folder(f, "x.bin"), 1, 1, 0);
    assert_ok(mp_preprocess_load(&p, &a, in_folder(f, "p.json"), &err), err);
    assert_ok(mp_dataset_open(&d, &a, in_folder(f, "x.bin"), MP_SPLIT_TEST, 0, &p, &err), err);
    mp_dataset_image(&d, 0, image);
    assert_true(image[7] == 7 * 0.5f - 1);
    assert_true(image[1024 + 7] == (7 * 0.5f - 2) / 2);
    assert_true(image[2048 + 8] == (8 * 0.5f - 3) / 4);
    p.channels = 1;
    assert_false(mp_dataset_open(&d, &a, in_folder(f, "x.bin"), MP_SPLIT_TEST, 0, &p, &err));
    assert_string_equal(err.text, mp_arena_printf(&a, "%s: has 3 channels, mean and std of the preprocessing 1",
                                                  in_folder(f, "x.bin")));
    mp_arena_finish(&a);
}

static void preprocessing_errors(void **state) {
    const struct folder *f = *state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"{\"scal\": 1}", "%s: /: unknown key \"scal\", did you mean \"scale\"?"},
        {"{\"scale\": 0}", "%s: /scale: must be a number 1e-12..1000000000000 (got 0)"},
        {"{\"std\": [0.5, 0]}", "%s: /std/1: must be a number 1e-12..1000000000000 (got 0)"},
        {"{\"mean\": 0.5}", "%s: /mean: must be an array (got 0.5)"},
        {"{\"mean\": []}", "%s: /mean: must have a number for each channel, 1..8 (got 0)"},
        {"{\"mean\": [1, 2], \"std\": [1]}", "%s: /std: must have as many numbers as /mean, 2 (got 1)"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_preprocess p;
        struct mp_err err = {""};
        const char *path = in_folder(f, "p.json");
        put_file(path, bad[i].text, strlen(bad[i].text));
        assert_false(mp_preprocess_load(&p, &a, path, &err));
        assert_string_equal(err.text, mp_arena_printf(&a, bad[i].message, path));
        mp_arena_finish(&a);
    }
}

static void load_preprocess(const char *path) {
    struct mp_arena a = {0};
    struct mp_preprocess p;
    struct mp_err err;
    assert_ok(mp_preprocess_load(&p, &a, path, &err), err);
    mp_arena_finish(&a);
}

static void shipped(void **state) {
    (void)state;
    each_config("preprocess", 1, load_preprocess);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cifar, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(cifar_errors, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(preprocessing, make_folder, remove_folder),
        cmocka_unit_test(shipped),
        cmocka_unit_test_setup_teardown(preprocessing_errors, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
