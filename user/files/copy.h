/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying, moving and removing of whole trees; runs in a worker. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What another thread may look at while it runs, and how it is asked to stop. */
struct progress {
	_Atomic uint64_t bytes, total; /* done, and to be done, as far as is known */
	_Atomic unsigned items;        /* done */
	_Atomic bool cancelled;
	/* Of the first thing that went wrong; the work goes on with the rest. */
	int error; /* an errno, 0: nothing */
	char failed[PATH_MAX];
	unsigned failures; /* how many things there were */
	bool moves;        /* what is copied goes: what cannot be kept of it is a failure */
};

/* Adds the sizes of all regular files at and below `path` to progress->total. */
void count_tree(const char *path, struct progress *progress);
/* Copies `from`, whatever it is, to `to`, which is not there, with rights, times, and forks. */
void copy_tree(const char *from, const char *to, struct progress *progress);
/* Renames it, or where that is not possible, copies and removes it, if all of it, forks too, is there. */
void move_tree(const char *from, const char *to, struct progress *progress);
/* What is mounted below it stays, with the folders that it is in. */
void remove_tree(const char *path, struct progress *progress);
/* rename(2) that replaces nothing: EEXIST. */
int rename_new(const char *from, const char *to);
