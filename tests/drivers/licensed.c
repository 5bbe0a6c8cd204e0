/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A driver whose name and licence the tests replace, to see where it may run: for a device that there is not, or for
 * QEMU's edu. It does nothing but say so, and counts in its own memory how often it was asked.
 */
#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/io.h>
#include <ddk/log.h>

static int probe(struct device *device)
{
	struct ddk_region registers;
	int error = ddk_region_map(device, 0, 0, 0, DDK_REGION_UNCACHED, &registers);

	if (error)
		return error;
	ddk_info(device, "licensed sees 0x%x", ddk_read32(&registers, 0));
	ddk_region_unmap(&registers);
	return 0;
}

static void remove(struct device *device)
{
	ddk_info(device, "licensed goes");
}

static const struct driver_match matches[] = {
	MATCH_PCI(0x1234, 0x11e8),
};

DRIVER(licensed) = {
	.name = "name-that-is-replaced-later",
	.version = "1.0",
	.licence = "LicenseRef-this-text-is-replaced-by-the-tests-with-what-is-to-be-judged-"
		   "and-is-long-enough-for-all-of-them",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
};
