/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of Serial ATA adapters with the AHCI interface (1.3.1).
 *
 *   hba.c       the adapter: taking it over, its reset, its interrupt
 *   port.c      a port: its memory, its engine, its interrupts
 *   command.c   requests of the class: making commands of them, issuing, completing
 *   internal.c  commands of the driver's own
 *   recovery.c  a state machine that brings ports up, and up again after errors
 *   disk.c      disks come and go; their health
 *   sleep.c     disks keep their requests while the machine sleeps
 *   ata.c       what ATA devices say
 *
 * A request has the slot of its tag for itself from submit to completion. Queued (NCQ) and other
 * commands are never under way together, and of others there is one at a time: so it is known which
 * one failed. What is not issued yet waits in its slot.
 *
 * On the good path no register is touched under the lock of the port. Whoever issues queued
 * commands does so for all: others leave theirs to it (`issuing`). The engine is stopped only when
 * nobody does that; and who finds commands done without the lock throws that away if the port was
 * stopped meanwhile (`generation`).
 *
 * Everything but the making of disks is done in interrupt handlers and timers, under the lock of
 * the port, since the class may wait for requests in the very threads that would run work. A
 * request is completed only when the port's engine has let go of it.
 */
#pragma once

#include <ddk/disk.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>

#include "ata.h"
#include "registers.h"

/* Each slot has a page: command table, its regions, then one page of ranges to trim. */
#define SLOT_SIZE        4096
#define SLOT_TRIM        (SLOT_SIZE - ATA_PAGE)
#define SLOT_REGIONS_MAX ((SLOT_TRIM - sizeof(struct command_table)) / sizeof(struct memory_region))

/* The port's own page (struct ahci_port.memory). */
#define PORT_MEMORY_LIST   0x000
#define PORT_MEMORY_FIS    0x400
#define PORT_MEMORY_TABLE  0x500 /* of internal commands, with one region */
#define PORT_MEMORY_BUFFER 0x800 /* of ATA_PAGE, theirs */
#define PORT_MEMORY_SIZE   0xa00

/* The tag that internal commands use while nothing else is under way. */
#define INTERNAL_SLOT 0

enum port_state {
	PORT_OFF,         /* for good */
	PORT_STOPPING,    /* the engine was told to stop */
	PORT_OVERRIDING,  /* the device's busy bit is being overridden */
	PORT_RESETTING,   /* COMRESET is being sent */
	PORT_LINKING,     /* waits for a device to answer it */
	PORT_SETTLING,    /* waits for the device to be ready */
	PORT_IDENTIFYING, /* asks it what it is */
	PORT_READING_LOG, /* asks it which queued command failed */
	PORT_RUNNING,     /* takes commands */
	PORT_EMPTY,       /* nothing is attached */
	PORT_IGNORED,     /* something that no disk can be made of, or that was given up */
	PORT_WAITING,     /* for the reset of the whole adapter */
	PORT_STATE_COUNT,
};

enum disk_state {
	DISK_NONE,
	DISK_LIVE,  /* the class has it, or is being given it */
	DISK_STALE, /* it has gone: to be removed */
};

/* A command of the driver's own. */
struct internal_command {
	/* What a thread wants, in ahci_port_execute(). */
	bool waiting; /* for its turn */
	bool has_data;
	struct command_fis fis;
	struct ddk_event done;
	int error;
	/* What is under way: that, or a command of the state machine. */
	bool active;
	bool thread;                 /* it is that */
	struct command_header saved; /* what the slot held */
	/* What came: copied, so that it stays as it is. */
	uint8_t received[sizeof(struct command_fis)]; /* the device's register FIS */
	uint16_t data[ATA_WORDS];
};

struct ahci_hba;

struct ahci_port {
	/* Immutable. */
	struct ahci_hba *hba;
	unsigned number;
	size_t base; /* of its registers */
	struct ddk_dma memory;
	struct command_header *list; /* in it */
	struct ddk_timer timer;
	struct ddk_work work;
	struct ddk_event settled; /* signalled in states that last */

	struct ddk_lock lock; /* all below but the last group */
	enum port_state state;
	uint64_t deadline, entered; /* of the state */
	bool stop_to_reset;         /* PORT_STOPPING: a reset follows */
	unsigned attempts;          /* resets since a request came to an end */
	unsigned interface_errors;
	uint64_t log_window; /* messages are rationed */
	unsigned logged;

