// SPDX-License-Identifier: Apache-2.0
// Builds a model: Verilator makes C++ of the core, the compiler a shared object of it. Verilator's runtime is compiled once
// for all models. What is built lies in a folder of its own, under a lock, until it is complete; then it is renamed.
#include "sim/cosim/model.h"

#include "sim/base/clock.h"
#include "sim/base/file.h"
#include "sim/cosim/child.h"
#include "sim/cosim/model_tools.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LINES 20
#define UNITS 2 // C++ compilers at a time, each with one part of the model

struct build {
    struct mp_arena *arena;
    const struct mp_arch *arch;
    const struct mp_model_options *options;
    const char *rtl, *shim_h, *cache, *verilator, *root; // root: where Verilator's own files are, once it is needed
    struct mp_words cxx;                                 // compiler and flags
    const char *runtime;                                 // object file, once it is there
    char *folder, *log;                                  // of the build that goes on
    const char *tail;                                    // of the log, after a failure
};

static const char *const verilator_flags[] = {
    "--cc", "--trace-fst", "-O3", "--assert", "-Wno-fatal", "--x-assign", "fast", "--x-initial", "fast",
    "--timescale", "1ns/1ps", "--top-module", "mp_cosim", "--prefix", "Vmp_cosim", NULL,
};
// -O1: -O3 doubles the compiler's time and hardly helps generated code.
static const char *const cxx_flags[] = {
    "-std=gnu++17", "-O1", "-fPIC", "-fvisibility-inlines-hidden", "-w", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TRACE=1",
    "-DVM_TRACE_FST=1", "-DVL_USER_FINISH", "-DVL_USER_STOP", "-DVL_USER_FATAL", "-DVL_USER_WARN",
    "-DVL_PRINTF=mp_shim_print", NULL,
};

static void say(const struct build *b, const char *text) {
    if (b->options->say)
        b->options->say(b->options->user, text);
}

// Keeps the last lines of the log for who reports the failure. After an interruption tools fail through no fault of theirs.
static bool fail_with_log(struct build *b, const char *what, struct mp_err *err) {
    if (mp_child_signalled())
        return mp_fail(err, "interrupted");
    struct mp_err ignored;
    char *text = "";
    size_t len = 0;
    mp_file_read(b->arena, b->log, &text, &len, &ignored);
    size_t from = len, lines = 0;
    while (from > 0 && (text[from - 1] != '\n' || lines++ < LOG_LINES))
        from--;
    b->tail = text + from;
    return mp_fail(err, "%s: see %s", what, b->log);
}

static bool find_tools(struct build *b, struct mp_err *err) {
    const char *cxx = getenv("CXX");
    b->verilator = mp_tool_find(b->arena, "verilator");
    if (!b->verilator)
        return mp_fail(err, "needs Verilator 5.0 or newer, which is not on the PATH: install it, for example with apt-get "
                            "install verilator");
    b->cxx.arena = b->arena;
    mp_words_split(&b->cxx, cxx && *cxx ? cxx : "g++");
    if (b->cxx.count == 0 || !mp_tool_find(b->arena, b->cxx.list[0]))
        return mp_fail(err, "needs a C++ compiler, but \"%s\" is not on the PATH: install it, for example with apt-get "
                            "install g++, or name another one in CXX", cxx && *cxx ? cxx : "g++");
    for (size_t i = 0; cxx_flags[i]; i++)
        mp_words_add(&b->cxx, cxx_flags[i]);
    return true;
}

static bool find_folders(struct build *b, struct mp_err *err) {
    b->rtl = mp_model_sources(b->arena);
    if (!b->rtl)
        return mp_fail(err, "the sources of the core (mp_cosim.sv) were not found: set MPSIM_RTL to their folder");
    b->shim_h = mp_model_shim_folder(b->arena, b->rtl);
    if (!b->shim_h)
        return mp_fail(err, "%s: shim.h is missing", b->rtl);
    return mp_model_cache(b->arena, &b->cache, err);
}

