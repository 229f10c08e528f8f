// SPDX-License-Identifier: Apache-2.0
// Pictures as trees of elements.
#ifndef TESTS_UNIT_SVG_FIXTURE_H
#define TESTS_UNIT_SVG_FIXTURE_H

// That elements are closed in the order in which they are opened, and numbers are numbers.
void svg_well_formed(const char *svg);

#endif
