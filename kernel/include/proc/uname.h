/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this system calls itself: uname(2), /proc/version, /proc/sys/kernel. docs/processes.md
 * says why the names are as they are.
 */
#pragma once

#include <base/types.h>

#define UNAME_LENGTH 65 /* with the terminating 0 */

struct uname_data {
	char system[UNAME_LENGTH];  /* "CryptOS" */
	char node[UNAME_LENGTH];    /* the host's name */
	char release[UNAME_LENGTH]; /* the version of Linux's interface that is served */
	char version[UNAME_LENGTH]; /* of this kernel */
	char machine[UNAME_LENGTH];
	char domain[UNAME_LENGTH];
};

/* A consistent copy. */
void uname_read(struct uname_data *data);
/* Set names; permission was checked. -EINVAL where too long. */
int must_check uname_set_node(const char *name, size_t length);
int must_check uname_set_domain(const char *name, size_t length);
int must_check uname_set_system(const char *name, size_t length);
/* Takes `sysname=NAME` from the command line. */
void uname_init(void);
