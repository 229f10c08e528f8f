// SPDX-License-Identifier: Apache-2.0
// A configuration file in one line, for `mpsim list`.
#ifndef SIM_CLI_DESCRIBE_H
#define SIM_CLI_DESCRIBE_H

#include "sim/base/str.h"
#include "sim/cli/configs.h"

// Appends nothing that breaks the line. A file that cannot be read is described by its error.
void mp_describe_config(enum mp_config kind, const char *path, struct mp_buf *out);

#endif