	/* Requests, one bit for each tag. A request is in at most one of these sets. */
	uint32_t waiting_queued, waiting_plain; /* prepared */
	uint32_t active_queued, active_plain;   /* issued */
	uint32_t suspects;  /* of a queued error: which one it was is being asked */
	uint32_t condemned; /* have an error, to be completed when the engine stands still */
	uint32_t finished;  /* to be completed when the lock is given back */
	bool issuing; /* somebody writes to PORT_ISSUE without the lock, and looks for more then */
	bool kick;    /* there is something to issue */
	bool stop_told;                                    /* PORT_STOPPING: the engine was */
	unsigned careful;                                  /* so many are to be issued one by one */
	uint32_t suspect_status;                           /* the task file at the queued error */
	struct ddk_disk_request *requests[AHCI_SLOTS_MAX]; /* of the sets */
	int errors[AHCI_SLOTS_MAX];                        /* of the condemned and finished */

	struct internal_command internal;
	bool atapi;                   /* PORT_IDENTIFYING: what is asked */
	struct ata_identity identity; /* of the device there is; in PORT_RUNNING */
	enum disk_state disk_state;
	struct ata_identity disk_identity; /* that the disk was made with */
	bool resting; /* disks neither come nor go: the adapter is about to sleep */
	bool refused; /* no disk is to be made: that failed, or the driver goes */
	bool resized; /* the class is to be told */

	/* Atomic: threads and handlers that are completing requests now. */
	_Atomic unsigned reporting;
	/* Atomic: those of active_queued that PORT_ACTIVE has, or had before they were done. Without
	 * the lock they only become more. */
	_Atomic uint32_t issued;
	/* Atomic: changes, under the lock, before PORT_ACTIVE loses what is not done. */
	_Atomic unsigned generation;
	struct ddk_mutex internal_mutex; /* one ahci_port_execute() at a time */
	/* Of the work, and of remove after it. */
	struct ddk_disk *disk;
	struct ddk_dma slots[AHCI_SLOTS_MAX];
	unsigned depth; /* immutable while there is a disk */
};

struct ahci_hba {
	/* Immutable. */
	struct device *device;
	struct ddk_region registers;
	uint32_t capabilities, implemented;
	unsigned slot_count;
	struct ahci_port *ports[AHCI_PORTS_MAX]; /* NULL: not implemented */

	struct ddk_timer timer; /* of the adapter's reset */
	_Atomic bool gone;      /* pulled out, or dead */
	_Atomic bool reset_wanted;
	/* The timer's. */
	bool resetting;
	uint64_t reset_deadline, reset_last;
	unsigned reset_count;
};

/* --- hba.c --- */

/* A port cannot go on without a reset of the adapter: it waits in PORT_WAITING. Any context; the
 * port's lock may be held. */
void ahci_hba_request_reset(struct ahci_hba *hba);
/* The adapter does not answer any more: ends everything. Any context, no lock held. */
void ahci_hba_is_gone(struct ahci_hba *hba);
/* Stops an adapter of which nobody wants anything: it does nothing afterwards. Thread context. */
void ahci_hba_stop(struct ahci_hba *hba);
/* Has it go on, as after power-on. Thread context. -ENODEV, -ETIMEDOUT. */
int must_check ahci_hba_start_again(struct ahci_hba *hba);

/* --- port.c --- */

static inline uint32_t port_read(const struct ahci_port *port, size_t offset)
{
	return ddk_read32(&port->hba->registers, port->base + offset);
}

static inline void port_write(const struct ahci_port *port, size_t offset, uint32_t value)
{
	ddk_write32(&port->hba->registers, port->base + offset, value);
}

static inline struct command_table *port_table(const struct ahci_port *port, unsigned slot)
{
	return port->slots[slot].memory;
}

/* Memory for the port; registers are not touched. Thread context. */
int must_check ahci_port_create(struct ahci_hba *hba, unsigned number);
/* Its engine and its interrupts are off, it has no disk. */
void ahci_port_destroy(struct ahci_port *port);
void ahci_port_lock(struct ahci_port *port);
/* Gives the lock back, completes what is finished and issues what may be. */
void ahci_port_unlock(struct ahci_port *port);
/* Tells the adapter where the port's memory is, as after its reset. Locked. */
void ahci_port_set_up(struct ahci_port *port);
/* The engine stands still and reads no commands. Locked. */
void ahci_port_start_engine(struct ahci_port *port);
/* True if the port raised the interrupt. No lock held. */
bool ahci_port_interrupt(struct ahci_port *port);
/* A line in the log, unless there are too many. Locked. */
void ahci_port_log(struct ahci_port *port, const char *what, uint32_t a, uint32_t b);

