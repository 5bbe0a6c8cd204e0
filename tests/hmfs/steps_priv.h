/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the operations share. */
#pragma once

#include "steps.h"

enum outcome {
	DONE,    /* to be done to the tree */
	REFUSED, /* an error that was expected, or may be: the tree stays */
	WRONG,
};

__attribute__((format(printf, 2, 3))) void steps_say(struct steps *steps, const char *format, ...);
enum outcome steps_judge(struct steps *steps, int64_t result, int64_t wanted);
struct tree_node *steps_choose(struct steps *steps, bool (*accepts)(const struct tree_node *));
/* An operation on the contents of a file. */
enum outcome steps_do_file(struct steps *steps);
