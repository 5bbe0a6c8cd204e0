/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: touching user memory. Only mm/vm/usercopy.c calls these. Page faults are
 * served on the way; interrupts must be on and no spinlock held, except in the _nofault
 * variants, which fail where a page is not present. Addresses were range-checked before.
 */
#pragma once

#include <base/types.h>

/* 0, or -EFAULT with a part possibly copied. */
int must_check arch_copy_from_user(void *to, uintptr_t from, size_t length);
int must_check arch_copy_to_user(uintptr_t to, const void *from, size_t length);
int must_check arch_clear_user(uintptr_t to, size_t length);
/* Copies up to `size` bytes, stopping after a 0 byte. Returns the length without the 0, or
 * `size` if there was none, or -EFAULT. */
ssize_t must_check arch_copy_string_from_user(char *to, uintptr_t from, size_t size);
/* 0 if the aligned word at `at` can be read, or with `write` written, which changes nothing in it;
 * -EFAULT. */
int must_check arch_probe_user(uintptr_t at, bool write);
/* Aligned atomic loads and a compare-and-swap, for futexes, without serving page faults: -EFAULT
 * where the page is not present or not writable. */
int must_check arch_load_user_u32_nofault(uintptr_t from, uint32_t *value);
int must_check arch_load_user_u64_nofault(uintptr_t from, uint64_t *value);
int must_check arch_exchange_user_u32_nofault(uintptr_t at, uint32_t expected, uint32_t wanted,
					      uint32_t *found);
