// SPDX-License-Identifier: Apache-2.0
// sim/base without JSON: errors, the arena, text helpers and files, every message word by word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/base/str.h"
#include "sim/base/utf8.h"

#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

// ---- err, arena, str

static void test_err(void **state) {
    (void)state;
    struct mp_err err = {"old"};
    assert_false(mp_fail(&err, "%s: %d", "a", 7));
    assert_string_equal(err.text, "a: 7");
    assert_false(mp_fail_in(&err, "place"));
    assert_string_equal(err.text, "place: a: 7");
    mp_fail(&err, "a\nb\x1b[0m\x7f\xff\xc2\x9bz \xc3\xa9");
    assert_string_equal(err.text, "a?b?[0m????z \xc3\xa9");
}

static void test_err_is_cut_between_characters(void **state) {
    (void)state;
    struct mp_err err;
    char longer[2000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer + sizeof err.text - 2, "\xc3\xa9", 2);
    mp_fail(&err, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 2);
    longer[sizeof err.text - 2] = 'y';
    mp_fail(&err, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(err.text[sizeof err.text - 2], 'y');
}

static void test_arena(void **state) {
    (void)state;
    struct mp_arena a = {0};
    static const size_t sizes[] = {0, 1, 3, 16, 100, 5000, 3, 2000000, 5, 70000, 0, 900000};
    unsigned char *got[COUNT(sizes)];
    for (size_t i = 0; i < COUNT(sizes); i++) {
        got[i] = mp_arena_alloc(&a, sizes[i], 1);
        assert_non_null(got[i]);
        assert_int_equal((uintptr_t)got[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(got[i][j], 0);
        memset(got[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(got[i][j], i + 1);
    assert_ptr_not_equal(got[0], got[1]);
    mp_arena_finish(&a);
    assert_null(a.blocks);
    mp_arena_finish(&a);
    mp_arena_finish(NULL);
}

// What is taken back comes zeroed again, out of one block once that is large enough.
static void test_arena_reset(void **state) {
    (void)state;
    struct mp_arena a = {0};
    mp_arena_reset(&a);
    assert_null(a.blocks);
    for (int round = 0; round < 6; round++) {
        struct mp_block *block = a.blocks;
        for (int i = 0; i < 40; i++) {
            unsigned char *p = mp_arena_alloc(&a, 1000, 1);
            assert_true(p[0] == 0 && memcmp(p, p + 1, 999) == 0);
            memset(p, 0xff, 1000);
        }
        assert_true(round < 4 || a.blocks == block);
        mp_arena_reset(&a);
    }
    mp_arena_finish(&a);
}

static void test_arena_texts(void **state) {
    (void)state;
    struct mp_arena a = {0};
    static const int two[] = {4, 5};
    char longer[1000];
    memset(longer, 'q', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_string_equal(mp_arena_strdup(&a, "text"), "text");
    assert_string_equal(mp_arena_printf(&a, "%s-%d", "a", 5), "a-5");
    assert_string_equal(mp_arena_printf(&a, "%s", longer), longer);
    int *four = mp_arena_grow(&a, two, 2, 4, sizeof *four);
    static const int expected[] = {4, 5, 0, 0};
    assert_memory_equal(four, expected, sizeof expected);
    int *from_none = mp_arena_grow(&a, NULL, 0, 1, sizeof *from_none);
    assert_int_equal(*from_none, 0);
    mp_arena_finish(&a);
}

static void test_arena_overflow_aborts(void **state) {
    (void)state;
    int pipes[2], status;
    char said[64] = "";
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct mp_arena a = {0};
        signal(SIGABRT, SIG_DFL);
        dup2(pipes[1], 2);
        mp_arena_alloc(&a, SIZE_MAX / 2, 3);
        _exit(0);
    }
    close(pipes[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(read(pipes[0], said, sizeof said - 1) > 0);
    close(pipes[0]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_string_equal(said, "mpsim: out of memory\n");
}

static void test_buf(void **state) {
    (void)state;
    struct mp_buf b = {0}, none = {0};
    mp_buf_addn(&b, "", 0);
    assert_string_equal(b.text, "");
    mp_buf_add(&b, "ab");
    mp_buf_addn(&b, "cdef", 2);
    mp_buf_addf(&b, "%d%s", 7, EIGHTY);
    assert_string_equal(b.text, "abcd7" EIGHTY);
    assert_int_equal(b.len, 85);
    for (unsigned i = 0; i < 1000; i++)
        mp_buf_addf(&b, "%03u", i);
    assert_int_equal(b.len, 3085);
    assert_string_equal(b.text + 3082, "999");
    mp_buf_addf(&b, "%5000d%s", 1, "!"); // more than is free
    assert_int_equal(b.len, 8086);
    assert_string_equal(b.text + 8083, " 1!");
    mp_buf_finish(&b);
    assert_null(b.text);
    mp_buf_finish(&none);
    mp_buf_finish(NULL);
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"rows", "cols", "lanes", "output_stationary", "x"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"rows", "rows"},   {"rwos", "rows"}, {"row", "rows"},  {"rowss", "rows"},
        {"rxws", "rows"},   {"rxxs", NULL},   {"lnaxs", NULL},   {"lnaes", "lanes"}, {"lans", "lanes"},
        {"ouput_stationry", "output_stationary"}, {"output", NULL}, {"y", "x"}, {"", "x"},
        {"colls", "cols"}, {"zzzzzz", NULL},  {EIGHTY, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got = mp_nearest(cases[i].word, names, COUNT(names));
        assert_string_equal(got ? got : "(none)", cases[i].nearest ? cases[i].nearest : "(none)");
    }
    assert_null(mp_nearest("rows", NULL, 0));
    static const char *const tied[] = {"aab", "aac"};
    assert_string_equal(mp_nearest("aad", tied, 2), "aab");
    static const char *const longest[] = {EIGHTY, TEN TEN TEN TEN TEN TEN "wxyz"};
    assert_ptr_equal(mp_nearest(TEN TEN TEN TEN TEN TEN "wxzy", longest, 2), longest[1]); // 64 letters
    assert_null(mp_nearest(TEN TEN TEN TEN TEN TEN "wxyyz", longest, 2));
}

static void test_format_double(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"}, {-0.0, "-0"}, {1, "1"}, {-3, "-3"}, {100000, "100000"}, {1e15, "1000000000000000"},
        {9007199254740991.0, "9007199254740991"}, {9007199254740992.0, "9007199254740992"},
        {0.1, "0.1"}, {0.1 + 0.2, "0.30000000000000004"}, {1.5, "1.5"}, {1e300, "1e+300"},
        {1.0 / 3, "0.3333333333333333"}, {5e-324, "5e-324"}, {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"}, {1e-7, "1e-07"},
    };
    char text[32];
    for (size_t i = 0; i < COUNT(cases); i++) {
        mp_format_double(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
    uint64_t bits = 88172645463325252u; // xorshift: any bit pattern must read back
    for (unsigned i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        mp_format_double(value, text);
        double back = strtod(text, NULL);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void test_utf8(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        unsigned code;
    } cases[] = {
        {"", 0, 0},
        {"a", 1, 'a'},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbfx", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\x80", 0, 0},             // no lead
        {"\xc1\xbf", 0, 0},         // overlong
        {"\xe0\x9f\xbf", 0, 0},     // overlong
        {"\xf0\x8f\xbf\xbf", 0, 0}, // overlong
        {"\xed\xa0\x80", 0, 0},     // surrogate
        {"\xed\xbf\xbf", 0, 0},     // surrogate
        {"\xf4\x90\x80\x80", 0, 0}, // above U+10FFFF
        {"\xf5\x80\x80\x80", 0, 0}, // no lead
        {"\xe2\x82", 0, 0},         // cut off
        {"\xe2\x82x", 0, 0},        // cut off
        {"\xe2x\x82", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char back[4];
        assert_int_equal(mp_utf8_size(cases[i].text, strlen(cases[i].text)), cases[i].size);
        if (cases[i].size == 0)
            continue;
        assert_int_equal(mp_utf8_code(cases[i].text, cases[i].size), cases[i].code);
        assert_int_equal(mp_utf8_put(cases[i].code, back), cases[i].size);
        assert_memory_equal(back, cases[i].text, cases[i].size);
    }
    assert_int_equal(mp_utf8_size("\0", 1), 1);
    assert_true(mp_utf8_is_control(0x1f) && mp_utf8_is_control(0x7f) && mp_utf8_is_control(0x9f));
    assert_false(mp_utf8_is_control(0x20) || mp_utf8_is_control(0x7e) || mp_utf8_is_control(0xa0));
}

static void test_say(void **state) {
    (void)state;
    char out[MP_SAY_BYTES];
    static const char *const names[] = {"a", "b"};
    assert_string_equal(mp_say_text("a\n\xff\xc2\x9b\xc3\xa9!", 8, out), "a\\u000a\\xff\\u009b\xc3\xa9!");
    assert_string_equal(mp_say_text(EIGHTY, 80, out), EIGHTY);
    assert_string_equal(mp_say_text(EIGHTY "x", 81, out), EIGHTY "...");
    assert_string_equal(mp_say_names(names, 2, out), "a, b");
    assert_string_equal(mp_say_names(names, 0, out), "");
    assert_string_equal(mp_say_range(1, 2.5, 3, out), " 1..2.5");
    assert_string_equal(mp_say_range(1, 3, 3, out), " of at least 1");
    assert_string_equal(mp_say_range(-DBL_MAX, 2, 3, out), " of at most 2");
    assert_string_equal(mp_say_range(-DBL_MAX, 3, 3, out), "");
}

// The longest that may come: 80 characters of four bytes, and a list one byte short of its limit.
static void test_say_fits(void **state) {
    (void)state;
    struct mp_buf b = {0};
    char out[MP_SAY_BYTES], fits[MP_SAY_BYTES] = "";
    for (unsigned i = 0; i < 90; i++)
        mp_buf_add(&b, "\xf0\x9f\x98\x80");
    assert_int_equal(strlen(mp_say_text(b.text, b.len, out)), 80 * 4 + 3);
    memset(fits, 'n', MP_SAY_BYTES - 8);
    const char *names[] = {fits, "m"};
    assert_int_equal(strlen(mp_say_names(names, 2, out)), MP_SAY_BYTES - 8 + 5);
    assert_string_equal(out + MP_SAY_BYTES - 9, "n, ...");
    fits[MP_SAY_BYTES - 8] = 'n';
    assert_string_equal(mp_say_names(names, 2, out), "...");
    mp_buf_finish(&b);
}

// ---- files

static char folder[] = "/tmp/mpsim-test-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int drop_folder(void **state) {
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; // fails when a test leaves a file
}

static void check_content(const char *path, const char *expected) {
    struct mp_arena a = {0};
    struct mp_err err = {""};
    char *text = NULL;
    size_t len = 0;
    if (!mp_file_read(&a, path, &text, &len, &err))
        fail_msg("%s", err.text);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(text, expected);
    mp_arena_finish(&a);
}

static void refuse_read(const char *path, const char *message) {
    struct mp_arena a = {0};
    struct mp_err err = {""};
    char *text = NULL;
    size_t len = 99;
    assert_false(mp_file_read(&a, path, &text, &len, &err));
    assert_string_equal(err.text, message);
    assert_true(text == NULL && len == 99);
    mp_arena_finish(&a);
}

static void test_file_read(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err = {""};
    char *text;
    size_t len = 0;
    refuse_read("none.json", "none.json: cannot open: No such file or directory");
    refuse_read(".", ".: is a directory");
    refuse_read("/proc/self/mem", "/proc/self/mem: cannot read: Input/output error");
    FILE *f = fopen("huge", "w");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), (off_t)MP_FILE_MAX_BYTES + 1), 0);
    fclose(f);
    refuse_read("huge", "huge: larger than 67108864 bytes");
    refuse_read("/dev/zero", "/dev/zero: larger than 67108864 bytes");
    assert_int_equal(truncate("huge", (off_t)MP_FILE_MAX_BYTES), 0);
    assert_true(mp_file_read(&a, "huge", &text, &len, &err) && len == MP_FILE_MAX_BYTES);
    mp_arena_finish(&a);
    assert_int_equal(unlink("huge"), 0);
    check_content("/dev/null", "");
}

static void test_file_read_pipe(void **state) {
    (void)state;
    int pipes[2], keep = dup(0);
    struct mp_buf big = {0};
    while (big.len < 40000)
        mp_buf_add(&big, TEN);
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], big.text, big.len), (ssize_t)big.len);
    close(pipes[1]);
    dup2(pipes[0], 0);
    check_content("/dev/stdin", big.text);
    dup2(keep, 0);
    close(keep);
    close(pipes[0]);
    mp_buf_finish(&big);
}

static void test_file_write(void **state) {
    (void)state;
    struct mp_err err = {"untouched"};
    struct stat st;
    assert_true(mp_file_write("out", "first", 5, &err));
    check_content("out", "first");
    assert_int_equal(chmod("out", 0640), 0);
    assert_true(mp_file_write("out", "second one", 6, &err));
    check_content("out", "second");
    assert_true(stat("out", &st) == 0 && (st.st_mode & 0777) == 0640);
    assert_int_equal(symlink("out", "link"), 0);
    assert_true(mp_file_write("link", "third", 5, &err));
    assert_true(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
    check_content("out", "third");
    assert_string_equal(err.text, "untouched");
    assert_true(unlink("link") == 0 && unlink("out") == 0);
}

static void test_file_write_pipe(void **state) {
    (void)state;
    struct mp_err err = {""};
    struct stat st;
    char got[8] = "";
    assert_int_equal(mkfifo("fifo", 0600), 0);
    int fd = open("fifo", O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0 && mp_file_write("fifo", "pipe", 4, &err));
    assert_true(lstat("fifo", &st) == 0 && S_ISFIFO(st.st_mode));
    assert_int_equal(read(fd, got, sizeof got), 4);
    assert_string_equal(got, "pipe");
    assert_true(close(fd) == 0 && unlink("fifo") == 0);
}

static void on_alarm(int signal_number) {
    (void)signal_number;
}

// A full pipe and a signal: write() returns early, and the rest has to follow.
static void test_file_write_in_parts(void **state) {
    (void)state;
    struct mp_buf b = {0};
    struct mp_err err = {""};
    int status;
    while (b.len < 200000)
        mp_buf_addf(&b, "%zu,", b.len);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        struct mp_arena a = {0};
        char *text = NULL, first;
        size_t len = 0;
        int fd = open("fifo", O_RDONLY);
        usleep(100000);
        bool ok = read(fd, &first, 1) == 1 && mp_file_read(&a, "fifo", &text, &len, &err);
        _exit(ok && len == b.len - 1 && memcmp(text, b.text + 1, len) == 0 ? 0 : 1);
    }
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_RESTART}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 30000}, NULL);
    assert_true(mp_file_write("fifo", b.text, b.len, &err));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(unlink("fifo"), 0);
    mp_buf_finish(&b);
}

static void test_file_write_refused(void **state) {
    (void)state;
    struct mp_err err = {""};
    // Through a link: should the code ever rename over it, root's /dev stays whole.
    assert_int_equal(symlink("/dev/full", "full"), 0);
    assert_false(mp_file_write("full", "x", 1, &err));
    assert_string_equal(err.text, "full: cannot write: No space left on device");
    assert_int_equal(unlink("full"), 0);
    assert_false(mp_file_write(".", "x", 1, &err));
    assert_string_equal(err.text, ".: is a directory");
    assert_false(mp_file_write("no/where", "x", 1, &err));
    assert_string_equal(err.text, "no/where: cannot write: No such file or directory");
}

// A child whose files may have 100 bytes: the write fails in the middle.
static void test_file_write_keeps_the_old(void **state) {
    (void)state;
    struct mp_err err = {""};
    int status;
    assert_true(mp_file_write("out", "old", 3, &err));
    pid_t child = fork();
    if (child == 0) {
        char big[1000] = "new";
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100});
        bool ok = mp_file_write("out", big, sizeof big, &err);
        _exit(!ok && strcmp(err.text, "out: cannot write: File too large") == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    check_content("out", "old");
    assert_int_equal(unlink("out"), 0); // drop_folder sees to it that nothing else is left
}

static void test_path_beside(void **state) {
    (void)state;
    struct mp_arena a = {0};
    assert_string_equal(mp_path_beside(&a, "x/y/a.json", "b.json"), "x/y/b.json");
    assert_string_equal(mp_path_beside(&a, "x/a.json", "/b.json"), "/b.json");
    assert_string_equal(mp_path_beside(&a, "a.json", "../b.json"), "../b.json");
    assert_string_equal(mp_path_beside(&a, "/a.json", "b"), "/b");
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_err_is_cut_between_characters),
        cmocka_unit_test(test_arena), cmocka_unit_test(test_arena_reset),
        cmocka_unit_test(test_arena_texts),
        cmocka_unit_test(test_arena_overflow_aborts),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_format_double),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_say),
        cmocka_unit_test(test_say_fits),
        cmocka_unit_test(test_file_read),
        cmocka_unit_test(test_file_read_pipe),
        cmocka_unit_test(test_file_write),
        cmocka_unit_test(test_file_write_pipe),
        cmocka_unit_test(test_file_write_in_parts),
        cmocka_unit_test(test_file_write_refused),
        cmocka_unit_test(test_file_write_keeps_the_old),
        cmocka_unit_test(test_path_beside),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
