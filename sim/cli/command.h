// SPDX-License-Identifier: Apache-2.0
// A subcommand: one file cmd_NAME.c, one line in main.c. Its options are a table that drives parsing and `--help`.
#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

#include "sim/base/arena.h"
#include "sim/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum mp_exit { MP_EXIT_OK, MP_EXIT_FAILURE, MP_EXIT_USAGE };

enum mp_opt_kind {
    MP_OPT_FLAG,   // bool
    MP_OPT_TEXT,   // const char *
    MP_OPT_REPORT, // the same: a file that gets text, JSON or CSV, and so is not called a picture or a page
    MP_OPT_LIST,   // struct mp_texts; may be given several times
    MP_OPT_CHOICE, // unsigned: index into `names`
    MP_OPT_COUNT,  // uint64_t, min..max
    MP_OPT_REAL,   // double, min..max
};

struct mp_texts {
    const char **text;
    size_t count;
};

struct mp_opt {
    const char *name, *value; // --name VALUE; value is NULL for flags
    enum mp_opt_kind kind;
    size_t offset;            // in the command's own struct, which begins zeroed
    const char *const *names; // of CHOICE, NULL-terminated
    uint64_t min, max;        // of COUNT, REAL
    char letter;              // -o, or 0
    const char *def;          // default as help shows it, or NULL
    const char *help;
};

struct mp_command {
    const char *name, *help;                                       // help: one line for the list of commands
    const char *usage;                                             // what follows "mpsim NAME"
    const char *about;                                             // a paragraph or more
    const struct mp_opt *opts;                                     // ends with a row whose name is NULL
    const char *examples;                                          // a line each, indented
    int (*run)(const struct mp_command *c, int argc, char **argv); // argv[0] is the command's name
};

extern const struct mp_command mp_cmd_run, mp_cmd_compare, mp_cmd_accuracy, mp_cmd_diff, mp_cmd_list, mp_cmd_check,
    mp_cmd_import, mp_cmd_inspect, mp_cmd_dataset, mp_cmd_dram, mp_cmd_cosim, mp_cmd_search, mp_cmd_sensitivity,
    mp_cmd_explore, mp_cmd_front, mp_cmd_query, mp_cmd_merge, mp_cmd_report;
// All commands, NULL-terminated.
extern const struct mp_command *const mp_commands[];

// Options from argv into `base`. Returns false when there is nothing more to do: `*status` is then the exit status
// (--help was printed, or an error). What is not an option goes to `operands`.
bool mp_opts_parse(const struct mp_command *c, int argc, char **argv, void *base, struct mp_texts *operands,
                   struct mp_arena *a, int *status);
void mp_command_help(const struct mp_command *c, struct mp_buf *out);

// "mpsim NAME: message" and a hint at --help on standard error; returns MP_EXIT_USAGE.
int mp_usage_error(const struct mp_command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
