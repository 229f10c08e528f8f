// SPDX-License-Identifier: Apache-2.0
// What the tests of the cost model share: the list of shipped techs, loading one, and an architecture.
#ifndef TESTS_UNIT_COST_FIXTURE_H
#define TESTS_UNIT_COST_FIXTURE_H

#include "costmodel/price.h"

#define SHIPPED 7
extern const char *const shipped[SHIPPED];

char *tech_dir(struct mp_arena *a);
struct mp_tech *must_load(struct mp_arena *a, const char *name);
// 16 x 16 PEs, 500 MHz, buffers of 16 banks with words of 32 bits, named "x".
struct mp_arch make_arch(const char *kind, unsigned lanes);
bool has_line(const struct mp_sources *s, const char *line);
void near(double got, double want, double relative); // fails the test when it is not

#endif
