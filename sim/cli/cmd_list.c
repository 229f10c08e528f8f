// SPDX-License-Identifier: Apache-2.0
// mpsim list: what is shipped, the kinds of PE and DRAM, and the keys of documents.
#include "sim/cli/command.h"
#include "sim/cli/describe.h"
#include "sim/cli/out.h"

#include "sim/explore/sweep.h"
#include "sim/nn/draw.h"
#include "sim/report/table.h"
#include "sim/spec/mapping.h"

#include <stdio.h>
#include <string.h>

#define LINE 118

struct list_options {
    const char *output;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct list_options, member)
static const struct mp_opt opts[] = {
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON: a list of {section, name, about, path}"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output", .help = "write there"},
    {0},
};

static const struct mp_column columns[] = {
    {"section", MP_LEFT}, {"name", MP_LEFT}, {"about", MP_LEFT}, {"path", MP_LEFT}};

static void add_row(struct mp_table *t, const char *section, const char *name, const char *about, const char *path) {
    mp_table_add(t, section);
    mp_table_add(t, name);
    mp_table_add(t, about);
    mp_table_add(t, path);
}

static void list_configs(struct mp_table *t, const char *section, enum mp_config kind) {
    const char *const *names;
    size_t count = mp_config_names(kind, t->arena, &names);
    for (size_t i = 0; i < count; i++) {
        const char *path = mp_config_path(kind, names[i], t->arena);
        struct mp_buf about = {0};
        mp_describe_config(kind, path, &about);
        add_row(t, section, names[i], about.text ? about.text : "", path);
        mp_buf_finish(&about);
    }
}

static void list_archs(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_ARCH);
}
static void list_workloads(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_WORKLOAD);
}
static void list_plans(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_PLAN);
}
static void list_techs(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_TECH);
}

static void list_models(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_MODEL);
}

static void list_preprocess(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_PREPROCESS);
}

static void list_spaces(struct mp_table *t, const char *section) {
    list_configs(t, section, MP_CONFIG_SPACE);
}

static void list_datasets(struct mp_table *t, const char *section) {
    for (size_t i = 0; i < mp_drawn_count(); i++)
        add_row(t, section, mp_drawn_at(i)->name, mp_drawn_at(i)->help, "");
}

static void list_pe(struct mp_table *t, const char *section) {
    for (const struct mp_pe_ops *const *k = mp_pe_kinds; *k; k++)
        add_row(t, section, (*k)->name, (*k)->help, "");
}

static void list_dram(struct mp_table *t, const char *section) {
    for (const struct mp_mem_ops *const *k = mp_mem_kinds; *k; k++)
        add_row(t, section, (*k)->name, (*k)->help, "");
}

// "KEY  help" a line becomes a row; what has no two blanks is taken whole.
static void add_keys(struct mp_table *t, const char *section, void (*describe)(struct mp_buf *out)) {
    struct mp_buf text = {0};
    describe(&text);
    for (char *line = text.text, *end; line && *line; line = end + 1) {
        end = line + strcspn(line, "\n");
        bool last = *end == '\0';
        *end = '\0';
        char *gap = strstr(line, "  ");
        if (gap)
            *gap = '\0';
        add_row(t, section, line, gap ? gap + 2 : "", "");
        if (last)
            break;
    }
    mp_buf_finish(&text);
}

static void list_keys(struct mp_table *t, const char *section) {
    (void)section;
    add_keys(t, "arch.json", mp_arch_describe);
    add_keys(t, "workload.json", mp_workload_describe);
    add_keys(t, "plan.json", mp_plan_describe);
    add_keys(t, "mapping.json", mp_mapping_describe);
    add_keys(t, "space.json", mp_sweep_describe);
}

static const struct section {
    const char *name, *title;
    void (*list)(struct mp_table *t, const char *section);
} sections[] = {
    {"archs", "accelerators", list_archs},
    {"workloads", "networks", list_workloads},
    {"plans", "networks with bit-widths", list_plans},
    {"techs", "technologies", list_techs},
    {"models", "trained networks", list_models},
    {"datasets", "sets of images that mpsim draws", list_datasets},
    {"preprocess", "from stored images to a network's input", list_preprocess},
    {"spaces", "design spaces", list_spaces},
    {"pe", "kinds of PE", list_pe},
    {"dram", "kinds of DRAM", list_dram},
    {"keys", "keys of documents", list_keys},
};
#define SECTIONS (sizeof sections / sizeof *sections)

static const struct section *find(const char *name) {
    for (size_t i = 0; i < SECTIONS; i++)
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    return NULL;
}

