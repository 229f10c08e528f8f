// SPDX-License-Identifier: Apache-2.0
// What front and query read: a store, one of its sweeps, some of its networks, and what may be asked by name.
#ifndef SIM_CLI_STORED_H
#define SIM_CLI_STORED_H

#include "sim/cli/command.h"
#include "sim/explore/query.h"

struct mp_stored_options {
    const char *store, *sweep, *where;
    struct mp_texts networks;
};

#define MP_STORED_AT(type, member, field) .offset = offsetof(struct type, member) + offsetof(struct mp_stored_options, field)
#define MP_STORED_OPTS(type, member) \
    {"store", "FILE", MP_OPT_TEXT, MP_STORED_AT(type, member, store), .help = "store that 'mpsim explore' filled"}, \
    {"sweep", "NAME|KEY", MP_OPT_TEXT, MP_STORED_AT(type, member, sweep), .def = "the only one", \
     .help = "its sweep of that name, or whose key begins so, 4 to 16 hexadecimal digits"}, \
    {"network", "NAME", MP_OPT_LIST, MP_STORED_AT(type, member, networks), .def = "all", \
     .help = "results on this network of the sweep; may be given several times"}, \
    {"where", "EXPR", MP_OPT_TEXT, MP_STORED_AT(type, member, where), \
     .help = "only designs of which this holds: an SQL expression over columns"}

struct mp_stored {
    struct mp_store *store;
    const struct mp_store_sweep *sweep;
    struct mp_query_networks networks;
    struct mp_query_names names;
};

// After an error too: mp_store_close.
bool mp_stored_open(struct mp_stored *s, const struct mp_stored_options *o, bool summed, struct mp_arena *a, struct mp_err *err);

// Writes arch.json of the rows' designs, each once, as FOLDER/KEY.json; nothing when one of them is invalid.
bool mp_stored_archs(struct mp_store *s, const struct mp_query_rows *rows, const char *folder, struct mp_err *err);

// "a, b,c" into its parts; false when one is empty.
bool mp_split(const char *list, struct mp_arena *a, struct mp_texts *out);

#endif
