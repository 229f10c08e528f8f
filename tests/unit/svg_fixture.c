// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/svg_fixture.h"

#include <string.h>

void svg_well_formed(const char *svg) {
    const char *open[8];
    size_t depth = 0, roots = 0;
    for (const char *at = strchr(svg, '<'); at; at = strchr(at, '<')) {
        const char *end = strchr(at, '>');
        assert_non_null(end);
        const size_t name = strcspn(at + 1, " />\n");
        if (at[1] == '/') {
            const size_t len = (size_t)(end - at - 2);
            assert_true(depth > 0 && strncmp(open[--depth], at + 2, len) == 0 && strchr(" >", open[depth][len]));
        } else if (end[-1] != '/') {
            roots += depth == 0;
            assert_true(depth < 8 && name > 0);
            open[depth++] = at + 1;
        }
        at = end;
    }
    assert_true(depth == 0 && roots == 1);
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
}
