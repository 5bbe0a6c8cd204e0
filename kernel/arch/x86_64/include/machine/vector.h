/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vector state as signal frames carry it: the XSAVE image in standard format (Intel SDM
 * volume 1, 13.4), or the FXSAVE image on CPUs without XSAVE.
 */
#pragma once

#include <base/types.h>

struct thread;

/* Bytes of the image, and the state components in it (XCR0; 3 for FXSAVE). */
size_t machine_vector_size(void);
uint64_t machine_vector_components(void);
bool machine_vector_has_xsave(void);
/* The current thread's state, brought up to date in memory; valid until it runs in user mode
 * again. */
const void *machine_vector_current(void);
/* Puts the current thread's state into the initial one of programs. */
void machine_vector_clear(void);
/* Sets the current thread's state from an image of machine_vector_size() bytes (or of 512 bytes,
 * `legacy_only`), which may be hostile: reserved bits are cleared. */
void machine_vector_restore(const void *image, bool legacy_only);
/* The first `size` bytes (at most 512) of the FXSAVE image, of the current thread or of one that is
 * stopped. What is written may be hostile. */
void machine_vector_read_legacy(struct thread *thread, void *to, size_t size);
void machine_vector_write_legacy(struct thread *thread, const void *from, size_t size);
