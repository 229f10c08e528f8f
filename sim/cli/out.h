// SPDX-License-Identifier: Apache-2.0
// Where a command's results go: standard output or a file; and its messages, to standard error. Calls that return int
// return an exit status and have told what went wrong.
#ifndef SIM_CLI_OUT_H
#define SIM_CLI_OUT_H

#include "sim/base/err.h"
#include "sim/base/str.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>

// Opens what is closed of the standard descriptors, so that no file gets their number; a reader that has gone
// shows as an error of write, not as a signal.
void mp_out_begin(void);

// To standard output, which is then at its end. A reader that has gone is no failure.
int mp_out_text(const struct mp_buf *text);
// To the file (see sim/base/file.h), or to standard output when `path` is NULL or "-". Interrupts wait meanwhile, so
// that no half-written file is left.
int mp_out_to(const char *path, const struct mp_buf *text);
int mp_out_error(const struct mp_err *err); // MP_EXIT_FAILURE
bool mp_out_colour(const char *path);       // whether a report that goes to `path` may be coloured

// A progress bar on standard error, over the line that is there: "WHAT [====    ] 12 of 52MORE". Only for terminals.
void mp_out_bar(const char *what, uint64_t done, uint64_t all, const char *more);
void mp_out_bar_end(void); // takes it away

// Whether a file may be written at `path`, told before the work that it is for: NULL, "-", what is there and may be written, or
// a name in a folder that may.
bool mp_out_possible(const char *path, struct mp_err *err);

// Whether `path` may get a file that is named `ending`: NULL, "-", a name that ends so, or what is there and is no
// regular file.
bool mp_out_named(const char *path, const char *ending);

// The ending when `path` is that of a picture or a page (.svg, .png, .html), and no pipe or device; else NULL.
const char *mp_out_drawn(const char *path);

enum mp_out_format { MP_OUT_TEXT, MP_OUT_JSON, MP_OUT_CSV };
// As the options say, else by the ending of `path` (which may be NULL), else text.
enum mp_out_format mp_out_format(bool json, bool csv, const char *path);

// A file written piece by piece, beside its name until it is complete. An interrupt removes it, and those that are open with
// it.
struct mp_out_stream {
    const char *path;
    char tmp[4096]; // "" when written in place (a pipe, a device)
    int fd;
    int error; // errno of the first failure
    struct mp_out_stream *next; // a ring of those that are open together
};
// "-" is standard output, which is at its end when the stream is closed.
bool mp_out_open(struct mp_out_stream *s, const char *path, struct mp_err *err);
void mp_out_join(struct mp_out_stream *s, struct mp_out_stream *other); // two rings become one; none of theirs may move
void mp_out_piece(void *stream, const char *text, size_t len); // a failure is told by mp_out_close
// Whether an interrupt came; then removes the file and ends the process as the signal would have.
void mp_out_check(struct mp_out_stream *s);
// `keep` false: removes it.
bool mp_out_close(struct mp_out_stream *s, bool keep, struct mp_err *err);

#endif
