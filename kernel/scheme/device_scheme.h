/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes that are a single device, without a directory: null:, zero:, rand:, log:. */
#pragma once

#include <scheme/scheme.h>

/* Makes such a scheme and adds it to the first namespace. `name` is static. */
int must_check device_scheme_create(const char *name, const struct node_ops *ops,
				    uint32_t permissions, unsigned node_flags);
