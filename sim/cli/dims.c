// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/dims.h"

#include "sim/base/say.h"
#include "sim/spec/build.h"

#include <string.h>

// "NAME=N" into a name and a size.
static bool read_dim(const char *text, struct mp_arena *a, const char **name, uint64_t *size) {
    const char *equals = strrchr(text, '=');
    if (!equals || equals == text)
        return false;
    size_t digits = strspn(equals + 1, "0123456789");
    if (digits == 0 || digits > 9 || equals[1 + digits] != '\0')
        return false;
    *name = mp_arena_printf(a, "%.*s", (int)(equals - text), text);
    *size = 0;
    for (const char *p = equals + 1; *p; p++)
        *size = *size * 10 + (uint64_t)(*p - '0');
    return *size >= 1 && *size <= MP_MAX_SIZE;
}

int mp_dims_read(const struct mp_command *c, const struct mp_texts *texts, struct mp_arena *a, struct mp_onnx_dims *dims) {
    const char **names = mp_arena_alloc(a, texts->count, sizeof *names);
    uint64_t *sizes = mp_arena_alloc(a, texts->count, sizeof *sizes);
    char shown[MP_SAY_BYTES];
    for (size_t i = 0; i < texts->count; i++)
        if (!read_dim(texts->text[i], a, &names[i], &sizes[i]))
            return mp_usage_error(c, "--dim must be NAME=N with N 1..%ju (got \"%s\")", (uintmax_t)MP_MAX_SIZE,
                                  mp_say_text(texts->text[i], strlen(texts->text[i]), shown));
    *dims = (struct mp_onnx_dims){.names = names, .sizes = sizes, .count = texts->count};
    return MP_EXIT_OK;
}
