// SPDX-License-Identifier: Apache-2.0
// Stores: what goes in comes out; equal content in any order; what is refused; versions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/explore/store_file.h"
#include "sim/report/metric.h"
#include "tests/unit/spec_fixture.h"
#include "tests/unit/store_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/tmp/mpsim_test_explore_store"

static const char *path(const char *name) { // of a file that is not there
    static char text[256];
    snprintf(text, sizeof text, "%s.%d.%s", FOLDER, (int)getpid(), name);
    remove(text);
    return text;
}

static struct mp_store *opened(const char *at, bool write) {
    struct mp_store *s;
    struct mp_err err;
    assert_ok(mp_store_open(&s, at, write, &err), err);
    return s;
}

static void write_file(const char *at, const char *text, size_t len) {
    FILE *f = fopen(at, "wb");
    assert_true(f && fwrite(text, 1, len, f) == len && fclose(f) == 0);
}

// Columns are the metrics, causes and parts, in their orders, and the table's.
static void columns(void **state) {
    (void)state;
    size_t c = 0;
    char name[64];
    for (size_t i = 0; i < MP_METRICS; i++, c++) {
        assert_string_equal(mp_store_columns[c].name, mp_metrics[i].key);
        assert_int_equal(mp_store_columns[c].integer, mp_metrics[i].count != NULL);
    }
    for (size_t i = 0; i < MP_CAUSES; i++, c++) {
        snprintf(name, sizeof name, "cycles_%s", mp_cause_names[i]);
        assert_true(strcmp(mp_store_columns[c].name, name) == 0 && mp_store_columns[c].integer);
    }
    for (size_t i = 0; i < MP_PARTS; i++, c++) {
        snprintf(name, sizeof name, "energy_pj_%s", mp_part_names[i]);
        assert_true(strcmp(mp_store_columns[c].name, name) == 0 && !mp_store_columns[c].integer);
    }
    assert_string_equal(mp_store_columns[c].name, "harm");
    assert_int_equal(c + 1, MP_STORE_COLUMNS);
    for (c = 0; c < MP_STORE_COLUMNS; c++)
        assert_string_equal(mp_store_tables[MP_TABLE_RESULT].columns[c + 2], mp_store_columns[c].name);
}

static void same_columns(sqlite3 *db, const struct mp_store_table *t) {
    sqlite3_stmt *q;
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", t->name);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    for (int i = 0; i < sqlite3_column_count(q); i++)
        assert_string_equal(sqlite3_column_name(q, i), t->columns[i]);
    assert_null(t->columns[sqlite3_column_count(q)]);
    sqlite3_finalize(q);
}

static void tables(void **state) {
    (void)state;
    sqlite3 *db;
    const char *at = path("tables");
    mp_store_close(opened(at, true));
    assert_int_equal(sqlite3_open(at, &db), SQLITE_OK);
    for (size_t t = 0; t < MP_TABLES; t++)
        same_columns(db, &mp_store_tables[t]);
    sqlite3_close(db);
    remove(at);
}

struct seen {
    uint64_t next, until;
};

static bool see(void *user, const struct mp_store_point *p) {
    static const enum mp_point_status cycle[10] = {MP_POINT_EVALUATED, MP_POINT_PRUNED, MP_POINT_EXCLUDED, MP_POINT_INVALID};
    struct seen *s = user;
    assert_true(p->sweep == STORE_SWEEP && p->index == s->next && p->design == store_design(s->next));
    assert_int_equal(p->status, cycle[s->next % 10]);
    assert_int_equal(p->reason == NULL, p->status == MP_POINT_EVALUATED);
    return ++s->next < s->until;
}

static void same_results(struct mp_store *s, uint64_t i) {
    union mp_store_value put[MP_STORE_COLUMNS], got[MP_STORE_COLUMNS];
    struct mp_err err;
    bool found;
    for (size_t n = 0; n < STORE_NETWORKS; n++) {
        assert_ok(mp_store_find_result(s, store_design(i), store_network(n), got, &found, &err), err);
        assert_int_equal(found, i % 10 == 0 || i % 10 > 3);
        store_figures(i, n, put);
        for (size_t c = 0; found && c < MP_STORE_COLUMNS; c++)
            assert_true(mp_store_columns[c].integer ? put[c].u == got[c].u
                                                    : put[c].d == got[c].d || (isnan(put[c].d) && isnan(got[c].d)));
    }
}

