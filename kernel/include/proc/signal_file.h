/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals as files (signalfd): reading takes signals that are pending for the reader, which
 * should have blocked them, as records of the ABI.
 */
#pragma once

#include <proc/signal.h>
#include <scheme/file.h>

#define SIGNAL_FILE_RECORD 128

/* `encode` fills a record of SIGNAL_FILE_RECORD bytes. -ENOMEM. */
int must_check signal_file_create(signal_set_t mask, unsigned flags,
				  void (*encode)(const struct signal_info *info, void *record),
				  struct file **file);
/* -EINVAL where `file` is none. */
int signal_file_set_mask(struct file *file, signal_set_t mask);
