// SPDX-License-Identifier: Apache-2.0
// Programs that build a model, and the folders it comes from and goes to. Internal to model*.c.
#ifndef SIM_COSIM_MODEL_TOOLS_H
#define SIM_COSIM_MODEL_TOOLS_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Names in a list that grows, NULL-terminated.
struct mp_words {
    struct mp_arena *arena;
    const char **list;
    size_t count, cap;
};
void mp_words_add(struct mp_words *w, const char *word);
// Each word of `text`, cut at blanks.
void mp_words_split(struct mp_words *w, const char *text);

// The path of a program on the PATH, or NULL.
const char *mp_tool_find(struct mp_arena *a, const char *name);
// Starts words[0] in `folder` (NULL: this one); its output goes behind what the file `log` holds. It ends with this process.
// -1: errno says why.
pid_t mp_tool_start(const struct mp_words *words, const char *folder, const char *log);
// Whether it ended with status 0. A signal to this process (see mp_child_signals) ends it.
bool mp_tool_wait(pid_t pid);
bool mp_tool_run(const struct mp_words *words, const char *folder, const char *log);
// What a program prints, its first line; "" when it fails.
const char *mp_tool_line(struct mp_arena *a, const struct mp_words *words, const char *scratch);

// The folder of the core's sources, that of shim.h, or NULL.
const char *mp_model_sources(struct mp_arena *a);
const char *mp_model_shim_folder(struct mp_arena *a, const char *rtl);
// The cache's folder, made when missing.
bool mp_model_cache(struct mp_arena *a, const char **folder, struct mp_err *err);

// Paths of the folder's files that end in `ending`, sorted.
void mp_folder_files(struct mp_arena *a, const char *folder, const char *ending, struct mp_words *out);
// Removes a folder that holds files only, when it is there.
void mp_folder_remove(struct mp_arena *a, const char *folder);

// FNV-1a with two 64-bit halves that begin differently; zeroed is the beginning.
struct mp_digest {
    uint64_t half[2];
};
void mp_digest_add(struct mp_digest *d, const char *bytes, size_t len);
void mp_digest_text(struct mp_digest *d, const char *text);      // with its end
bool mp_digest_file(struct mp_digest *d, const char *path, struct mp_err *err);
void mp_digest_identity(struct mp_digest *d, const char *path);  // of a program: path, size, time of its last change
const char *mp_digest_name(struct mp_arena *a, const struct mp_digest *d);

#endif
