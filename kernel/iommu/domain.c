/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains: how they come, what they may reach, and how they go. */
#include "unit.h"

#include <base/errno.h>
#include <core/log.h>
#include <core/panic.h>
#include <mm/phys/slab.h>

#define ENTRY_SNOOPS (1ull << 11)

struct spinlock vtd_domains_lock = SPINLOCK_INIT(RANK_IOMMU, "iommu domains");
struct list vtd_domains = LIST_INIT(vtd_domains); /* vtd_domains_lock */

static uint16_t name_of(struct iommu_requester requester)
{
	return (uint16_t)(requester.bus << 8 | requester.function);
}

/* --- Coming. --- */

static int take_id(struct vtd_unit *unit, uint16_t *id)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	int error = -ENOSPC;

	for (unsigned i = 0; i < unit->domain_id_count && error; i++) {
		uint64_t bit = 1ull << i % 64;

		if (unit->domain_ids[i / 64] & bit)
			continue;
		unit->domain_ids[i / 64] |= bit;
		*id = (uint16_t)i;
		error = 0;
	}
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return error;
}

static void give_id(struct vtd_unit *unit, uint16_t id)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);

	unit->domain_ids[id / 64] &= ~(1ull << id % 64);
	spin_unlock_irqrestore(&vtd_domains_lock, state);
}

/* What firmware says that the function must go on reaching, in both tables. */
static int map_reserved(struct iommu_domain *domain, const struct iommu_function *function)
{
	const struct acpi_iommu *iommu = acpi_iommu();

	for (unsigned i = 0; i < iommu->reserved_count; i++) {
		const struct acpi_iommu_reserved *reserved = &iommu->reserved[i];
		phys_t first = reserved->base;
		phys_t end = align_up(reserved->base + reserved->length, PAGE_SIZE);

		if (reserved->segment != domain->segment ||
		    !vtd_scopes_hold(iommu, reserved->first_scope, reserved->scope_count, function))
			continue;
		if (iommu_table_map(&domain->reserved, first, end, IOMMU_READ | IOMMU_WRITE) ||
		    iommu_table_map(&domain->table, first, end, IOMMU_READ | IOMMU_WRITE))
			return -ENOMEM;
		domain->reserved_any = true;
	}
	return 0;
}

static int create_tables(struct iommu_domain *domain, const struct iommu_function *function)
{
	const struct vtd_unit *unit = domain->unit;
	uint64_t leaf_bits = unit->extended & VTD_EXT_SNOOPS ? ENTRY_SNOOPS : 0;

	if (iommu_table_create(&domain->table, unit->levels, leaf_bits, unit->coherent) ||
	    iommu_table_create(&domain->reserved, unit->levels, leaf_bits, unit->coherent))
		return -ENOMEM;
	return map_reserved(domain, function);
}

static void destroy(struct iommu_domain *domain)
{
	iommu_table_destroy(&domain->table);
	iommu_table_destroy(&domain->reserved);
	give_id(domain->unit, domain->id);
	kfree(domain);
}

/* With one reference; nobody knows of it yet. */
static struct iommu_domain *create(struct vtd_unit *unit, const struct iommu_function *function)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain));

	if (!domain)
		return NULL;
	if (take_id(unit, &domain->id)) {
		kfree(domain);
		return NULL;
	}
	refcount_init(&domain->references, 1);
	spinlock_init(&domain->lock, RANK_IOMMU, "iommu domain");
	list_node_init(&domain->node);
	domain->unit = unit;
	domain->segment = function->requester.segment;
	domain->mode = IOMMU_MODE_NONE;
	domain->requesters[0] = name_of(function->requester);
	domain->requester_count = 1;
	if (!create_tables(domain, function))
		return domain;
	destroy(domain);
	return NULL;
}

/* Under vtd_domains_lock; with a reference. */
static struct iommu_domain *find_locked(const struct vtd_unit *unit, uint16_t name)
{
	struct list_node *node;

	list_for_each (node, &vtd_domains) {
		struct iommu_domain *domain = container_of(node, struct iommu_domain, node);

		if (domain->unit == unit && domain->requesters[0] == name &&
		    refcount_try_get(&domain->references))
			return domain;
	}
	return NULL;
}

/* Of what is behind a bridge some may come through as itself. Under vtd_domains_lock. */
static void add_requester(struct iommu_domain *domain, uint16_t requester)
{
	for (unsigned i = 0; i < domain->requester_count; i++)
		if (domain->requesters[i] == requester)
			return;
	if (domain->requester_count < VTD_REQUESTERS_MAX)
		domain->requesters[domain->requester_count++] = requester;
}

