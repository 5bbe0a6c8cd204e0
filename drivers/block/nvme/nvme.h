/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of NVM Express controllers (NVMe 1.4 over PCI Express): a queue pair for each CPU, and
 * one disk for each namespace.
 *
 * A request of the class goes from submit() (disk.c) into the queue pair of its CPU (queue.c),
 * and back from that pair's interrupt. All that concerns the controller as a whole is done by
 * one thread at a time, under `control`: admin commands, recovery, the list of namespaces.
 *
 * A queue pair has as many slots as commands can be under way on it. A namespace owns a range
 * of slots, the same in each pair, and a tag of the class is a place in that range: there is a
 * slot for each request that the class may have, so nothing is ever searched or waited for.
 *
 * What the controller says is checked, always: it may be broken, or hostile.
 */
#pragma once

#include <base/bits.h>
#include <base/list.h>
#include <ddk/disk.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <ddk/sync.h>
#include <ddk/work.h>

#include "specification.h"

#define NVME_PAGE_SHIFT 12
#define NVME_PAGE_SIZE  (1u << NVME_PAGE_SHIFT)

#define NVME_NAMESPACE_MAX 64
#define NVME_ENTRIES_MAX   1024 /* of a queue */
#define NVME_DEPTH_MAX     128  /* slots of a namespace in each queue */
#define NVME_ADMIN_ENTRIES 32
/* This part of the completions may be handed back before they are acknowledged. */
#define NVME_UNACKNOWLEDGED_SHARE 8

/* What a slot has for a list of PRP entries or SGL descriptors, or for a range to discard. */
#define NVME_LIST_SIZE       2048u
#define NVME_LIST_PRPS       (NVME_LIST_SIZE / sizeof(uint64_t))
#define NVME_LIST_SGLS       (NVME_LIST_SIZE / sizeof(struct nvme_sgl))
#define NVME_LISTS_PER_CHUNK 32u
#define NVME_CHUNK_MAX       (NVME_ENTRIES_MAX / NVME_LISTS_PER_CHUNK)
#define NVME_TRANSFER_MAX    (NVME_LIST_PRPS * NVME_PAGE_SIZE) /* bytes of one read or write */

#define NVME_SLOT_BITS 10 /* of a command's id; above them is the slot's generation */

_Static_assert(NVME_ENTRIES_MAX <= 1 << NVME_SLOT_BITS, "slots have numbers");

struct nvme_controller;

/* A submission queue and its completion queue. The owner's lock protects it. */
struct nvme_ring {
	/* Immutable. */
	struct nvme_controller *controller;
	uint16_t id;
	uint32_t entries; /* of both */
	struct ddk_dma commands, completions;

	uint32_t tail;      /* where the next command goes */
	uint32_t announced; /* the tail that the controller knows of */
	uint32_t head;      /* the next completion */
	uint16_t phase;     /* of new completions */
	uint32_t unacknowledged;
};

enum nvme_queue_state {
	NVME_QUEUE_HELD, /* the controller is being reset */
	NVME_QUEUE_LIVE,
	NVME_QUEUE_DEAD, /* for good */
};

struct nvme_slot {
	struct ddk_disk_request *request; /* NULL: free */
	uint16_t id;                      /* of its command, or of the last it had */
	bool aborted;                     /* it timed out, and we asked for an end */
};

struct nvme_queue {
	/* Immutable. */
	struct nvme_ring ring; /* its changing parts: the lock */
	unsigned vector;
	unsigned slot_count;
	uint32_t acknowledge_limit; /* as many completions are acknowledged at once */
	/* A chunk of lists for the slots of namespaces; made before a namespace has the slots. */
	struct ddk_dma lists[NVME_CHUNK_MAX];

	struct ddk_lock lock; /* all below */
	enum nvme_queue_state state;
	struct nvme_slot *slots;
	uint64_t strays; /* completions of what was never asked for */

	struct ddk_work poll; /* goes on with what was too much for one interrupt */
};

/* The admin queue: one command that a thread waits for, and one asynchronous event request. */
struct nvme_admin {
	struct nvme_ring ring; /* its changing parts: the lock */
	struct ddk_dma buffer; /* a page for commands with data; `control` */
	struct ddk_event done;

	struct ddk_lock lock; /* all below */
	uint16_t command_id, event_id;
	bool waiting, listening; /* the command, the event request is with the controller */
	uint16_t status;
	uint32_t result;
	bool event_came;
	uint32_t event;
	uint64_t strays;
};

struct nvme_namespace {
	/* Immutable once made. */
	struct list_node node; /* `control` */
	struct nvme_controller *controller;
	uint32_t id;
	unsigned block_shift;
	bool read_only;
	unsigned first_slot, depth;
	/* The thread that scans. */
	uint64_t block_count;
	struct ddk_disk *disk;
	/* The disk, once a request of it was sent away: to be told when the queues take more. */
	_Atomic(struct ddk_disk *) held;
};

