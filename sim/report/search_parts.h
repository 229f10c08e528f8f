// SPDX-License-Identifier: Apache-2.0
// What the reports of a search and of sensitivities share. Internal to search_*.c and sensitivity_*.c.
#ifndef SIM_REPORT_SEARCH_PARTS_H
#define SIM_REPORT_SEARCH_PARTS_H

#include "sim/report/quantity.h"
#include "sim/report/search.h"

// A cost as it is shown: what its sums become in the unit that SI prefixes go before, and the key that JSON and CSV have.
struct mp_cost_shown {
    const char *words, *key, *unit;
    double key_factor, unit_factor; // times a sum; of latency, cycles: the unit's factor is 1 / clock
};
extern const struct mp_cost_shown mp_costs_shown[MP_COSTS];

double mp_cost_in_unit(const struct mp_arch *arch, size_t c, double sum); // enum mp_cost; s, J, B, BOPs, B
double mp_cost_ms(const struct mp_arch *arch, double cycles);
const char *mp_harm_text(double harm, char out[MP_QTY_BYTES]); // three digits that count
const char *mp_harm_unit(const struct mp_harm *h);             // "nats"; "" of plain numbers

// The row of a name; NULL when there is none.
const struct mp_search_row *mp_search_row_of(const struct mp_search_report *r, const char *name);
#define MP_ROW_BASE "uniform 8" // what others are compared with
#define MP_ROW_FOUND "found"
bool mp_search_is_found(const struct mp_search_report *r, const struct mp_point *p); // has the options of the one found
double mp_search_drop(const struct mp_search_report *r, const struct mp_point *p);   // of a measured point

struct mp_space_sum {
    size_t fixed, by_user, by_default; // decisions with one option; of them
    uint32_t w_set, a_set;             // widths of the others: bit b for b bits
    double log10_combinations;
};
struct mp_space_sum mp_space_sum(const struct mp_space *s);
uint64_t mp_unit_elements(const struct mp_space *s, size_t unit); // weights; of activations those of its representative

// A unit's harm, and the widths that are shown of it.
double mp_unit_harm(const struct mp_sensitivity_report *r, size_t unit, unsigned bits);
uint32_t mp_unit_shown(const struct mp_sensitivity_report *r, size_t unit);

// The decision of a layer's weights (of a matmul's second operand), and of its input; MP_NO_DECISION without.
size_t mp_layer_w_decision(const struct mp_space *s, size_t layer);
size_t mp_layer_a_decision(const struct mp_space *s, size_t layer);

// Members of an open object: costs, by key; counts of a measured plan; the bits of each unit.
void mp_put_costs(struct mp_jsonw *w, const struct mp_arch *arch, const double sum[MP_QUANTITIES]);
void mp_put_measured(struct mp_jsonw *w, const char *key, const struct mp_measured *m);
void mp_put_point(struct mp_jsonw *w, const struct mp_search_report *r, const struct mp_point *p); // one line
void mp_put_unit_names(struct mp_jsonw *w, const struct mp_space *s);
void mp_put_front_head(struct mp_jsonw *w, const struct mp_search_report *r); // cost, count, exact

// The parts of the text below its head, each in a file of its own.
void mp_search_text_plans(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out);
void mp_search_text_layers(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out);

#endif
