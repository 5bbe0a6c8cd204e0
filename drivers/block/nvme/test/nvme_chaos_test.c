/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver with controllers that do everything wrong, at random: whatever they do, each request
 * ends once, what was read is right, nothing is left, and the sanitizers have nothing to say.
 */
#include "nvme_model.h"

#include <base/errno.h>
#include <ddk/timer.h>
#include <unit.h>

#include <string.h>

#define REQUESTS 48
#define SEEDS    60
#define STEPS    600
#define PATIENCE (2 * DDK_SECOND) /* before a request is timed out */

struct flight {
	struct mock_request *request;
	uint64_t since;
};

static struct nvme_model model;
static struct flight flights[REQUESTS];
static bool always_last; /* each request is announced when it is submitted */

static uint64_t below(uint64_t bound)
{
	return unit_random_below(&model.random, bound);
}

/* The upper half of the disk is never written: what is read there is known. */
static void check(struct mock_request *request)
{
	const struct ddk_disk_request *given = &request->request;
	size_t offset = (size_t)given->block * 512;

	if (given->operation == DDK_DISK_READ && !request->error && given->block >= 2048)
		EXPECT_BYTES(mock_request_data(request), model.namespaces[0].bytes + offset,
			     given->count * 512);
}

static void reap(struct flight *flight)
{
	if (!flight->request || flight->request->busy)
		return;
	check(flight->request);
	mock_request_free(flight->request);
	flight->request = NULL;
}

static void submit_something(struct flight *flight)
{
	struct ddk_disk *disk = mock_disk(0);
	enum ddk_disk_operation operation = (enum ddk_disk_operation)below(5);
	uint32_t count = (uint32_t)(1 + below(disk->description.max_blocks));
	uint64_t block = below(2048 - count);

	if (operation == DDK_DISK_READ && below(2))
		block += 2048;
	if (operation == DDK_DISK_FLUSH)
		block = count = 0;
	flight->request = mock_request_create(disk, operation, block, count);
	if (operation == DDK_DISK_WRITE || operation == DDK_DISK_WRITE_ZEROES)
		flight->request->request.flags = below(2) ? DDK_DISK_FUA : 0;
	flight->request->request.queue = (unsigned)below(disk->description.queue_count);
	flight->since = ddk_time();
	if (mock_request_submit(flight->request, always_last || below(3))) {
		mock_request_free(flight->request);
		flight->request = NULL;
	}
}

static void step(void)
{
	struct flight *flight = &flights[below(REQUESTS)];
	struct ddk_disk_health health;

	reap(flight);
	if (!flight->request && mock_disk_count())
		submit_something(flight);
	else if (flight->request && ddk_time() - flight->since > PATIENCE)
		mock_request_time_out(flight->request);
	if (below(10) == 0)
		mock_run_for(below(100 * DDK_MILLISECOND));
	if (below(100) == 0)
		nvme_model_tell(&model, (uint32_t)unit_random(&model.random));
	if (below(200) == 0 && mock_disk_count())
		(void)!mock_disk(0)->ops->read_health(mock_disk(0), &health);
}

/* What the class does with those that the driver has while it removes the disk. */
static void settle(void)
{
	mock_run_for(DDK_SECOND);
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (flights[i].request)
			mock_request_time_out(flights[i].request);
		reap(&flights[i]);
	}
}

static void init(uint64_t seed)
{
	nvme_model_init(&model);
	model.random = seed * 0x9e3779b97f4a7c15ull | 1;
	model.identity.sgl = (uint32_t)below(3);
	model.identity.admin_commands = below(2) ? NVME_ADMIN_KNOWS_DOORBELLS : 0;
	model.capabilities = (model.capabilities & ~0xffffull) | (63 + below(200));
	model.device.irq_count = below(4) ? 8 : 1;
	mock_disk_random = seed;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	model.device.preempt = seed % 3 ? seed : 0;
}

