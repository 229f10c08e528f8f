// SPDX-License-Identifier: Apache-2.0
// Results, and a front of designs, as one page for a browser: all in one file, nothing is fetched. Tables stand in the page
// itself; the pictures are drawn by its script from the same figures. All calls append to `out`.
#ifndef SIM_REPORT_HTML_H
#define SIM_REPORT_HTML_H

#include "sim/base/str.h"
#include "sim/report/html_front.h"
#include "sim/report/result_detail.h"

struct mp_html_result {
    const struct mp_saved *saved;
    const struct mp_detail *detail;
    const char *label; // what it is called on the page
};

struct mp_html {
    const char *title, *version;          // version: of the program
    const struct mp_html_result *results; // the others are compared with the first
    size_t result_count;
    const struct mp_html_front *front;    // or NULL
};

void mp_html_page(const struct mp_html *h, struct mp_buf *out);

// Architecture and plan where they differ; what else differs where these do not tell all results apart; else the files' names,
// with a number where files of one name lie in several folders.
void mp_html_label(struct mp_html_result *results, size_t count, struct mp_arena *a);
// The networks of the results, each once, with ", " between them.
const char *mp_html_networks(const struct mp_html_result *results, size_t count, struct mp_arena *a);
bool mp_html_networks_differ(const struct mp_html *h);
bool mp_html_techs_differ(const struct mp_html *h);

// Parts of the page, each in a file of its own (html_*.c).

// Text as it stands, in an element or a quoted attribute. Control characters and what is not UTF-8 become U+FFFD.
void mp_html_text(struct mp_buf *out, const char *text);
// For the script, as JSON that no element can end in: < > & and the line separators U+2028, U+2029 as escapes.
void mp_html_data(const struct mp_html *h, struct mp_buf *out);
void mp_html_summary(const struct mp_html *h, struct mp_buf *out);
void mp_html_layers(const struct mp_html *h, struct mp_buf *out); // a table a result
void mp_html_sources(const struct mp_html *h, struct mp_buf *out);
void mp_html_warnings(const struct mp_html *h, struct mp_buf *out);
void mp_html_designs(const struct mp_html *h, struct mp_buf *out); // the front's first rows

// What page/ holds, and what a policy knows the script by ("'sha256-...'"). Made from the files when the program is built.
extern const char mp_page_html[], mp_page_css[], mp_page_js[], mp_page_js_hash[];

#endif
