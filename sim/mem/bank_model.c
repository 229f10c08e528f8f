// SPDX-License-Identifier: Apache-2.0
#include "sim/mem/bank_model.h"

#include "sim/base/gcd.h"

#include <math.h>

#define BUFFER 32      // writes that wait for the reads behind them
#define SHORT 128      // bursts of the two streams whose difference is measured
#define LONG 512
#define LEAD 16        // bursts before the refresh that is measured
#define TAIL_SHOWN 0.6 // share of the first write's row that the last reads do not hide: measured

// Bits of an address above the access, by what they choose.
static void set_rows(struct mp_bank_model *m, const struct mp_dram_map *map) {
    unsigned low = 0, high = 0, columns = map->co.bits;
    bool rows_below = map->ro.shift < map->co.shift; // a column a row before the next one
    unsigned top = rows_below ? map->ro.shift : map->co.shift;
    const unsigned shift[] = {map->bg.shift, map->ba.shift, map->ch.shift}, bits[] = {map->bg.bits, map->ba.bits, map->ch.bits};
    for (int i = 0; i < 3; i++)
        *(shift[i] < top ? &low : &high) += bits[i];
    m->banks = ldexp(1, (int)low);
    m->set = ldexp(1, (int)(low + (rows_below ? 0 : columns)));
    m->sets = ldexp(1, (int)high);
}

// End of a stream that finds all banks closed.
static double stream_end(const struct mp_controller_spec *s, uint64_t begin, uint64_t bursts, bool write, bool refresh) {
    struct mp_controller_spec own = *s;
    struct mp_transfer t = {.bytes = bursts * MP_BURST_BYTES, .write = write};
    own.refresh = refresh;
    struct mp_controllers *c = mp_controllers_create(&own);
    uint64_t end = mp_controllers_run(c, begin, &t, 1);
    mp_controllers_destroy(c);
    return (double)end;
}

static double distance(const struct mp_controller_spec *s, bool write) {
    return (stream_end(s, 0, LONG, write, false) - stream_end(s, 0, SHORT, write, false)) / (LONG - SHORT);
}

// What a refresh takes of a stream that is over before the next one: tRFC, and closing and opening rows around it.
static double refresh_length(const struct mp_controller_spec *s, double read) {
    const struct mp_dram_timing *t = &s->preset->timing;
    const uint64_t begin = t->refi - (uint64_t)(LEAD * read);
    const uint64_t bursts = (uint64_t)fmin(SHORT, LEAD + (double)(t->refi - t->rfc) / 2 / read);
    return stream_end(s, begin, bursts, false, true) - stream_end(s, begin, bursts, false, false);
}

void mp_bank_model_init(struct mp_bank_model *m, const struct mp_controller_spec *s) {
    const struct mp_dram_timing *t = &s->preset->timing;
    *m = (struct mp_bank_model){.read = distance(s, false), .write = distance(s, true),
                                .accesses = (double)MP_BURST_BYTES / s->preset->access_bytes,
                                .row = (double)(t->rp + t->rcd_rd),
                                .activate = fmax((double)t->rrd_s, (double)t->faw / 4) / s->channels,
                                .cl = (double)t->cl, .cwl = (double)t->cwl, .burst = (double)t->burst,
                                .to_read = (double)(t->wtr_l + t->cl),
                                .to_write = fmax(0, (double)(t->rd_wr + t->cwl) - (double)(t->cl + t->burst))};
    set_rows(m, &s->map);
    if (s->refresh) {
        m->rfc = refresh_length(s, m->read);
        m->interval = (double)t->refi - m->rfc;
    }
}

// What is known of a phase's streams.
struct streams {
    double data, activates;               // cycles of the data; rows opened
    double reads, writes;                 // bursts
    double read_conflict, write_conflict; // chance that the first access finds another row open
};

// How much of all rows that are open at a time an operand takes.
static double spread(const struct mp_bank_model *m, const struct mp_request *r) {
    return r->region > 0 ? fmin(1, (double)r->region * m->accesses / (m->set * m->sets)) : 1;
}

// Chance that another stream of the phase was in the banks of stream `i` since it was there itself. Small operands lie apart.
static double chance_of_others(const struct mp_bank_model *m, const struct mp_phase *p, unsigned i) {
    double quiet = 1;
    for (unsigned k = 0; k < p->count; k++) {
        double others = (1 + (double)p->request[k].bursts * m->accesses / m->set) / m->sets;
        double meet = fmin(1, spread(m, &p->request[i]) + spread(m, &p->request[k]));
        if (k != i)
            quiet *= 1 - meet * fmin(others, 1);
    }
    return 1 - quiet;
}

// `closed`: chance of a refresh since the phase before.
static struct streams streams_of(const struct mp_bank_model *m, const struct mp_phase *p, double closed) {
    struct streams s = {0};
    for (unsigned i = 0; i < p->count; i++) {
        const struct mp_request *r = &p->request[i];
        double n = (double)r->bursts, accesses = n * m->accesses, banks = fmin(accesses, m->banks);
        double others = chance_of_others(m, p, i), starts = (double)mp_gcd((uint64_t)accesses, (uint64_t)m->set) / m->set;
        double now_closed = r->first ? 1 : closed;
        double conflict = (1 - now_closed) * (starts + (1 - starts) * others) + now_closed / 2; // opening alone is half of it
        s.activates += banks * (accesses / m->set + 1 - (1 - others) * (1 - now_closed));
        s.data += n * (r->write ? m->write : m->read);
        double *first = r->write ? &s.write_conflict : &s.read_conflict, *sum = r->write ? &s.writes : &s.reads;
        if (*sum == 0)
            *first = conflict;
        *sum += n;
    }
    return s;
}

static double cycles_of(const struct mp_bank_model *m, const struct streams *s) {
    double behind = fmax(s->data - (s->reads > 0 ? m->read : m->write), (s->activates - 1) * m->activate);
    double cycles = 1 + behind + m->burst;
    if (s->reads == 0)
        return cycles + m->cwl + s->write_conflict * m->row;
    cycles += m->cl + s->read_conflict * m->row;
    if (s->writes > 0)
        cycles += m->to_write + s->write_conflict * m->row * TAIL_SHOWN;
    return s->writes > BUFFER ? cycles + m->to_read : cycles;
}

// What refresh adds to a stage of `stage` cycles, `cycles` of which the phase takes. One that begins within the phase holds it
// up; one behind it holds up the next stage's, by what is left of it.
static double refresh_cycles(const struct mp_bank_model *m, double cycles, double stage) {
    double slack = stage - cycles, over = m->rfc - slack;
    if (over <= 0)
        return 0;
    double rest = fmin(slack, over);
    return (cycles * over + rest * (over - rest / 2)) / m->interval;
}

struct mp_bank_cost mp_bank_model_phase(const struct mp_bank_model *m, const struct mp_phase *p, double busy) {
    double least = fmax(busy, (double)mp_phase_bursts(p) * fmin(m->read, m->write));
    struct streams s = streams_of(m, p, m->interval > 0 ? fmin(least / m->interval, 1) : 0);
    struct mp_bank_cost cost = {.cycles = cycles_of(m, &s), .activates = s.activates};
    if (m->interval > 0)
        cost.refresh = refresh_cycles(m, cost.cycles, fmax(cost.cycles, busy));
    return cost;
}
