// SPDX-License-Identifier: Apache-2.0
// Runs a program on a model in a process of its own, which shares the image and the result: a model cannot be unloaded
// safely, and a crash or an assertion ends just the child. The child dies with its parent.
#ifndef SIM_COSIM_CHILD_H
#define SIM_COSIM_CHILD_H

#include "sim/base/err.h"
#include "sim/cosim/drive.h"

// Told about ten times a second.
struct mp_child_watch {
    void (*progress)(void *user, const struct mp_drive_result *r); // may be NULL
    void *user;
};

enum mp_child_end {
    MP_CHILD_DONE,
    MP_CHILD_FAILED,      // the error says why
    MP_CHILD_INTERRUPTED, // by a signal to this process: see mp_child_signals
};

// job->image is private to the caller: it is copied, and what the core made of it is copied back when the run is done.
enum mp_child_end mp_child_run(const char *library, const struct mp_drive_job *job, const struct mp_child_watch *watch,
                               struct mp_drive_result *out, struct mp_err *err);

// From here on SIGINT, SIGTERM and SIGHUP end the child that runs, not this process, and no other one starts.
void mp_child_signals(void);
// Whether one came.
bool mp_child_signalled(void);
// The signal that came, or 0; puts the signals back as they were by default.
int mp_child_signal(void);

#endif
