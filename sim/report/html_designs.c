// SPDX-License-Identifier: Apache-2.0
// The table of a front's first designs, for a reader without the page's script.
#include "sim/report/html.h"
#include "sim/report/quantity.h"

#include <math.h>
#include <string.h>

#define DESIGNS 50

static bool is_constant(const struct mp_html_front *f, size_t column) {
    const char *const *texts = f->columns[column].texts;
    for (size_t i = 1; i < f->count; i++)
        if (strcmp(texts[i], texts[0]) != 0)
            return false;
    return f->count > 1;
}

// Five digits of a number that count, an object of JSON without its signs, else the text.
static void add_cell(const struct mp_html_column *c, size_t i, struct mp_buf *out) {
    char number[MP_QTY_BYTES];
    struct mp_buf plain = {0};
    if (c->numbers && !isnan(c->numbers[i])) {
        const double v = c->numbers[i];
        mp_buf_add(out, v == floor(v) ? mp_qty_fixed(v, 0, number) : mp_qty_digits(v, 5, number));
        return;
    }
    if (c->texts[i][0] != '{') {
        mp_html_text(out, c->texts[i]);
        return;
    }
    mp_buf_add(&plain, "");
    for (const char *at = c->texts[i]; *at; at++)
        if (*at == ':' || *at == ',')
            mp_buf_add(&plain, *at == ':' ? " " : ", ");
        else if (!strchr("{}[]\"", *at))
            mp_buf_addn(&plain, at, 1);
    mp_html_text(out, plain.text);
    mp_buf_finish(&plain);
}

// What all designs share stands in a line above them.
static void add_shared(const struct mp_html_front *f, const bool *left_out, struct mp_buf *out) {
    size_t shared = 0;
    for (size_t c = 0; c < f->column_count; c++) {
        if (!left_out[c])
            continue;
        mp_buf_add(out, shared++ ? ", " : "<p class=\"note\">In all rows: ");
        mp_html_text(out, f->columns[c].name);
        mp_buf_add(out, " ");
        if (*f->columns[c].texts[0])
            add_cell(&f->columns[c], 0, out);
        else
            mp_buf_add(out, "none");
    }
    mp_buf_add(out, shared ? ".</p>\n" : "");
}

static void add_design_heads(const struct mp_html_front *f, const bool *left_out, struct mp_buf *out) {
    mp_buf_add(out, "<thead><tr>");
    for (size_t c = 0; c < f->column_count; c++) {
        if (left_out[c])
            continue;
        mp_buf_addf(out, "<th scope=\"col\"%s>", f->columns[c].numbers ? "" : " class=\"text\"");
        mp_html_text(out, f->columns[c].name);
        mp_buf_add(out, "</th>");
    }
    mp_buf_add(out, "</tr></thead>\n<tbody>\n");
}

static void add_design(const struct mp_html_front *f, size_t i, const bool *left_out, struct mp_buf *out) {
    mp_buf_add(out, "<tr>");
    for (size_t c = 0; c < f->column_count; c++) {
        if (left_out[c])
            continue;
        mp_buf_addf(out, "<td%s>", f->columns[c].numbers ? "" : " class=\"text\"");
        add_cell(&f->columns[c], i, out);
        mp_buf_add(out, "</td>");
    }
    mp_buf_add(out, "</tr>\n");
}

void mp_html_designs(const struct mp_html *h, struct mp_buf *out) {
    const struct mp_html_front *f = h->front;
    bool left_out[MP_FRONT_COLUMNS];
    if (!f)
        return;
    for (size_t c = 0; c < f->column_count; c++)
        left_out[c] = is_constant(f, c);
    const size_t shown = f->count < DESIGNS ? f->count : DESIGNS;
    mp_buf_add(out, "<h2>Designs</h2>\n");
    add_shared(f, left_out, out);
    mp_buf_add(out, "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-label=\"Designs\"><table>"
                    "<caption class=\"hidden\">Designs</caption>\n");
    add_design_heads(f, left_out, out);
    for (size_t i = 0; i < shown; i++)
        add_design(f, i, left_out, out);
    mp_buf_add(out, "</tbody></table></div>\n");
    if (shown < f->count)
        mp_buf_addf(out, "<p class=\"note\">The first %zu of %zu designs.</p>\n", shown, f->count);
}
