/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a completion's status means to the class (4.6.1). */
#include <base/errno.h>

#include "nvme.h"

struct meaning {
	uint16_t code; /* enum nvme_status_code */
	int16_t error;
};

static const struct meaning meanings[] = {
	{ NVME_SUCCESS, 0 },
	{ NVME_INVALID_OPCODE, -EOPNOTSUPP },
	{ NVME_INVALID_FIELD, -EREMOTEIO },
	{ NVME_INVALID_NAMESPACE, -ENODEV },
	{ NVME_WRITE_PROTECTED, -EROFS },
	{ NVME_WRITE_TO_READ_ONLY, -EROFS },
	{ NVME_LBA_OUT_OF_RANGE, -EREMOTEIO },
	{ NVME_CAPACITY_EXCEEDED, -EREMOTEIO },
	{ NVME_ACCESS_DENIED, -EREMOTEIO },
	{ NVME_WRITE_FAULT, -ENODATA },
	{ NVME_UNRECOVERED_READ, -ENODATA },
	{ NVME_GUARD_CHECK, -ENODATA },
	{ NVME_APPLICATION_TAG_CHECK, -ENODATA },
	{ NVME_REFERENCE_TAG_CHECK, -ENODATA },
	{ NVME_UNWRITTEN_BLOCK, -ENODATA },
};

int nvme_status_error(unsigned status)
{
	unsigned code = status & NVME_STATUS_CODE_MASK;

	for (size_t i = 0; i < array_length(meanings); i++) {
		if (meanings[i].code == code)
			return meanings[i].error;
	}
	/* All else may go well another time, unless the controller says that it will not. */
	return status & NVME_STATUS_NO_RETRY ? -EREMOTEIO : -EIO;
}
