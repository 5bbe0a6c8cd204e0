/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A simulated NVMe controller on the driver kit's mock: with namespaces in memory, commands that
 * take their time and end in any order, and faults on demand, of the kinds that the
 * specification knows and of those that it forbids.
 *
 * What the driver does wrong fails the test: doorbell values out of range or unchanged, ids that
 * are in use, queues that overflow, data that is not in DMA memory.
 */
#pragma once

#include "../nvme.h"

#include "../../../../ddk/mock/disk.h"
#include "../../../../ddk/mock/mock.h"

#define NVME_MODEL_QUEUES     9 /* with the admin queue */
#define NVME_MODEL_NAMESPACES 80
#define NVME_MODEL_PENDING    1024
#define NVME_MODEL_EVENTS     3 /* asynchronous event requests that it holds */

struct nvme_model;

struct nvme_model_namespace {
	bool active;
	struct nvme_namespace_data data;
	uint8_t *bytes;
};

struct nvme_model_sq {
	bool made;
	uint64_t base;
	uint32_t entries, head, tail;
	uint16_t cq;
	struct mock_event look; /* for new commands */
};

struct nvme_model_cq {
	bool made, interrupts;
	uint64_t base;
	uint32_t entries, head, tail;
	uint16_t phase;
	unsigned vector;
};

struct nvme_model_pending {
	bool used;
	struct nvme_model *model;
	struct mock_event event;
	uint16_t sq;
	struct nvme_command command;
};

/* How often, of a thousand times, something goes wrong with a command for reads and writes. */
struct nvme_model_faults {
	unsigned drop;           /* no completion, until it is aborted */
	unsigned error;          /* a random status */
	unsigned duplicate;      /* its completion comes twice */
	unsigned stray;          /* and one of nothing */
	unsigned wrong_queue;    /* one that names another queue first */
	unsigned old_phase;      /* one with the old phase first, which must not be seen */
	unsigned lost_interrupt; /* it comes without */
	unsigned admin;          /* of admin commands: no completion */
};

struct nvme_model {
	struct device device;

	/* What it is. */
	uint64_t capabilities;
	uint32_t version;
	struct nvme_controller_data identity;
	struct nvme_model_namespace namespaces[NVME_MODEL_NAMESPACES]; /* from number 1 */
	struct nvme_health_log health;
	uint32_t queues_granted; /* as the feature's result; UINT32_MAX: what was asked for */
	uint64_t random;         /* not 0 */
	uint64_t time_max;       /* nanoseconds that a command takes at most */

	/* How it fails. */
	bool never_ready, never_stops, fatal_on_enable, never_shuts_down;
	bool no_aborts;       /* they succeed, and nothing ends */
	bool refuses_aborts;  /* they say that nothing was aborted */
	bool forgets_shadow;  /* never asks for the doorbell again */
	bool babbles;         /* answers event requests at once */
	unsigned hung_opcode; /* admin command that is never answered, plus 1 */
	unsigned bad_opcode;  /* admin command that fails, plus 1 */
	struct nvme_model_faults faults;
	/* Unless NULL: the status for a command of an I/O queue; -1: no completion. */
	int (*judge)(struct nvme_model *model, const struct nvme_command *command);

	/* Its state. */
	uint32_t configuration, status, admin_entries;
	uint64_t admin_sq, admin_cq;
	struct nvme_model_sq sqs[NVME_MODEL_QUEUES];
	struct nvme_model_cq cqs[NVME_MODEL_QUEUES];
	struct nvme_model_pending pending[NVME_MODEL_PENDING];
	unsigned pending_count;
	uint64_t shadow, indices; /* 0: not in use */
	uint16_t event_ids[NVME_MODEL_EVENTS];
	unsigned event_count;
	uint32_t events_enabled;

	/* What it has seen. */
	unsigned enables, shutdowns, commands, flushes, forced, sgl_commands, prp_lists, aborts;
	unsigned doorbells, strays;
};

/* Sound, with one namespace of 4096 blocks of 512 bytes. */
void nvme_model_init(struct nvme_model *model);
/* Frees the namespaces' memory; checks that nothing is left of the driver. */
void nvme_model_fini(struct nvme_model *model);
struct nvme_model_namespace *nvme_model_add(struct nvme_model *model, uint32_t id,
					    unsigned block_shift, uint64_t blocks);
int nvme_model_probe(struct nvme_model *model);
void nvme_model_remove(struct nvme_model *model);
/* The device is not there any more. */
void nvme_model_pull(struct nvme_model *model);
/* Answers an event request, if it has one. */
bool nvme_model_tell(struct nvme_model *model, uint32_t event);
bool nvme_model_chance(struct nvme_model *model, unsigned of_thousand);

/* --- nvme_model.c: for the other parts --- */

/* Memory as the controller reaches it: NULL while it may not. */
void *nvme_model_memory(struct nvme_model *model, uint64_t address, size_t length);
/* Puts a completion into the queue of the command, and interrupts. */
void nvme_model_complete(struct nvme_model *model, uint16_t sq, uint16_t id, unsigned status,
			 uint32_t result);
/* Takes it out; false if there is none. */
bool nvme_model_abort(struct nvme_model *model, uint16_t sq, uint16_t id);

/* --- nvme_model_commands.c --- */

/* Does the command: its status, or -1: no completion now. */
int nvme_model_admin(struct nvme_model *model, const struct nvme_command *command,
		     uint32_t *result);
int nvme_model_io(struct nvme_model *model, const struct nvme_command *command);
