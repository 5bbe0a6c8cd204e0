/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the volume that the loader itself was started from. */
#pragma once

#include "firmware.h"

struct file_content {
	uint64_t base; /* page-aligned; 0 if the file is empty or missing */
	uint64_t size;
};

/* Opens the loader's own volume; the caller closes the directory. Reports a failure. */
EFI_STATUS must_check volume_open(EFI_FILE **root);

/*
 * Reads the whole of the file at `path`, at most `limit` bytes, into memory of its own
 * (firmware_free() gives it back). Returns EFI_NOT_FOUND, silently, where there is no such
 * file; every other failure is reported under `name`.
 */
EFI_STATUS must_check file_read(EFI_FILE *root, const char *name, const CHAR16 *path,
				uint64_t limit, struct file_content *content);
