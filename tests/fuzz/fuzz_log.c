// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message and stays as it is, or is a log whose whole lines stay, an unfinished last
// one cut, and which is read again.
#include "sim/search/oracle.h"
#include "tests/fuzz/fuzz_space.h"

static bool open_log(const struct mp_space *s, const char *path, struct mp_err *err) {
    const struct mp_oracle_job job = {.space = s, .depends = "fuzz", .log = path, .resume = true};
    struct mp_oracle *o = mp_oracle_create(&job, err);
    if (!o)
        return false;
    uint8_t option[64] = {0};
    struct mp_measured m;
    struct mp_err ignored;
    check(s->decision_count <= sizeof option);
    check(mp_oracle_measure(o, option, &m, &ignored) == MP_OUT_OF_BUDGET);
    check(mp_oracle_destroy(o, err));
    return true;
}

static size_t size_of(int fd) {
    off_t end = lseek(fd, 0, SEEK_END);
    check(end >= 0);
    return (size_t)end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_err err = {""};
    struct mp_workload w;
    struct mp_space s;
    char path[64];
    int fd = fuzz_file(data, size, path);
    fuzz_space(&a, &w, 1, &s);
    const bool ok = open_log(&s, path, &err);
    const size_t left = size_of(fd);
    check(ok || (err.text[0] != '\0' && left == size));
    if (ok) {
        uint8_t *text = mp_arena_alloc(&a, left, 1);
        check(left <= size && left > 0 && !memchr(data + left, '\n', size - left) && data[left - 1] == '\n');
        check(pread(fd, text, left, 0) == (ssize_t)left && memcmp(text, data, left) == 0);
        check(open_log(&s, path, &err) && size_of(fd) == left);
    }
    close(fd);
    mp_arena_finish(&a);
    return 0;
}
