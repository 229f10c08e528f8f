// SPDX-License-Identifier: Apache-2.0
// What each event costs, where each price comes from, and what the runs warned of.
#include "sim/report/html.h"
#include "sim/report/quantity.h"

#include <string.h>

static const char mark[] = "estimate: ";

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count) {
    for (size_t i = 0; a_count == b_count && i < a_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return a_count == b_count;
}

static void begin_details(struct mp_buf *out, const char *what, const struct mp_html_result *r, bool open) {
    mp_buf_addf(out, "<details%s><summary>%s", open ? " open" : "", what);
    mp_html_text(out, r->label);
    mp_buf_add(out, "</summary>\n");
}

// A row an event that has a price, a column a pair of widths.
static void add_prices(const struct mp_html_result *r, struct mp_buf *out) {
    const struct mp_detail *d = r->detail;
    char text[MP_QTY_BYTES];
    mp_buf_add(out, "<div class=\"scroll sticky\" role=\"region\" tabindex=\"0\" aria-label=\"Prices\"><table>"
                    "<caption class=\"note\">pJ an event, by bits of activations \xc3\x97 weights</caption>\n"
                    "<thead><tr><th scope=\"col\">Event</th>");
    for (size_t i = 0; i < d->price_count; i++)
        if (d->prices[i].a_bits == 0 && d->prices[i].w_bits == 0)
            mp_buf_add(out, "<th scope=\"col\">off the array</th>");
        else
            mp_buf_addf(out, "<th scope=\"col\">%u \xc3\x97 %u</th>", d->prices[i].a_bits, d->prices[i].w_bits);
    mp_buf_add(out, "</tr></thead>\n<tbody>\n");
    for (int e = 0; e < MP_EVENTS; e++) {
        mp_buf_addf(out, "<tr><th scope=\"row\">%s</th>", mp_event_names[e]);
        for (size_t i = 0; i < d->price_count; i++)
            mp_buf_addf(out, "<td>%s</td>", mp_qty_digits(d->prices[i].prices.pj[e], 4, text));
        mp_buf_add(out, "</tr>\n");
    }
    mp_buf_add(out, "</tbody></table></div>\n");
}

static void add_source(const char *line, struct mp_buf *out) {
    const bool estimate = strncmp(line, mark, sizeof mark - 1) == 0;
    const char *what = line + (estimate ? sizeof mark - 1 : 0), *colon = strstr(what, ": ");
    mp_buf_add(out, estimate ? "<li><strong class=\"mark\">estimate</strong> " : "<li>");
    if (colon) {
        struct mp_buf head = {0};
        mp_buf_addn(&head, what, (size_t)(colon - what));
        mp_buf_add(out, "<b>");
        mp_html_text(out, head.text ? head.text : "");
        mp_buf_add(out, "</b> ");
        mp_buf_finish(&head);
    }
    mp_html_text(out, colon ? colon + 2 : what);
    mp_buf_add(out, "</li>\n");
}

// The first result before `i` whose sources and prices are the same; `i` when there is none.
static size_t same_sources(const struct mp_html *h, size_t i) {
    const struct mp_detail *d = h->results[i].detail;
    for (size_t k = 0; k < i; k++) {
        const struct mp_detail *o = h->results[k].detail;
        bool same = o->price_count == d->price_count &&
                    same_texts(o->sources, o->source_count, d->sources, d->source_count);
        for (size_t p = 0; same && p < d->price_count; p++) {
            same = o->prices[p].a_bits == d->prices[p].a_bits && o->prices[p].w_bits == d->prices[p].w_bits;
            for (int e = 0; same && e < MP_EVENTS; e++)
                same = o->prices[p].prices.pj[e] == d->prices[p].prices.pj[e];
        }
        if (same)
            return k;
    }
    return i;
}

void mp_html_sources(const struct mp_html *h, struct mp_buf *out) {
    for (size_t i = 0; i < h->result_count; i++) {
        const struct mp_html_result *r = &h->results[i];
        const size_t as = same_sources(h, i);
        begin_details(out, "Prices of ", r, h->result_count == 1);
        if (as < i) {
            mp_buf_add(out, "<p>The same as of ");
            mp_html_text(out, h->results[as].label);
            mp_buf_add(out, ".</p>\n");
        } else {
            mp_buf_add(out, "<ul class=\"sources\">\n");
            for (size_t k = 0; k < r->detail->source_count; k++)
                add_source(r->detail->sources[k], out);
            mp_buf_add(out, "</ul>\n");
            add_prices(r, out);
        }
        mp_buf_add(out, "</details>\n");
    }
}

void mp_html_warnings(const struct mp_html *h, struct mp_buf *out) {
    size_t count = 0;
    for (size_t i = 0; i < h->result_count; i++)
        count += h->results[i].detail->warning_count;
    if (count == 0)
        mp_buf_add(out, "<p class=\"faint\">None.</p>\n");
    for (size_t i = 0; i < h->result_count; i++) {
        const struct mp_detail *d = h->results[i].detail;
        if (d->warning_count == 0)
            continue;
        mp_buf_add(out, "<h3>");
        mp_html_text(out, h->results[i].label);
        mp_buf_add(out, "</h3>\n<ul class=\"warnings\">\n");
        for (size_t k = 0; k < d->warning_count; k++) {
            mp_buf_add(out, "<li>");
            mp_html_text(out, d->warnings[k]);
            mp_buf_add(out, "</li>\n");
        }
        mp_buf_add(out, "</ul>\n");
    }
}
