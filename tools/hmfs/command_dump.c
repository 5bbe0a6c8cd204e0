/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dump: what is on disk, for those who look for faults. */
#include "command.h"

const struct command dump_commands[] = {
	{ .name = NULL },
};
