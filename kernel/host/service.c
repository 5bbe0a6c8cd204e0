/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What kernel/dev calls as a driver's functions, where the driver runs in hosts. The thread of a service does the work; these
 * tell it what is wanted, and wait. One thread at a time calls them (that of hotplug).
 */
#include "host_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <sched/thread.h>
#include <time/clock.h>

#define REMOVE_PATIENCE (10 * NS_PER_SECOND)
#define SLEEP_PATIENCE  (60 * NS_PER_SECOND)

/* RANK_HOST: the list of services. */
static struct spinlock services_lock = SPINLOCK_INIT(RANK_HOST, "driver host services");
static struct list services = LIST_INIT(services);

/* --- The list ----------------------------------------------------------------------------------- */

void host_service_get(struct host_service *service)
{
	refcount_get(&service->references);
}

void host_service_put(struct host_service *service)
{
	if (!refcount_put(&service->references))
		return;
	device_put(service->device);
	driver_object_put(service->object);
	kfree(service);
}

/* The service of the device, with a reference, or NULL. */
static struct host_service *find_service(const struct device *device)
{
	irq_state_t state = spin_lock_irqsave(&services_lock);
	struct host_service *found = NULL;
	struct list_node *node;

	list_for_each (node, &services) {
		struct host_service *service = container_of(node, struct host_service, node);

		if (service->device == device)
			found = service;
	}
	if (found)
		host_service_get(found);
	spin_unlock_irqrestore(&services_lock, state);
	return found;
}

static struct host *get_host(struct host_service *service)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);
	struct host *host = service->host;

	if (host)
		host_get(host);
	spin_unlock_irqrestore(&service->lock, state);
	return host;
}

struct host *host_of_device(struct device *device)
{
	struct host_service *service = find_service(device);
	struct host *host = service ? get_host(service) : NULL;

	if (service)
		host_service_put(service);
	return host;
}

/* --- Making and ending -------------------------------------------------------------------------- */

static struct host_service *create(struct device *device)
{
	struct host_service *service = kzalloc(sizeof(*service));
	irq_state_t state;

	if (!service)
		return NULL;
	/* The caller's and the thread's. */
	refcount_init(&service->references, 2);
	spinlock_init(&service->lock, RANK_HOST, "driver host service");
	wait_queue_init(&service->thread_wait, "driver host service");
	wait_queue_init(&service->state_wait, "driver host");
	device_get(device);
	service->device = device;
	service->object = driver_object_of(device->driver);
	driver_object_get(service->object);
	service->state = HOST_STATE_WAITING;
	service->result = 1;
	state = spin_lock_irqsave(&services_lock);
	list_push_back(&services, &service->node);
	spin_unlock_irqrestore(&services_lock, state);
	return service;
}

/* Nobody finds it any more. The reference of who made it goes. */
static void forget(struct host_service *service)
{
	irq_state_t state = spin_lock_irqsave(&services_lock);
	struct host *host;

	list_remove(&service->node);
	spin_unlock_irqrestore(&services_lock, state);
	state = spin_lock_irqsave(&service->lock);
	host = service->host;
	service->host = NULL;
	spin_unlock_irqrestore(&service->lock, state);
	if (host)
		host_put(host);
	host_service_put(service);
}

void host_service_poke(struct host_service *service)
{
	service->poked = true;
	wait_wake_all(&service->thread_wait);
}

/* What is waited for: it is true at some time, whatever becomes of the host. */
typedef bool condition(const struct host_service *service);

static bool is_stopped(const struct host_service *service)
{
	return service->state == HOST_STATE_STOPPED;
}

static bool has_result(const struct host_service *service)
{
	return service->result <= 0;
}

static bool is_steady(const struct host_service *service)
{
	return service->state != HOST_STATE_STARTING && service->state != HOST_STATE_ENDING;
}

static void wait_until(struct host_service *service, condition *is_so)
{
	struct waiter waiter;
	bool so = false;

	wait_begin(&service->state_wait, &waiter);
	for (;;) {
		irq_state_t state = spin_lock_irqsave(&service->lock);

		so = is_so(service);
		spin_unlock_irqrestore(&service->lock, state);
		if (so)
			break;
		wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
}

static void set_flag(struct host_service *service, bool *flag, bool value)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);

	*flag = value;
	spin_unlock_irqrestore(&service->lock, state);
	host_service_poke(service);
}

/* Ends the host, if there is one, and the thread. */
static void stop(struct host_service *service)
{
	set_flag(service, &service->stop, true);
	wait_until(service, is_stopped);
}

