/* SPDX-License-Identifier: GPL-3.0-or-later */
/* _OSI: the interfaces that firmware asks for, and writes its tables around. */
#include <base/string.h>

#include "instance.h"

static const char *const interfaces[] = {
	"Windows 2000",     "Windows 2001",     "Windows 2001 SP1",
	"Windows 2001.1",   "Windows 2001 SP2", "Windows 2001.1 SP1",
	"Windows 2006",     "Windows 2006.1",   "Windows 2006 SP1",
	"Windows 2006 SP2", "Windows 2009",     "Windows 2012",
	"Windows 2013",     "Windows 2015",     "Windows 2016",
	"Windows 2017",     "Windows 2017.2",   "Windows 2018",
	"Windows 2018.2",   "Windows 2019",     "Windows 2020",
	"Windows 2021",     "Windows 2022",     "Extended Address Space Descriptor",
};

uint64_t aml_interface_known(struct aml *aml, const char *name)
{
	if (aml->host.knows_interface)
		return aml->host.knows_interface(&aml->host, name) ? UINT64_MAX : 0;
	for (unsigned i = 0; i < array_length(interfaces); i++)
		if (strcmp(interfaces[i], name) == 0)
			return UINT64_MAX;
	return 0;
}
