/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults (VT-d 4.1, 7.2): accesses and interrupts that a unit did not let through. Its interrupt gathers them, a work tells of them.
 * A function that has very many is told of no more, so that it cannot keep a CPU busy with them.
 */
#include "unit.h"

#include <core/log.h>
#include <sched/work.h>
#include <time/clock.h>

/* 11.4.9, 11.4.10. */
#define STATUS_LOST        (1u << 0)
#define STATUS_PENDING     (1u << 1)
#define STATUS_FIRST_SHIFT 8
#define CONTROL_MASKED     (1u << 31)
/* 11.4.14: a record is of two words. */
#define RECORD_SIZE         16
#define RECORD_HIGH         8
#define RECORD_TOP          12
#define RECORD_VALID        (1u << 31) /* of the uppermost half word */
#define RECORD_READ         (1ull << 62)
#define RECORD_REASON_SHIFT 32
#define PAGE_MASK           0x000ffffffffff000ull
#define INTERRUPT_SHIFT     48   /* its number, of a fault of an interrupt */
#define REASON_INTERRUPT    0x20 /* and above */

#define STORM      1000u /* faults of a domain */
#define STORM_TIME NS_PER_SECOND
#define LINES_TIME NS_PER_SECOND
#define LINES_MAX  10u /* in the log, in so long */

static void (*handler)(struct iommu_domain *domain, const struct iommu_fault *fault,
		       unsigned count);
static struct work work;
static uint64_t lines_since; /* the work's */
static unsigned lines;

void iommu_set_fault_handler(void (*handle)(struct iommu_domain *domain,
					    const struct iommu_fault *fault, unsigned count))
{
	__atomic_store_n(&handler, handle, __ATOMIC_RELEASE);
}

static struct iommu_domain *find_domain_locked(const struct vtd_unit *unit,
					       const struct iommu_requester *requester)
{
	uint16_t wanted = (uint16_t)(requester->bus << 8 | requester->function);
	struct list_node *node;

	list_for_each (node, &vtd_domains) {
		struct iommu_domain *domain = container_of(node, struct iommu_domain, node);

		for (unsigned i = 0; domain->unit == unit && i < domain->requester_count; i++)
			if (domain->requesters[i] == wanted)
				return domain;
	}
	return NULL;
}

/* --- The interrupt. --- */

/* Counts it, and silences a domain that has a storm of them. */
static void count_fault(struct vtd_unit *unit, const struct iommu_requester *requester)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	struct iommu_domain *domain = find_domain_locked(unit, requester);
	uint64_t now = clock_monotonic_ns();

	if (domain) {
		if (now - domain->faults_since > STORM_TIME) {
			domain->faults_since = now;
			domain->faults_then = domain->faults;
		}
		if (++domain->faults - domain->faults_then > STORM && !domain->quiet) {
			domain->quiet = true;
			vtd_context_write(domain);
		}
	}
	spin_unlock_irqrestore(&vtd_domains_lock, state);
}

static void gather(struct vtd_unit *unit, const struct iommu_fault *fault)
{
	irq_state_t state = spin_lock_irqsave(&unit->lock);
	unsigned i = 0;

	while (i < unit->fault_count &&
	       (unit->faults[i].first.requester.bus != fault->requester.bus ||
		unit->faults[i].first.requester.function != fault->requester.function))
		i++;
	if (i == VTD_FAULTS_MAX)
		unit->faults_lost++;
	else if (i < unit->fault_count)
		unit->faults[i].count++;
	else
		unit->faults[unit->fault_count++] = (struct vtd_fault){ *fault, 1 };
	spin_unlock_irqrestore(&unit->lock, state);
}

static void take_record(struct vtd_unit *unit, size_t at)
{
	uint64_t low = vtd_read64(unit, at), high = vtd_read64(unit, at + RECORD_HIGH);
	struct iommu_fault fault = {
		.requester = {
			.segment = unit->firmware->segment,
			.bus = (uint8_t)(high >> 8),
			.function = (uint8_t)high,
		},
		.reason = (unsigned)(high >> RECORD_REASON_SHIFT) & 0xff,
		.write = !(high & RECORD_READ),
	};

	vtd_write32(unit, at + RECORD_TOP, RECORD_VALID);
	fault.interrupt = fault.reason >= REASON_INTERRUPT;
	fault.address = fault.interrupt ? low >> INTERRUPT_SHIFT : low & PAGE_MASK;
	gather(unit, &fault);
	count_fault(unit, &fault.requester);
}

