// SPDX-License-Identifier: Apache-2.0
// The writers of waveforms and save files, apart from what they are used for.
#include "traces/fst.h"
#include "traces/gtkw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void save_file(void **state) {
    (void)state;
    struct mp_gtkw g = {.first = 100, .last = 4196, .width = 1280, .height = 600};
    struct mp_buf out = {0};
    mp_gtkw_marker(&g, 120, "last good");
    mp_gtkw_group(&g, "PE 1,2");
    mp_gtkw_signal(&g, "top.acc", 32, MP_RADIX_SIGNED, MP_TRACE_RED, "sum");
    mp_gtkw_comment(&g, "expected");
    mp_gtkw_signal(&g, "top.valid", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, NULL);
    mp_gtkw_group_end(&g, "PE 1,2");
    mp_gtkw_marker(&g, 121, "first bad");
    mp_gtkw_write(&g, &out);
    assert_non_null(strstr(out.text, "[timestart] 100\n[size] 1280 600\n"));
    assert_non_null(strstr(out.text, "*-9.643856 -1 120 121 -1 ")); // 4096 cycles on 1024 pixels, 200 of them 800
    assert_non_null(strstr(out.text, "[markername] Alast good\n[markername] Bfirst bad\n"));
    assert_non_null(strstr(out.text, "@800200\n-PE 1,2\n[color] 1\n@420\n+{sum} top.acc[31:0]\n@200\n-expected\n"
                                     "@28\ntop.valid\n@1000200\n-PE 1,2\n"));
    mp_buf_finish(&out);
    mp_gtkw_finish(&g);
}

static void too_many_markers(void **state) {
    (void)state;
    struct mp_gtkw g = {.first = 0};
    struct mp_buf out = {0};
    for (uint64_t i = 0; i < 2 * MP_GTKW_MARKERS; i++)
        mp_gtkw_marker(&g, i, "m");
    mp_gtkw_write(&g, &out);
    assert_non_null(strstr(out.text, " 24 25\n[markername] Am\n"));
    assert_non_null(strstr(out.text, "[markername] Zm\n[signals_width]"));
    mp_buf_finish(&out);
    mp_gtkw_finish(&g);
}

// What fst2vcd prints of the file, NULL when it is not there.
static char *as_text(const char *path) {
    char command[256], *text = calloc(1, 65536);
    snprintf(command, sizeof command, "fst2vcd %s 2>/dev/null", path);
    FILE *f = popen(command, "r");
    size_t len = fread(text, 1, 65535, f);
    if (pclose(f) == 0 && len > 0)
        return text;
    free(text);
    return NULL;
}

static void every_kind_of_value(void **state) {
    (void)state;
    char folder[] = "/tmp/mpsim-traces-XXXXXX", path[64];
    static const char *const names[] = {"Zero", "One"};
    const uint32_t wide[] = {0x80000001u, 0x5u};
    struct mp_err err;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.fst", folder);
    struct mp_fst *f = mp_fst_create(path, &err);
    if (!f) {
        rmdir(folder);
        skip(); // built without waveforms
    }
    uint32_t table = mp_fst_enum(f, "e", names, 2, 2);
    mp_fst_scope(f, "top");
    uint32_t value = mp_fst_bits(f, "value", 2, table), vector = mp_fst_bits(f, "vector", 67, 0), text = mp_fst_text(f, "text");
    mp_fst_up(f);
    mp_fst_time(f, 5);
    mp_fst_set(f, value, 1);
    mp_fst_set_words(f, vector, (const uint32_t[]){wide[0], wide[1], 4});
    mp_fst_set_text(f, text, "hello");
    mp_fst_time(f, 9);
    mp_fst_set_unknown(f, value);
    assert_true(mp_fst_close(f, true, &err));
    char *vcd = as_text(path);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); // nothing else was left in it
    if (!vcd)
        skip();
    assert_non_null(strstr(vcd, "$var logic 67 \" vector [66:0] $end"));
    assert_non_null(strstr(vcd, "b1000000000000000000000000000000010110000000000000000000000000000001 \"\n"));
    assert_non_null(strstr(vcd, "shello #\n"));
    assert_non_null(strstr(vcd, "#9\nbxx !\n"));
    free(vcd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(save_file),
        cmocka_unit_test(too_many_markers),
        cmocka_unit_test(every_kind_of_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
