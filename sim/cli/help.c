// SPDX-License-Identifier: Apache-2.0
// The help of a command, from its table.
#include "sim/cli/command.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 100
#define HELP_AT 28

// Words on lines of up to WIDTH columns; `at` is the column reached, `indent` that of the lines that follow.
static void add_wrapped(struct mp_buf *out, const char *text, size_t at, size_t indent) {
    bool first = true;
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (!first && (at + 1 + word > WIDTH || text[-1] == '\n')) {
            mp_buf_addf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            mp_buf_add(out, " ");
            at++;
        }
        mp_buf_addn(out, text, word);
        at += word;
        text += word + (text[word] != '\0');
        first = false;
    }
    mp_buf_add(out, "\n");
}

static void add_option(struct mp_buf *out, char letter, const char *name, const char *value, const char *def,
                       const char *help) {
    size_t from = out->len;
    mp_buf_addf(out, letter ? "  -%c, " : "      ", letter);
    mp_buf_addf(out, "--%s%s%s", name, value ? " " : "", value ? value : "");
    size_t at = out->len - from;
    if (at + 2 > HELP_AT) {
        mp_buf_add(out, "\n");
        at = 0;
    }
    mp_buf_addf(out, "%*s", (int)(HELP_AT - at), "");
    struct mp_buf text = {0};
    mp_buf_add(&text, help);
    if (def)
        mp_buf_addf(&text, " (default: %s)", def);
    add_wrapped(out, text.text, HELP_AT, HELP_AT);
    mp_buf_finish(&text);
}

static void add_choices(struct mp_buf *value, const struct mp_opt *o) {
    for (size_t i = 0; o->kind == MP_OPT_CHOICE && o->names[i]; i++)
        mp_buf_addf(value, "%s%s", i > 0 ? "|" : "", o->names[i]);
    if (o->kind != MP_OPT_CHOICE && o->value)
        mp_buf_add(value, o->value);
}

void mp_command_help(const struct mp_command *c, struct mp_buf *out) {
    mp_buf_addf(out, "Usage: mpsim %s %s\n\n", c->name, c->usage);
    add_wrapped(out, c->about, 0, 0);
    mp_buf_add(out, "\nOptions:\n");
    for (const struct mp_opt *o = c->opts; o->name; o++) {
        struct mp_buf value = {0};
        add_choices(&value, o);
        add_option(out, o->letter, o->name, value.text, o->def, o->help);
        mp_buf_finish(&value);
    }
    add_option(out, 'h', "help", NULL, NULL, "print this");
    mp_buf_addf(out, "\nExamples:\n%s", c->examples);
}