/* --- command.c --- */

int ahci_disk_submit(struct ddk_disk_request *request, bool last);
/* Issues what waits, if it may now; queued commands when the lock is given back. Locked. */
void ahci_port_issue(struct ahci_port *port);
/* Queued commands that may be issued now: they count as active. Locked. */
uint32_t ahci_port_take(struct ahci_port *port);
/* Issues those that were taken and more until there are none. `issuing` is the caller's; no lock
 * held. */
void ahci_port_issue_taken(struct ahci_port *port, uint32_t mask);
/* Finishes what the device has done. Locked. */
void ahci_port_collect(struct ahci_port *port);
/* The same for queued commands, without the lock but for the end: registers are slow, above all in
 * virtual machines, and others want to submit meanwhile. False: there are none. */
bool ahci_port_collect_queued(struct ahci_port *port, unsigned generation);
/* The requests of `mask` end with `error`: at once, or when the engine has stopped. They are in no
 * set any more than that one. Locked. */
void ahci_port_finish(struct ahci_port *port, uint32_t mask, int error);
void ahci_port_condemn(struct ahci_port *port, uint32_t mask, int error);

/* --- internal.c --- */

void ahci_internal_fill(struct command_fis *fis, enum ata_command command, uint8_t features);
/* Issues `fis` for the state machine; a page of data comes in. Locked, nothing is under way. */
void ahci_internal_begin(struct ahci_port *port, const struct command_fis *fis);
/* Issues the one that a thread wants. Likewise. */
void ahci_internal_issue(struct ahci_port *port);
/* -EAGAIN: what is under way is not done yet; else it is now: 0 with the data, or -EIO. Locked. */
int ahci_internal_poll(struct ahci_port *port);
/* What is under way, if anything, ends with `error`. Locked. */
void ahci_internal_end(struct ahci_port *port, int error);
/* What a thread waits for ends, under way or not. Locked. */
void ahci_internal_cancel(struct ahci_port *port, int error);
/* Issues `fis` between the requests and waits for its end; `data` (NULL: none) takes a page,
 * `received` (NULL) the device's answer, as long as a command. Thread context. -EIO, -EAGAIN (a
 * reset came), -ETIMEDOUT, -ENODEV. */
int must_check ahci_port_execute(struct ahci_port *port, const struct command_fis *fis,
				 uint16_t *data, uint8_t *received);

/* --- recovery.c --- */

/* Goes on from the state the port is in as far as it can. Locked. */
void ahci_port_advance(struct ahci_port *port);
/* The port begins anew with a reset of its link; requests that are under way end with -EAGAIN but
 * for those that have another error already. Locked. */
void ahci_port_begin_reset(struct ahci_port *port);
/* Something in PORT_INTERRUPTS, which was cleared, that is not just a completion. Locked, in a state
 * that lasts. */
void ahci_port_error(struct ahci_port *port, uint32_t interrupts);
/* True in states that last until something happens: those in which the port interrupts. */
bool ahci_port_is_settled(const struct ahci_port *port);
/* All stops, since the adapter is being reset. Locked. */
void ahci_port_wait_for_hba(struct ahci_port *port);
/* The adapter has been reset, so that nothing is under way any more: what was ends, and the port
 * begins anew. Locked. */
void ahci_port_restart(struct ahci_port *port);
/* For good: everything ends with `error`. The device does no DMA any more. Locked. */
void ahci_port_kill(struct ahci_port *port, int error);
void ahci_port_expire(struct ddk_timer *timer);

/* --- sleep.c --- */

/* See struct driver. */
int ahci_suspend(struct device *device);
int ahci_resume(struct device *device);

/* --- disk.c --- */

/* Makes and removes the disk as the port's state wants it. */
void ahci_disk_work(struct ddk_work *work);
/* Removes it, if there is one, for good. Thread context. */
void ahci_disk_destroy(struct ahci_port *port);
