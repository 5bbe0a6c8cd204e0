/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "interrupt.h"
#include "calls.h"

#include <base/bits.h>
#include <base/errno.h>
#include <dev/device.h>
#include <time/clock.h>

/* More in a second is a storm: of interrupts that cannot be held back, or that the host takes, and does nothing
 * for anybody else meanwhile. */
#define STORM_UNHELD 200000u
#define STORM_IDLE   20000u

/* Locked. True: it comes too often. */
static bool count(struct host *host, bool unheld)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t work = host->work + host->replies + host->messages;

	if (now - host->storm_start >= NS_PER_SECOND || work != host->storm_work) {
		host->storm_idle = 0;
		host->storm_work = work;
	}
	if (now - host->storm_start >= NS_PER_SECOND) {
		host->storm_start = now;
		host->storm_unheld = 0;
	}
	host->storm_idle++;
	host->storm_unheld += unheld;
	return host->storm_idle > STORM_IDLE || host->storm_unheld > STORM_UNHELD;
}

/* Locked. */
static bool note(struct host *host, struct host_irq *line)
{
	uint64_t bit = 1ull << line->index;
	bool again = (host->irqs_came | host->irqs_told) & bit;
	bool unheld = false;

	if (!line->leaving && (again || device_irq_is_level(line->irq))) {
		unheld = !device_irq_hold(line->irq, true);
		if (!unheld)
			host->irqs_held |= bit;
	}
	host->irqs_came |= bit;
	return count(host, unheld);
}

static bool handle(void *context)
{
	struct host_irq *line = context;
	struct host *host = line->host;
	irq_state_t state;
	bool storm;

	if (!device_irq_is_raised(line->irq))
		return false;
	state = spin_lock_irqsave(&host->irq_lock);
	storm = note(host, line);
	spin_unlock_irqrestore(&host->irq_lock, state);
	atomic_fetch_add_explicit(&host->interrupts, 1, memory_order_relaxed);
	if (storm) {
		host_condemn(host, "let interrupt %u come without end", line->index);
		device_irq_hold(line->irq, true);
	}
	wait_wake_all(&host->event_wait);
	return true;
}

void host_irq_release_told(struct host *host)
{
	irq_state_t state = spin_lock_irqsave(&host->irq_lock);
	uint64_t held = host->irqs_told & host->irqs_held;

	host->irqs_told = 0;
	host->irqs_held &= ~held;
	while (held && !host->condemned) {
		struct host_irq *line = &host->irqs[bit_lowest(held)];

		held &= held - 1;
		if (!line->leaving)
			device_irq_hold(line->irq, false);
	}
	spin_unlock_irqrestore(&host->irq_lock, state);
}

uint64_t host_irq_take(struct host *host)
{
	irq_state_t state = spin_lock_irqsave(&host->irq_lock);
	uint64_t came = host->irqs_came;

	host->irqs_came = 0;
	host->irqs_told |= came;
	spin_unlock_irqrestore(&host->irq_lock, state);
	return came;
}

bool host_irq_is_pending(struct host *host)
{
	return __atomic_load_n(&host->irqs_came, __ATOMIC_ACQUIRE) != 0;
}

/* Takes the index, which nobody has, so that two threads cannot both connect it. */
static bool reserve(struct host *host, unsigned index)
{
	irq_state_t state = spin_lock_irqsave(&host->irq_lock);
	bool free = !host->irqs[index].taken && !host->closed;

	if (free)
		host->irqs[index].taken = true;
	spin_unlock_irqrestore(&host->irq_lock, state);
	return free;
}

/* The reverse, of one that is not connected any more. */
static void forget(struct host *host, unsigned index)
{
	uint64_t bit = 1ull << index;
	irq_state_t state = spin_lock_irqsave(&host->irq_lock);

	host->irqs_came &= ~bit;
	host->irqs_told &= ~bit;
	host->irqs_held &= ~bit;
	host->irqs[index].taken = false;
	host->irqs[index].leaving = false;
	spin_unlock_irqrestore(&host->irq_lock, state);
}

long host_call_irq_connect(struct host *host, const uint64_t arguments[6])
{
	unsigned index = (unsigned)min_u64(arguments[0], HOST_IRQ_MAX);
	int error;

	if (index == HOST_IRQ_MAX || index >= device_irq_count(host->device))
		return -EINVAL;
	if (!reserve(host, index))
		return -EBUSY;
	error = device_irq_connect_held(host->device, index, handle, &host->irqs[index],
					&host->irqs[index].irq);
	if (error)
		forget(host, index);
	return error;
}

static void disconnect(struct host *host, unsigned index)
{
	irq_state_t state = spin_lock_irqsave(&host->irq_lock);
	bool connected = host->irqs[index].taken && !host->irqs[index].leaving;

	if (connected)
		host->irqs[index].leaving = true;
	spin_unlock_irqrestore(&host->irq_lock, state);
	if (!connected)
		return;
	device_irq_disconnect(host->device, index);
	forget(host, index);
}

long host_call_irq_disconnect(struct host *host, const uint64_t arguments[6])
{
	if (arguments[0] >= HOST_IRQ_MAX)
		return -EINVAL;
	disconnect(host, (unsigned)arguments[0]);
	return 0;
}

void host_irq_disconnect_all(struct host *host)
{
	/* Whatever its threads made of their calls: they are gone, and all that is connected is its own. */
	for (unsigned i = 0; i < HOST_IRQ_MAX; i++)
		device_irq_disconnect(host->device, i);
}

long host_call_irq_direct(struct host *host, const uint64_t arguments[6])
{
	if (arguments[0] >= HOST_IRQ_MAX)
		return -EINVAL;
	device_irq_direct(host->device, (unsigned)arguments[0], (unsigned)arguments[1]);
	return 0;
}
