/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer.h"

#include <base/errno.h>
#include <iommu/iommu.h>
#include <mm/phys/slab.h>

#include <stdatomic.h>

int kit_transfers_init(struct kit_transfers *transfers, struct iommu_domain *domain,
		       const struct ddk_disk_description *description)
{
	*transfers = (struct kit_transfers){ .domain = domain, .tags = description->queue_depth };
	if (!domain)
		return 0;
	transfers->mapped = kcalloc(description->queue_count, description->queue_depth);
	return transfers->mapped ? 0 : -ENOMEM;
}

void kit_transfers_fini(struct kit_transfers *transfers)
{
	kfree((void *)transfers->mapped);
	transfers->mapped = NULL;
}

static _Atomic unsigned char *mark_of(struct kit_transfers *transfers,
				      const struct ddk_disk_request *request)
{
	return &transfers->mapped[(size_t)request->queue * transfers->tags + request->tag];
}

static void unmap(struct kit_transfers *transfers, const struct ddk_disk_request *request,
		  unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		iommu_unmap(transfers->domain, request->segments[i].device_address,
			    request->segments[i].length);
	iommu_flush(transfers->domain);
}

int kit_transfer_begin(struct kit_transfers *transfers, const struct ddk_disk_request *request)
{
	unsigned access = request->operation == DDK_DISK_READ ? IOMMU_WRITE : IOMMU_READ;

	if (!transfers->domain || request->segment_count == 0)
		return 0;
	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		if (!iommu_map(transfers->domain, segment->device_address, segment->length, access))
			continue;
		unmap(transfers, request, i);
		return -EAGAIN;
	}
	atomic_store_explicit(mark_of(transfers, request), 1, memory_order_release);
	return 0;
}

void kit_transfer_end(struct kit_transfers *transfers, const struct ddk_disk_request *request)
{
	if (!transfers->domain || request->segment_count == 0)
		return;
	if (atomic_exchange_explicit(mark_of(transfers, request), 0, memory_order_acquire))
		unmap(transfers, request, request->segment_count);
}