// What both the runtime and a model depend on.
static struct mp_digest tools_digest(const struct build *b) {
    struct mp_digest d = {{0}};
    mp_digest_identity(&d, b->verilator);
    mp_digest_identity(&d, mp_tool_find(b->arena, b->cxx.list[0]));
    for (size_t i = 0; i < b->cxx.count; i++)
        mp_digest_text(&d, b->cxx.list[i]);
    return d;
}

static bool model_digest(const struct build *b, struct mp_digest *d, struct mp_err *err) {
    static const char *const endings[] = {".sv", ".vlt", ".cpp"};
    struct mp_model_param params[MP_MODEL_PARAMS];
    struct mp_words files = {.arena = b->arena};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        mp_folder_files(b->arena, b->rtl, endings[i], &files);
    mp_words_add(&files, mp_arena_printf(b->arena, "%s/shim.h", b->shim_h));
    for (size_t i = 0; i < files.count; i++) {
        mp_digest_text(d, strrchr(files.list[i], '/'));
        if (!mp_digest_file(d, files.list[i], err))
            return false;
    }
    for (size_t i = 0; verilator_flags[i]; i++)
        mp_digest_text(d, verilator_flags[i]);
    mp_digest_text(d, b->options->by_name ? "by name" : "");
    mp_model_params(b->arch, params);
    for (size_t i = 0; i < MP_MODEL_PARAMS; i++)
        mp_digest_text(d, mp_arena_printf(b->arena, "%s=%" PRIu64, params[i].name, params[i].value));
    return true;
}

