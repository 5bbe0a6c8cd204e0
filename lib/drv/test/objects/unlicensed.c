/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver of the tests that says nothing of a licence, nor of a version, and matches nothing. */
#include <ddk/driver.h>

static int probe(struct device *device)
{
	(void)device;
	return 0;
}

DRIVER(unlicensed) = {
	.name = "unlicensed",
	.probe = probe,
};
