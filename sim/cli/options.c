// SPDX-License-Identifier: Apache-2.0
// Options by table over getopt_long: parsing and its errors. The help text is in help.c.
#include "sim/cli/command.h"

#include "sim/base/say.h"
#include "sim/cli/out.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTS 64
#define FIRST_CODE 256 // of long options: beyond any letter

struct parser {
    const struct mp_command *c;
    struct mp_arena *a;
    void *base;
    bool given[MAX_OPTS];
    struct option longs[MAX_OPTS + 2];
    char letters[2 * MAX_OPTS + 4];
};

int mp_usage_error(const struct mp_command *c, const char *fmt, ...) {
    va_list args;
    fprintf(stderr, "mpsim %s: ", c->name);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\nTry 'mpsim %s --help'.\n", c->name);
    return MP_EXIT_USAGE;
}

// getopt's own tables. A leading colon tells a missing value from an unknown option.
static void make_tables(struct parser *p) {
    size_t n = 0, at = 0;
    p->letters[at++] = ':';
    for (const struct mp_opt *o = p->c->opts; o->name; o++, n++) {
        assert(n < MAX_OPTS);
        p->longs[n] = (struct option){o->name, o->value ? required_argument : no_argument, NULL, FIRST_CODE + (int)n};
        if (o->letter)
            p->letters[at++] = o->letter;
        if (o->letter && o->value)
            p->letters[at++] = ':';
    }
    p->longs[n] = (struct option){"help", no_argument, NULL, 'h'};
    p->letters[at++] = 'h';
    p->letters[at] = '\0';
}

static const struct mp_opt *find(const struct mp_command *c, int code) {
    for (const struct mp_opt *o = c->opts; o->name; o++)
        if (code == FIRST_CODE + (int)(o - c->opts) || (o->letter && code == o->letter))
            return o;
    return NULL;
}

static int unknown(const struct parser *p, const char *word) {
    const char *names[MAX_OPTS + 1];
    char shown[MP_SAY_BYTES];
    size_t n = 0;
    for (; p->longs[n].name; n++)
        names[n] = p->longs[n].name;
    const char *name = word + strspn(word, "-"), *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const char *near = mp_nearest(mp_arena_printf(p->a, "%.*s", (int)(len < 100 ? len : 100), name), names, n);
    mp_say_text(word, (size_t)(name - word) + len, shown);
    if (near)
        return mp_usage_error(p->c, "unknown option %s, did you mean --%s?", shown, near);
    return mp_usage_error(p->c, "unknown option %s", shown);
}

// getopt returned '?': an option it does not know, an ambiguous one, or a flag with a value.
static int refuse(const struct parser *p, char **argv) {
    const char *word = argv[optind - 1];
    const struct mp_opt *o = optopt ? find(p->c, optopt) : NULL;
    if (o || optopt == 'h')
        return mp_usage_error(p->c, "option --%s takes no value", o ? o->name : "help");
    if (optopt != 0)
        return mp_usage_error(p->c, "unknown option -%c", optopt > ' ' && optopt < 0x7f ? optopt : '?');
    return unknown(p, word);
}

