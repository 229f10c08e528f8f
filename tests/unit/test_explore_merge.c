// SPDX-License-Identifier: Apache-2.0
// Stores put together; stores whose writer is killed; two writers at once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/random.h"
#include "sim/explore/merge.h"
#include "sim/explore/store_file.h"
#include "tests/unit/spec_fixture.h"
#include "tests/unit/store_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS 30

struct bed {
    char folder[64], one[96], merged[96], shard[3][96];
    struct mp_arena a;
};

static void make_shard(const char *path, unsigned i, unsigned n, uint64_t points) {
    struct mp_store *s;
    struct mp_err err;
    assert_ok(mp_store_open(&s, path, true, &err), err);
    assert_ok(mp_store_begin(s, &err) && store_add_sweep(s, points, &err) &&
                  store_add_points(s, points * i / n, points * (i + 1) / n, &err) && mp_store_add_done(s, STORE_SWEEP, i, n, &err) &&
                  mp_store_commit(s, &err),
              err);
    mp_store_close(s);
}

static void open_bed(struct bed *b) {
    *b = (struct bed){0};
    strcpy(b->folder, "/tmp/mpsim_test_explore_merge.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->one, sizeof b->one, "%s/one.db", b->folder);
    snprintf(b->merged, sizeof b->merged, "%s/merged.db", b->folder);
    store_make(b->one, 90, 40);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(b->shard[i], sizeof b->shard[i], "%s/shard%u.db", b->folder, i);
        make_shard(b->shard[i], i, 3, 90);
    }
}

