// SPDX-License-Identifier: Apache-2.0
// What fst_library.c adds to fstapi.
#ifndef TRACES_FST_LIBRARY_H
#define TRACES_FST_LIBRARY_H

// errno of the first write of this thread's FST files that failed since the last call, or 0.
int mp_fst_library_failure(void);

#endif
