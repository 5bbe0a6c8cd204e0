/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads between CPUs: sleeping and waking, the switch, handing on through mailboxes, and a CPU
 * that goes offline and comes back, on two CPUs with a thread that sleeps and one that runs.
 *
 * Mirrors thread_set_state and thread_block ("sleeper"), switch_once and finish_switch ("switch",
 * "send"), handoff_send and handoff_receive, wake_from and wake_moving (kernel/sched/sched.c,
 * wake.c, handoff.c) and the way of a CPU that leaves (sched_cpu_offline).
 *
 * Abstract: priorities, affinity and time; which thread is picked, handed on or preempted, and which
 * CPU is chosen, is anybody's guess. What a CPU does to its own queue under its lock in one go is
 * one step. A CPU that idles sees what is queued there without being told; that a waker's kick
 * arrives is not in question here. A thread in a mailbox is seen only when IPI_WAKE comes.
 *
 * Checked:
 *   places     a thread is in at most one place: a CPU, a queue, a mailbox
 *   wake-ups   by the search for bad end states: events are limited, and when they are used up the
 *              sleeper must have come through all its sleeps, and both threads to their end; a lost
 *              wake-up, or a thread that is forgotten in a mailbox, leaves the model stuck
 *
 * Parameters: WAKES, how often the sleeper sleeps; PREEMPTS and HANDS, how often a thread is preempted
 * and handed on; LEAVES, how often CPU 1 goes offline. BROKEN_... leave out one precaution each.
 */
#ifndef WAKES
#define WAKES 2
#endif
#ifndef PREEMPTS
#define PREEMPTS 2
#endif
#ifndef HANDS
#define HANDS 2
#endif
#ifndef LEAVES
#define LEAVES 0
#endif

/* A statement that some search must come to. */
#define CRITICAL assert(true)

#define SLEEPER 0
#define RUNNER	1
#define IDLE	2

#define RUNNABLE 0
#define SLEEPING 1
#define DEAD	 2

/* thread->state, cpu, moving, and whether it is in the queue of `cpu`. */
byte state[2];
byte place[2];
bool moving[2];
bool queued[2];
byte step; /* of the sleeper: awake, declared, looked */

byte current[2] = IDLE;
bool locked[2];
bool online[2] = true;
bool ipi[2];
bool box0[2], box1[2]; /* the mailbox of each CPU, by thread */

bool condition;
byte wakes = WAKES, preempts = PREEMPTS, hands = HANDS, leaves = LEAVES;

#define OVER (state[SLEEPER] == DEAD && state[RUNNER] == DEAD)
#define QUEUED(cpu) \
	((queued[SLEEPER] && place[SLEEPER] == cpu) || (queued[RUNNER] && place[RUNNER] == cpu))
#define PLACES(thread) \
	(queued[thread] + box0[thread] + box1[thread] + (current[0] == thread) + \
	 (current[1] == thread))

inline lock(cpu)
{
	atomic { !locked[cpu] -> locked[cpu] = true }
}

inline lock_both()
{
	lock(0);
	lock(1)
}

inline unlock_both()
{
	atomic { locked[0] = false; locked[1] = false }
}

#define me _pid /* as the processes cpu() come first */

/* Takes what is in the mailbox of `cpu`. */
inline take(cpu)
{
	d_step {
		if
		:: cpu == 0 ->
			got[SLEEPER] = box0[SLEEPER]; got[RUNNER] = box0[RUNNER];
			box0[SLEEPER] = false; box0[RUNNER] = false
		:: else ->
			got[SLEEPER] = box1[SLEEPER]; got[RUNNER] = box1[RUNNER];
			box1[SLEEPER] = false; box1[RUNNER] = false
		fi
	}
}

/* wake_moving(): queues a thread that is nowhere but has `moving` set. */
inline requeue(thread)
{
	lock_both();
	atomic {
		moving[thread] = false;
		if
		:: online[0] -> place[thread] = 0
		:: online[1] -> place[thread] = 1
		fi;
		queued[thread] = true
	}
	unlock_both()
}

inline requeue_all()
{
	if
	:: got[SLEEPER] -> requeue(SLEEPER)
	:: else
	fi;
	if
	:: got[RUNNER] -> requeue(RUNNER)
	:: else
	fi;
	got[SLEEPER] = false;
	got[RUNNER] = false
}

/* handoff_receive() for one thread. */
inline receive_one(thread)
{
	if
	:: got[thread] ->
		lock(me);
#ifdef BROKEN_RECEIVER_SETS_CPU
		queued[thread] = true;
		place[thread] = me;
		moving[thread] = false;
#else
		assert(place[thread] == me && moving[thread]);
		d_step { moving[thread] = false; queued[thread] = true }
#endif
		locked[me] = false;
		got[thread] = false
	:: else
	fi
}



