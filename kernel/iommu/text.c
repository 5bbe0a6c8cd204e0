/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:iommu, behind what firmware tells: what the units do, and the domains. */
#include "unit.h"

#include <scheme/text.h>

static const char *mode_name(const struct iommu_domain *domain)
{
	static const char *const names[] = {
		[IOMMU_MODE_MAPPED] = "mapped",
		[IOMMU_MODE_ALL] = "all",
		[IOMMU_MODE_NONE] = "none",
	};

	return names[domain->mode];
}

static void print_unit(struct text *text, const struct vtd_unit *unit)
{
	text_print(text, "on %#lx: levels %u, %s, interrupts %s, flushes %lu\n",
		   (unsigned long)unit->firmware->base, unit->levels,
		   unit->queue ? "queue" : "registers", unit->remaps ? "remapped" : "not remapped",
		   (unsigned long)unit->flushes);
}

/* The id of a domain is never given twice at a time, so the walk goes on behind the last one's. */
static struct iommu_domain *next_domain(const struct vtd_unit *unit, unsigned after)
{
	irq_state_t state = spin_lock_irqsave(&vtd_domains_lock);
	struct iommu_domain *next = NULL;
	struct list_node *node;

	list_for_each (node, &vtd_domains) {
		struct iommu_domain *domain = container_of(node, struct iommu_domain, node);

		if (domain->unit == unit && domain->id > after && (!next || domain->id < next->id))
			next = domain;
	}
	if (next && !refcount_try_get(&next->references))
		next = NULL;
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	return next;
}

static void print_domain(struct text *text, const struct iommu_domain *domain)
{
	text_print(text, "domain %u:", domain->id);
	for (unsigned i = 0; i < domain->requester_count; i++)
		text_print(text, " %04x:%02x:%02x.%u", domain->segment, domain->requesters[i] >> 8,
			   domain->requesters[i] >> 3 & 0x1f, domain->requesters[i] & 7);
	text_print(text, ", %s, pages %zu, maps %lu, flushes %lu, faults %lu\n", mode_name(domain),
		   iommu_mapped_pages(domain), (unsigned long)domain->maps,
		   (unsigned long)domain->flushes, (unsigned long)domain->faults);
}

static int generate(struct text *text)
{
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		struct iommu_domain *domain = next_domain(vtd_unit(i), 0);

		print_unit(text, vtd_unit(i));
		while (domain) {
			unsigned id = domain->id;

			print_domain(text, domain);
			iommu_domain_release(domain);
			domain = next_domain(vtd_unit(i), id);
		}
	}
	return 0;
}

SYS_TEXT(iommu_domains) = { .name = "iommu", .generate = generate };
