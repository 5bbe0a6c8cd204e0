/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interpreter's host: memory, time, who evaluates, and what firmware's code has to say. */
#include "acpi_priv.h"

#include <acpi/event.h>
#include <arch/cpu.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/mutex.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <time/clock.h>

#include <stdatomic.h>

#define NS_PER_TICK   100
#define WAIT_MAX_MS   10  /* a wake-up may come between the instance's lock and the queue's */
#define COMPLAINT_MAX 100 /* lines; a table can say the same for ever */

/* Who evaluates. */
static struct mutex lock;
static struct wait_queue waiters;
static _Atomic unsigned complaints;

static void *host_allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	return kmalloc(size);
}

static void host_release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	(void)size;
	kfree(memory);
}

void acpi_host_init(void)
{
	mutex_init(&lock, RANK_ACPI, "acpi");
	wait_queue_init(&waiters, "acpi");
}

static void host_lock(const struct aml_host *host)
{
	(void)host;
	mutex_lock(&lock);
}

static void host_unlock(const struct aml_host *host)
{
	(void)host;
	mutex_unlock(&lock);
}

static uint64_t host_thread(const struct aml_host *host)
{
	(void)host;
	return (uintptr_t)arch_current_thread();
}

static uint64_t host_now(const struct aml_host *host)
{
	(void)host;
	return clock_monotonic_ns() / NS_PER_TICK;
}

static void host_stall(const struct aml_host *host, unsigned us)
{
	uint64_t end = clock_deadline_after(us * NS_PER_MICROSECOND);

	(void)host;
	while (clock_monotonic_ns() < end)
		arch_cpu_relax();
}

static void host_sleep(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	thread_sleep_until(clock_deadline_after(ms * NS_PER_MILLISECOND));
}

static void host_wait(const struct aml_host *host, uint64_t ms)
{
	uint64_t deadline = clock_deadline_after(min_u64(ms, WAIT_MAX_MS) * NS_PER_MILLISECOND);
	struct waiter waiter;

	(void)host;
	wait_begin(&waiters, &waiter);
	/* Woken or not, the interpreter looks itself. */
	if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline)) {
	}
	wait_end(&waiter);
}

void acpi_host_wake(void)
{
	wait_wake_all(&waiters);
}

static void host_wake(const struct aml_host *host)
{
	(void)host;
	acpi_host_wake();
}

static bool host_global_lock(const struct aml_host *host, bool acquire)
{
	(void)host;
	return acpi_global_lock(acquire);
}

static void host_notify(const struct aml_host *host, struct aml_node *node, uint64_t value)
{
	(void)host;
	acpi_notify_queue(node, value);
}

/* True if one more line may be logged. */
static bool may_complain(void)
{
	unsigned count = atomic_fetch_add(&complaints, 1);

	if (count == COMPLAINT_MAX)
		log_warning("acpi", "no more of what firmware's code has to say");
	if (count > COMPLAINT_MAX)
		atomic_store(&complaints, COMPLAINT_MAX + 1);
	return count < COMPLAINT_MAX;
}

static void host_fatal(const struct aml_host *host, unsigned type, unsigned code, uint64_t argument)
{
	(void)host;
	if (may_complain())
		log_error("acpi", "firmware reports a fatal error: type %x, code %x, argument %lx",
			  type, code, argument);
}

static void host_log(const struct aml_host *host, enum aml_log_level level, const char *text)
{
	static const enum log_level levels[] = {
		[AML_LOG_ERROR] = LOG_WARNING, /* the kernel goes on */
		[AML_LOG_WARNING] = LOG_WARNING,
		[AML_LOG_NOTE] = LOG_INFO,
		[AML_LOG_DEBUG] = LOG_DEBUG,
	};

	(void)host;
	if (may_complain())
		log_write(levels[level], "acpi", "%s", text);
}

/* "" matches all; else the header's field, which zeros fill up. */
static bool is_field(const char *field, size_t size, const char *wanted)
{
	return !*wanted || strncmp(field, wanted, size) == 0;
}

static const void *host_find_table(const struct aml_host *host, const char *signature,
				   const char *oem_id, const char *oem_table_id, size_t *size)
{
	const struct acpi_header *table;

	(void)host;
	if (strlen(signature) != sizeof(table->signature))
		return NULL;
	for (unsigned i = 0; (table = acpi_find_table(signature, i)) != NULL; i++) {
		if (!is_field(table->oem_id, sizeof(table->oem_id), oem_id) ||
		    !is_field(table->oem_table_id, sizeof(table->oem_table_id), oem_table_id))
			continue;
		*size = table->length;
		return table;
	}
	return NULL;
}

static void host_loaded(const struct aml_host *host, const void *table, size_t size)
{
	(void)host;
	if (table)
		acpi_table_loaded(table, size);
	else
		acpi_table_unloaded();
}

const struct aml_host acpi_host = {
	.allocate = host_allocate,
	.release = host_release,
	.lock = host_lock,
	.unlock = host_unlock,
	.thread = host_thread,
	.access = acpi_host_access,
	.now_100ns = host_now,
	.stall_us = host_stall,
	.sleep_ms = host_sleep,
	.wait = host_wait,
	.wake = host_wake,
	.global_lock = host_global_lock,
	.notify = host_notify,
	.fatal = host_fatal,
	.log = host_log,
	.find_table = host_find_table,
	.loaded = host_loaded,
};
