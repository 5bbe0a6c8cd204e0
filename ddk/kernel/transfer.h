/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What disks' requests transfer, mapped for their device (iommu/iommu.h) while the driver has them: between these two calls the
 * device reaches a request's memory, before and after it does not. Each request has one transfer at most, by its queue and tag, so that a
 * driver which completes one twice takes nothing away from another.
 */
#pragma once

#include <ddk/disk.h>

struct iommu_domain;

struct kit_transfers {
	/* Immutable; a disk without a domain needs nothing. */
	struct iommu_domain *domain;
	unsigned tags;                 /* of each queue */
	_Atomic unsigned char *mapped; /* by queue and tag */
};

/* For a disk with so many queues and tags. -ENOMEM. */
int must_check kit_transfers_init(struct kit_transfers *transfers, struct iommu_domain *domain,
				  const struct ddk_disk_description *description);
void kit_transfers_fini(struct kit_transfers *transfers);
/* Before the driver gets the request. -EAGAIN: there is no memory for that now. Any context. */
int must_check kit_transfer_begin(struct kit_transfers *transfers,
				  const struct ddk_disk_request *request);
/* The driver has it no more, or did not take it. On return the device does not reach the memory. Any context. */
void kit_transfer_end(struct kit_transfers *transfers, const struct ddk_disk_request *request);