static bool handle_interrupt(struct irq_handler *irq)
{
	struct vtd_unit *unit = container_of(irq, struct vtd_unit, handler);
	unsigned count = VTD_CAP_FAULTS(unit->capability);
	size_t records = VTD_CAP_FAULTS_AT(unit->capability);
	uint32_t status = vtd_read32(unit, VTD_FAULT_STATUS);
	unsigned first = (status >> STATUS_FIRST_SHIFT & 0xff) % count;

	if (!(status & (STATUS_LOST | STATUS_PENDING)))
		return false;
	for (unsigned i = 0; i < count; i++) {
		size_t at = records + RECORD_SIZE * ((first + i) % count);

		if (vtd_read32(unit, at + RECORD_TOP) & RECORD_VALID)
			take_record(unit, at);
	}
	if (status & STATUS_LOST)
		vtd_write32(unit, VTD_FAULT_STATUS, STATUS_LOST);
	work_queue(&work);
	return true;
}

/* --- Telling. --- */

static bool may_log(void)
{
	uint64_t now = clock_monotonic_ns();

	if (now - lines_since > LINES_TIME) {
		lines_since = now;
		lines = 0;
	}
	return ++lines <= LINES_MAX;
}

static void log_fault(const struct iommu_fault *fault, unsigned count)
{
	const char *what = fault->interrupt ? "raised interrupt"
			   : fault->write   ? "wrote to"
					    : "read from";

	if (!may_log())
		return;
	log_warning("iommu", "%04x:%02x:%02x.%u %s %#lx, which it may not: reason %#x, %u times",
		    fault->requester.segment, fault->requester.bus, fault->requester.function >> 3,
		    fault->requester.function & 7, what, (unsigned long)fault->address,
		    fault->reason, count);
}

static void tell(struct vtd_unit *unit, const struct vtd_fault *fault)
{
	void (*handle)(struct iommu_domain *, const struct iommu_fault *, unsigned) =
		__atomic_load_n(&handler, __ATOMIC_ACQUIRE);
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	struct iommu_domain *domain = find_domain_locked(unit, &fault->first.requester);

	if (domain && !refcount_try_get(&domain->references))
		domain = NULL;
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	log_fault(&fault->first, fault->count);
	if (handle)
		handle(domain, &fault->first, fault->count);
	iommu_domain_release(domain);
}

static bool take_one(struct vtd_unit *unit, struct vtd_fault *fault)
{
	irq_state_t state = spin_lock_irqsave(&unit->lock);
	bool any = unit->fault_count > 0;

	if (any)
		*fault = unit->faults[--unit->fault_count];
	spin_unlock_irqrestore(&unit->lock, state);
	return any;
}

static void tell_all(struct work *unused)
{
	struct vtd_fault fault;

	(void)unused;
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		for (unsigned left = VTD_FAULTS_MAX; left > 0; left--) {
			if (!take_one(vtd_unit(i), &fault))
				break;
			tell(vtd_unit(i), &fault);
		}
	}
}

/* --- Setting up. --- */

/* Its own interrupt is not remapped (5.1.3). */
static void set_message(struct irq_handler *irq, uint64_t address, uint32_t data)
{
	struct vtd_unit *unit = container_of(irq, struct vtd_unit, handler);

	unit->fault_address = address;
	unit->fault_data = data;
	vtd_faults_resume(unit);
}

void vtd_faults_resume(struct vtd_unit *unit)
{
	vtd_write32(unit, VTD_FAULT_CONTROL, CONTROL_MASKED);
	vtd_write32(unit, VTD_FAULT_DATA, unit->fault_data);
	vtd_write32(unit, VTD_FAULT_ADDRESS, (uint32_t)unit->fault_address);
	vtd_write32(unit, VTD_FAULT_TOP, (uint32_t)(unit->fault_address >> 32));
	vtd_write32(unit, VTD_FAULT_CONTROL, 0);
	(void)vtd_read32(unit, VTD_FAULT_CONTROL);
}

/* What firmware has left behind is nobody's. */
static void forget_records(struct vtd_unit *unit)
{
	for (unsigned i = 0; i < VTD_CAP_FAULTS(unit->capability); i++)
		vtd_write32(unit,
			    VTD_CAP_FAULTS_AT(unit->capability) + RECORD_SIZE * i + RECORD_TOP,
			    RECORD_VALID);
	vtd_write32(unit, VTD_FAULT_STATUS, STATUS_LOST);
}

void vtd_faults_start(struct vtd_unit *unit)
{
	uint64_t address;
	uint32_t data;

	work_init(&work, tell_all);
	forget_records(unit);
	unit->handler = (struct irq_handler){
		.handle = handle_interrupt,
		.retarget = set_message,
		.name = "iommu",
	};
	if (irq_request_msi(&unit->handler, &address, &data)) {
		log_warning("iommu", "no interrupt is left for faults: they are not told");
		return;
	}
	set_message(&unit->handler, address, data);
}
