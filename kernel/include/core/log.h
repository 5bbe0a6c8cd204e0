/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel log: leveled lines in a ring buffer, copied to every registered sink.
 *
 * Callable from any context, interrupts and panics included: it takes only its own raw lock
 * and never allocates. Each line carries the time since boot and its level. User programs
 * read the ring through scheme `log:` and Linux's syslog(2).
 */
#pragma once

#include <base/types.h>

enum log_level {
	LOG_ERROR = 3, /* the numbers of syslog */
	LOG_WARNING = 4,
	LOG_NOTICE = 5,
	LOG_INFO = 6,
	LOG_DEBUG = 7,
};

/* Writes one line; the format needs no final newline. `area` names the subsystem. */
void log_write(enum log_level level, const char *area, const char *format, ...) printf_like(3, 4);

#define log_error(area, ...)   log_write(LOG_ERROR, area, __VA_ARGS__)
#define log_warning(area, ...) log_write(LOG_WARNING, area, __VA_ARGS__)
#define log_notice(area, ...)  log_write(LOG_NOTICE, area, __VA_ARGS__)
#define log_info(area, ...)    log_write(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...)   log_write(LOG_DEBUG, area, __VA_ARGS__)

/* A place where finished lines go. `write` is called with the log's lock held and
 * interrupts off; it must not log. Static storage. */
struct log_sink {
	void (*write)(struct log_sink *sink, const char *text, size_t length);
	enum log_level max_level; /* lines above this level are not given to it */
	/* The log's. */
	struct log_sink *next;
	unsigned writer; /* the CPU inside `write`, plus one */
};

/* Registers `sink` behind the others and replays to it what the ring holds. */
void log_add_sink(struct log_sink *sink);

/* Copies formatted log text that starts at byte *position of all text ever logged; clamps
 * *position to the oldest byte kept and moves it past what was copied. Returns the count. */
size_t log_read(uint64_t *position, char *buffer, size_t size);

/* The number of bytes ever logged. */
uint64_t log_end(void);

/* Called after each line from any context, to wake readers; set once (NULL: none). It must
 * not take locks: it sets a flag or raises deferred work. */
void log_set_notify(void (*notify)(void));

/* From now on this is a panic: the log's lock is broken, for its holder may never run again, and
 * a sink in which this very CPU faulted gets no more lines. */
void log_enter_panic(void);
/* For sinks: true once a panic has begun. Then locks may be held for ever. */
bool log_in_panic(void);