struct nvme_controller {
	/* Immutable after probe. */
	struct device *device;
	struct ddk_region registers, doorbells;
	uint64_t capabilities;
	uint32_t version;
	size_t doorbell_stride;
	struct nvme_controller_data data;
	char model[DDK_DISK_MODEL_MAX], serial[DDK_DISK_SERIAL_MAX],
		firmware[DDK_DISK_FIRMWARE_MAX];
	uint32_t transfer_max;  /* bytes */
	unsigned sgl_alignment; /* 0: no SGLs */
	unsigned vector_count;  /* 1: all queues share it, else each has its own */
	unsigned queue_max;     /* as many have vectors, doorbells and a CPU */
	struct nvme_queue *queues;
	_Atomic unsigned queue_count;
	struct ddk_dma shadow; /* doorbells in memory, then the controller's event indices */

	/* The controller looks at `shadow`. Changed under `control` while no queue is live. */
	_Atomic bool shadow_used;
	_Atomic bool shadow_trusted; /* and it says when it does not look */
	_Atomic bool leaving;        /* the driver gives the device back */
	_Atomic bool resting;        /* the list of namespaces stays as it is: about to sleep */
	_Atomic bool asleep;         /* it is stopped, and takes no commands */
	_Atomic bool rescan;         /* the namespaces may have changed */
	_Atomic bool probed;         /* the work scans from now on */

	struct ddk_mutex control; /* see above; all below */
	struct nvme_admin admin;
	bool broken; /* it has left a command unanswered: to be reset */
	bool dead;   /* it is gone, or was given up */
	struct list namespaces;
	uint64_t used_slots[BITMAP_WORDS(NVME_ENTRIES_MAX)]; /* the thread that scans */

	struct ddk_work work; /* events and scans */
	/* The work: how many events came since then. */
	uint64_t event_window;
	unsigned event_count;
	/* `control`: how many resets there were since then. */
	uint64_t reset_window;
	unsigned reset_count;
};

/* --- ring.c --- */

/* Undone by nvme_ring_fini(), also after an error. */
int must_check nvme_ring_init(struct nvme_ring *ring, struct nvme_controller *controller,
			      uint16_t id, uint32_t entries);
void nvme_ring_fini(struct nvme_ring *ring);
/* As it was; the controller does not use it. */
void nvme_ring_reset(struct nvme_ring *ring);
/* The place of the next command, which the owner fills whole. There is always one: fewer commands
 * are under way than there are entries. */
static inline struct nvme_command *nvme_ring_place(struct nvme_ring *ring)
{
	return (struct nvme_command *)ring->commands.memory + ring->tail;
}
/* The command at nvme_ring_place() is complete. */
static inline void nvme_ring_push(struct nvme_ring *ring)
{
	ring->tail = ring->tail + 1 == ring->entries ? 0 : ring->tail + 1;
}
/* Tells the controller of what was pushed. */
void nvme_ring_announce(struct nvme_ring *ring);
/* Takes the next completion, if there is one. */
bool nvme_ring_take(struct nvme_ring *ring, struct nvme_completion *completion);
/* Gives the entries of completions that were taken back to the controller. */
void nvme_ring_acknowledge(struct nvme_ring *ring);
/* Rings both doorbells, whatever the event indices say. Only where `shadow_used`: registers must
 * not be written with the value they have. */
void nvme_ring_insist(struct nvme_ring *ring);

/* --- queue.c --- */

int must_check nvme_queue_init(struct nvme_queue *queue, struct nvme_controller *controller,
			       unsigned index, uint32_t entries);
void nvme_queue_fini(struct nvme_queue *queue);
/* Makes lists for the slots. -ENOMEM. Thread context. */
int must_check nvme_queue_provide(struct nvme_queue *queue, unsigned first, unsigned count);
/* See ddk_disk_ops.submit. */
int must_check nvme_queue_submit(struct nvme_queue *queue, struct nvme_namespace *namespace,
				 struct ddk_disk_request *request, bool last);
/* Completes what the controller has done; true if there was any. No lock held. */
bool nvme_queue_process(struct nvme_queue *queue);
void nvme_queue_set_state(struct nvme_queue *queue, enum nvme_queue_state state);
/* True if the request is with the controller. If so and `abort`, marks it as aborted and gives
 * the id of its command. */
bool nvme_queue_has(struct nvme_queue *queue, const struct ddk_disk_request *request, bool abort,
		    uint16_t *id);
/* Takes all requests from a controller that no longer touches memory: `culprit`, which may be
 * NULL, ends with -ETIMEDOUT, the others with `error`. The queue is not live. */
void nvme_queue_take_away(struct nvme_queue *queue, const struct ddk_disk_request *culprit,
			  int error);

/* --- data.c --- */

/* A slot's list. */
struct nvme_list {
	void *memory;
	uint64_t device_address;
};

/* Points the command to the request's segments, by PRP entries or SGL descriptors. -EREMOTEIO: the
 * controller cannot do that. */
