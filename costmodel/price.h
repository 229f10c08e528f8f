// SPDX-License-Identifier: Apache-2.0
// What a tech file holds once it is read: numbers in groups, each group with one source. Private to costmodel;
// others see tech.h and cost.h. Strings live in the tech's arena.
#ifndef COSTMODEL_PRICE_H
#define COSTMODEL_PRICE_H

#include "costmodel/cost.h"
#include "sim/base/field.h"

#define MP_PRICE_MAX 1e9 // of any number in a tech file: keeps every product finite

// Where a group of numbers comes from. It is the first member of every group.
struct mp_cite {
    const char *line; // "what: source" or "estimate: what: reason", as a result lists it
    const char *key;  // of the source in its file; NULL: an estimate
    const char *text; // the source or the reason
};

// A group in the file: its key, what a source line calls it, and its numbers.
struct mp_place {
    const char *key, *what;
    const struct mp_field *fields;
    size_t offset; // of the group in the struct that the table describes
};

struct mp_factors {
    double energy, area, wire; // by unit: pJ, um2, pJ/bit/mm
};

struct mp_reader {
    struct mp_arena *a;
    struct mp_node sources; // the file's object of sources; item is NULL when the file has none
};

// Reads "source" or "estimate" of the group `n`: exactly one.
bool mp_cite_read(const struct mp_reader *r, const struct mp_node *n, const char *what, struct mp_cite *out,
                  struct mp_err *err);

// cite.c. The echo being written: what its groups cite, by first use. `sources` lives in `a`.
struct mp_echo {
    struct mp_jsonw *w;
    struct mp_arena a;
    struct mp_echo_source *sources;
    size_t count;
};
void mp_cite_write(const struct mp_cite *c, struct mp_echo *out); // a key for a source, the reason of an estimate
void mp_echo_sources(const struct mp_echo *e);                    // the object that those keys refer to

// A group by its fields, then its source. `what` is what source lines call it.
bool mp_group_read(const struct mp_reader *r, const struct mp_node *n, const struct mp_field *fields,
                   const char *what, void *group, struct mp_err *err);
// All groups of a table that ends with a NULL key, from the object `n`; `also` names keys read elsewhere.
bool mp_places_read(const struct mp_reader *r, const struct mp_node *n, const struct mp_place *table,
                    const char *const *also, const char *prefix, void *base, struct mp_err *err);
void mp_places_write(const struct mp_place *table, const void *base, struct mp_echo *out);
// False when a number leaves its field's range: the echo could not be read.
bool mp_places_scale(const struct mp_place *table, void *base, const struct mp_factors *f);
// The factor for numbers in `unit`; 1 for other units.
double mp_factor(const struct mp_factors *f, const char *unit);

// A PE: `shared` once, `lane` for each lane, `bit` for each lane and each bit product that a cycle makes
// (activation bits times weight bits; serial kinds only).
struct mp_pe_pj {
    struct mp_cite cite;
    double shared_pj, lane_pj, bit_pj;
};
struct mp_pe_um2 {
    struct mp_cite cite;
    double shared_um2, lane_um2, bit_um2;
};
struct mp_pe_price {
    bool present;
    struct mp_pe_pj active, idle;
    struct mp_pe_um2 area;
};

struct mp_register {
    struct mp_cite cite;
    double bit_pj, bit_um2;
};
struct mp_op_pj {
    struct mp_cite cite;
    double pj;
};
struct mp_lane_um2 {
    struct mp_cite cite;
    double lane_um2;
};
struct mp_vector_price {
    struct mp_op_pj requant, alu, mul, special;
    struct mp_lane_um2 area;
};
struct mp_wire {
    struct mp_cite cite;
    double pj_per_bit_mm;
};
struct mp_leak {
    struct mp_cite cite;
    double mw_per_mm2;
};
struct mp_dram_price {
    struct mp_cite cite;
    double read_pj_per_bit, write_pj_per_bit;
    double activate_pj, standby_mw, refresh_mw; // of DRAM with rows; mW of a channel; negative: not given
    const char *kind;
};
struct mp_dram_prices {
    const struct mp_dram_price *all;
    size_t count, picked; // picked: of DRAM that names no kind
};

