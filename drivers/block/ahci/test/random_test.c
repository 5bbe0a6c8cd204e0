/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver with adapters that go wrong at random, under load, as a class that tries again would
 * put it: everything must come to an end, nothing twice, and what is said to be done must be done.
 */
#include "simulated.h"

#include <base/errno.h>
#include <unit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS 48
#define STRIPE   32 /* blocks that a request has for itself: so the order does not matter */
#define BLOCK    512
#define STALL    (20 * DDK_MILLISECOND) /* nothing takes so long unless it is forgotten */
#define RUNS     16
#define TRIES    6
#define TIMEOUT  (2 * DDK_SECOND) /* the class's, shorter than it is */

/* One of those that keep the disk busy. */
struct job {
	struct mock_request *request; /* NULL: none */
	uint64_t submitted;
	unsigned tries;
	uint8_t wanted[STRIPE * BLOCK]; /* what its stripe holds */
	bool known;                     /* that is so */
};

static struct sim_hba sim;
static struct job jobs[REQUESTS];
static uint64_t random_state;
static unsigned done, failed;
static bool strict;   /* nothing goes wrong, and nothing may be forgotten */
static bool truthful; /* the adapter says that things are done only when they are */

static unsigned pick(unsigned bound)
{
	return (unsigned)unit_random_below(&random_state, bound);
}

static void end_job(struct job *job)
{
	struct mock_request *request = job->request;

	job->request = NULL;
	if (!request->completed && !request->error)
		request->error = -ENODEV; /* the disk went before its turn came */
	if (request->error)
		failed++;
	else
		done++;
	if (request->request.operation == DDK_DISK_WRITE)
		job->known = !request->error && truthful;
	else if (request->request.operation == DDK_DISK_READ && !request->error && job->known)
		EXPECT_BYTES(mock_request_data(request), job->wanted, request->length);
	mock_request_free(request);
}

static void begin_job(struct job *job, struct ddk_disk *disk);

/* As the class does: who completes one submits another. */
static void chain(struct mock_request *request)
{
	struct job *job = &jobs[pick(REQUESTS)];

	if (!job->request)
		begin_job(job, request->request.disk);
}

static void submit_job(struct job *job)
{
	int error = mock_request_submit(job->request, strict || pick(4) != 0);

	job->submitted = ddk_time();
	if (error && error != -EBUSY && error != -EAGAIN) {
		job->request->error = error;
		end_job(job);
	}
}

static void begin_job(struct job *job, struct ddk_disk *disk)
{
	uint64_t block = (uint64_t)(job - jobs) * STRIPE;
	unsigned kind = pick(20);

	job->tries = 0;
	if (kind == 0) {
		job->request = mock_request_create(disk, DDK_DISK_FLUSH, 0, 0);
	} else if (kind == 1 && disk->description.max_discard_blocks) {
		job->known = false;
		job->request = mock_request_create(disk, DDK_DISK_DISCARD, block, STRIPE);
	} else if (kind < 10) {
		job->request = mock_request_create(disk, DDK_DISK_WRITE, block, STRIPE);
		job->known = false;
		for (size_t i = 0; i < sizeof(job->wanted); i++)
			job->wanted[i] = (uint8_t)unit_random(&random_state);
		memcpy(mock_request_data(job->request), job->wanted, sizeof(job->wanted));
	} else {
		job->request = mock_request_create(disk, DDK_DISK_READ, block, 1 + pick(STRIPE));
	}
	job->request->complete = strict ? chain : NULL;
	submit_job(job);
}

/* What the class does with one that completed. */
static void look_after(struct job *job)
{
	struct mock_request *request = job->request;

	if (request->busy) {
		EXPECT(!strict || ddk_time() - job->submitted < STALL);
		if (ddk_time() - job->submitted > TIMEOUT)
			mock_request_time_out(request);
		return;
	}
	if (request->request.disk != mock_disk(0))
		end_job(job); /* it has gone */
	else if (!request->completed ||
		 (request->error && request->error != -ENODEV && job->tries++ < TRIES))
		submit_job(job);
	else
		end_job(job);
}

static void run_load(unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		struct ddk_disk *disk = mock_disk(0);

		for (unsigned i = 0; i < REQUESTS; i++) {
			disk = mock_disk(0);
			if (jobs[i].request)
				look_after(&jobs[i]);
			else if (disk && pick(3) == 0)
				begin_job(&jobs[i], disk);
		}
		/* The last of a batch. */
		disk = mock_disk(0);
		mock_run_for(pick(400) * DDK_MICROSECOND);
	}
}

