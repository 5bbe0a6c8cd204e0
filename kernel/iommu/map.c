/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory in and out of domains. */
#include "unit.h"

#include <base/checked.h>
#include <base/errno.h>

static phys_t first_page(phys_t physical)
{
	return align_down(physical, PAGE_SIZE);
}

static phys_t end_page(phys_t physical, size_t length)
{
	return align_up(physical + length, PAGE_SIZE);
}

int iommu_map(struct iommu_domain *domain, phys_t physical, size_t length, unsigned access)
{
	struct vtd_range range = { first_page(physical), end_page(physical, length) };
	irq_state_t state;
	int error;

	if (!domain || length == 0)
		return 0;
	if (range.end <= range.first)
		return -ENOMEM;
	state = spin_lock_irqsave(&domain->lock);
	error = iommu_table_map(&domain->table, range.first, range.end, access);
	domain->maps++;
	/* Some know pages that were absent. */
	if (!error && domain->unit->capability & VTD_CAP_CACHES_ABSENT)
		vtd_flush_ranges(domain->unit, domain->id, &range, 1);
	spin_unlock_irqrestore(&domain->lock, state);
	return error;
}

static void note_stale(struct iommu_domain *domain, phys_t first, phys_t end)
{
	struct vtd_range *last = domain->stale + domain->stale_count - 1;

	if (domain->stale_count > 0 && last->end == first)
		last->end = end;
	else if (domain->stale_count < array_length(domain->stale))
		domain->stale[domain->stale_count++] = (struct vtd_range){ first, end };
	else
		domain->stale_all = true;
}

void iommu_unmap(struct iommu_domain *domain, phys_t physical, size_t length)
{
	phys_t first = first_page(physical), end = end_page(physical, length);
	irq_state_t state;

	if (!domain || length == 0)
		return;
	state = spin_lock_irqsave(&domain->lock);
	if (iommu_table_unmap(&domain->table, first, end))
		note_stale(domain, first, end);
	spin_unlock_irqrestore(&domain->lock, state);
}

/* What somebody else has begun to flush is flushed when the lock is ours. */
void iommu_flush(struct iommu_domain *domain)
{
	irq_state_t state;

	if (!domain)
		return;
	state = spin_lock_irqsave(&domain->lock);
	if (domain->stale_count > 0) {
		if (domain->stale_all)
			vtd_flush_domain(domain->unit, domain->id);
		else
			vtd_flush_ranges(domain->unit, domain->id, domain->stale,
					 domain->stale_count);
		domain->stale_count = 0;
		domain->stale_all = false;
		domain->flushes++;
	}
	spin_unlock_irqrestore(&domain->lock, state);
}

bool iommu_is_mapped(struct iommu_domain *domain, phys_t physical, size_t length, unsigned access)
{
	irq_state_t state;
	unsigned may;

	if (!domain)
		return true;
	state = spin_lock_irqsave(&domain->lock);
	may = iommu_table_access(&domain->table, first_page(physical), end_page(physical, length));
	spin_unlock_irqrestore(&domain->lock, state);
	return (may & access) == access;
}

size_t iommu_mapped_pages(const struct iommu_domain *domain)
{
	return domain ? __atomic_load_n(&domain->table.pages, __ATOMIC_RELAXED) : 0;
}

void iommu_visit_mapped(struct iommu_domain *domain, bool (*visit)(phys_t page, void *context),
			void *context)
{
	irq_state_t state;

	if (!domain)
		return;
	state = spin_lock_irqsave(&domain->lock);
	iommu_table_visit(&domain->table, visit, context);
	spin_unlock_irqrestore(&domain->lock, state);
}
