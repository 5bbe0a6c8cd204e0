/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of kernel/host share.
 *
 * A service is what a device has while its driver runs in hosts: it starts one, watches over it, and starts
 * another when that has ended. A host is one process from its making to its end.
 */
#pragma once

#include <host/host.h>

#include <arch/mmu.h>
#include <sched/wait.h>
#include <sync/spinlock.h>

struct aspace;
struct device_irq;
struct host_service;
struct process;

#define HOST_OBJECTS_MAX 64
#define HOST_THREADS_MAX 16
#define HOST_MEMORY_MAX  ((size_t)64 << 20) /* of its own */
#define HOST_DMA_MAX     ((size_t)256 << 20)
#define HOST_PIECES_MAX  2048 /* of memory that it shares with the kernel or its device */
#define HOST_END_MAX     96   /* bytes of why it ended */

/* --- Memory that it shares (memory.h) ----------------------------------------------------------- */

/* The channel; host->channel is the kernel's view of it. -ENOMEM. */
int must_check host_channel_create(struct host *host);
/* Takes back all that the host shares with the kernel and its device, which reaches nothing any more. */
void host_memory_free_all(struct host *host);

/* --- Hosts -------------------------------------------------------------------------------------- */

struct host_slot {
	struct host_request *request; /* NULL: free, or its reply is being seen to */
};

enum { HOST_PINGS = 2 };

struct host_ping {
	struct host_request request;
	struct host *host;
	_Atomic bool under_way;
	unsigned ticks; /* the service's thread: how long already */
};

struct host_irq {
	/* Immutable. */
	struct host *host;
	unsigned index;
	/* Set before the first interrupt comes; freed when it is disconnected. */
	struct device_irq *irq;
	/* host->irq_lock */
	bool taken, leaving;
};

struct host {
	/* Who holds: its service, its process, requests of host_ask(), shown registers, who looked it up. */
	struct refcount references;
	/* Immutable. */
	struct device *device;              /* a reference */
	struct host_service *service;       /* a reference */
	struct driver_object *object;       /* a reference */
	struct process *process;            /* a reference */
	struct host_memory *channel_memory; /* a reference; NULL after the end */
	struct host_channel *channel;       /* as the kernel sees it */
	void *dummy_page;                   /* shown in place of what must not be */

	/* RANK_HOST: all below up to the next heading. */
	struct spinlock lock;
	_Atomic bool closed; /* no message is sent any more; also read without */
	uint32_t message_tail, reply_head;
	struct host_slot slots[HOST_SLOTS];
	uint16_t free_slots[HOST_SLOTS];
	unsigned free_count;
	bool starved; /* somebody found no slot */
	struct list memories;
	unsigned memory_count;
	struct host_object *objects[HOST_OBJECTS_MAX];
	uint32_t last_object;
	char end[HOST_END_MAX]; /* why it ends; the first word is the last */

	/* RANK_HOST, taken by handlers: interrupts. Bits by index. */
	struct spinlock irq_lock;
	struct host_irq irqs[HOST_IRQ_MAX];
	uint64_t irqs_came, irqs_told, irqs_held;
	uint64_t storm_start,
		storm_work; /* of this second; what the host had done when it was last seen to work */
	unsigned storm_idle, storm_unheld;

	struct wait_queue event_wait;  /* of who calls HOST_WAIT */
	_Atomic bool wake;             /* HOST_WAIT is to return */
	_Atomic bool waiting;          /* somebody is in HOST_WAIT */
	_Atomic uint32_t event_thread; /* its id, for the last time */

	/* Set by anyone, once. */
	_Atomic bool condemned;
	_Atomic bool gone; /* the last thread has left */
	_Atomic bool sealed;
	_Atomic bool has_channel;
	_Atomic bool refused;   /* it may not have what it needs: another would fare no better */
	_Atomic bool mastering; /* its device was let reach memory */
	_Atomic unsigned threads;
	_Atomic size_t dma_bytes;
	_Atomic uint64_t messages, replies, interrupts, work; /* `work`: what it did for others */

