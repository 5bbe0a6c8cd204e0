/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the controller tells of its own accord (5.2), and of its health when asked (5.14.1.2). */
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/timer.h>

#include <stdatomic.h>

#include "nvme.h"

/* One that tells more than this is not listened to any longer. */
#define EVENTS_MAX    16
#define EVENTS_WINDOW DDK_SECOND

#define ZERO_CELSIUS 273 /* kelvin */
#define UNIT_BLOCKS  1000

void nvme_start_events(struct nvme_controller *controller)
{
	uint32_t wanted = NVME_ASYNC_HEALTH_WARNINGS |
			  (controller->data.async_events & NVME_ASYNC_NAMESPACE_CHANGED);

	if (nvme_set_feature(controller, NVME_FEATURE_ASYNC_EVENTS, wanted, NULL))
		ddk_warning(controller->device, "does not report events");
	else
		nvme_admin_listen(controller);
}

/* --- Health ---------------------------------------------------------------------------------- */

/* A count of 128 bits. UINT64_MAX would mean that it is unknown. */
static uint64_t saturate(const uint64_t count[2])
{
	return count[1] ? UINT64_MAX - 1 : min_u64(count[0], UINT64_MAX - 1);
}

static uint64_t saturate_blocks(const uint64_t units[2])
{
	uint64_t count = saturate(units);

	return count > (UINT64_MAX - 1) / UNIT_BLOCKS ? UINT64_MAX - 1 : count * UNIT_BLOCKS;
}

static int kelvin(const struct nvme_health_log *log)
{
	return log->temperature[0] | log->temperature[1] << 8;
}

int nvme_read_health(struct nvme_controller *controller, struct ddk_disk_health *health)
{
	struct nvme_health_log log;
	int error;

	nvme_control_acquire(controller);
	error = nvme_read_log(controller, NVME_LOG_HEALTH, &log, sizeof(log));
	nvme_control_release(controller);
	if (error)
		return error;
	*health = (struct ddk_disk_health){
		/* That it is too warm, or too cold, will pass. */
		.failing = log.critical_warning & ~(unsigned)NVME_WARNING_TEMPERATURE,
		.temperature = kelvin(&log) ? kelvin(&log) - ZERO_CELSIUS : INT32_MIN,
		.percentage_used = log.percentage_used,
		.spare_percent = log.spare,
		.power_on_hours = saturate(log.power_on_hours),
		.power_cycles = saturate(log.power_cycles),
		.unsafe_shutdowns = saturate(log.unsafe_shutdowns),
		.blocks_read = saturate_blocks(log.units_read),
		.blocks_written = saturate_blocks(log.units_written),
		.media_errors = saturate(log.media_errors),
		.reallocated_sectors = UINT64_MAX,
	};
	return 0;
}

/* --- Events: under `control` ----------------------------------------------------------------- */

static void report_health(struct nvme_controller *controller)
{
	static const char *const warnings[] = {
		"few spare blocks are left",
		"its temperature is out of range",
		"it is not reliable any more",
		"it can only be read now",
		"its memory is not backed up any more",
	};
	struct nvme_health_log log;

	/* Reading it lets the controller report the next warning. */
	if (nvme_read_log(controller, NVME_LOG_HEALTH, &log, sizeof(log)))
		return;
	for (unsigned i = 0; i < array_length(warnings); i++) {
		if (log.critical_warning & 1u << i)
			ddk_warning(controller->device,
				    "health: %s (%d K, %u %% spare, %u %% used)", warnings[i],
				    kelvin(&log), log.spare, log.percentage_used);
	}
}

static void report_error(struct nvme_controller *controller, uint32_t event)
{
	static const char *const errors[] = {
		"a doorbell of no queue was rung",
		"a doorbell got a value that is wrong",
		"a self-test failed",
		"a persistent internal error",
		"a passing internal error",
		"its firmware was not loaded",
	};
	unsigned info = NVME_EVENT_INFO(event);
	uint8_t log[NVME_LOG_ERROR_LENGTH];

	ddk_error(controller->device, "reports %s",
		  info < array_length(errors) ? errors[info] : "an unknown error");
	if (nvme_controller_has_failed(controller))
		controller->broken = true;
	else
		(void)!nvme_read_log(controller, NVME_LOG_ERRORS, log, sizeof(log));
}

static void handle_notice(struct nvme_controller *controller, uint32_t event)
{
	uint32_t changed[NVME_IDENTIFY_LIST / 8];

	if (NVME_EVENT_INFO(event) != NVME_NOTICE_NAMESPACE_CHANGED)
		return;
	/* What it says is not needed, but until it is read no other change is reported. */
	(void)!nvme_read_log(controller, NVME_LOG_CHANGED_NAMESPACES, changed, sizeof(changed));
	controller->rescan = true;
}

static void handle_event(struct nvme_controller *controller, uint32_t event)
{
	switch (NVME_EVENT_KIND(event)) {
	case NVME_EVENT_ERROR:
		report_error(controller, event);
		break;
	case NVME_EVENT_HEALTH:
		report_health(controller);
		break;
	case NVME_EVENT_NOTICE:
		handle_notice(controller, event);
		break;
	default:
		ddk_info(controller->device, "event 0x%x", event);
		break;
	}
}

static bool take_event(struct nvme_admin *admin, uint32_t *event)
{
	bool came;

	ddk_lock_acquire(&admin->lock);
	came = admin->event_came;
	admin->event_came = false;
	*event = admin->event;
	ddk_lock_release(&admin->lock);
	return came;
}

/* True if the controller has told too much lately. */
static bool is_babbling(struct nvme_controller *controller)
{
	uint64_t now = ddk_time();

	if (now - controller->event_window > EVENTS_WINDOW) {
		controller->event_window = now;
		controller->event_count = 0;
	}
	return ++controller->event_count > EVENTS_MAX;
}

void nvme_run_work(struct ddk_work *work)
{
	struct nvme_controller *controller = container_of(work, struct nvme_controller, work);
	uint32_t event;

	if (controller->leaving || controller->resting)
		return;
	nvme_control_acquire(controller);
	if (take_event(&controller->admin, &event)) {
		handle_event(controller, event);
		if (is_babbling(controller))
			ddk_warning(controller->device, "too many events: no longer listened to");
		else if (!controller->broken && !controller->dead)
			nvme_admin_listen(controller);
	}
	nvme_control_release(controller);
	if (controller->probed && atomic_exchange(&controller->rescan, false))
		nvme_scan(controller);
}