// Makes `path` with `build` unless it is there; another process that is at it is waited for. The tools inherit the lock: one
// that outlives this process still writes into the folder.
static bool once(struct build *b, const char *path, bool (*build)(struct build *, const char *, struct mp_err *), bool *built,
                 struct mp_err *err) {
    const char *lock = mp_arena_printf(b->arena, "%s.lock", path);
    bool ok = true;
    if (access(path, R_OK) == 0)
        return true;
    int fd = open(lock, O_RDWR | O_CREAT, 0666);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        ok = mp_child_signalled() ? mp_fail(err, "interrupted") : mp_fail(err, "%s: cannot lock: %s", lock, strerror(errno));
    } else if (access(path, R_OK) != 0) {
        b->folder = mp_arena_printf(b->arena, "%s.tmp", path);
        b->log = mp_arena_printf(b->arena, "%s/build.log", b->folder);
        mp_folder_remove(b->arena, b->folder); // of a build that failed or was interrupted
        const char *made = mp_arena_printf(b->arena, "%s/made", b->folder);
        if (mkdir(b->folder, 0777) != 0)
            ok = mp_fail(err, "%s: cannot create: %s", b->folder, strerror(errno));
        ok = ok && build(b, made, err);
        if (ok && rename(made, path) != 0)
            ok = mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
        if (ok)
            mp_folder_remove(b->arena, b->folder);
        *built = true;
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

static void add_all(struct mp_words *w, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        mp_words_add(w, words[i]);
}

// The compiler with its flags and the folders of headers.
static struct mp_words compiler(const struct build *b) {
    struct mp_words w = {.arena = b->arena};
    add_all(&w, b->cxx.list);
    mp_words_add(&w, "-isystem");
    mp_words_add(&w, mp_arena_printf(b->arena, "%s/include", b->root));
    mp_words_add(&w, "-isystem");
    mp_words_add(&w, mp_arena_printf(b->arena, "%s/include/vltstd", b->root));
    mp_words_add(&w, "-include");
    mp_words_add(&w, mp_arena_printf(b->arena, "%s/shim.h", b->shim_h));
    mp_words_add(&w, "-I");
    mp_words_add(&w, b->shim_h);
    mp_words_add(&w, "-I");
    mp_words_add(&w, b->folder);
    return w;
}

// Compiles files[i] to FOLDER/i.o, UNITS at a time.
static bool compile(struct build *b, const struct mp_words *files, struct mp_err *err) {
    bool ok = true;
    for (size_t i = 0; i < files->count; i += UNITS) {
        pid_t pids[UNITS] = {0};
        for (size_t k = 0; k < UNITS && i + k < files->count; k++) {
            struct mp_words w = compiler(b);
            mp_words_add(&w, "-c");
            mp_words_add(&w, files->list[i + k]);
            mp_words_add(&w, "-o");
            mp_words_add(&w, mp_arena_printf(b->arena, "%s/%zu.o", b->folder, i + k));
            pids[k] = mp_tool_start(&w, NULL, b->log);
        }
        for (size_t k = 0; k < UNITS && i + k < files->count; k++)
            ok = mp_tool_wait(pids[k]) && ok;
        if (!ok)
            return fail_with_log(b, "the C++ compiler failed", err);
    }
    return true;
}

// Links FOLDER/0.o and so on.
static bool link_objects(struct build *b, size_t count, const char *const *first, const char *const *last,
                         const char *made, struct mp_err *err) {
    struct mp_words w = {.arena = b->arena};
    add_all(&w, b->cxx.list);
    add_all(&w, first);
    for (size_t i = 0; i < count; i++)
        mp_words_add(&w, mp_arena_printf(b->arena, "%s/%zu.o", b->folder, i));
    add_all(&w, last);
    mp_words_add(&w, "-o");
    mp_words_add(&w, made);
    return mp_tool_run(&w, NULL, b->log) || fail_with_log(b, "the linker failed", err);
}

static bool build_runtime(struct build *b, const char *made, struct mp_err *err) {
    static const char *const names[] = {"verilated", "verilated_threads", "verilated_fst_c"};
    static const char *const first[] = {"-r", "-nostdlib", NULL}, *const last[] = {NULL};
    struct mp_words files = {.arena = b->arena};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        mp_words_add(&files, mp_arena_printf(b->arena, "%s/include/%s.cpp", b->root, names[i]));
    say(b, "compiling Verilator's runtime");
    return compile(b, &files, err) && link_objects(b, files.count, first, last, made, err);
}

#define PACKAGE "mp_pkg.sv"

// The bare names of sources: Verilator cuts paths at blanks in what assertions say, and a model is the same wherever its
// sources lie. The package is no module.
static void add_sources(const struct build *b, const char *ending, struct mp_words *w) {
    struct mp_words files = {.arena = b->arena};
    mp_folder_files(b->arena, b->rtl, ending, &files);
    for (size_t i = 0; i < files.count; i++) {
        const char *name = strrchr(files.list[i], '/') + 1;
        if (strcmp(name, PACKAGE) != 0)
            mp_words_add(w, name);
    }
}

static bool verilate(struct build *b, struct mp_err *err) {
    struct mp_model_param params[MP_MODEL_PARAMS];
    struct mp_words w = {.arena = b->arena};
    mp_words_add(&w, b->verilator);
    add_all(&w, verilator_flags);
    if (b->options->by_name)
        mp_words_add(&w, "--public-flat-rw");
    mp_words_add(&w, "--Mdir");
    mp_words_add(&w, b->folder);
    mp_model_params(b->arch, params);
    for (size_t i = 0; i < MP_MODEL_PARAMS; i++)
        mp_words_add(&w, mp_arena_printf(b->arena, "-G%s=%" PRIu64, params[i].name, params[i].value));
    add_sources(b, ".vlt", &w);
    mp_words_add(&w, PACKAGE);
    add_sources(b, ".sv", &w);
    return mp_tool_run(&w, b->rtl, b->log) || fail_with_log(b, "Verilator failed", err);
}

static off_t size_of(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : 0;
}

// Distributes what Verilator wrote and the shim over UNITS files that include them, about equal in size.
static bool write_units(const struct build *b, struct mp_words *units, struct mp_err *err) {
    struct mp_words files = {.arena = b->arena};
    struct mp_buf text[UNITS] = {{0}};
    off_t size[UNITS] = {0};
    bool ok = true;
    mp_words_add(&files, mp_arena_printf(b->arena, "%s/shim.cpp", b->rtl));
    mp_folder_files(b->arena, b->folder, ".cpp", &files);
    for (size_t i = 0; i < files.count; i++) {
        size_t least = 0;
        for (size_t k = 1; k < UNITS; k++)
            least = size[k] < size[least] ? k : least;
        mp_buf_addf(&text[least], "#include \"%s\"\n", files.list[i]);
        size[least] += size_of(files.list[i]);
    }
    for (size_t k = 0; k < UNITS; k++) {
        const char *path = mp_arena_printf(b->arena, "%s/unit%zu.cpp", b->folder, k);
        ok = ok && mp_file_write(path, text[k].text ? text[k].text : "", text[k].len, err);
        mp_words_add(units, path);
        mp_buf_finish(&text[k]);
    }
    return ok;
}

static bool build_model(struct build *b, const char *made, struct mp_err *err) {
    static const char *const first[] = {"-shared", NULL};
    const char *const last[] = {b->runtime, "-lz", "-pthread", "-latomic", NULL};
    struct mp_words units = {.arena = b->arena};
    const struct mp_pe_array *a = &b->arch->array;
    say(b, mp_arena_printf(b->arena, "building the core of \"%s\" (%" PRIu64 " x %" PRIu64 " PEs of %" PRIu64 " lanes)",
                           b->arch->name, a->rows, a->cols, a->pe.lanes));
    return verilate(b, err) && write_units(b, &units, err) && compile(b, &units, err) &&
           link_objects(b, units.count, first, last, made, err);
}

// Verilator's version and folder, which only a build needs.
static bool ask_verilator(struct build *b, struct mp_err *err) {
    const char *scratch = mp_arena_printf(b->arena, "%s/ask.%ld", b->cache, (long)getpid());
    struct mp_words version = {.arena = b->arena}, root = {.arena = b->arena};
    mp_words_add(&version, b->verilator);
    mp_words_add(&version, "--version");
    const char *line = mp_tool_line(b->arena, &version, scratch);
    unsigned major = 0;
    if (mp_child_signalled())
        return mp_fail(err, "interrupted");
    if (sscanf(line, "Verilator %u", &major) != 1 || major < 5)
        return mp_fail(err, "needs Verilator 5.0 or newer, but %s says \"%s\"", b->verilator, line);
    mp_words_add(&root, b->verilator);
    mp_words_add(&root, "--getenv");
    mp_words_add(&root, "VERILATOR_ROOT");
    b->root = mp_tool_line(b->arena, &root, scratch);
    return true;
}

bool mp_model_make(const struct mp_arch *arch, const struct mp_model_options *o, struct mp_arena *a, struct mp_model *m,
                   struct mp_err *err) {
    struct build b = {.arena = a, .arch = arch, .options = o};
    double begun = mp_seconds();
    *m = (struct mp_model){0};
    if (!mp_model_possible(arch, err) || !find_tools(&b, err) || !find_folders(&b, err))
        return false;
    struct mp_digest runtime = tools_digest(&b), model = runtime;
    bool ignored;
    if (!mp_digest_file(&runtime, mp_arena_printf(a, "%s/shim.h", b.shim_h), err) || !model_digest(&b, &model, err))
        return false;
    b.runtime = mp_arena_printf(a, "%s/runtime-%s.o", b.cache, mp_digest_name(a, &runtime));
    m->library = mp_arena_printf(a, "%s/core-%s.so", b.cache, mp_digest_name(a, &model));
    if (access(m->library, R_OK) == 0)
        return true;
    bool ok = ask_verilator(&b, err) && once(&b, b.runtime, build_runtime, &ignored, err) &&
              once(&b, m->library, build_model, &m->built, err);
    m->log_tail = b.tail;
    m->build_seconds = mp_seconds() - begun;
    return ok;
}
