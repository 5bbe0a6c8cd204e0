/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit in a driver host: what its parts have of each other.
 *
 * Threads: the event thread takes the kernel's messages, calls the driver's interrupt handlers, expires timers and submits to
 * disks and interfaces: all that is called "in any context" of a driver; it never sleeps but in HOST_WAIT. The driver thread
 * runs probe, remove, suspend and resume. The pool runs ddk_work and the operations of classes that may sleep
 * (task.h). Whoever waits in the kernel for one thread is never that thread, thus nothing waits for itself.
 *
 * Nothing here is a boundary: the driver shares the address space, and the kernel trusts neither.
 */
#pragma once

#include <base/errno.h>
#include <base/list.h>
#include <base/types.h>
#include <ddk/driver.h>

#include "call.h"

#include <stdatomic.h>

#define PAGE_SIZE 4096

/* The one device of the host. */
struct device {
	/* Immutable. */
	struct host_description description;
	struct driver driver; /* what the driver's object has of it; else 0 */
	/* The driver's. */
	void *state;
};

extern struct device kit_device;

/* Ends the program, with a reason for the kernel's log. */
_Noreturn void kit_fail(const char *format, ...) printf_like(1, 2);

/* Loads the driver's object, and seals the program: nothing becomes executable any more. */
void kit_load_driver(void);

/* The address of one of the kit's exports, 0: there is none of the name. */
uint64_t kit_find_export(void *context, const char *name);

/* --- Threads (thread.c) --- */

enum thread_role {
	THREAD_EVENTS,
	THREAD_DRIVER,
	THREAD_POOL, /* and those behind it */
	THREAD_MAX = THREAD_POOL + 8,
};

/* Makes the stacks, and goes on in `run` as the event thread. */
_Noreturn void thread_start_first(void (*run)(unsigned role));
/* Starts thread number `role`, each once. */
int must_check thread_start(unsigned role, void (*run)(unsigned role), const char *name);
/* The number of the running thread. */
unsigned thread_role(void);

/* --- Waiting (wait.c) --- */

#define NEVER UINT64_MAX

/* Waits while *word is `expected`: 0 (also without a reason), or -ETIMEDOUT. */
int wait_word(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline);
void wake_word(_Atomic uint32_t *word, uint32_t count);

/* A lock of one word: 0 free, 1 held, 2 held and somebody may wait. */
void word_acquire(_Atomic uint32_t *word);
void word_release(_Atomic uint32_t *word);

/* A call during which the kernel waits for others. */
long waiting_call(enum host_call call, uint64_t first, uint64_t second, uint64_t third,
		  uint64_t fourth);

/* Around what may take long: the thread is not busy meanwhile. Who is busy, never waits and never ends what it does has
 * lost its way: HOST_MESSAGE_PING, 1, is answered when all threads but the event thread have waited since. */
void wait_begin(void);
void wait_end(void);
void wait_answer_ping(unsigned slot);

/* --- Timers (timer.c) --- */

uint64_t deadline_after(uint64_t duration_ns);
/* Expires those that are due, and tells when the next one is. Event thread. */
uint64_t timers_run(void);

/* --- The channel (channel.c) --- */

void channel_start(void);
/* Handles the messages that are there. Event thread. */
void channel_take_messages(void);
/* Any thread. `error` is 0 or a negative errno. */
void channel_reply(unsigned slot, int error, uint64_t result);
/* The bytes of a slot, of which the kernel reads or has written HOST_SLOT_BYTES. */
void *channel_slot(unsigned slot);
#define HOST_SLOT_BYTES (HOST_SEGMENTS_MAX * sizeof(struct host_segment))

/* The message behind the one that is being handled, or NULL. Event thread. */
const struct host_message *channel_next(void);

/* Lets the event thread go round once more. */
void events_wake(void);

/* The driver's own operations (driver.c): queues the message for the driver thread. */
void driver_start(void);
void driver_handle(const struct host_message *message);

/* --- Interrupts (irq.c) --- */

/* Calls the handlers of those whose bit is set. Event thread. */
void irqs_dispatch(uint64_t irqs);

/* --- Classes: each handles its messages, in the event thread, with an object that is looked up. --- */

struct object;
typedef void message_handler(struct object *object, const struct host_message *message);
message_handler disk_submit_message, disk_timed_out_message, disk_health_message;
message_handler display_flush_message, display_mode_message;
message_handler input_leds_message;
message_handler net_open_message, net_close_message, net_filter_message, net_send_message;
message_handler stream_message, serial_send_message;

/* Submits again what the driver could not take; event thread, when somebody said that it may work. */
void disks_retry(void);
void nets_retry(void);
