// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/search_bounds.h"

#include "sim/base/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const mp_objective_texts[] = {"latency", "energy", "size", "bops", "traffic", "edp", "harm", "drop", NULL};

size_t mp_search_objective(unsigned choice) {
    static const size_t at[] = {MP_COST_AT(MP_COST_LATENCY), MP_COST_AT(MP_COST_ENERGY), MP_COST_AT(MP_COST_SIZE),
                                MP_COST_AT(MP_COST_BOPS),    MP_COST_AT(MP_COST_TRAFFIC), MP_EDP_QUANTITY,
                                MP_HARM,                     MP_DROP_QUANTITY};
    return at[choice];
}

// What one of a unit is: cycles at 1 MHz (then times the clock), pJ, bits, operations.
struct unit {
    const char *name;
    double factor;
};
static const struct unit times[] = {{"cycles", 0}, {"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}, {0}};
static const struct unit energies[] = {{"pJ", 1}, {"nJ", 1e3}, {"uJ", 1e6}, {"mJ", 1e9}, {"J", 1e12}, {0}};
static const struct unit sizes[] = {{"B", 8},         {"KB", 8e3},          {"kB", 8e3}, {"MB", 8e6}, {"GB", 8e9},
                                    {"KiB", 8 * 1024}, {"MiB", 8 * 1048576}, {"bits", 1}, {0}};
static const struct unit operations[] = {{"", 1}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {0}};
static const struct unit *const units_of[MP_COSTS] = {times, energies, sizes, operations, sizes};
static const char *const examples[MP_COSTS] = {"0.5x, 3ms or 20000cycles", "0.5x or 120uJ", "0.5x or 60KB", "0.5x or 2.5G",
                                               "0.5x or 1.2MB"};

// A number above 0 and what follows it; false when there is none.
static bool split(const char *text, double *number, const char **rest) {
    char *end;
    if (!((text[0] >= '0' && text[0] <= '9') || text[0] == '.'))
        return false;
    *number = strtod(text, &end); // the locale is C
    *rest = end;
    for (const char *c = text; c < end; c++)
        if (!strchr("0123456789.eE+-", *c))
            return false;
    return isfinite(*number) && *number > 0;
}

static const struct unit *find_unit(size_t cost, const char *name) {
    for (const struct unit *u = units_of[cost]; u->name; u++)
        if (strcmp(u->name, name) == 0)
            return u;
    return NULL;
}

static int check_cost(const struct mp_command *c, size_t cost, const char *text) {
    char shown[MP_SAY_BYTES];
    const char *rest;
    double number;
    if (!text || (split(text, &number, &rest) && (strcmp(rest, "x") == 0 || find_unit(cost, rest))))
        return MP_EXIT_OK;
    return mp_usage_error(c, "option --max-%s: must be a number above 0 with a unit, or times uniform 8, as in %s (got \"%s\")",
                          mp_cost_names[cost], examples[cost], mp_say_text(text, strlen(text), shown));
}

static int check_drop(const struct mp_command *c, const char *text, enum mp_drop drop) {
    char shown[MP_SAY_BYTES], *end;
    double x = text ? strtod(text, &end) : 0;
    if (!text)
        return MP_EXIT_OK;
    const bool digits = text[0] >= '0' && text[0] <= '9' && isfinite(x) && !strpbrk(text, "xXpP");
    if (drop == MP_DROP_LOSS)
        return digits && !*end
                   ? MP_EXIT_OK
                   : mp_usage_error(c, "option --max-drop: of the loss it must be a number, as in 0.05 (got \"%s\")",
                                    mp_say_text(text, strlen(text), shown));
    return digits && strcmp(end, "%") == 0 && x <= 100
               ? MP_EXIT_OK
               : mp_usage_error(c, "option --max-drop: must be a share of the images 0%%..100%%, as in 1%% (got \"%s\")",
                                mp_say_text(text, strlen(text), shown));
}

int mp_bounds_usage(const struct mp_command *c, const struct mp_bound_options *o, enum mp_drop drop) {
    char shown[MP_SAY_BYTES], *end;
    int status = check_drop(c, o->max_drop, drop);
    for (size_t k = 0; status == MP_EXIT_OK && k < MP_COSTS; k++)
        status = check_cost(c, k, o->max[k]);
    if (status != MP_EXIT_OK || !o->max_harm)
        return status;
    const double x = strtod(o->max_harm, &end);
    return !*end && isfinite(x) && strspn(o->max_harm, "0123456789.eE+-") == strlen(o->max_harm)
               ? MP_EXIT_OK
               : mp_usage_error(c, "option --max-harm: must be a number (got \"%s\")",
                                mp_say_text(o->max_harm, strlen(o->max_harm), shown));
}

bool mp_bounds_any(const struct mp_bound_options *o) {
    bool any = o->max_drop || o->max_harm;
    for (size_t k = 0; k < MP_COSTS; k++)
        any = any || o->max[k];
    return any;
}

static double cost_bound(size_t cost, const char *text, double uniform, double clock_mhz) {
    const char *rest;
    double number;
    if (!text || !split(text, &number, &rest))
        return INFINITY;
    if (strcmp(rest, "x") == 0)
        return number * uniform;
    const double factor = find_unit(cost, rest)->factor;
    return cost != MP_COST_LATENCY ? number * factor : factor > 0 ? number * factor * clock_mhz : number;
}

void mp_bounds_read(const struct mp_bound_options *o, enum mp_drop drop, const double uniform[MP_COSTS], double clock_mhz,
                    struct mp_search_job *job) {
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        job->bound[q] = INFINITY;
    for (size_t k = 0; k < MP_COSTS; k++)
        job->bound[MP_COST_AT(k)] = cost_bound(k, o->max[k], uniform[k], clock_mhz);
    if (o->max_harm)
        job->bound[MP_HARM] = strtod(o->max_harm, NULL);
    job->drop = drop;
    job->max_drop = !o->max_drop ? INFINITY : strtod(o->max_drop, NULL) / (drop == MP_DROP_LOSS ? 1 : 100);
}
