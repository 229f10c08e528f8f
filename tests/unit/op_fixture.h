// SPDX-License-Identifier: Apache-2.0
// Operators tried one by one: a graph whose nodes have constant inputs only, so that inferring it computes them.
#ifndef TESTS_UNIT_OP_FIXTURE_H
#define TESTS_UNIT_OP_FIXTURE_H

#include "tests/unit/graph_fixture.h"
#include "tests/unit/spec_fixture.h"

// Arguments with their count in front.
#define DIMS(...) (unsigned)(sizeof(uint64_t[]){__VA_ARGS__} / sizeof(uint64_t)), (uint64_t[]){__VA_ARGS__}
#define LIST(...) sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t), (int64_t[]){__VA_ARGS__}
#define INPUTS(...) sizeof(size_t[]){__VA_ARGS__} / sizeof(size_t), (size_t[]){__VA_ARGS__}
#define REALS(...) (float[]){__VA_ARGS__}

extern struct mp_graph ops; // the graph that is being tried

void ops_begin(unsigned opset); // an empty one
int ops_finish(void **state);   // a group's teardown

size_t ops_scalar(float v);
size_t ops_list(size_t count, const int64_t *v);
size_t ops_ramp(unsigned rank, const uint64_t *dims); // 0, 1, 2, ... up to 255

// The value as the graph computes it: its shape and elements.
void ops_expect(size_t value, unsigned rank, const uint64_t *dims, const float *want);
void ops_expect_whole(size_t value, unsigned rank, const uint64_t *dims, const int64_t *want);
// The message; then the graph is emptied, with opset 13.
void ops_expect_error(const char *want);

#endif
