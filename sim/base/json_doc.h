// SPDX-License-Identifier: Apache-2.0
// A parsed document from inside; for the files of json.h alone.
#ifndef SIM_BASE_JSON_DOC_H
#define SIM_BASE_JSON_DOC_H

#include "sim/base/json.h"

#include <cjson/cJSON.h>

struct mp_json {
    struct mp_arena arena; // of this struct and the name
    const char *name;
    cJSON *root;
};

// Scanned, then parsed; `name` is for errors. NULL: it failed.
cJSON *mp_json_text(const char *name, const char *text, size_t len, struct mp_err *err);

#endif
