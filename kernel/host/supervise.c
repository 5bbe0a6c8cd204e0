/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread of a service: has a host for the device whenever there is to be one. After an end that was not wanted the
 * next is started at once; after failures that follow each other soon, later and later, and after some it is given
 * up. Who is killed from outside has not failed.
 */
#include "host_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <dev/device.h>
#include <proc/process.h>
#include <sched/thread.h>
#include <time/clock.h>

#define BACK_OFF       (10 * NS_PER_MILLISECOND) /* after the second failure; doubles */
#define FAILURE_WINDOW (60 * NS_PER_SECOND)

static const char *driver_name(const struct host_service *service)
{
	return service->object->record.name;
}

static void set_state(struct host_service *service, enum host_state to)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);

	service->state = to;
	spin_unlock_irqrestore(&service->lock, state);
	wait_wake_all(&service->state_wait);
}

/* Of a probe that somebody waits for; later ones nobody hears of. */
static void set_result(struct host_service *service, int result)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);

	if (service->result > 0)
		service->result = result;
	spin_unlock_irqrestore(&service->lock, state);
	wait_wake_all(&service->state_wait);
}

struct wishes {
	bool stop, leaving, asleep, rest;
};

static struct wishes read_wishes(struct host_service *service)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);
	struct wishes wishes = { service->stop, service->leaving, service->asleep, service->rest };

	spin_unlock_irqrestore(&service->lock, state);
	return wishes;
}

/* --- Starting ----------------------------------------------------------------------------------- */

static void probed(struct host_request *request, int error, uint64_t result)
{
	struct host_service *service = container_of(request, struct host_service, probe);

	(void)result;
	service->probe_result = error;
	host_service_poke(service);
}

/* The present host is this one. */
static void set_host(struct host_service *service, struct host *host)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);
	struct host *old = service->host;

	service->host = host;
	service->state = HOST_STATE_STARTING;
	spin_unlock_irqrestore(&service->lock, state);
	if (old)
		host_put(old);
	wait_wake_all(&service->state_wait);
}

static int start(struct host_service *service)
{
	const struct host_message message = { .kind = HOST_MESSAGE_PROBE };
	struct host *host;
	int error = host_create(service, &host);

	if (error)
		return error;
	host_get(host);
	set_host(service, host);
	service->probe_result = 1;
	service->probe.done = probed;
	host_watch_begin(service, host, clock_monotonic_ns());
	/* There is nothing else in the ring yet. */
	error = host_send(host, &service->probe, &message, NULL, 0, true);
	if (error)
		service->probe_result = error;
	host_run(host);
	host_put(host);
	return 0;
}

/* --- Ends --------------------------------------------------------------------------------------- */

/* Counts one more, and forgets those that are long past. How many there are. */
static unsigned count_failure(struct host_service *service, uint64_t now)
{
	unsigned count = 0;

	service->failures[service->failure++ % HOST_FAILURES_MAX] = now;
	for (unsigned i = 0; i < HOST_FAILURES_MAX; i++)
		if (service->failures[i] && now - service->failures[i] < FAILURE_WINDOW)
			count++;
	return count;
}

/* Requests of its classes fail from now on. */
static void give_up(struct host_service *service, const char *why)
{
	log_error("host", "%s: driver %s is given up: %s", service->device->name,
		  driver_name(service), why);
	set_result(service, -EIO);
	set_state(service, HOST_STATE_GIVEN_UP);
	device_handover_end(service->device);
}

static void start_later(struct host_service *service, unsigned failures)
{
	uint64_t delay = failures < 2 ? 0 : BACK_OFF << (failures - 2);

	service->due = clock_monotonic_ns() + delay;
	set_state(service, HOST_STATE_WAITING);
}

/* After an end that nobody wanted. */
static void go_on(struct host_service *service, bool failed, bool refused)
{
	char why[HOST_END_MAX];
	unsigned failures = failed ? count_failure(service, clock_monotonic_ns()) : 0;
	irq_state_t state = spin_lock_irqsave(&service->lock);

	string_copy(why, service->last_end, sizeof(why));
	spin_unlock_irqrestore(&service->lock, state);
	if (refused || failures >= HOST_FAILURES_MAX)
		give_up(service, why);
	else
		start_later(service, failures);
}