static void round_trip(void **state) {
    (void)state;
    const char *at = path("round");
    struct mp_arena a = {0};
    struct mp_store_design d;
    struct mp_store_sweep *sweeps;
    struct mp_store_shard *shards;
    struct mp_err err;
    size_t count;
    bool found;
    store_make(at, 100, 30);
    struct mp_store *s = opened(at, false);
    assert_string_equal(mp_store_path(s), at);
    struct seen all = {0, 1000}, some = {40, 60};
    assert_true(mp_store_points(s, STORE_SWEEP, 0, see, &all, &err) && all.next == 100);
    assert_true(mp_store_points(s, STORE_SWEEP, 40, see, &some, &err) && some.next == 60);
    assert_true(mp_store_points(s, STORE_SWEEP + 1, 0, see, &all, &err) && all.next == 100);
    for (uint64_t i = 0; i < 102; i++) {
        if (i < 100)
            same_results(s, i);
        assert_ok(mp_store_find_design(s, store_design(i), &a, &d, &found, &err), err);
        assert_int_equal(found, i < 100);
        assert_true(!found || (d.base == STORE_BASE && isnan(d.area_mm2) == (i % 10 == 3)));
    }
    assert_ok(mp_store_sweeps(s, &a, &sweeps, &count, &err), err);
    assert_true(count == 1 && sweeps->sweep == STORE_SWEEP && sweeps->points == 100 && sweeps->objective_count == 3);
    assert_string_equal(sweeps->objectives[2], "area_mm2");
    assert_true(sweeps->network_count == 2 && sweeps->networks[1] == store_network(1) && sweeps->weights[1] == 3);
    assert_ok(mp_store_done(s, STORE_SWEEP, &a, &shards, &count, &err), err);
    assert_true(count == 1 && shards->i == 0 && shards->n == 1);
    mp_store_close(s);
    remove(at);
    mp_arena_finish(&a);
}

// In another order, in other transactions, in shards, twice: the same content.
static void any_order(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err;
    const char *at = path("order");
    store_make(at, 90, 90);
    const char *one = store_dump(&a, at);
    remove(at);
    struct mp_store *s = opened(at, true);
    for (unsigned shard = 3; shard-- > 0;) {
        assert_ok(mp_store_begin(s, &err) && mp_store_add_done(s, STORE_SWEEP, shard, 3, &err) &&
                      store_add_points(s, shard * 30, shard * 30 + 30, &err) && store_add_sweep(s, 90, &err) &&
                      store_add_points(s, shard * 30, shard * 30 + 30, &err) && mp_store_commit(s, &err),
                  err);
    }
    mp_store_close(s);
    assert_string_equal(one, store_dump(&a, at));
    assert_non_null(strstr(one, "INSERT INTO shard VALUES(6840227782638526189,1,0);\n"));
    remove(at);
    mp_arena_finish(&a);
}

static void uncommitted(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err;
    const char *at = path("uncommitted");
    store_make(at, 20, 20);
    const char *before = store_dump(&a, at);
    struct mp_store *s = opened(at, true);
    assert_true(mp_store_begin(s, &err) && store_add_points(s, 20, 40, &err));
    mp_store_close(s);
    assert_string_equal(before, store_dump(&a, at));
    char journal[300];
    snprintf(journal, sizeof journal, "%s-journal", at);
    assert_int_not_equal(access(journal, F_OK), 0);
    remove(at);
    mp_arena_finish(&a);
}

static const char *prefixed(const char *at, const char *message) {
    static char text[1024];
    snprintf(text, sizeof text, "%s: %s", at, message);
    return text;
}

static void conflicts(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err;
    const char *at = path("conflict");
    union mp_store_value v[MP_STORE_COLUMNS];
    store_make(at, 20, 20);
    const char *before = store_dump(&a, at);
    struct mp_store *s = opened(at, true);
    store_figures(0, 0, v);
    v[2].d += 1;
    assert_true(mp_store_begin(s, &err) && store_add_points(s, 20, 30, &err));
    assert_fails(mp_store_add_result(s, &(struct mp_store_result){store_design(0), store_network(0), v, NULL}, &err), err,
                 prefixed(at, "table result holds another latency_ms for the same key: a damaged file, or a collision of hashes"));
    assert_true(mp_store_begin(s, &err)); // the first was rolled back
    assert_fails(mp_store_add_design(s, &(struct mp_store_design){store_design(0), STORE_BASE, "{}", NAN}, &err), err,
                 prefixed(at, "table design holds another axis_values for the same key: a damaged file, or a collision of hashes"));
    assert_true(mp_store_begin(s, &err));
    store_figures(0, 0, v);
    v[0].u = UINT64_C(1) << 63;
    assert_fails(mp_store_add_result(s, &(struct mp_store_result){1, 2, v, NULL}, &err), err,
                 prefixed(at, "macs must be below 2^63 (got 9223372036854775808)"));
    assert_true(mp_store_begin(s, &err));
    assert_ok(mp_store_add_point(s, &(struct mp_store_point){STORE_SWEEP, 20, 4711, MP_POINT_EVALUATED, NULL}, &err), err);
    assert_fails(mp_store_commit(s, &err), err,
                 prefixed(at, "a row breaks a rule of the store (FOREIGN KEY constraint failed)"));
    mp_store_close(s);
    assert_string_equal(before, store_dump(&a, at));
    remove(at);
    mp_arena_finish(&a);
}

