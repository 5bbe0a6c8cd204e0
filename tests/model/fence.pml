/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of memory. The other models see each store at once; a CPU's stores really wait in its
 * store buffer while its later loads go ahead (x86's order). Wherever two CPUs each store one thing and
 * then look at the other's, one must see the other. The protocols do that in these places:
 *
 *   one CPU                                  the other
 *   sleeper: state, then the condition       waker: condition, then the state
 *   crowded: its bit, then token_active      retire: token_active, then the bits
 *   sender: the mailbox, then `online`       CPU that leaves: `online`, then the mailbox
 *   idle: its bit, then the others' queues   who queues: the thread, then the bits of the idle
 *
 * All have the form below, so one model stands for the four. A fence, and any atomic exchange, waits
 * until the store buffer is empty. BROKEN_NO_FENCE leaves out one of the two fences.
 */

/* A statement that some search must come to. */
#define CRITICAL assert(true)

bool memory[2]; /* as all CPUs see it */
bool buffer[2]; /* the store to memory[cpu] that has not become visible yet */
bool ended[2];
bool saw[2];

/* Never set: an assertion that fails names it. */
bool missed_each_other;

#define me    _pid /* as the processes cpu() come first */
#define other (1 - _pid)

active [2] proctype cpu()
{
	buffer[me] = true;
#ifdef BROKEN_NO_FENCE
	if
	:: me == 1 -> !buffer[me]
	:: else
	fi;
#else
	!buffer[me];
#endif
	/* What it wrote itself it would see in its buffer; it does not look at that. */
	saw[me] = memory[other];
	ended[me] = true
}

active proctype store_buffers()
{
	do
	:: atomic { buffer[0] -> memory[0] = true; buffer[0] = false }
	:: atomic { buffer[1] -> memory[1] = true; buffer[1] = false }
	:: ended[0] && ended[1] && !buffer[0] && !buffer[1] -> break
	od;
	if
	:: saw[0] && saw[1] -> CRITICAL
	:: saw[0] != saw[1] -> CRITICAL
	:: else -> assert(missed_each_other)
	fi
}
