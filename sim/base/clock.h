// SPDX-License-Identifier: Apache-2.0
// Time that passed, for reports and for how much to do at once: results never depend on it.
#ifndef SIM_BASE_CLOCK_H
#define SIM_BASE_CLOCK_H

double mp_seconds(void);     // since some moment, monotonic
double mp_cpu_seconds(void); // of this process, all threads

#endif