/* Requests whose disk has gone cannot be submitted again. */
static void forget_disk(void)
{
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (jobs[i].request && !jobs[i].request->busy)
			end_job(&jobs[i]);
		jobs[i].known = false;
	}
}

static void (*chosen_faults)(struct sim_faults *faults);

static void some_errors(struct sim_faults *faults)
{
	faults->fails = pick(40);
	faults->breaks = pick(20);
	faults->no_log = pick(3) == 0;
	faults->log_damaged = pick(4) == 0;
	faults->doubles_irq = pick(200);
}

static void hang_ups(struct sim_faults *faults)
{
	some_errors(faults);
	faults->hangs = pick(10);
	faults->loses_irq = pick(50);
	faults->engine_stuck = pick(8) == 0;
}

static void link_trouble(struct sim_faults *faults)
{
	some_errors(faults);
	faults->drops_link = pick(20);
	faults->spurious = pick(50);
	faults->hostile_fis = true;
	faults->link_dead = pick(30) == 0;
	faults->never_ready = pick(30) == 0;
	faults->fails_identify = pick(30) == 0;
}

static void anything(struct sim_faults *faults)
{
	hang_ups(faults);
	link_trouble(faults);
	faults->log_lies = pick(3) == 0;
	faults->ghosts = pick(3) == 0;
	faults->garbage_identify = pick(10) == 0;
	faults->swallows = pick(20) == 0;
}

static void one_run(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15;
	memset(jobs, 0, sizeof(jobs));
	sim_start(&sim);
	sim.random = seed;
	sim.device.preempt = seed & 1 ? seed : 0;
	mock_disk_random = seed;
	if (pick(4) == 0)
		sim.capabilities &= ~HBA_CAPABILITIES_NCQ;
	if (pick(4) == 0)
		sim.capabilities &= ~HBA_CAPABILITIES_64BIT;
	if (pick(4) == 0)
		sim.capabilities &= ~HBA_CAPABILITIES_CLO;
	EXPECT_EQUAL(sim_probe(&sim), 0);
	for (unsigned phase = 0; phase < 6; phase++) {
		memset(&sim.ports[0].faults, 0, sizeof(sim.ports[0].faults));
		if (phase % 3)
			chosen_faults(&sim.ports[0].faults);
		run_load(60);
		if (!mock_disk(0))
			forget_disk();
	}
}

/* Whatever there was: all comes to an end. */
static void end_run(bool pull)
{
	for (unsigned i = 0; i < REQUESTS; i++)
		if (jobs[i].request)
			jobs[i].request->complete = NULL;
	if (pull)
		sim_pull_out(&sim);
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (!jobs[i].request)
			continue;
		mock_request_time_out(jobs[i].request);
		end_job(&jobs[i]);
	}
	sim_remove(&sim);
	EXPECT_EQUAL(mock_disk_count(), 0);
	sim_finish(&sim);
}

static void run_all(void (*faults)(struct sim_faults *faults), bool honest, unsigned runs)
{
	const char *only = getenv("AHCI_SEED");

	chosen_faults = faults;
	truthful = honest;
	done = failed = 0;
	for (unsigned seed = 1; seed <= runs; seed++) {
		if (only && seed != strtoul(only, NULL, 0))
			continue;
		if (getenv("AHCI_VERBOSE"))
			fprintf(stderr, "seed %u\n", seed);
		one_run(seed);
		end_run(pick(3) == 0);
	}
	/* Else this tests nothing. */
	EXPECT(only || done > runs * 100);
}

UNIT_TEST(ahci_random, errors)
{
	run_all(some_errors, true, RUNS);
}

UNIT_TEST(ahci_random, hang_ups)
{
	run_all(hang_ups, true, RUNS);
}

UNIT_TEST(ahci_random, link_trouble)
{
	run_all(link_trouble, true, RUNS);
}

UNIT_TEST(ahci_random, anything)
{
	run_all(anything, false, RUNS);
}

static void nothing(struct sim_faults *faults)
{
	faults->doubles_irq = pick(100);
}

UNIT_TEST(ahci_random, nothing_is_forgotten)
{
	strict = true;
	run_all(nothing, true, RUNS);
}
