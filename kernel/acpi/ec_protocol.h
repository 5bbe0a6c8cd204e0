/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How an embedded controller (EC) is talked to (ACPI 6.5, chapter 12): bytes over two ports. Knows no
 * machine: what it needs is handed to it, by the kernel (ec.c) and by the tests' simulated controller.
 *
 * A controller may be slow, silent, gone, or full of nonsense: each transaction ends within a bounded
 * time, and one that fails again and again is not waited for any more, but tried now and then.
 *
 * Rules
 * - One transaction at a time: the caller's lock. All may wait, by `pause`.
 */
#pragma once

#include <base/types.h>

enum ec_port { EC_PORT_DATA, EC_PORT_COMMAND /* reads give the status */ };

enum ec_status {
	EC_OUTPUT_FULL = 1 << 0, /* there is a byte to read */
	EC_INPUT_FULL = 1 << 1,  /* what was written has not been taken yet */
	EC_BURST = 1 << 4,       /* it serves nobody else */
	EC_EVENT = 1 << 5,       /* it wants to be asked what happened */
};

struct ec_hardware {
	uint8_t (*read)(struct ec_hardware *hardware, enum ec_port port);
	void (*write)(struct ec_hardware *hardware, enum ec_port port, uint8_t value);
	/* Monotonic. */
	uint64_t (*now_ns)(struct ec_hardware *hardware);
	/* Lets some time pass, or less if the controller raises an interrupt. `round` counts from 0 while
	 * one thing is waited for. */
	void (*pause)(struct ec_hardware *hardware, unsigned round);
};

/* By the caller's lock, but for the statistics, which others may read. */
struct ec {
	struct ec_hardware *hardware;
	uint64_t deadline_ns;  /* of the transaction */
	uint64_t retry_ns;     /* while it is silent: when it is tried again */
	unsigned failures;     /* in a row */
	bool silent;           /* it failed too often */
	bool no_burst;         /* it does not know burst mode */
	uint64_t transactions; /* statistics: begun */
	uint64_t failed;       /* and failed for good */
	uint64_t bytes_stray;  /* bytes that it had to say when nothing was asked */
};

#define EC_TRANSACTION_NS  (500ull * 1000 * 1000) /* in which it must answer */
#define EC_RETRY_NS        (5000ull * 1000 * 1000)
#define EC_ATTEMPTS        2
#define EC_FAILURES_SILENT 3
#define EC_TRANSFER_MAX    8

void ec_init(struct ec *ec, struct ec_hardware *hardware);

/* Reads or writes `count` (1 to EC_TRANSFER_MAX) bytes from `address` on; several, in burst mode, if it
 * has that. -EINVAL (not within its 256 bytes), -ENODEV (nothing answers at the ports), -ETIMEDOUT,
 * -EIO (it talks nonsense, or is taken for silent). */
int must_check ec_transfer(struct ec *ec, bool write, unsigned address, uint8_t *bytes,
			   unsigned count);
/* Asks what happened; *query 0: nothing. Errors as above. */
int must_check ec_query(struct ec *ec, uint8_t *query);
/* True if it wants to be asked. Any context, without the lock. */
bool ec_event_waits(struct ec *ec);