static int unknown(const struct mp_command *c, const char *name) {
    const char *names[SECTIONS];
    for (size_t i = 0; i < SECTIONS; i++)
        names[i] = sections[i].name;
    const char *near = mp_nearest(name, names, SECTIONS);
    return mp_usage_error(c, "unknown section \"%s\"%s%s%s", name, near ? ", did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "");
}

// Cut to what is left of a line, at the end of a character.
static void add_cut(struct mp_table *t, const char *text, size_t room) {
    size_t len = strlen(text);
    if (len > room)
        for (len = room - 4; len > 0 && (((unsigned char)text[len] & 0xc0) == 0x80 || text[len - 1] == ' ');)
            len--;
    mp_table_addf(t, "%.*s%s", (int)len, text, text[len] ? " ..." : "");
}

// The rows of one section, from `first` on, as text: without the paths, which are the folder's. Keys are not
// aligned, for some are long.
static void add_text(const struct mp_table *t, size_t first, bool align, const struct mp_style *s,
                     struct mp_buf *out) {
    static const struct mp_column two[] = {{"", MP_LEFT}, {"", MP_LEFT}};
    struct mp_arena a = {0};
    struct mp_table rows = {.arena = &a, .columns = two, .column_count = 2};
    size_t end = first, longest = 0;
    for (; end < t->count && strcmp(t->cells[first], t->cells[end]) == 0; end += 4)
        if (strlen(t->cells[end + 1]) > longest)
            longest = strlen(t->cells[end + 1]);
    for (size_t i = first; i < end; i += 4) {
        if (!align)
            mp_buf_addf(out, "  %s%s%s\n", t->cells[i + 1], t->cells[i + 2][0] ? "  " : "", t->cells[i + 2]);
        mp_table_add(&rows, t->cells[i + 1]);
        add_cut(&rows, t->cells[i + 2], longest < LINE / 2 ? LINE - longest - 4 : LINE / 2);
    }
    if (align)
        mp_table_text(&rows, s, 2, out);
    mp_arena_finish(&a);
}

static void add_titles(const struct mp_table *t, const struct mp_style *s, struct mp_buf *out) {
    for (size_t i = 0; i < t->count; i += 4) {
        if (i > 0 && strcmp(t->cells[i], t->cells[i - 4]) == 0)
            continue;
        const struct section *k = find(t->cells[i]);
        const char *path = t->cells[i + 3], *slash = strrchr(path, '/');
        mp_buf_add(out, i > 0 ? "\n" : "");
        mp_style_bold(s, t->cells[i], out);
        mp_buf_addf(out, "%s%s", k ? ": " : "", k ? k->title : "");
        if (slash)
            mp_buf_addf(out, " in %.*s", (int)(slash - path), path);
        mp_buf_add(out, "\n");
        add_text(t, i, k != NULL, s, out);
    }
}

static int report(const struct list_options *o, const struct mp_table *t) {
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    struct mp_buf out = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &out);
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        mp_table_json(t, &w);
        break;
    case MP_OUT_CSV:
        mp_table_csv(t, &out);
        break;
    case MP_OUT_TEXT:
        add_titles(t, &style, &out);
        break;
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int list(const struct mp_command *c, const struct list_options *o, const struct mp_texts *names,
                struct mp_arena *a) {
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 4};
    for (size_t i = 0; i < names->count; i++)
        if (!find(names->text[i]))
            return unknown(c, names->text[i]);
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    for (size_t i = 0; i < SECTIONS; i++) {
        bool wanted = names->count == 0 && sections[i].list != list_keys;
        for (size_t k = 0; k < names->count; k++)
            wanted = wanted || strcmp(names->text[k], sections[i].name) == 0;
        if (wanted)
            sections[i].list(&t, sections[i].name);
    }
    if (names->count == 0 && !mp_configs_folder(a))
        fprintf(stderr, "mpsim list: the folder of shipped files was not found (set MPSIM_CONFIGS)\n");
    return report(o, &t);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct list_options o = {0};
    struct mp_arena a = {0};
    struct mp_texts names;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &names, &a, &status))
        status = list(c, &o, &names, &a);
    mp_arena_finish(&a);
    return status;
}

const struct mp_command mp_cmd_list = {
    .name = "list",
    .help = "what is shipped, and the keys of documents",
    .usage = "[archs|workloads|plans|techs|models|datasets|preprocess|spaces|pe|dram|keys]... [OPTIONS]",
    .about = "Lists the shipped accelerators, networks, plans, technologies, trained models and preprocessings and the drawn data sets by "
             "the names that the other commands take, the kinds of PE and DRAM, and (only when asked) the keys of documents with type, range, default "
             "and meaning.",
    .opts = opts,
    .examples = "  mpsim list\n"
                "  mpsim list archs techs\n"
                "  mpsim list keys | grep buffers\n",
    .run = run,
};