static size_t files(const struct bed *b) {
    size_t n = 0;
    DIR *d = opendir(b->folder);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void close_bed(struct bed *b) {
    DIR *d = opendir(b->folder);
    char path[512];
    for (struct dirent *e; (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", b->folder, e->d_name);
        unlink(path);
    }
    closedir(d);
    assert_int_equal(rmdir(b->folder), 0);
    mp_arena_finish(&b->a);
}

static void missing(struct bed *b, const char *path, unsigned n, const char *text) {
    struct mp_store *s;
    struct mp_store_missing m;
    struct mp_buf out = {0};
    struct mp_err err;
    assert_ok(mp_store_open(&s, path, false, &err) && mp_store_find_missing(s, STORE_SWEEP, &b->a, &m, &err), err);
    mp_store_missing_text(&m, &out);
    assert_int_equal(m.n, n);
    assert_string_equal(out.text ? out.text : "", text);
    mp_buf_finish(&out);
    mp_store_close(s);
}

static void merges(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    bool interrupted;
    open_bed(&b);
    const char *const outer[] = {b.shard[2], b.shard[0]}, *const middle[] = {b.shard[1], b.shard[1]};
    assert_ok(mp_store_merge(b.merged, outer, 2, NULL, &interrupted, &err), err);
    missing(&b, b.merged, 3, "1");
    assert_string_not_equal(store_dump(&b.a, b.merged), store_dump(&b.a, b.one));
    assert_ok(mp_store_merge(b.merged, middle, 2, NULL, &interrupted, &err), err);
    missing(&b, b.merged, 1, "");
    assert_string_equal(store_dump(&b.a, b.merged), store_dump(&b.a, b.one));
    assert_true(!interrupted && files(&b) == 5);
    close_bed(&b);
}

static void run_sql(const char *at, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(at, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static bool at_once(void) {
    return true;
}

static void refuses(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    bool interrupted;
    char message[512];
    open_bed(&b);
    const char *const all[] = {b.shard[0], b.shard[1], b.shard[2]}, *const other[] = {b.shard[0], b.shard[1], b.one};
    run_sql(b.one, "UPDATE result SET latency_ms = 7 WHERE rowid IN (SELECT max(rowid) FROM result); "
                   "UPDATE design SET area_mm2 = 9 WHERE rowid = 40");
    snprintf(message, sizeof message, "%s: table design has another area_mm2 than %s for the same key", b.one, b.shard[1]);
    assert_fails(mp_store_merge(b.merged, other, 3, NULL, &interrupted, &err), err, message);
    assert_int_equal(files(&b), 4); // nothing of it is left
    assert_ok(mp_store_merge(b.merged, all, 3, at_once, &interrupted, &err), err);
    assert_true(!interrupted); // too few rows to be asked
    const char *before = store_dump(&b.a, b.merged);
    snprintf(message, sizeof message, "%s: table design has another area_mm2 than %s for the same key", b.one, b.merged);
    assert_fails(mp_store_merge(b.merged, (const char *const[]){b.one}, 1, NULL, &interrupted, &err), err, message);
    assert_string_equal(before, store_dump(&b.a, b.merged));
    snprintf(message, sizeof message, "%s: is among the stores that are merged into it", b.merged);
    assert_fails(mp_store_merge(b.merged, (const char *const[]){b.merged}, 1, NULL, &interrupted, &err), err, message);
    snprintf(message, sizeof message, "%s/absent.db: No such file or directory", b.folder);
    assert_fails(mp_store_merge(b.shard[0], (const char *const[]){strcat(strcpy(b.one, b.folder), "/absent.db")}, 1, NULL,
                                &interrupted, &err),
                 err, message);
    close_bed(&b);
}

static void stops(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    bool interrupted;
    open_bed(&b);
    store_make(b.one, 2000, 2000);
    assert_ok(mp_store_merge(b.merged, (const char *const[]){b.one}, 1, at_once, &interrupted, &err), err);
    assert_true(interrupted && files(&b) == 4);
    const char *before = store_dump(&b.a, b.shard[0]);
    assert_true(unlink(b.one) == 0);
    store_make(b.one, 90, 90);
    run_sql(b.shard[0], "UPDATE sweep SET points = 2000");
    store_make(b.merged, 2000, 2000);
    assert_ok(mp_store_merge(b.shard[0], (const char *const[]){b.merged}, 1, at_once, &interrupted, &err), err);
    run_sql(b.shard[0], "UPDATE sweep SET points = 90");
    assert_true(interrupted);
    assert_string_equal(before, store_dump(&b.a, b.shard[0]));
    close_bed(&b);
}

static void lists(void **state) {
    (void)state;
    static const struct {
        unsigned at[8];
        size_t count;
        const char *text;
    } cases[] = {{{0}, 0, ""}, {{5}, 1, "5"}, {{3, 7, 12, 13, 14}, 5, "3,7,12-14"}, {{0, 1}, 2, "0-1"}, {{0, 1, 3, 4, 9}, 5, "0-1,3-4,9"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_buf out = {0};
        mp_store_missing_text(&(struct mp_store_missing){16, cases[i].at, cases[i].count}, &out);
        assert_string_equal(out.text ? out.text : "", cases[i].text);
        mp_buf_finish(&out);
    }
}

// Killed writers

static void write_on(const char *path, int told) {
    struct mp_store *s;
    struct mp_err err;
    if (!mp_store_open(&s, path, true, &err) || !mp_store_begin(s, &err) || !store_add_sweep(s, 1u << 20, &err) ||
        !mp_store_commit(s, &err))
        _exit(1);
    sqlite3_exec(s->db, "PRAGMA cache_size = 20", NULL, NULL, NULL); // pages go to the file before the commit too
    for (uint64_t i = 0;; i += 50) {
        if (!mp_store_begin(s, &err) || !store_add_points(s, i, i + 50, &err) || !mp_store_commit(s, &err))
            _exit(1);
        const uint64_t done = i + 50;
        if (write(told, &done, sizeof done) != sizeof done)
            _exit(1);
    }
}

// Killed `ns` after the commit number `commits`. Points that are there at least.
static uint64_t killed_after(const char *path, int64_t commits, int64_t ns) {
    int told[2], status;
    uint64_t done = 0, next;
    assert_int_equal(pipe(told), 0);
    const pid_t child = fork();
    if (child == 0)
        write_on(path, told[1]);
    close(told[1]);
    for (int64_t i = 0; i < commits; i++)
        assert_int_equal(read(told[0], &done, sizeof done), sizeof done);
    nanosleep(&(struct timespec){0, (long)ns}, NULL);
    kill(child, SIGKILL);
    assert_true(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    while (read(told[0], &next, sizeof next) == (ssize_t)sizeof next)
        done = next;
    close(told[0]);
    return done;
}

static bool count(void *user, const struct mp_store_point *p) {
    uint64_t *n = user;
    assert_int_equal(p->index, *n);
    ++*n;
    return true;
}

// What was committed is there, the rest of a batch is not, and nothing lies about.
static void kills(void **state) {
    (void)state;
    struct bed b;
    struct mp_random r = {3};
    struct mp_err err;
    char journal[128];
    unsigned left = 0;
    uint64_t written = 0;
    open_bed(&b);
    for (unsigned k = 0; k < KILLS; k++) {
        struct mp_store *s;
        uint64_t found = 0;
        remove(b.merged);
        const uint64_t done = killed_after(b.merged, k % 5, mp_random_range(&r, 0, 10000000));
        snprintf(journal, sizeof journal, "%s-journal", b.merged);
        left += access(journal, F_OK) == 0;
        written += done;
        if (access(b.merged, F_OK) != 0)
            continue;
        assert_ok(mp_store_open(&s, b.merged, true, &err), err);
        assert_ok(mp_store_points(s, STORE_SWEEP, 0, count, &found, &err), err);
        assert_true(found % 50 == 0 && (found == done || found == done + 50));
        assert_int_equal(sqlite3_exec(s->db, "PRAGMA foreign_key_check; SELECT 1 / (count(*) = 7 * 2 * (SELECT count(*) FROM point) / 10) "
                                             "FROM result",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        assert_ok(mp_store_begin(s, &err) && store_add_sweep(s, 1u << 20, &err) && store_add_points(s, found, found + 50, &err) &&
                      mp_store_commit(s, &err),
                  err);
        mp_store_close(s);
        assert_int_not_equal(access(journal, F_OK), 0); // one file again
        remove(b.merged);
    }
    assert_true(written > 0 && left > 0); // some were hit in the middle of a transaction
    close_bed(&b);
}

// A reader, which may not write, finds the state of the last commit as well.
static void reads_after_kill(void **state) {
    (void)state;
    struct bed b;
    char journal[128];
    open_bed(&b);
    const char *before = NULL;
    for (unsigned k = 0; k < 200 && !before; k++) {
        remove(b.merged);
        const uint64_t done = killed_after(b.merged, 2, 777000 * (int64_t)k % 10000000);
        snprintf(journal, sizeof journal, "%s-journal", b.merged);
        if (access(journal, F_OK) != 0 || done == 0)
            continue;
        before = store_dump(&b.a, b.merged);
        assert_non_null(strstr(before, "INSERT INTO point"));
    }
    assert_non_null(before);
    close_bed(&b);
}

// Two processes, one file.
static void two_writers(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    pid_t child[2];
    int status;
    open_bed(&b);
    for (uint64_t k = 0; k < 2; k++) {
        child[k] = fork();
        if (child[k] > 0)
            continue;
        struct mp_store *s;
        bool ok = mp_store_open(&s, b.merged, true, &err) && mp_store_begin(s, &err) && store_add_sweep(s, 90, &err) &&
                  mp_store_commit(s, &err);
        for (uint64_t i = 45 * k; ok && i < 45 * (k + 1); i++)
            ok = mp_store_begin(s, &err) && store_add_points(s, i, i + 1, &err) && mp_store_commit(s, &err);
        ok = ok && mp_store_begin(s, &err) && mp_store_add_done(s, STORE_SWEEP, (unsigned)k, 2, &err) && mp_store_commit(s, &err);
        _exit(ok ? 0 : 1);
    }
    for (unsigned k = 0; k < 2; k++)
        assert_true(waitpid(child[k], &status, 0) == child[k] && status == 0);
    assert_string_equal(store_dump(&b.a, b.merged), store_dump(&b.a, b.one));
    close_bed(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges), cmocka_unit_test(refuses),          cmocka_unit_test(stops),       cmocka_unit_test(lists),
        cmocka_unit_test(kills),  cmocka_unit_test(reads_after_kill), cmocka_unit_test(two_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