int host_probe(struct device *device)
{
	struct host_service *service = create(device);
	int error;

	if (!service)
		return -ENOMEM;
	device->state = service;
	error = thread_spawn("driver host service", host_supervise, service);
	if (error) {
		host_service_put(service);
		goto err_forget;
	}
	wait_until(service, has_result);
	error = service->result;
	if (!error)
		return 0;
	stop(service);
err_forget:
	device->state = NULL;
	forget(service);
	return error;
}

/* --- Asking the driver -------------------------------------------------------------------------- */

/* What the host's driver replies; -ENODEV: there is none. */
static int ask_driver(struct host_service *service, enum host_message_kind kind, uint64_t patience)
{
	const struct host_message message = { .kind = (uint16_t)kind };
	struct host *host = get_host(service);
	int error;

	if (!host)
		return -ENODEV;
	error = host_ask(host, &message, NULL, 0, NULL, 0, NULL, patience);
	host_put(host);
	return error;
}

/* Has the driver let go of the device, and ends its host. A driver that has no such function, or that does not
 * answer, is just ended: the device is silenced and reset anyway. */
static void leave(struct host_service *service)
{
	set_flag(service, &service->leaving, true);
	(void)ask_driver(service, HOST_MESSAGE_REMOVE, REMOVE_PATIENCE);
}

void host_remove(struct device *device)
{
	struct host_service *service = device->state;

	leave(service);
	stop(service);
	device->state = NULL;
	forget(service);
}

static bool is_resting(const struct host_service *service)
{
	return service->state == HOST_STATE_RESTING || service->state == HOST_STATE_GIVEN_UP ||
	       service->state == HOST_STATE_STOPPED;
}

/* A driver that knows nothing of sleep is ended, and begins anew; what is open of its classes waits. */
static void rest(struct host_service *service)
{
	device_handover_begin(service->device);
	leave(service);
	set_flag(service, &service->rest, true);
	wait_until(service, is_resting);
}

int host_suspend(struct device *device)
{
	struct host_service *service = device->state;
	int error;

	/* None is started from now on. */
	set_flag(service, &service->asleep, true);
	wait_until(service, is_steady);
	if (service->state != HOST_STATE_RUNNING)
		return 0;
	error = ask_driver(service, HOST_MESSAGE_SUSPEND, SLEEP_PATIENCE);
	if (error == -EOPNOTSUPP || error == -ENODEV) {
		rest(service);
		error = 0;
	}
	if (error)
		set_flag(service, &service->asleep, false);
	return error;
}

/* The next host is to tell how its probe went. */
static void start_again(struct host_service *service)
{
	irq_state_t state = spin_lock_irqsave(&service->lock);

	if (service->state != HOST_STATE_GIVEN_UP)
		service->result = 1;
	service->rest = false;
	service->leaving = false;
	service->asleep = false;
	spin_unlock_irqrestore(&service->lock, state);
	host_service_poke(service);
	wait_until(service, has_result);
}

int host_resume(struct device *device)
{
	struct host_service *service = device->state;
	int error;

	if (service->state != HOST_STATE_RUNNING) {
		start_again(service);
		return 0;
	}
	set_flag(service, &service->asleep, false);
	error = ask_driver(service, HOST_MESSAGE_RESUME, SLEEP_PATIENCE);
	/* Its end is seen to already. */
	return error == -ENODEV ? 0 : error;
}

void host_serve(struct driver_object *object)
{
	object->driver.probe = host_probe;
	object->driver.remove = host_remove;
	object->driver.suspend = host_suspend;
	object->driver.resume = host_resume;
}

/* --- Looking ------------------------------------------------------------------------------------ */

static uint64_t count_switches(struct process *process)
{
	struct user_thread *thread = process_next_thread(process, 0);
	uint64_t switches = 0;

	while (thread) {
		uint32_t id = thread->id;

		switches += thread->thread.switches_voluntary + thread->thread.switches_involuntary;
		user_thread_put(thread);
		thread = process_next_thread(process, id + 1);
	}
	return switches;
}

void host_read_status(struct host *host, struct host_status *status)
{
	struct host_service *service = host->service;
	irq_state_t state;

	*status = (struct host_status){
		.pid = host->gone ? 0 : host->process->pid,
		.restarts = service->restarts,
		.switches = count_switches(host->process),
		.messages = host->messages,
		.replies = host->replies,
		.interrupts = host->interrupts,
	};
	state = spin_lock_irqsave(&service->lock);
	status->given_up = service->state == HOST_STATE_GIVEN_UP;
	string_copy(status->last_end, service->last_end, sizeof(status->last_end));
	spin_unlock_irqrestore(&service->lock, state);
}
