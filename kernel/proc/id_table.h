/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Process and thread ids, and the groups and sessions that are named by them. Private to proc.
 *
 * An id is in use while it names a thread, a process not yet reaped, a group with members or a
 * session with members; only then can it be given out again. Each of these is one use. Ids are
 * given out in a cycle, so that one is not used again soon.
 *
 * Functions whose name begins with id_ take the table's lock; those with _locked need it held.
 */
#pragma once

#include <base/list.h>
#include <sync/spinlock.h>

struct process;
struct user_thread;

#define ID_LIMIT 65536 /* ids are 1 .. ID_LIMIT - 1 */
#define ID_FIRST 1     /* the first process */

irq_state_t must_check id_table_lock(void);
void id_table_unlock(irq_state_t state);

/* A new id with one use. -EAGAIN (none left), -ENOMEM. */
int must_check id_allocate(uint32_t *id);
/* The same for a particular id; the cycle goes on where it was. -EAGAIN where it is in use. */
int must_check id_allocate_at(uint32_t id);
/* Gives one use back. */
void id_release(uint32_t id);
void id_release_locked(uint32_t id);

/* Makes `id` name a thread, which takes over one use; and ends that, with the use. A thread
 * that another has replaced as the owner of the id only gives its use back. */
void id_bind_thread_locked(uint32_t id, struct user_thread *thread);
void id_unbind_thread(uint32_t id, struct user_thread *thread);
/* Exec: `thread` takes over the id of its process and gives up its own. */
void id_take_over(struct user_thread *thread, uint32_t pid);
/* Makes `id`, which is in use, name a process: one more use; and ends that. */
void id_bind_process_locked(uint32_t id, struct process *process);
void id_unbind_process_locked(uint32_t id);

/* Is it in use? 0, which no process has, always is: the first one's group. */
bool id_is_used_locked(uint32_t id);
/* Look-ups without a reference. */
struct process *id_process_locked(uint32_t id);
struct user_thread *id_thread_locked(uint32_t id);
/* The process with the lowest pid >= `id`. */
struct process *id_next_process_locked(uint32_t id);
/* The members of a group (struct process.group_node), NULL where it has none. */
const struct list *id_members_locked(uint32_t group);

/* Moves a process into a group or session, out of the one that it is in, if any
 * (process->group_node attached). The id of the new one must be in use. */
void id_join_group_locked(struct process *process, uint32_t group);
void id_join_session_locked(struct process *process, uint32_t session, bool leave_old);
/* The last steps of a process: out of its group and session. */
void id_leave_all_locked(struct process *process);

uint32_t id_last_allocated(void);
uint32_t id_process_count(void);
void id_table_init(void);