struct mp_est_table;
struct mp_buffer_est;

// Scaled by node when the file says `scaled_from`.
struct mp_logic {
    struct mp_pe_price *pe;     // in the order of mp_pe_kinds
    struct mp_est_table *adder; // bits -> pj, um2
    struct mp_register acc_register;
    struct mp_vector_price vector;
    struct mp_wire wire;
};

enum mp_transistor { MP_TRANSISTOR_UNNAMED, MP_TRANSISTOR_HP, MP_TRANSISTOR_LP };
extern const char *const mp_transistor_names[];
#define MP_DERIVED_MAX 16

struct mp_tech {
    const char *name, *file;              // "cmos45_hp", "cmos45_hp.json"
    double node_nm, volts, temperature_k; // volts and temperature_k 0: not published
    const char *cell, *scaled_from;       // scaled_from may be NULL
    unsigned transistor;                  // enum mp_transistor
    struct mp_factors factors;            // applied to logic already
    const char *derived[MP_DERIVED_MAX];  // how the numbers came from their sources: what scaling did
    size_t derived_count;
    struct mp_logic logic;
    struct mp_leak leak;
    struct mp_dram_prices dram;
    struct mp_buffer_est *buffers;
};

// A tech from text in memory; `path` names it and is where the file that it is scaled from lies.
bool mp_tech_parse(struct mp_tech **out, struct mp_arena *a, const char *path, const char *text, size_t len,
                   struct mp_err *err);
bool mp_tech_read_root(struct mp_tech **out, struct mp_arena *a, const char *path, const struct mp_node *root,
                       struct mp_err *err);
// tech_read.c: the file's own sections. Without `scaled` the logic is read too.
bool mp_tech_read(struct mp_tech *t, struct mp_reader *r, const struct mp_node *root, bool scaled,
                  struct mp_err *err);
extern const struct mp_place mp_vector_places[], mp_wire_places[], mp_register_places[], mp_leak_places[];
const struct mp_place *mp_pe_places(const struct mp_pe_ops *ops);
// Names of the techs in a folder, sorted.
size_t mp_tech_names(const char *dir, struct mp_arena *a, const char *const **names);

// scale.c. False when a node has no factors or a voltage is outside the fits' use.
struct mp_scale_from {
    double node_nm, volts;
};
bool mp_scale_find(struct mp_scale_from from, struct mp_scale_from to, bool low_power, struct mp_factors *out,
                   bool *interpolated);

bool mp_dram_price_read(const struct mp_reader *r, const struct mp_node *n, struct mp_dram_prices *out, struct mp_err *err);
void mp_dram_price_write(const struct mp_dram_prices *p, struct mp_echo *out);

// sources.c. `s` may be NULL. `line` is kept as it is; `mp_sources_addf` copies into `a` when the text is new.
void mp_sources_add(struct mp_sources *s, const char *line);
void mp_sources_addf(struct mp_sources *s, struct mp_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// What one call of cost.c works on.
struct mp_pricing {
    const struct mp_tech *tech;
    const struct mp_arch *arch;
    struct mp_arena *a;
    struct mp_sources *sources;
    struct mp_err *err;
};
struct mp_bank_price; // est.h
// One bank of a buffer; the area of array and vector unit (the buffers' is left 0); parts of the array.
bool mp_bank_find(const struct mp_pricing *p, enum mp_buffer_id which, struct mp_bank_price *out);
bool mp_logic_area_find(const struct mp_pricing *p, struct mp_area *out);
const struct mp_pe_price *mp_pe_price_find(const struct mp_pricing *p); // NULL: no price, err is set
const struct mp_dram_price *mp_dram_price_find(const struct mp_pricing *p); // likewise
// mW of a channel of DRAM with rows: standby, and refresh where there is one. What is not given is among the sources.
double mp_dram_standby_mw(const struct mp_pricing *p, const struct mp_dram_price *d);
double mp_pe_active_pj(const struct mp_pe *pe, const struct mp_pe_price *price, unsigned a_bits);
double mp_adder_find(const struct mp_pricing *p, double *um2); // pJ of one addition into an accumulator

#endif