active [2] proctype cpu()
{
	byte previous, target;
	bool blocks, got[2];

	atomic {
		if
		:: me == 0 -> current[0] = SLEEPER; queued[RUNNER] = true
		:: else
		fi
	}

running:
	atomic { previous = 0; target = 0; blocks = false }
	if
	:: OVER -> goto out
	:: atomic { ipi[me] -> ipi[me] = false }
		goto receive
	:: current[me] == IDLE && QUEUED(me) -> goto switch
	:: atomic { current[me] != IDLE && preempts > 0 -> preempts-- }
		goto switch
	:: current[me] == SLEEPER -> goto sleeper
	:: atomic { current[me] == RUNNER -> state[RUNNER] = DEAD; blocks = true }
		goto switch
	:: atomic { me == 1 && leaves > 0 -> leaves--; online[1] = false }
		goto leave
	fi;

sleeper:
	if
#ifdef BROKEN_LOOK_FIRST
	:: atomic { step == 0 -> step = 1 }
	:: atomic { step == 1 && !condition -> step = 3 }
	:: atomic { step == 3 -> step = 2; state[SLEEPER] = SLEEPING }
#else
	:: atomic { step == 0 -> step = 1; state[SLEEPER] = SLEEPING }
	:: atomic { step == 1 && !condition -> step = 2 }
#endif
	:: atomic { step == 1 && condition -> step = 0; condition = false; wakes--;
		if
		:: wakes == 0 -> state[SLEEPER] = DEAD; blocks = true
		:: else -> state[SLEEPER] = RUNNABLE
		fi }
		if
		:: blocks -> goto switch
		:: else
		fi
	:: atomic { step == 2 -> step = 0; blocks = true }
		goto switch
	fi;
	goto running;

receive:
	skip;
	take(me);
	receive_one(SLEEPER);
	receive_one(RUNNER);
	goto running;

switch:
	lock(me);
	atomic {
		previous = current[me];
		target = IDLE;
		if
		:: previous == IDLE
		:: previous != IDLE && blocks && state[previous] != RUNNABLE -> CRITICAL
		:: previous != IDLE && !(blocks && state[previous] != RUNNABLE) ->
			if
			:: online[me] -> queued[previous] = true; place[previous] = me
			:: online[1 - me] && hands > 0 && online[me] ->
				hands--;
				target = 1 - me;
				moving[previous] = true
#ifndef BROKEN_RECEIVER_SETS_CPU
				; place[previous] = target
#endif
			:: !online[me] -> moving[previous] = true
			fi
		fi;
		current[me] = IDLE;
		if
		:: online[me] && queued[SLEEPER] && place[SLEEPER] == me ->
			queued[SLEEPER] = false; current[me] = SLEEPER
		:: online[me] && queued[RUNNER] && place[RUNNER] == me ->
			queued[RUNNER] = false; current[me] = RUNNER
		:: !(online[me] && QUEUED(me))
		fi;
#ifdef BROKEN_IPI_FIRST
		if
		:: target != IDLE -> ipi[target] = true
		:: else
		fi;
#endif
		locked[me] = false
	}
	if
	:: target != IDLE -> goto send
	:: target == IDLE && previous != IDLE && moving[previous] && !online[me] ->
		requeue(previous)
	:: else
	fi;
	if
	:: !online[me] -> goto leave
	:: else -> goto running
	fi;

send:
	atomic {
		if
		:: target == 0 -> box0[previous] = true
		:: else -> box1[previous] = true
		fi
	}
#ifdef BROKEN_IPI_BEFORE_LOOK
	ipi[target] = online[target];
#endif
#ifndef BROKEN_NO_RECHECK
	if
	:: online[target]
	:: !online[target] ->
		take(target);
		CRITICAL;
		requeue_all();
		goto running
	fi;
#endif
#if !defined(BROKEN_IPI_FIRST) && !defined(BROKEN_IPI_BEFORE_LOOK)
	ipi[target] = online[target];
#endif
	goto running;

leave:
	if
	:: current[me] != IDLE -> goto switch
	:: else
	fi;
	lock_both();
	atomic {
		if
		:: queued[SLEEPER] && place[SLEEPER] == me -> place[SLEEPER] = 1 - me
		:: else
		fi;
		if
		:: queued[RUNNER] && place[RUNNER] == me -> place[RUNNER] = 1 - me
		:: else
		fi
	}
	unlock_both();
	take(me);
	requeue_all();
	ipi[me] = false;
	if
	:: OVER -> goto out /* perhaps it stays off until then */
	:: online[me] = true
	:: skip -> OVER -> goto out
	fi;
#ifndef BROKEN_IPI_BEFORE_LOOK /* either that look, or the order of look and IPI */
	ipi[me] = true;
#endif
	goto running;

out:
	skip
}

/* wake_from() */
active proctype waker()
{
	byte source, target;
	bool taken;

	do
	:: atomic { OVER || wakes == 0 -> break }
	:: atomic { wakes > 0 && !condition -> condition = true }
		if
		:: state[SLEEPER] == SLEEPING
		:: else -> goto next
		fi;
again:
		source = place[SLEEPER];
		if
		:: target = 0
		:: target = 1
		fi;
		/* The two locks, in order. */
		if
		:: source == 0 || target == 0 -> lock(0)
		:: else
		fi;
		if
		:: source == 1 || target == 1 -> lock(1)
		:: else
		fi;
		if
		:: place[SLEEPER] == source && online[target]
		:: else ->
			CRITICAL;
			atomic {
				if
				:: source == 0 || target == 0 -> locked[0] = false
				:: else
				fi;
				if
				:: source == 1 || target == 1 -> locked[1] = false
				:: else
				fi
			}
			goto again
		fi;
		atomic {
			taken = (state[SLEEPER] == SLEEPING);
			state[SLEEPER] = (taken -> RUNNABLE : state[SLEEPER])
		}
		if
#ifdef BROKEN_NOT_OWNED
		:: taken && !(current[source] == SLEEPER || queued[SLEEPER]) ->
#else
		:: taken && !(current[source] == SLEEPER || moving[SLEEPER] || queued[SLEEPER]) ->
#endif
			d_step { place[SLEEPER] = target; queued[SLEEPER] = true }
		:: else -> CRITICAL
		fi;
		atomic {
			if
			:: source == 0 || target == 0 -> locked[0] = false
			:: else
			fi;
			if
			:: source == 1 || target == 1 -> locked[1] = false
			:: else
			fi
		}
next:
		taken = false;
	od
}

/* Never set: an assertion that fails names it. */
bool two_places;

active proctype places()
{
end:	do
	:: PLACES(SLEEPER) > 1 || PLACES(RUNNER) > 1 -> assert(two_places)
	od
}
