/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guesses at what a file is: from its first bytes, then from how its name ends. */
#pragma once

#include <base/types.h>

#define HMFS_MIME_HEAD 512u /* bytes that are looked at */

/* Of what is no regular file; NULL: it is one. `kind`: HMFS_MODE_TYPE's bits. */
const char *hmfs_mime_of_kind(uint32_t kind);
const char *hmfs_mime_guess(const uint8_t *head, size_t length, const char *name,
			    size_t name_length);
