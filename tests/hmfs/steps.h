/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations, done to a volume and to a tree alike.
 *
 * The error that an operation ends with is told beforehand, from the tree. Where the volume may be
 * full or fail, an error of that kind must have left all as it was; only a write may have been done
 * in part.
 */
#pragma once

#include "tree.h"

#define STEPS_HELD 4u

struct steps {
	struct hmfs_volume *volume;
	uint32_t dataset;
	struct tree tree;
	uint64_t random;
	/* What the tree may grow to, about. */
	unsigned most_nodes;
	uint64_t most_bytes;
	size_t most_write;
	bool may_fill; /* -ENOSPC is no surprise */
	bool may_fail; /* nor are -EIO and -ENOMEM */
	/* Ends what makes things fail, to look at what became of a write, and begins it again;
	 * may be NULL. */
	void (*suspend)(bool suspended);
	struct tree_node *held[STEPS_HELD];
	unsigned failed; /* how many did so */
	/* What was done last, and what was wrong with it. */
	char said[512];
};

uint64_t steps_random(struct steps *steps, uint64_t below);
/* Begins with what the dataset has. */
int must_check steps_begin(struct steps *steps);
/* One operation: false if something was not as it should be. */
bool must_check steps_do(struct steps *steps);
/* Compares all of the dataset with the tree: false if they differ. */
bool must_check steps_compare(struct steps *steps);
/* Lets go of what is held. */
void steps_let_go(struct steps *steps);
/* After a crash nothing is held, and the tree is what the volume has. */
int must_check steps_reload(struct steps *steps);
