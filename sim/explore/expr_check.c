// SPDX-License-Identifier: Apache-2.0
// The text is compiled as a column of a SELECT from an empty table in memory whose columns are the names. SQLite asks before each
// thing that a statement does; all but reading these columns and calling functions of numbers and texts is refused.
#include "sim/explore/expr_check.h"

#include "sim/base/arena.h"
#include "sim/base/say.h"
#include "sim/base/str.h"

#include <sqlite3.h>
#include <string.h>

#define TABLE "mp_names"

// What depends on its arguments alone, and is no sum over rows.
static const char *const functions[] = {
    "abs",  "acos",   "asin",    "atan",  "atan2", "ceil", "ceiling", "coalesce", "cos",   "exp",   "floor",  "glob",
    "ifnull", "iif",  "instr",   "length", "like",  "ln",   "log",     "log10",    "log2",  "lower", "max",    "min",
    "mod",  "nullif", "pi",      "pow",   "power", "round", "sign",    "sin",      "sqrt",  "substr", "tan",   "trim",
    "trunc", "typeof", "upper",
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

struct check {
    const char *const *names;
    size_t count;
    bool *uses;
    unsigned selects;
    char bad_function[64]; // the first one refused
    bool outside;          // something else was refused
    size_t end;            // of the text in the statement
};

static size_t find(const char *word, const char *const *names, size_t count) {
    size_t i = 0;
    while (i < count && strcmp(word, names[i]) != 0)
        i++;
    return i;
}

static int refuse(struct check *c) {
    c->outside = true;
    return SQLITE_DENY;
}

static int may_call(struct check *c, const char *function) {
    if (find(function, functions, FUNCTIONS) < FUNCTIONS)
        return SQLITE_OK;
    if (!c->bad_function[0])
        strncpy(c->bad_function, function, sizeof c->bad_function - 1);
    return SQLITE_DENY;
}

static int may_read(struct check *c, const char *table, const char *column) {
    const size_t i = find(column, c->names, c->count);
    if (strcmp(table, TABLE) == 0 && !*column) // the table is named, no column is read
        return SQLITE_OK;
    if (strcmp(table, TABLE) != 0 || i == c->count)
        return refuse(c);
    c->uses[i] = true;
    return SQLITE_OK;
}

static int authorize(void *user, int action, const char *a, const char *b, const char *database, const char *inner) {
    struct check *c = user;
    (void)database;
    (void)inner;
    if (action == SQLITE_SELECT)
        return c->selects++ == 0 ? SQLITE_OK : refuse(c);
    if (action == SQLITE_READ)
        return may_read(c, a, b);
    return action == SQLITE_FUNCTION ? may_call(c, b) : refuse(c);
}

static void add_name(struct mp_buf *out, const char *name) {
    mp_buf_add(out, "\"");
    for (; *name; name++)
        mp_buf_addn(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    mp_buf_add(out, "\"");
}

static bool make_table(sqlite3 *db, const char *const *names) {
    struct mp_buf sql = {0};
    mp_buf_add(&sql, "CREATE TABLE " TABLE " (");
    for (size_t i = 0; names[i]; i++) {
        mp_buf_add(&sql, i > 0 ? ", " : "");
        add_name(&sql, names[i]);
    }
    mp_buf_add(&sql, ")");
    const bool ok = sqlite3_exec(db, sql.text, NULL, NULL, NULL) == SQLITE_OK;
    mp_buf_finish(&sql);
    return ok;
}

static bool fail_near(struct mp_err *err, const char *where, const char *what, const char *word, const char *const *names,
                      size_t count) {
    const char *near = mp_nearest(word, names, count);
    return mp_fail(err, "%s: unknown %s \"%s\"%s%s%s", where, what, word, near ? ", did you mean \"" : "", near ? near : "",
                   near ? "\"?" : "");
}

// Behind `head` in a message of SQLite; NULL.
static const char *after(const char *message, const char *head) {
    const size_t n = strlen(head);
    return strncmp(message, head, n) == 0 ? message + n : NULL;
}

// Whether what SQLite stumbles over is our statement's, from behind the text: the text lacks something or closes too much.
static bool is_behind(const struct check *c, const char *message, int offset) {
    const char *token = after(message, "unrecognized token: \""); // a quote that is not closed: to the end
    if (strcmp(message, "incomplete input") == 0)
        return true;
    return offset >= 0 && ((token && (size_t)offset + strlen(token) - 1 > c->end) ||
                           (after(message, "near ") && (size_t)offset >= c->end));
}

// Whether a parenthesis closes one that the text does not open; those in quotes do not count.
static bool closes_another(const char *text) {
    int depth = 0;
    char quote = 0;
    for (; *text && depth >= 0; text++) {
        if (quote)
            quote = *text == quote ? 0 : quote;
        else if (*text == '\'' || *text == '"')
            quote = *text;
        else
            depth += (*text == '(') - (*text == ')');
    }
    return depth < 0;
}

static bool fail(const struct check *c, const char *text, const char *where, sqlite3 *db, struct mp_err *err) {
    const char *message = sqlite3_errmsg(db), *word;
    if ((word = after(message, "no such column: ")))
        return fail_near(err, where, "name", word, c->names, c->count);
    if (c->bad_function[0])
        return fail_near(err, where, "function", c->bad_function, functions, FUNCTIONS);
    if ((word = after(message, "no such function: ")))
        return fail_near(err, where, "function", word, functions, FUNCTIONS);
    if (c->outside || after(message, "no such table: "))
        return mp_fail(err, "%s: must be one expression over the names, without subqueries and other tables", where);
    if (!is_behind(c, message, sqlite3_error_offset(db)))
        return mp_fail(err, "%s: %s", where, message);
    return closes_another(text) ? mp_fail(err, "%s: must be one expression over the names", where)
                                : mp_fail(err, "%s: ends too early", where);
}

// As a column the text may be a list, as a condition it may hold what follows one, as both neither; and a condition has no sums
// over rows.
static sqlite3_stmt *prepare(sqlite3 *db, struct check *c, const char *open, const char *text, const char *close) {
    struct mp_buf sql = {0};
    sqlite3_stmt *s = NULL;
    const char *tail = NULL;
    c->selects = 0;
    c->end = strlen("SELECT ") + strlen(open) + strlen(text);
    mp_buf_addf(&sql, "SELECT %s%s\n%s FROM " TABLE " WHERE (%s\n)", open, text, close, text);
    if (sqlite3_prepare_v2(db, sql.text, -1, &s, &tail) == SQLITE_OK && *tail) {
        sqlite3_finalize(s); // it ended in the middle of the text
        s = NULL;
    }
    mp_buf_finish(&sql);
    return s;
}

static bool compile(sqlite3 *db, struct check *c, const char *text, const char *where, struct mp_err *err) {
    sqlite3_stmt *s = prepare(db, c, "(", text, ")");
    if (!s && sqlite3_errcode(db) != SQLITE_OK)
        return fail(c, text, where, db, err);
    const bool whole = s && sqlite3_bind_parameter_count(s) == 0;
    sqlite3_finalize(s);
    // A comment that is not closed swallows what stands behind it, be it wrong or not.
    sqlite3_stmt *swallows = prepare(db, c, "(", text, "), \" no name\"");
    sqlite3_finalize(swallows);
    // A parenthesis that closes another's leaves that function one argument.
    sqlite3_stmt *closed = prepare(db, c, "coalesce(", text, ", 0)");
    sqlite3_finalize(closed);
    return (whole && !swallows && closed) || mp_fail(err, "%s: must be one expression over the names", where);
}

bool mp_expr_check(const char *text, const char *const *names, bool *uses, struct mp_err *err) {
    struct check c = {.names = names, .uses = uses};
    char shown[MP_SAY_BYTES], where[MP_SAY_BYTES + 16];
    sqlite3 *db;
    for (; names[c.count]; c.count++)
        uses[c.count] = false;
    strcpy(where, "expression \"");
    strcat(where, mp_say_text(text, strlen(text), shown));
    strcat(where, "\"");
    if (!text[strspn(text, " \t\r\n")])
        return mp_fail(err, "%s: must not be empty", where);
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        !make_table(db, names))
        mp_out_of_memory();
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_set_authorizer(db, authorize, &c);
    const bool ok = compile(db, &c, text, where, err);
    sqlite3_close(db);
    return ok;
}
