/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes as files (pidfd): readable when the process has ended; the number is not reused. */
#pragma once

#include <proc/process.h>

int must_check process_file_create(struct process *process, unsigned flags, struct file **file);
/* The process, with a reference; NULL where `file` is none of these. */
struct process *process_file_process(const struct file *file);
