/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An AHCI adapter with ATA disks, for tests on the mock of the driver kit. It keeps to the
 * specification unless it is told not to, and fails the test where the driver does not: commands
 * that are issued while the engine is off or that are not well made, queued commands mixed with
 * others, memory that is not the driver's, one that was completed while the adapter still had it.
 */
#pragma once

#include "../../../../ddk/mock/disk.h"
#include "../ahci.h"

#define SIM_PORTS  6
#define SIM_BLOCKS 4096 /* of a disk, at first */

/* What a port does wrong. Chances are in 1000 for each command (or what is said). */
struct sim_faults {
	bool engine_stuck;   /* keeps running when it is told to stop, until the adapter's reset */
	bool link_dead;      /* nothing answers a COMRESET any more */
	bool never_ready;    /* stays busy after a COMRESET */
	bool fails_identify; /* aborts it */
	bool garbage_identify; /* anything; the checksum is right or there is none */
	bool no_log;           /* aborts reading the log of errors */
	bool log_lies;         /* it is about another tag */
	bool log_damaged;
	bool ghosts;         /* SActive and Command Issue have bits that were never issued */
	bool hostile_fis;    /* the received FIS area changes all the time */
	bool swallows;       /* commands are never done */
	bool only_transfers; /* what follows is about reads and writes alone */
	unsigned fails;      /* task-file error */
	unsigned breaks;     /* interface error */
	unsigned hangs;      /* is never done */
	unsigned loses_irq;
	unsigned doubles_irq;
	unsigned drops_link; /* the device goes and comes back */
	unsigned spurious;   /* an error interrupt without a cause */
};

struct sim_hba;

struct sim_port {
	struct sim_hba *hba;
	unsigned number;
	/* The device. */
	bool present;
	uint32_t signature;
	uint16_t identify[ATA_WORDS];
	uint8_t *bytes;
	uint64_t block_count;
	uint32_t block_size;
	uint64_t bad_block; /* reads and writes of it fail; UINT64_MAX: none */
	uint8_t bad_error;  /* error register then */
	uint32_t error_tag; /* of the queued command that failed */
	uint8_t error_status, error_register;
	bool failed; /* takes no queued commands before its log is read, or a reset */
	uint8_t smart[ATA_PAGE], thresholds[ATA_PAGE];
	bool smart_failing;
	/* Registers. */
	uint64_t list, fis;
	uint32_t irq, irq_enable, command, task_file, status, control, error, active, issue;
	uint32_t started; /* of `issue`: taken up */
	struct mock_event events[AHCI_SLOTS_MAX], link_event, stop_event;
	struct sim_faults faults;
	/* Counted. */
	unsigned commands, flushes, standbys, trims, queued_most, resets, logs_read, fua;
	uint64_t trimmed;
};

struct sim_hba {
	struct device device; /* device.context is this */
	uint32_t capabilities, capabilities2, implemented, control, irq, handoff;
	bool reset_stuck; /* the adapter's reset does not end */
	bool handoff_stuck;
	unsigned resets;
	uint64_t random;     /* a seed */
	uint64_t latency_ns; /* of a command, at most */
	struct mock_event reset_event;
	struct sim_port ports[SIM_PORTS];
};

/* An adapter with 32 slots and all features, port 0 with a disk, the others empty; mock_start() is
 * done. */
void sim_start(struct sim_hba *hba);
/* mock_finish(), and what is the simulation's. */
void sim_finish(struct sim_hba *hba);
/* What the driver's record says. */
int must_check sim_probe(struct sim_hba *hba);
void sim_remove(struct sim_hba *hba);
/* Attaches a disk that behaves, or takes away what is there, as seen by the adapter. */
void sim_attach(struct sim_port *port);
void sim_detach(struct sim_port *port);
/* All registers read as ones from now on. */
void sim_pull_out(struct sim_hba *hba);
/* The checksum of IDENTIFY data is made right. */
void sim_seal(uint16_t identify[ATA_WORDS]);
