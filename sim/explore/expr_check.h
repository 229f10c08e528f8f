// SPDX-License-Identifier: Apache-2.0
// Whether a text is one SQL expression over names and nothing else, so that it may stand in a larger statement, in brackets and
// with a line's end behind it.
#ifndef SIM_EXPLORE_EXPR_CHECK_H
#define SIM_EXPLORE_EXPR_CHECK_H

#include "sim/base/err.h"

#include <stdbool.h>

// NULL-terminated names, at least one. uses[i]: whether it reads name i. Errors as mp_expr_create's.
bool mp_expr_check(const char *text, const char *const *names, bool *uses, struct mp_err *err);

#endif