static int set_choice(const struct mp_command *c, const struct mp_opt *o, const char *value, unsigned *out) {
    char shown[MP_SAY_BYTES], all[MP_SAY_BYTES];
    size_t n = 0;
    for (; o->names[n]; n++)
        if (strcmp(o->names[n], value) == 0) {
            *out = (unsigned)n;
            return MP_EXIT_OK;
        }
    const char *near = mp_nearest(value, o->names, n);
    return mp_usage_error(c, "option --%s: must be one of %s (got \"%s\")%s%s%s", o->name,
                          mp_say_names(o->names, n, all), mp_say_text(value, strlen(value), shown),
                          near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int set_count(const struct mp_command *c, const struct mp_opt *o, const char *value, uint64_t *out) {
    char shown[MP_SAY_BYTES], *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    if (errno != 0 || *end || value[strspn(value, "0123456789")] || end == value || n < o->min || n > o->max)
        return mp_usage_error(c, "option --%s: must be an integer %" PRIu64 "..%" PRIu64 " (got \"%s\")", o->name,
                              o->min, o->max, mp_say_text(value, strlen(value), shown));
    *out = n;
    return MP_EXIT_OK;
}

static int set_real(const struct mp_command *c, const struct mp_opt *o, const char *value, double *out) {
    char shown[MP_SAY_BYTES], *end;
    double x = strtod(value, &end); // the locale is C
    if (*end || value[strspn(value, "0123456789.")] || end == value || x < (double)o->min || x > (double)o->max)
        return mp_usage_error(c, "option --%s: must be a number %" PRIu64 "..%" PRIu64 " (got \"%s\")", o->name, o->min,
                              o->max, mp_say_text(value, strlen(value), shown));
    *out = x;
    return MP_EXIT_OK;
}

static int set_report(const struct mp_command *c, const struct mp_opt *o, const char *value, const char **out) {
    const char *drawn = mp_out_drawn(value);
    char shown[MP_SAY_BYTES];
    *out = value;
    if (!drawn)
        return MP_EXIT_OK;
    return mp_usage_error(c, "option --%s: must not end in %s: no picture or page is written there (got \"%s\")", o->name, drawn,
                          mp_say_text(value, strlen(value), shown));
}

static void add_text(struct mp_arena *a, struct mp_texts *t, const char *text) {
    t->text = mp_arena_grow(a, t->text, t->count, t->count + 1, sizeof *t->text);
    t->text[t->count++] = text;
}

static int set(struct parser *p, const struct mp_opt *o, const char *value) {
    void *slot = (char *)p->base + o->offset;
    size_t index = (size_t)(o - p->c->opts);
    if (p->given[index] && o->kind != MP_OPT_LIST && o->kind != MP_OPT_FLAG)
        return mp_usage_error(p->c, "option --%s: given twice", o->name);
    p->given[index] = true;
    if (value && !*value)
        return mp_usage_error(p->c, "option --%s: must not be empty", o->name);
    switch (o->kind) {
    case MP_OPT_FLAG:
        *(bool *)slot = true;
        break;
    case MP_OPT_TEXT:
        *(const char **)slot = value;
        break;
    case MP_OPT_REPORT:
        return set_report(p->c, o, value, slot);
    case MP_OPT_LIST:
        add_text(p->a, slot, value);
        break;
    case MP_OPT_CHOICE:
        return set_choice(p->c, o, value, slot);
    case MP_OPT_COUNT:
        return set_count(p->c, o, value, slot);
    case MP_OPT_REAL:
        return set_real(p->c, o, value, slot);
    }
    return MP_EXIT_OK;
}

static int take(struct parser *p, int code, char **argv) {
    const struct mp_opt *o = find(p->c, code);
    if (o)
        return set(p, o, optarg);
    if (code == ':' && (o = find(p->c, optopt)))
        return mp_usage_error(p->c, "option --%s: needs %s", o->name, o->value);
    return refuse(p, argv);
}

bool mp_opts_parse(const struct mp_command *c, int argc, char **argv, void *base, struct mp_texts *operands,
                   struct mp_arena *a, int *status) {
    struct parser p = {.c = c, .a = a, .base = base};
    int code;
    make_tables(&p);
    opterr = 0;
    optind = 0; // glibc: begin anew
    *operands = (struct mp_texts){0};
    while ((code = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
        *status = MP_EXIT_OK;
        if (code == 'h') {
            struct mp_buf help = {0};
            mp_command_help(c, &help);
            *status = mp_out_text(&help);
            mp_buf_finish(&help);
            return false;
        }
        if ((*status = take(&p, code, argv)) != MP_EXIT_OK)
            return false;
    }
    for (; optind < argc; optind++)
        add_text(a, operands, argv[optind]);
    return true;
}
