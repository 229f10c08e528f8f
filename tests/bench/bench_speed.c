// SPDX-License-Identifier: Apache-2.0
// Speed and memory, on one core: the whole `mpsim run` on ResNet-50 with mappings found from scratch, the analytic engine on
// mapped layers, the event engine, on every shipped architecture. Prints CPU times beside the project's goals.
#include "sim/eval.h"
#include "sim/import/import.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PLAN "configs/plans/resnet50_mixed.json"

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The least CPU seconds of three runs of the program, and its memory.
static double run_program(const char *program, const char *arch, const char *engine, long *kilobytes) {
    double least = 1e9;
    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            if (!freopen("/dev/null", "w", stdout))
                _exit(126);
            execl(program, "mpsim", "run", "--arch", arch, "--plan", PLAN, "--engine", engine, (char *)NULL);
            _exit(127);
        }
        int status;
        struct rusage use;
        if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0) {
            printf("Bail out! %s run --arch %s failed\n", program, arch);
            exit(1);
        }
        double seconds = (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
                         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
        least = seconds < least ? seconds : least;
        *kilobytes = use.ru_maxrss;
    }
    return least;
}

struct mapped {
    struct mp_task task;
    struct mp_mapping mapping;
};

static size_t map_layers(const char *path, struct mapped *out, size_t room, struct mp_arena *a) {
    static struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_result r;
    struct mp_err err;
    struct mp_options o = {.objective = MP_LATENCY};
    if (!mp_arch_load(&arch, a, path, &err) || !mp_plan_open(&p, &w, a, PLAN, &err) ||
        !mp_tech_load(&tech, a, "configs/tech", arch.tech, &err) || !mp_evaluate(&arch, &w, &p, tech, &o, a, &r, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    size_t n = 0;
    for (size_t l = 0; l < r.layer_count; l++)
        for (size_t i = 0; i < r.layers[l].mapping.run_count && n < room; i++, n++) {
            const struct mp_run *run = &r.layers[l].mapping.runs[i];
            struct mp_residency res = {.inputs_on_chip = r.layers[l].input_on_chip, .output_on_chip = r.layers[l].output_on_chip};
            mp_task_init(&out[n].task, &arch, &w, &p, l, run->channels, run->w_bits, &res);
            out[n].mapping = run->map;
        }
    return n;
}

static double analytic_rate(const struct mapped *m, size_t n) {
    struct mp_counts c;
    double start = cpu_now(), seconds;
    size_t done = 0;
    do {
        for (size_t i = 0; i < n; i++)
            mp_analytic(&m[i].task, &m[i].mapping, &c);
        done += n;
    } while ((seconds = cpu_now() - start) < 0.3);
    return (double)done / seconds;
}

static double event_seconds(const struct mapped *m, size_t n, uint64_t *bursts) {
    double start = cpu_now();
    *bursts = 0;
    for (size_t i = 0; i < n; i++) {
        struct mp_counts c;
        uint64_t b;
        mp_event(&m[i].task, &m[i].mapping, NULL, &b, &c);
        *bursts += b;
    }
    return cpu_now() - start;
}

static int is_arch(const struct dirent *e) {
    return strstr(e->d_name, ".json") != NULL;
}

int main(void) {
    const char *program = getenv("MPSIM");
    struct dirent **names;
    static struct mapped mapped[512];
    int count = scandir("configs/arch", &names, is_arch, alphasort);
    if (!program || count <= 0)
        return printf("Bail out! set MPSIM to the program and run in the source folder\n"), 1;
    printf("ResNet-50, mixed precision, one core, CPU time\n");
    printf("%-18s %12s %10s %16s %14s %14s %12s\n", "architecture", "mpsim run", "memory", "analytic layers", "event engine",
           "run, event", "bursts");
    for (int i = 0; i < count; i++) {
        struct mp_arena a = {0};
        char path[512];
        long kb, ignored;
        uint64_t bursts;
        snprintf(path, sizeof path, "configs/arch/%s", names[i]->d_name);
        double run = run_program(program, path, "analytic", &kb), run_event = run_program(program, path, "event", &ignored);
        size_t n = map_layers(path, mapped, sizeof mapped / sizeof *mapped, &a);
        double rate = analytic_rate(mapped, n), event = event_seconds(mapped, n, &bursts);
        printf("%-18.*s %9.1f ms %7.1f MB %12.2f M/s %11.1f ms %11.1f ms %8.1f M/s\n", (int)(strlen(names[i]->d_name) - 5),
               names[i]->d_name, run * 1e3, (double)kb / 1024, rate * 1e-6, event * 1e3, run_event * 1e3,
               (double)bursts / event * 1e-6);
        mp_arena_finish(&a);
        free(names[i]);
    }
    free(names);
    printf("goals: run under 100 ms and 64 MB, 1 M analytic layers/s, event engine under 300 ms, 5 M bursts/s\n");
    return 0;
}