static struct vtd_unit *unit_for(const struct iommu_function *function)
{
	int index = vtd_find_unit(acpi_iommu(), function);

	for (unsigned i = 0; index >= 0 && i < vtd_unit_count(); i++)
		if (vtd_unit(i)->firmware == &acpi_iommu()->units[index])
			return vtd_unit(i);
	return NULL;
}

static uint16_t itself(const struct iommu_function *function)
{
	return (uint16_t)(function->way[function->depth - 1].bus << 8 |
			  function->way[function->depth - 1].function);
}

/* The one that is there, or the new one, which is NULL then. */
static struct iommu_domain *publish(struct iommu_domain **made, uint16_t name, uint16_t own_name)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	struct iommu_domain *domain = find_locked((*made)->unit, name);

	if (!domain) {
		domain = *made;
		*made = NULL;
		list_push_back(&vtd_domains, &domain->node);
	}
	domain->devices++;
	add_requester(domain, own_name);
	vtd_context_write(domain);
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return domain;
}

int iommu_domain_get(const struct iommu_function *function, struct iommu_domain **domain)
{
	struct vtd_unit *unit = unit_for(function);
	uint16_t name = name_of(function->requester);
	struct iommu_domain *made;

	*domain = NULL;
	if (!unit)
		return 0;
	if (vtd_context_prepare(unit, name) || vtd_context_prepare(unit, itself(function)))
		return -ENOMEM;
	made = create(unit, function);
	if (!made)
		return -ENOMEM;
	*domain = publish(&made, name, itself(function));
	if (made)
		destroy(made);
	return 0;
}

/* --- Going. --- */

void iommu_domain_hold(struct iommu_domain *domain)
{
	if (domain)
		refcount_get(&domain->references);
}

void iommu_domain_release(struct iommu_domain *domain)
{
	irq_state_t state;

	if (!domain || !refcount_put(&domain->references))
		return;
	state = spin_lock_irqsave(&vtd_domains_lock);
	list_remove(&domain->node);
	vtd_context_clear(domain);
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	if (domain->table.pages != domain->reserved.pages)
		log_warning("iommu", "%04x:%02x:%02x.%u: %zu pages were left mapped",
			    domain->segment, domain->requesters[0] >> 8,
			    domain->requesters[0] >> 3 & 0x1f, domain->requesters[0] & 7,
			    domain->table.pages - domain->reserved.pages);
	destroy(domain);
}

void vtd_domain_forget_device(struct iommu_domain *domain)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);

	domain->devices--;
	spin_unlock_irqrestore(&vtd_domains_lock, state);
}

void iommu_domain_put(struct iommu_domain *domain)
{
	if (!domain)
		return;
	vtd_domain_forget_device(domain);
	iommu_domain_release(domain);
}

bool iommu_domain_is_shared(const struct iommu_domain *domain)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	bool shared = domain && domain->devices > 1;

	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return shared;
}

/* --- What they may reach. --- */

static int set_mode_locked(struct iommu_domain *domain, enum iommu_mode mode)
{
	if (mode == IOMMU_MODE_ALL && !(domain->unit->extended & VTD_EXT_PASS))
		return -EOPNOTSUPP;
	domain->mode = mode;
	domain->quiet = false;
	vtd_context_write(domain);
	return 0;
}

int iommu_set_mode(struct iommu_domain *domain, enum iommu_mode mode)
{
	irq_state_t state;
	int error;

	if (!domain)
		return 0;
	state = spin_lock_irqsave(&vtd_domains_lock);
	error = set_mode_locked(domain, mode);
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return error;
}

int iommu_open(struct iommu_domain *domain, enum iommu_mode mode)
{
	irq_state_t state;
	int error;

	if (!domain)
		return 0;
	state = spin_lock_irqsave(&vtd_domains_lock);
	/* What another driver was promised is kept: of those who share one nobody reaches all. */
	if (mode == IOMMU_MODE_ALL && domain->devices > 1)
		mode = IOMMU_MODE_MAPPED;
	error = set_mode_locked(domain, mode);
	if (!error)
		domain->users++;
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return error;
}

void iommu_close(struct iommu_domain *domain)
{
	irq_state_t state;

	if (!domain)
		return;
	state = spin_lock_irqsave(&vtd_domains_lock);
	debug_assert(domain->users > 0);
	if (--domain->users == 0)
		(void)!set_mode_locked(domain, IOMMU_MODE_NONE);
	spin_unlock_irqrestore(&vtd_domains_lock, state);
}
