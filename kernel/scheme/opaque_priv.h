/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes whose names are no tree, as the files of kernel/scheme share them. */
#pragma once

#include <scheme/scheme.h>

/* Frees the storage of a scheme that nobody refers to. */
void scheme_free(struct scheme *scheme);
