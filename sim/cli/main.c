// SPDX-License-Identifier: Apache-2.0
// mpsim: finds the command and runs it. Exit status: 0 done, 1 failure, 2 wrong usage.
#include "sim/cli/command.h"
#include "sim/cli/out.h"

#include "sim/base/say.h"
#include "sim/mpsim.h"

#include <stdio.h>
#include <string.h>

const struct mp_command *const mp_commands[] = {
    &mp_cmd_run, &mp_cmd_compare, &mp_cmd_accuracy, &mp_cmd_diff, &mp_cmd_list, &mp_cmd_check, &mp_cmd_import, &mp_cmd_inspect,
    &mp_cmd_dataset, &mp_cmd_cosim, &mp_cmd_search, &mp_cmd_sensitivity, &mp_cmd_explore, &mp_cmd_front,
    &mp_cmd_query, &mp_cmd_merge,
    NULL,
};

static void add_help(struct mp_buf *out) {
    mp_buf_add(out, "Usage: mpsim COMMAND [OPTIONS]\n\n"
                    "What a neural network costs on an accelerator at given bit-widths: cycles, energy, area.\n\n"
                    "Commands:\n");
    for (const struct mp_command *const *c = mp_commands; *c; c++)
        mp_buf_addf(out, "  %-11s %s\n", (*c)->name, (*c)->help);
    mp_buf_add(out,
               "  help        print the help of a command\n\n"
               "Options:\n"
               "  -h, --help     print this\n"
               "  -V, --version  print the version\n\n"
               "Accelerators, plans and technologies are given as files or by the names that 'mpsim list' shows.\n"
               "MPSIM_CONFIGS names the folder of these, when it is not the installed one. NO_COLOR turns colours\n"
               "off. Exit status: 0 done, 1 failure, 2 wrong usage.\n");
}

static int print_help(void) {
    struct mp_buf text = {0};
    add_help(&text);
    int status = mp_out_text(&text);
    mp_buf_finish(&text);
    return status;
}

static int print_version(void) {
    struct mp_buf text = {0};
    mp_buf_addf(&text, "mpsim %s\n", mp_version());
    int status = mp_out_text(&text);
    mp_buf_finish(&text);
    return status;
}

static const struct mp_command *find(const char *name) {
    const struct mp_command *const *c = mp_commands;
    while (*c && strcmp((*c)->name, name) != 0)
        c++;
    return *c;
}

static int unknown(const char *what, const char *name) {
    const char *names[32];
    char shown[MP_SAY_BYTES];
    size_t n = 0;
    for (; mp_commands[n]; n++)
        names[n] = mp_commands[n]->name;
    names[n++] = "help";
    const char *near = mp_nearest(name, names, n);
    fprintf(stderr, "mpsim: unknown %s \"%s\"%s%s%s\nTry 'mpsim --help'.\n", what,
            mp_say_text(name, strlen(name), shown), near ? ", did you mean \"" : "", near ? near : "",
            near ? "\"?" : "");
    return MP_EXIT_USAGE;
}

static int help_of(const char *name) {
    const struct mp_command *c = find(name);
    struct mp_buf text = {0};
    if (!c)
        return strcmp(name, "help") == 0 ? print_help() : unknown("command", name);
    mp_command_help(c, &text);
    int status = mp_out_text(&text);
    mp_buf_finish(&text);
    return status;
}

static bool is(const char *word, const char *a, const char *b) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int main(int argc, char **argv) {
    mp_out_begin();
    if (argc < 2) {
        struct mp_buf text = {0};
        add_help(&text);
        fputs(text.text, stderr);
        mp_buf_finish(&text);
        return MP_EXIT_USAGE;
    }
    const char *word = argv[1];
    if (is(word, "-h", "--help"))
        return print_help();
    if (is(word, "-V", "--version"))
        return print_version();
    if (strcmp(word, "help") == 0)
        return argc > 2 ? help_of(argv[2]) : print_help();
    const struct mp_command *c = find(word);
    if (!c)
        return unknown(word[0] == '-' ? "option" : "command", word);
    return c->run(c, argc - 1, argv + 1);
}
