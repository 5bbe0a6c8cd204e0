/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `trace:` inside: trace_scheme.c has the directory and the control, trace_stream.c the
 * files that give the records, trace_ktest.c the tests of both.
 */
#pragma once

#include <scheme/node.h>
#include <trace/trace.h>

/* RANK_NODE: serialises all that <trace/trace.h> calls control, reading included. */
extern struct mutex trace_lock;

/* Contents of `events` and `text`. */
extern const struct node_ops trace_events_ops, trace_text_ops;

struct trace_stream;

/* A stream of what all CPUs have recorded, in order of time, from the oldest record there is. It
 * ends where recording was when it was made, or when trace_stream_extend() was last called. NULL:
 * no memory. Freed by kfree(). */
struct trace_stream *trace_stream_create(void);
/* Moves the end to where recording is now. */
void trace_stream_extend(struct trace_stream *stream);
/* The next record; false at the end. Under trace_lock. */
bool trace_stream_next(struct trace_stream *stream, struct trace_record *record);

/* Executes the words of a line written to `control`. -EINVAL and -EBUSY (rings of another
 * size are there), with nothing changed; -ENOMEM, where what was to be cleared is. */
int trace_control(const char *line);
