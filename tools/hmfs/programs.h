/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs that are one: called by name, or as commands of hmfs. */
#pragma once

#include <base/types.h>

int mkfs_main(int count, char **arguments);
int fsck_main(int count, char **arguments);
int hmfs_main(int count, char **arguments);

/* --help and --version: prints it and ends the program. */
bool program_common_option(const char *option, const char *help);
