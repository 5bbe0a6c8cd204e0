/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Linux tree. */
#pragma once

#include <base/types.h>

/* Makes `file:` the root and mounts on it what there is. Called once, when the schemes of the
 * kernel have started. */
void tree_build(void);
/* Makes the root of bare_root(). -ENOMEM. */
int must_check bare_tree_build(void);