int must_check nvme_describe_data(const struct nvme_controller *controller,
				  const struct ddk_disk_request *request,
				  const struct nvme_list *list, struct nvme_command *command);

/* --- status.c --- */

/* The status field of a completion (shifted: without the phase) as an error of ddk/disk.h. */
int nvme_status_error(unsigned status);

/* --- admin.c: all under `control`, but for the interrupt. --- */

int must_check nvme_admin_init(struct nvme_controller *controller);
void nvme_admin_fini(struct nvme_controller *controller);
bool nvme_admin_interrupt(struct nvme_controller *controller);
/* Sends the command and waits: 0 and, unless NULL, its result; errors of nvme_status_error();
 * -ETIMEDOUT: it did not answer, and `broken` is set; -EAGAIN: it is asleep; -ENODEV: it is gone. */
int must_check nvme_admin_run(struct nvme_controller *controller, struct nvme_command *command,
			      uint32_t *result);
/* The same with data from the device: a copy of `length` bytes, at most a page. */
int must_check nvme_admin_read(struct nvme_controller *controller, struct nvme_command *command,
			       void *to, size_t length);
int must_check nvme_identify(struct nvme_controller *controller, enum nvme_identify what,
			     uint32_t namespace, void *to);
int must_check nvme_read_log(struct nvme_controller *controller, enum nvme_log log, void *to,
			     size_t length);
int must_check nvme_set_feature(struct nvme_controller *controller, enum nvme_feature feature,
				uint32_t value, uint32_t *result);
/* Asks for the next event. */
void nvme_admin_listen(struct nvme_controller *controller);

/* --- controller.c: under `control`. --- */

/* Stops the controller, and starts it with only the admin queue. -ETIMEDOUT, -EIO, -ENODEV. */
int must_check nvme_controller_enable(struct nvme_controller *controller);
/* Stops it: it touches no memory afterwards. -ETIMEDOUT (it might), -ENODEV (gone). */
int must_check nvme_controller_disable(struct nvme_controller *controller);
/* Tells it that power may go, then stops it. */
void nvme_controller_shut_down(struct nvme_controller *controller);
bool nvme_controller_is_gone(const struct nvme_controller *controller);
bool nvme_controller_has_failed(const struct nvme_controller *controller);

/* --- setup.c --- */

/* Maps the registers and learns of the limits in them. -EOPNOTSUPP, -ENODEV, -ENOMEM. */
int must_check nvme_controller_open(struct nvme_controller *controller);
void nvme_controller_close(struct nvme_controller *controller);
/* Asks what it can do. -EOPNOTSUPP: it lacks what the driver needs. Under `control`. */
int must_check nvme_controller_identify(struct nvme_controller *controller);
/* Makes as many queues as there can be, with their interrupts. Under `control`. */
int must_check nvme_controller_make_queues(struct nvme_controller *controller);
/* After an enable: has the controller know the queues, which go live. Under `control`. */
int must_check nvme_controller_start_queues(struct nvme_controller *controller);
/* The interrupts of the admin queue and of the queues that there are. */
int must_check nvme_controller_connect(struct nvme_controller *controller);
void nvme_controller_disconnect(struct nvme_controller *controller);

/* --- recovery.c --- */

void nvme_control_acquire(struct nvme_controller *controller);
/* Resets a controller that is broken first. */
void nvme_control_release(struct nvme_controller *controller);
/* Takes all requests away and starts the controller anew; gives it up where that fails. Under
 * `control`. */
void nvme_controller_reset(struct nvme_controller *controller,
			   const struct ddk_disk_request *culprit);
/* Starts a controller that is stopped and has no requests, as it was before; gives it up where that fails
 * (-EIO, -ENODEV). Under `control`. */
int must_check nvme_controller_restart(struct nvme_controller *controller);
/* Gives it up: all requests end with -ENODEV. Under `control`. */
void nvme_controller_give_up(struct nvme_controller *controller, const char *why);
/* See ddk_disk_ops.timed_out. */
void nvme_recover(struct nvme_queue *queue, struct ddk_disk_request *request);

/* --- namespace.c: thread that probes, then the work. --- */

/* Brings the disks in line with the controller's namespaces. `control` is not held. */
void nvme_scan(struct nvme_controller *controller);
void nvme_remove_namespaces(struct nvme_controller *controller);

/* --- sleep.c --- */

/* See struct driver. */
int nvme_suspend(struct device *device);
int nvme_resume(struct device *device);

/* --- disk.c --- */

extern const struct ddk_disk_ops nvme_disk_ops;
void nvme_describe_disk(const struct nvme_namespace *namespace,
			const struct nvme_namespace_data *data,
			struct ddk_disk_description *description);

/* --- event.c --- */

/* Has the controller report events. Under `control`. */
void nvme_start_events(struct nvme_controller *controller);
void nvme_run_work(struct ddk_work *work);
int must_check nvme_read_health(struct nvme_controller *controller, struct ddk_disk_health *health);
