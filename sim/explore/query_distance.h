// SPDX-License-Identifier: Apache-2.0
// How far designs are from the front of their sweep's objectives: 0 on it, else the least d such that a design with all its
// objectives better by a factor of more than 1 + d would be dominated no more. With the front F, all objectives to be minimised:
//   1 + d(x) = max over f in F of min over k of x_k / f_k,
// which is 1 over the multiplicative epsilon indicator of F against {x} (Zitzler, Thiele, Laumanns, Fonseca, Grunert da Fonseca,
// Performance Assessment of Multiobjective Optimizers: An Analysis and Review, IEEE TEC 7(2), 2003). For one that is to be
// maximised the ratio is f_k / x_k.
#ifndef SIM_EXPLORE_QUERY_DISTANCE_H
#define SIM_EXPLORE_QUERY_DISTANCE_H

#include "sim/explore/pareto.h"
#include "sim/explore/query.h"

// Objectives as mp_design_front has them: those to be maximised negative. Takes time in proportion to `count`. INFINITY where
// no factor helps, since objectives are 0 on the front.
double mp_front_distance(const double *x, const double (*front)[MP_OBJECTIVES_MAX], size_t count, size_t n);

// Adds the column "distance" to the names, unless the sweep has no objectives.
void mp_query_add_distance(struct mp_query_names *n, const struct mp_store_sweep *w, struct mp_arena *a);
// When the query uses the column, the distances of all evaluated designs of its sweep, over its networks and whatever its
// condition; to be called before mp_query_run. Memory is `a`'s, which must outlive the store.
bool mp_query_distances(struct mp_store *s, const struct mp_query *q, struct mp_arena *a, struct mp_err *err);

#endif
