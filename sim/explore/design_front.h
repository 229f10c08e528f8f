// SPDX-License-Identifier: Apache-2.0
// The Pareto front of the designs of a sweep that were evaluated.
#ifndef SIM_EXPLORE_DESIGN_FRONT_H
#define SIM_EXPLORE_DESIGN_FRONT_H

#include "sim/explore/pareto.h"
#include "sim/explore/query.h"

#define MP_DESIGN_FRONT_SCHEMA "mpsim.design_front/1"

struct mp_design_front_job {
    const struct mp_store_sweep *sweep;
    const struct mp_query_networks *networks; // summed
    const struct mp_query_names *names;
    const char *const *objectives;            // names, "-" before those to be maximised
    size_t objective_count;                   // 1 to MP_OBJECTIVES_MAX
    const char *where;                        // NULL: all that were evaluated
};

struct mp_design_front {
    const struct mp_design_front_job *job;
    const double (*all)[MP_OBJECTIVES_MAX];   // the designs, all to be minimised
    const uint64_t *all_points;               // their numbers in the sweep, ascending
    size_t all_count;
    double ideal[MP_OBJECTIVES_MAX], nadir[MP_OBJECTIVES_MAX]; // least and most of each objective over all
    double hypervolume;                       // share of the box between them that the front dominates
    uint64_t by_status[MP_POINT_INVALID + 1]; // points of the sweep
    const char *techs;                        // "a cmos45_hp, b cmos28" where bases differ in them and no axis sets them; or NULL
    struct mp_query_rows rows;                // the front, by the first objective: key, base, other axes, objectives
    const double (*at)[MP_OBJECTIVES_MAX];    // their objectives, by row
};

bool mp_design_front_make(struct mp_store *s, const struct mp_design_front_job *job, struct mp_arena *a,
                          struct mp_design_front *out, struct mp_err *err);
// Points of a sweep by enum mp_point_status.
bool mp_store_count_points(struct mp_store *s, int64_t sweep, uint64_t by_status[MP_POINT_INVALID + 1], struct mp_err *err);

void mp_design_front_text(const struct mp_design_front *f, const struct mp_style *s, struct mp_buf *out);
void mp_design_front_csv(const struct mp_design_front *f, struct mp_buf *out);
void mp_design_front_json(const struct mp_design_front *f, struct mp_buf *out);
// The first objective against the second; the third as the marks' size.
void mp_design_front_svg(const struct mp_design_front *f, struct mp_buf *out);

#endif
