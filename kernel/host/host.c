/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts: how one is made, condemned and freed. */
#include "calls.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/personality.h>
#include <proc/process.h>
#include <proc/service.h>

/* What a host's process keeps of it. */
struct host_link {
	struct host *host; /* a reference; NULL once it has left */
	uintptr_t object;  /* where its driver's object is mapped */
};

struct host *host_current(void)
{
	return ((struct host_link *)process_current()->abi_data)->host;
}

uintptr_t host_current_object(void)
{
	return ((struct host_link *)process_current()->abi_data)->object;
}

const char *host_driver_name(const struct host *host)
{
	return host->object->record.name;
}

struct device *host_device(const struct host *host)
{
	return host->device;
}

static void init_fields(struct host *host)
{
	refcount_init(&host->references, 1);
	spinlock_init(&host->lock, RANK_HOST, "driver host");
	spinlock_init(&host->irq_lock, RANK_HOST, "driver host's interrupts");
	wait_queue_init(&host->event_wait, "driver host");
	list_init(&host->memories);
	for (unsigned i = 0; i < HOST_SLOTS; i++)
		host->free_slots[i] = (uint16_t)(HOST_SLOTS - 1 - i);
	host->free_count = HOST_SLOTS;
	for (unsigned i = 0; i < HOST_IRQ_MAX; i++) {
		host->irqs[i].host = host;
		host->irqs[i].index = i;
	}
	for (unsigned i = 0; i < HOST_PINGS; i++)
		host->pings[i].host = host;
	host->threads = 1;
}

static struct host *allocate(struct host_service *service)
{
	struct host *host = kzalloc(sizeof(*host));

	if (!host)
		return NULL;
	init_fields(host);
	host_service_get(service);
	host->service = service;
	host->object = service->object;
	host->device = service->device;
	device_get(host->device);
	return host;
}

static void free_host(struct host *host)
{
	if (host->process)
		process_put(host->process);
	kfree(host->dummy_page);
	device_put(host->device);
	host_service_put(host->service);
	kfree(host);
}

void host_get(struct host *host)
{
	refcount_get(&host->references);
}

void host_put(struct host *host)
{
	if (refcount_put(&host->references))
		free_host(host);
}

/* The process, which has the host's memory from its beginning. */
static int create_process(struct host *host)
{
	struct host_link *link = kzalloc(sizeof(*link));
	struct service_start start = { .personality = &host_personality, .abi_data = link };
	struct host_image image;
	char name[32];
	int error;

	if (!link)
		return -ENOMEM;
	error = host_map_program(host->object, &image);
	if (error)
		goto err_free;
	snprintf(name, sizeof(name), "driver:%s", host_driver_name(host));
	start.name = name;
	start.aspace = image.aspace;
	start.entry = image.entry;
	start.stack_pointer = image.stack_pointer;
	link->object = image.object;
	link->host = host;
	error = service_create(&start, &host->process);
	if (error)
		goto err_aspace;
	host_get(host);
	return 0;

err_aspace:
	aspace_put(image.aspace);
err_free:
	kfree(link);
	return error;
}

int host_create(struct host_service *service, struct host **made)
{
	struct host *host = allocate(service);
	int error = -ENOMEM;

	if (!host)
		return error;
	host->dummy_page = kzalloc(PAGE_SIZE);
	if (host->dummy_page)
		error = host_channel_create(host);
	if (!error)
		error = create_process(host);
	if (error) {
		host_memory_free_all(host);
		host_put(host);
		return error;
	}
	*made = host;
	return 0;
}

void host_run(struct host *host)
{
	service_run(host->process);
}

void host_kill(struct host *host)
{
	signal_send_kernel(host->process, SIGKILL);
}

/* The personality's: the last thread of a host has left it. */
void host_process_left(struct process *process)
{
	struct host_link *link = process->abi_data;
	struct host *host = link->host;
	int status = process->exiting ? process->group_status : process->leader_status;

	link->host = NULL;
	if (status & 0x7f)
		host_note_end(host, "it was ended by signal %d", status & 0x7f);
	else
		host_note_end(host, "it exited");
	host->gone = true;
	host_service_poke(host->service);
	host_put(host);
}

bool host_was_killed(const struct host *host)
{
	return (host->process->group_status & 0x7f) == SIGKILL;
}

static void note_end(struct host *host, const char *text)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);

	if (!host->end[0])
		string_copy(host->end, text, sizeof(host->end));
	spin_unlock_irqrestore(&host->lock, state);
}

void host_note_end(struct host *host, const char *format, ...)
{
	char text[HOST_END_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	note_end(host, text);
}

void host_copy_end(struct host *host, char *text, size_t size)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);

	string_copy(text, host->end, size);
	spin_unlock_irqrestore(&host->lock, state);
}

void host_condemn(struct host *host, const char *format, ...)
{
	char text[HOST_END_MAX];
	va_list arguments;

	if (host->closed || atomic_exchange(&host->condemned, true))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	note_end(host, text);
	log_error("host", "%s: driver %s broke a rule: it %s", host->device->name,
		  host_driver_name(host), text);
	host_service_poke(host->service);
}
