/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a host still does something. It is asked once a second by two ways, and has three seconds to answer: by the
 * thread that waits for messages, and by the driver's own, which answers as soon as it comes into the kit. Its other
 * threads are looked at: one that runs for seconds and never sleeps is in a loop.
 *
 * Seconds are such in which the service's thread ran as well: on a machine that stands still nobody is late.
 */
#include "host_priv.h"

#include <base/errno.h>
#include <dev/device.h>
#include <proc/process.h>
#include <sched/thread.h>

#define PING_INTERVAL  NS_PER_SECOND
#define TICK           (100 * NS_PER_MILLISECOND)
#define ANSWER_TICKS   30
#define LOOP_RUNTIME   (3 * NS_PER_SECOND)
#define PROBE_PATIENCE (60 * NS_PER_SECOND)

static void ponged(struct host_request *request, int error, uint64_t result)
{
	struct host_ping *ping = container_of(request, struct host_ping, request);

	(void)error;
	(void)result;
	ping->under_way = false;
}

static void send_ping(struct host *host, unsigned index)
{
	const struct host_message message = { .kind = HOST_MESSAGE_PING, .arguments = { index } };
	struct host_ping *ping = &host->pings[index];

	if (ping->under_way)
		return;
	ping->request.done = ponged;
	ping->ticks = 0;
	ping->under_way = true;
	if (host_send(host, &ping->request, &message, NULL, 0, true))
		ping->under_way = false;
}

static void count_tick(struct host *host, unsigned index)
{
	static const char *const names[HOST_PINGS] = { "its events", "its driver" };
	struct host_ping *ping = &host->pings[index];

	if (ping->under_way && ++ping->ticks > ANSWER_TICKS)
		host_condemn(host, "hangs: the thread of %s does not answer", names[index]);
}

/* What was noted of the thread, or a place for it; NULL: there are more than a host may have. */
static struct host_load *find_load(struct host_service *service, uint32_t id)
{
	for (unsigned i = 0; i < HOST_THREADS_MAX; i++) {
		struct host_load *load = &service->loads[i];

		if (load->id == id)
			return load;
		if (!load->id) {
			load->id = id;
			load->sleeps = UINT64_MAX;
			return load;
		}
	}
	return NULL;
}

static void look_at_thread(struct host_service *service, struct host *host,
			   struct user_thread *thread)
{
	struct host_load *load = find_load(service, thread->id);
	uint64_t runtime = thread_runtime(&thread->thread);
	uint64_t sleeps = thread->thread.switches_voluntary;

	if (!load)
		return;
	/* The one that waits for events may always find some: it answers, or does not. */
	if (load->sleeps != sleeps || thread->id == host->event_thread) {
		load->sleeps = sleeps;
		load->runtime = runtime;
	} else if (runtime - load->runtime > LOOP_RUNTIME) {
		host_condemn(host, "hangs: its thread %.15s is in a loop", thread->thread.name);
	}
}

static void look_at_threads(struct host_service *service, struct host *host)
{
	struct user_thread *thread = process_next_thread(host->process, 0);

	while (thread) {
		uint32_t id = thread->id;

		look_at_thread(service, host, thread);
		user_thread_put(thread);
		thread = process_next_thread(host->process, id + 1);
	}
}

void host_watch_begin(struct host_service *service, struct host *host, uint64_t now)
{
	(void)host;
	for (unsigned i = 0; i < HOST_THREADS_MAX; i++)
		service->loads[i].id = 0;
	service->next_ping = now + PING_INTERVAL;
	service->last_tick = now;
	service->probe_start = now;
}

/* True if somebody is waited for, so that ticks count. */
static bool waits(const struct host_service *service, const struct host *host)
{
	return host->pings[0].under_way || host->pings[1].under_way || service->probe_result > 0;
}

uint64_t host_watch(struct host_service *service, struct host *host, uint64_t now)
{
	if (now - service->last_tick >= TICK) {
		service->last_tick = now;
		for (unsigned i = 0; i < HOST_PINGS; i++)
			count_tick(host, i);
		if (service->probe_result > 0 && now - service->probe_start > PROBE_PATIENCE)
			host_condemn(host, "hangs: it does not come to an end with its device");
	}
	if (now >= service->next_ping) {
		service->next_ping = now + PING_INTERVAL;
		look_at_threads(service, host);
		for (unsigned i = 0; i < HOST_PINGS; i++)
			send_ping(host, i);
	}
	return waits(service, host) ? service->last_tick + TICK : service->next_ping;
}