static void note_last_end(struct host_service *service, struct host *host)
{
	char text[HOST_END_MAX];
	irq_state_t state;

	host_copy_end(host, text, sizeof(text));
	state = spin_lock_irqsave(&service->lock);
	string_copy(service->last_end, text, sizeof(service->last_end));
	spin_unlock_irqrestore(&service->lock, state);
	log_warning("host", "%s: the host of driver %s ended: %s", service->device->name,
		    driver_name(service), text);
}

/* A host that has ended, or is to: takes all from it, and says what comes next. */
static void end(struct host_service *service, struct host *host, int probe_error)
{
	struct wishes wishes = read_wishes(service);
	bool wanted = wishes.stop || wishes.leaving || probe_error;
	/* What the driver did not do to itself. */
	bool failed = host->condemned || !host_was_killed(host);

	set_state(service, HOST_STATE_ENDING);
	if (!wanted && service->probed)
		device_handover_begin(service->device);
	host_bury(service, host);
	if (!wanted)
		note_last_end(service, host);
	if (!service->probed && !wishes.leaving) {
		/* Its very first probe: kernel/dev asks another driver. */
		set_state(service, HOST_STATE_RESTING);
		set_result(service, probe_error ? probe_error : host->refused ? -EPERM : -EIO);
	} else if (wishes.stop || wishes.leaving) {
		set_state(service, HOST_STATE_RESTING);
	} else if (probe_error) {
		log_warning("host", "%s: driver %s failed: error %d", service->device->name,
			    driver_name(service), -probe_error);
		go_on(service, true, false);
	} else {
		service->restarts++;
		go_on(service, failed, host->refused);
	}
}

/* --- The thread --------------------------------------------------------------------------------- */

static void serve_now(struct host_service *service)
{
	bool again = service->probed;

	service->probed = true;
	set_state(service, HOST_STATE_RUNNING);
	set_result(service, 0);
	if (!again)
		return;
	log_notice("host", "%s: driver %s serves it again", service->device->name,
		   driver_name(service));
	device_handover_end(service->device);
}

/* Sees to the present host. When it is to be looked at again. */
static uint64_t see_to(struct host_service *service, struct host *host)
{
	int probe_error = service->probe_result;
	struct wishes wishes = read_wishes(service);

	if (host->gone || host->condemned || wishes.stop || wishes.rest) {
		end(service, host, 0);
		return 0;
	}
	if (service->state == HOST_STATE_STARTING && probe_error < 0) {
		end(service, host, probe_error);
		return 0;
	}
	if (service->state == HOST_STATE_STARTING && probe_error == 0)
		serve_now(service);
	return host_watch(service, host, clock_monotonic_ns());
}

/* Starts one, if it is time. When that will be. */
static uint64_t see_to_none(struct host_service *service)
{
	struct wishes wishes = read_wishes(service);
	int error;

	if (service->state == HOST_STATE_GIVEN_UP)
		return DEADLINE_NEVER;
	if (wishes.leaving || wishes.asleep) {
		set_state(service, HOST_STATE_RESTING);
		return DEADLINE_NEVER;
	}
	/* The first, or one that begins after the machine's sleep. */
	if (service->state == HOST_STATE_RESTING) {
		if (!service->probed)
			return DEADLINE_NEVER;
	} else if (clock_monotonic_ns() < service->due) {
		return service->due;
	}
	if (service->probed)
		device_handover_begin(service->device);
	error = start(service);
	if (!error)
		return 0;
	log_error("host", "%s: no host for driver %s: error %d", service->device->name,
		  driver_name(service), -error);
	if (service->probed) {
		start_later(service, count_failure(service, clock_monotonic_ns()));
	} else {
		set_state(service, HOST_STATE_RESTING);
		set_result(service, error);
	}
	return 0;
}

static bool has_host(const struct host_service *service)
{
	return service->state == HOST_STATE_STARTING || service->state == HOST_STATE_RUNNING;
}

static void wait_until_poked(struct host_service *service, uint64_t deadline)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(&service->thread_wait, &waiter);
	while (!error && !atomic_exchange(&service->poked, false))
		error = wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline);
	wait_end(&waiter);
}

void host_supervise(void *argument)
{
	struct host_service *service = argument;
	uint64_t next;

	while (has_host(service) || !read_wishes(service).stop) {
		next = has_host(service) ? see_to(service, service->host) : see_to_none(service);
		if (next)
			wait_until_poked(service, next);
	}
	set_state(service, HOST_STATE_STOPPED);
	host_service_put(service);
}
