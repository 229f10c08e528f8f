// SPDX-License-Identifier: Apache-2.0
// The shipped configuration files, and how a name on the command line finds one.
#ifndef SIM_CLI_CONFIGS_H
#define SIM_CLI_CONFIGS_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum mp_config { MP_CONFIG_ARCH, MP_CONFIG_WORKLOAD, MP_CONFIG_PLAN, MP_CONFIG_TECH, MP_CONFIG_MODEL, MP_CONFIG_PREPROCESS,
                 MP_CONFIG_SPACE, MP_CONFIGS };
struct mp_config_kind {
    const char *name, *folder, *ending; // "arch" in configs/arch, ".json"
};
extern const struct mp_config_kind mp_config_kinds[MP_CONFIGS];

// The folder that holds arch/, plans/ ...: $MPSIM_CONFIGS, else where the program is installed, else that of the
// source tree it was built in. NULL when there is none.
const char *mp_configs_folder(struct mp_arena *a);

// A path that exists is taken as it is; a bare name (with or without its ending) is looked up among the shipped files: a
// workload's among the workloads, then among the models.
bool mp_config_find(enum mp_config kind, const char *name, struct mp_arena *a, const char **path, struct mp_err *err);
// Says that there is no such file, with the nearest name; returns false.
bool mp_config_missing(enum mp_config kind, const char *name, struct mp_arena *a, struct mp_err *err);

// Names of the shipped files, without their ending, sorted.
size_t mp_config_names(enum mp_config kind, struct mp_arena *a, const char *const **names);
// CONFIGS/KIND/NAME.ENDING, or NULL when there is no such folder.
const char *mp_config_path(enum mp_config kind, const char *name, struct mp_arena *a);

#endif