static void run_sql(const char *at, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(at, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void not_opened(const char *at, bool write, const char *message) {
    struct mp_store *s;
    struct mp_err err;
    assert_fails(mp_store_open(&s, at, write, &err), err, prefixed(at, message));
}

static void other_files(void **state) {
    (void)state;
    const char *at = path("other");
    not_opened(at, false, "No such file or directory");
    not_opened("/nowhere/s.db", true, "its folder cannot be written (No such file or directory)");
    not_opened("/tmp", true, "is no store of an exploration (a directory)");
    write_file(at, "", 0);
    not_opened(at, false, "is no store of an exploration (empty)");
    mp_store_close(opened(at, true)); // becomes one
    mp_store_close(opened(at, false));
    static const char text[] = "this is no database, but long enough for a header, which has a hundred bytes: "
                               "so some more of them have to stand here";
    write_file(at, text, sizeof text);
    for (int write = 0; write < 2; write++)
        not_opened(at, write, "is no store of an exploration (not an SQLite file)");
    remove(at);
    run_sql(at, "CREATE TABLE mine (x)");
    for (int write = 0; write < 2; write++)
        not_opened(at, write, "is no store of an exploration (an SQLite file of another program, application_id 0)");
    run_sql(at, "PRAGMA application_id = 252006673");
    not_opened(at, true, "is no store of an exploration (an SQLite file of another program, application_id 252006673)");
    remove(at);
    store_make(at, 5, 5);
    run_sql(at, "PRAGMA user_version = 7");
    for (int write = 0; write < 2; write++)
        not_opened(at, write, "has version 7 of the store, this program reads up to version 1");
    remove(at);
}

static void damaged(void **state) {
    (void)state;
    struct mp_err err;
    struct mp_buf text = {0};
    struct stat st;
    const char *at = path("damaged");
    store_make(at, 300, 300);
    assert_true(stat(at, &st) == 0 && truncate(at, st.st_size / 2) == 0);
    struct mp_store *s = NULL;
    const bool ok = mp_store_open(&s, at, false, &err) && mp_store_text(s, &text, &err);
    mp_store_close(s);
    assert_false(ok);
    assert_string_equal(err.text, prefixed(at, "is damaged (SQLite: database disk image is malformed)"));
    mp_buf_finish(&text);
    remove(at);
}

// A store of version 2 whose first version is today's.
static void migration(void **state) {
    (void)state;
    const char *const steps[] = {mp_store_steps[0], "ALTER TABLE base ADD COLUMN note TEXT; UPDATE base SET note = name;"};
    const char *const broken[] = {mp_store_steps[0], "ALTER TABLE base ADD COLUMN note TEXT; UPDATE absent SET x = 1;"};
    enum mp_store_state found;
    struct mp_err err;
    sqlite3 *db;
    const char *at = path("migration");
    store_make(at, 5, 5);
    assert_int_equal(sqlite3_open(at, &db), SQLITE_OK);
    assert_true(mp_store_state(db, at, 2, &found, &err) && found == MP_STORE_EARLIER);
    assert_fails(mp_store_migrate(db, at, broken, 2, &err), err, prefixed(at, "no such table: absent"));
    assert_true(mp_store_state(db, at, 1, &found, &err) && found == MP_STORE_CURRENT); // rolled back
    assert_ok(mp_store_migrate(db, at, steps, 2, &err), err);
    assert_ok(mp_store_migrate(db, at, steps, 2, &err), err); // nothing to do
    assert_true(mp_store_state(db, at, 2, &found, &err) && found == MP_STORE_CURRENT);
    assert_int_equal(sqlite3_exec(db, "SELECT 1 / (note = 'small') FROM base", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    not_opened(at, true, "has version 2 of the store, this program reads up to version 1");
    remove(at);
}

// Pages that the file may not have: as on a full disk, what was committed before stays.
static void full(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err;
    const char *at = path("full");
    store_make(at, 100, 100);
    const char *before = store_dump(&a, at);
    struct mp_store *s = opened(at, true);
    assert_ok(mp_store_exec(s, "PRAGMA max_page_count = 60", &err), err);
    assert_true(mp_store_begin(s, &err));
    assert_fails(store_add_points(s, 100, 10000, &err), err, prefixed(at, "no space left on the disk"));
    assert_ok(mp_store_begin(s, &err) && mp_store_commit(s, &err), err);
    mp_store_close(s);
    assert_string_equal(before, store_dump(&a, at));
    remove(at);
    mp_arena_finish(&a);
}

static void read_only(void **state) {
    (void)state;
    const char *at = path("read_only");
    if (geteuid() == 0)
        return; // root may write anything
    store_make(at, 5, 5);
    assert_int_equal(chmod(at, 0444), 0);
    not_opened(at, true, "cannot be written (Permission denied)");
    mp_store_close(opened(at, false));
    remove(at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),   cmocka_unit_test(tables),      cmocka_unit_test(round_trip), cmocka_unit_test(any_order),
        cmocka_unit_test(conflicts), cmocka_unit_test(uncommitted), cmocka_unit_test(other_files), cmocka_unit_test(damaged),
        cmocka_unit_test(migration), cmocka_unit_test(full),        cmocka_unit_test(read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