static void set_faults(unsigned scale)
{
	unsigned *faults[] = {
		&model.faults.drop,           &model.faults.error,     &model.faults.duplicate,
		&model.faults.stray,          &model.faults.old_phase, &model.faults.wrong_queue,
		&model.faults.lost_interrupt,
	};

	for (size_t i = 0; i < array_length(faults); i++)
		*faults[i] = below(3) ? (unsigned)below(scale) : 0;
	model.no_aborts = below(4) == 0;
	model.refuses_aborts = below(4) == 0;
	model.forgets_shadow = below(8) == 0;
}

UNIT_TEST(nvme_chaos, survives_faults)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		init(seed);
		set_faults(100);
		for (unsigned i = 0; i < STEPS; i++)
			step();
		settle();
		model.device.preempt = 0;
		nvme_model_remove(&model);
		nvme_model_fini(&model);
	}
}

UNIT_TEST(nvme_chaos, survives_faults_of_admin_commands)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		init(seed);
		set_faults(50);
		model.faults.admin = 200;
		for (unsigned i = 0; i < STEPS / 2; i++)
			step();
		settle();
		model.device.preempt = 0;
		nvme_model_remove(&model);
		nvme_model_fini(&model);
	}
}

/* It is pulled out at any time: all ends, with ENODEV where it was not done before. */
UNIT_TEST(nvme_chaos, is_pulled_out_under_load)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		unsigned steps;

		init(seed);
		steps = (unsigned)below(200);
		for (unsigned i = 0; i < steps; i++)
			step();
		nvme_model_pull(&model);
		if (seed % 2)
			for (unsigned i = 0; i < 20; i++)
				step();
		model.device.preempt = 0;
		nvme_model_remove(&model);
		for (unsigned i = 0; i < REQUESTS; i++) {
			if (flights[i].request)
				EXPECT(!flights[i].request->busy);
			if (flights[i].request && flights[i].request->error)
				EXPECT_EQUAL(flights[i].request->error, -ENODEV);
			reap(&flights[i]);
		}
		nvme_model_fini(&model);
	}
}

/* It is given back while requests are under way, and namespaces come and go. */
UNIT_TEST(nvme_chaos, is_removed_under_load)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		unsigned steps;

		init(seed);
		always_last = true;
		steps = (unsigned)below(200);
		for (unsigned i = 0; i < steps; i++) {
			step();
			if (below(50) == 0) {
				nvme_model_add(&model, 2 + (uint32_t)below(4),
					       9 + (unsigned)below(5), 8 + below(100));
				nvme_model_tell(&model, 0x040002);
			}
		}
		model.device.preempt = 0;
		nvme_model_remove(&model);
		for (unsigned i = 0; i < REQUESTS; i++)
			reap(&flights[i]);
		nvme_model_fini(&model);
	}
}

static void fill_at_random(void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)bytes)[i] = (uint8_t)unit_random(&model.random);
}

/* Identify data is garbage: in part, so that what comes later is looked at, too. */
UNIT_TEST(nvme_chaos, has_garbage_for_an_identity)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct nvme_controller_data *identity = &model.identity;
		uint8_t byte = 0;

		nvme_model_init(&model);
		model.random = seed * 0x9e3779b97f4a7c15ull | 1;
		fill_at_random(identity, sizeof(*identity));
		if (below(4)) {
			identity->sq_entry_size = 0x66;
			identity->cq_entry_size = 0x44;
		}
		for (unsigned i = 0; i < 10; i++) {
			struct nvme_model_namespace *namespace = &model.namespaces[below(80)];

			namespace->active = true;
			fill_at_random(&namespace->data, sizeof(namespace->data));
			if (below(2))
			namespace->data.size >>= below(64);
			if (below(2))
			namespace->data.capacity = namespace->data.size;
			for (unsigned f = 0; f < 16 && below(4); f++)
			namespace->data.formats[f] =
				(struct nvme_format){ 0, (uint8_t)(8 + below(6)), 0 };
		}
		model.queues_granted = (uint32_t)unit_random(&model.random);
		fill_at_random(&byte, 1);
		model.health.critical_warning = byte;
		if (nvme_model_probe(&model) == 0) {
			nvme_model_tell(&model, 0x020001);
			mock_run_for(DDK_SECOND);
			nvme_model_remove(&model);
		}
		nvme_model_fini(&model);
	}
}
