/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user says of where drivers run: it makes what the licence allows stricter, never laxer.
 *
 *   command line     drivers=user   drivers.user=NAME,NAME...   drivers.deny=NAME,NAME...
 *   /etc/drivers.conf of the initramfs, a rule a line, "#" begins a comment:
 *                    user NAME      user *      deny NAME
 *
 * All rules hold together. No rule says that a driver runs in the kernel.
 */
#pragma once

#include <ddk/driver.h>

#define POLICY_RULES_MAX 64

enum policy_kind {
	POLICY_NONE,
	POLICY_USER, /* in a driver host only */
	POLICY_DENY, /* nowhere */
};

struct policy_rule {
	enum policy_kind kind;
	char name[DRIVER_NAME_MAX]; /* "*": all */
};

struct policy {
	struct policy_rule rules[POLICY_RULES_MAX];
	size_t count;
	enum policy_kind others; /* rules for which there was no room: they hold for all drivers */
};

/* Adds the rules of the kernel's command line, or of a file's text. The number of lines that are none; *line is the first of them. */
void policy_add_command_line(struct policy *policy, const char *text);
unsigned policy_add_file(struct policy *policy, const char *text, size_t length, unsigned *line);
/* The strictest rule that names the driver. */
enum policy_kind policy_find(const struct policy *policy, const char *name);
