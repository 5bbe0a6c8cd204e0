/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all processes of one (real) user together use, for the limits that count per user:
 * RESOURCE_PROCESSES and RESOURCE_SIGNALS. Private to proc. Any context.
 */
#pragma once

#include <base/types.h>

struct user_account;

/* The account of `uid` with a reference; NULL: out of memory. */
struct user_account *user_account_find(uint32_t uid);
void user_account_get(struct user_account *account);
void user_account_put(struct user_account *account);

uint32_t user_account_uid(const struct user_account *account);
/* Counts one thread or queued signal unless there are `limit` already. */
bool must_check user_account_add_thread(struct user_account *account, uint64_t limit);
bool must_check user_account_add_signal(struct user_account *account, uint64_t limit);
void user_account_drop_threads(struct user_account *account, unsigned count);
void user_account_drop_signal(struct user_account *account);
/* Counts `count` threads whatever the limit (setuid). */
void user_account_move_threads(struct user_account *from, struct user_account *to, unsigned count);
/* How many signals are queued, for /proc. */
uint64_t user_account_signals(const struct user_account *account);
void user_account_init(void);