	/* One thread at a time logs. */
	_Atomic uint64_t log_second;
	_Atomic unsigned log_lines;

	struct host_ping pings[HOST_PINGS]; /* the service's thread */
};

/* Makes the process and all that it needs; it has not begun to run. */
int must_check host_create(struct host_service *service, struct host **host);
void host_run(struct host *host);
/* Ends its threads, from any of them or another. */
void host_kill(struct host *host);
/* Notes why it ends, if nobody has yet. Any context. */
void host_note_end(struct host *host, const char *format, ...) printf_like(2, 3);
void host_copy_end(struct host *host, char *text, size_t size);
/* Whether somebody killed it; else its end is its own doing. Of one that is gone. */
bool host_was_killed(const struct host *host);
/* Of the current thread, which is one of a host's. */
struct host *host_current(void);
const char *host_driver_name(const struct host *host);

/* program.c: an address space with the program, a stack and the driver's object. */
struct host_image {
	struct aspace *aspace;
	uintptr_t entry, stack_pointer, object;
};
int must_check host_map_program(const struct driver_object *object, struct host_image *image);

/* --- Objects of classes (object.c) -------------------------------------------------------------- */

/* Tells each that the host has ended. */
void host_end_objects(struct host *host);
void host_tell_slots_freed(struct host *host);

/* --- Calls (calls.h) ---------------------------------------------------------------------------- */

extern const struct personality host_personality;

/* --- Services (service.c, supervise.c) ---------------------------------------------------------- */

enum host_state {
	HOST_STATE_STARTING, /* its driver is asked to probe */
	HOST_STATE_RUNNING,
	HOST_STATE_ENDING,
	HOST_STATE_WAITING, /* there is none; another one is due at `due` */
	HOST_STATE_RESTING, /* there is none until the device is resumed, or the first probe failed */
	HOST_STATE_GIVEN_UP, /* there will be none */
	HOST_STATE_STOPPED,  /* the thread has ended */
};

#define HOST_FAILURES_MAX 8

struct host_service {
	/* Who holds: the device's state, its thread, its hosts. */
	struct refcount references;
	/* Immutable. */
	struct device *device;        /* a reference */
	struct driver_object *object; /* a reference */

	struct list_node node; /* the list of all, under its lock */

	/* RANK_HOST: all below up to the next heading. */
	struct spinlock lock;
	enum host_state state;
	struct host *host; /* the present one or the last; a reference; NULL: there was none yet */
	bool stop;         /* the thread is to end all and leave */
	bool leaving;      /* the host's end is wanted: no other follows */
	bool asleep;       /* none is started until the device resumes */
	bool rest;         /* the one that there is ends, for the same time */
	int result;        /* of the last probe; > 0: not known */
	char last_end[HOST_END_MAX];

	struct wait_queue thread_wait; /* the thread: something is to be done */
	struct wait_queue state_wait;  /* the state or the result changed */
	_Atomic bool poked;
	_Atomic unsigned restarts;

	/* The thread's. */
	bool probed; /* the device has been served before */
	struct host_request probe;
	_Atomic int probe_result; /* > 0: no reply */
	uint64_t probe_start;
	uint64_t due;
	uint64_t next_ping, last_tick;
	uint64_t failures[HOST_FAILURES_MAX]; /* when; 0: none */
	unsigned failure;                     /* the next to be written */
	struct host_load {
		uint32_t id;
		uint64_t runtime, sleeps;
	} loads[HOST_THREADS_MAX];
};

/* Has the thread look. Any context, no lock of rank >= RANK_WAIT_QUEUE. */
void host_service_poke(struct host_service *service);
void host_service_get(struct host_service *service);
void host_service_put(struct host_service *service);
/* The thread of a service. */
void host_supervise(void *service);
/* In the service's thread, watch.c: a host begins; looks whether it is alive. When to look again. */
void host_watch_begin(struct host_service *service, struct host *host, uint64_t now);
uint64_t host_watch(struct host_service *service, struct host *host, uint64_t now);
/* The same, end.c: takes from a host that is to end all that it has, and waits until it is gone. */
void host_bury(struct host_service *service, struct host *host);
