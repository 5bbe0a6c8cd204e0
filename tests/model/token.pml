/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The token's life: launch, visits, laps, retirement, watch, CPUs that leave and come back, and
 * a CPU that stalls anywhere, also between looking at the generation and acting on it.
 *
 * Mirrors kernel/sched/token.c: token_launch ("launch"), token_visit ("arrived"), token_forward
 * ("forward", "post"), the end of a lap and token_retire ("lap_end", "retire"), token_watch
 * ("watch_fired"), sched_cpu_offline and sched_cpu_online ("leaving", "off").
 *
 * Abstract: threads (a CPU is crowded or is not; what becomes of threads is thread.pml), the lap
 * number, the order of memory (fence.pml), IPI latency (an IPI arrives before time goes on,
 * unless its target stalls). A step between two labels or semicolons is one access to shared
 * memory; other CPUs may do anything between two steps.
 *
 * Time counts in ticks of half a quantum and only when nobody who is awake has anything to do.
 * With -DUNTIMED timers may fire at any moment, at once or never: that contains all stalls, of
 * any length, and all orders of events. What holds there does not depend on time at all.
 *
 * Checked by assertion:
 *   two_tokens at most one token carries the generation that is valid, and none after retirement
 *   lost_token while token_active says so there is one: it can be late, but never gets lost
 *   unguarded  a crowded CPU that is in no handler has its watch or its pacer armed
 *   age        a crowded CPU is visited within BOUND ticks
 *   storm      the watch starts at most RELAUNCHES tokens; without stalls (and with CPUs leaving) 0
 *   forgotten  nothing waits in the mailbox of a CPU that is offline
 * and as LTL under weak fairness: `visited`, a CPU that stays crowded is visited again and again;
 * `merged`, in the end there is at most one token, stale ones included.
 *
 * Parameters: CPUS; UPS, how often a CPU becomes crowded; LOADED, all are at first; STAYS, CPU 0
 * does not cease to be; STALLS of at most STALL_TICKS; LEAVES, how often a CPU goes offline.
 * BROKEN_... leave out one precaution each: spin must find out.
 */
#ifndef CPUS
#define CPUS 2
#endif
#ifndef UPS
#define UPS 2
#endif
#ifndef STALLS
#define STALLS 0
#endif
#ifndef STALL_TICKS
#define STALL_TICKS 10
#endif
#ifndef LEAVES
#define LEAVES 0
#endif
#ifndef BOUND
#define BOUND QUANTUM
#endif
#ifndef RELAUNCHES
#define RELAUNCHES 0
#endif

/* A statement that some search must come to. */
#define CRITICAL assert(true)

#define QUANTUM 2
#define WATCH	4
#define NONE	255

/* token_state: one word in the kernel, changed by compare-and-exchange. */
byte generation = 1;
bool token_active = false;

#ifdef LOADED /* all are crowded from the beginning */
#define CROWDED true
#else
#define CROWDED false
#endif
bool crowded[CPUS] = CROWDED;
bool online[CPUS] = true;
bool ipi[CPUS] = CROWDED;

/* The token word in each mailbox; generation 0: none. */
byte word[CPUS], word_origin[CPUS];
bool word_hold[CPUS];

/* The timers of each CPU: for which generation (0: not armed) and the ticks that are left. */
byte pacer[CPUS], pacer_left[CPUS];
byte watch[CPUS], watch_left[CPUS];
bool fresh[CPUS]; /* crowded since the watch was armed */

/* For the checks. */
byte hand[CPUS];  /* the generation of the token that this CPU deals with */
bool busy[CPUS];  /* in a handler */
byte stall[CPUS]; /* ticks that it stands still */
bool at[CPUS];    /* is being visited */
byte age[CPUS];   /* ticks for which it has been crowded and not visited */
byte lap_age;  /* ticks since the lap began */
byte ups = UPS, stalls = STALLS, leaves = LEAVES;
byte relaunches;

/* Never set: an assertion that fails names one of them. */
bool two_tokens, lost_token, unguarded;

#ifdef UNTIMED
#define DUE(left) true
#else
#define DUE(left) (left == 0)
#endif

#define TOKENS_OF(c) ((word[c] != 0) + (pacer[c] != 0) + (hand[c] != 0))
#define VALID_OF(c) \
	((word[c] == generation) + (pacer[c] == generation) + (hand[c] == generation))
#if CPUS == 2
#define TOKENS	  (TOKENS_OF(0) + TOKENS_OF(1))
#define VALID	  (VALID_OF(0) + VALID_OF(1))
#define ON_COUNT  (online[0] + online[1])
#define ALL(what) (what(0) && what(1))
#else
#define TOKENS	  (TOKENS_OF(0) + TOKENS_OF(1) + TOKENS_OF(2))
#define VALID	  (VALID_OF(0) + VALID_OF(1) + VALID_OF(2))
#define ON_COUNT  (online[0] + online[1] + online[2])
#define ALL(what) (what(0) && what(1) && what(2))
#endif

#define WANTS(c) (crowded[c] && online[c])

#define me _pid /* as the processes cpu() come first */

/* The first CPU after `me` that wants a token, before `end` comes; NONE if there is none. */
inline find(end)
{
	n = (me + 1) % CPUS;
	do
	:: n == end -> n = NONE; break
	:: n != end && WANTS(n) -> break
	:: else -> n = (n + 1) % CPUS
	od
}

inline arm_watch(number)
{
	watch[me] = number;
	watch_left[me] = WATCH;
	fresh[me] = false
}

inline become_crowded(c)
{
	fresh[c] = fresh[c] || !crowded[c];
	crowded[c] = true;
	ipi[c] = true
}

active [CPUS] proctype cpu() provided (stall[_pid] == 0)
{
	byte g, n, origin;
	bool hold;

done:
	atomic {
		g = 0; n = 0; origin = 0; hold = false;
		at[me] = false;
		assert(hand[me] == 0);
	}
	if
	:: !online[me] -> goto leaving
	:: else -> busy[me] = false
	fi;
end:	if
	:: d_step { ipi[me] ->
		busy[me] = true;
		ipi[me] = false;
		hand[me] = word[me]; origin = word_origin[me]; hold = word_hold[me];
		word[me] = 0; word_origin[me] = 0; word_hold[me] = false }
		goto arrived
	:: d_step { pacer[me] != 0 && DUE(pacer_left[me]) ->
		busy[me] = true;
		hand[me] = pacer[me]; origin = me; hold = false;
		pacer[me] = 0; pacer_left[me] = 0 }
		goto arrived
	:: d_step { watch[me] != 0 && DUE(watch_left[me]) ->
		busy[me] = true;
		g = watch[me]; watch[me] = 0; watch_left[me] = 0 }
		goto watch_fired
	:: d_step { leaves > 0 && ON_COUNT > 1 ->
		busy[me] = true;
		leaves--;
		online[me] = false }
		if
		:: d_step { crowded[me] ->
			crowded[me] = false; fresh[me] = false; age[me] = 0;
			/* Its threads go to the next one. */
			n = (me + 1) % CPUS;
			do
			:: online[n] -> break
			:: else -> n = (n + 1) % CPUS
			od;
			become_crowded(n) }
		:: else
		fi;
		goto leaving
	fi;

arrived:
	if
	:: d_step { hand[me] != 0 && hand[me] == generation ->
		if
		:: hold -> skip
		:: else ->
			at[me] = true; age[me] = 0;
			if
			:: origin == me -> lap_age = 0
			:: else
			fi;
			if
			:: crowded[me] -> arm_watch(generation)
			:: else
			fi
		fi }
		if
		:: hold -> goto lap_end
		:: else -> goto forward
		fi
#ifdef BROKEN_DROP_RETURNS
	:: d_step { hand[me] != 0 && hand[me] != generation -> hand[me] = 0 }
		goto done
	:: hand[me] == 0 -> goto launch
#else
	:: d_step { hand[me] != generation -> hand[me] = 0 }
		CRITICAL;
		goto launch
#endif
	fi;

forward:
	atomic { at[me] = false; find(origin) }
	if
	:: n == NONE -> goto lap_end
	:: else -> goto post
	fi;

post:
	atomic {
		if
#ifdef BROKEN_OVERWRITE
		:: true ->
#else
		:: word[n] < hand[me] ->
#endif
			word[n] = hand[me]; word_origin[n] = origin; word_hold[n] = hold
#ifndef BROKEN_OVERWRITE
		:: else -> CRITICAL /* a newer one is there */
#endif
		fi;
		hand[me] = 0; origin = 0; hold = false
	}
#ifndef BROKEN_NO_RECHECK
	if
	:: online[n]
	:: d_step { !online[n] -> /* takes it back, unless that CPU has found it */
		hand[me] = word[n]; origin = word_origin[n]; hold = word_hold[n];
		word[n] = 0; word_origin[n] = 0; word_hold[n] = false }
		CRITICAL;
		if
		:: hand[me] == 0 -> goto done
		:: hand[me] != 0 && hold -> goto lap_end
		:: else -> goto forward
		fi
	fi;
#endif
	ipi[n] = online[n]; /* to a CPU that is off it is lost */
	goto done;

lap_end:
	at[me] = false;
	d_step { find(me); hold = (n != NONE) }
	if
	:: d_step { online[me] && (crowded[me] || n != NONE) ->
		/* Here, though it may be another CPU that needs it. */
		hold = false;
		pacer[me] = hand[me];
		pacer_left[me] = (lap_age < QUANTUM -> QUANTUM - lap_age : 1);
		hand[me] = 0 }
		goto done
	:: !online[me] || (!crowded[me] && n == NONE)
	fi;
	if
	:: n == NONE -> goto retire
	:: else -> goto post
	fi;

retire:
	atomic {
		if
#ifdef BROKEN_TWO_WORDS
		:: true -> token_active = false
#else
		:: generation == hand[me] -> token_active = false
		:: else -> CRITICAL /* stale: not ours to retire */
#endif
		fi;
		hand[me] = 0
	}
#ifdef BROKEN_RETIRE_NO_LOOK
	goto done;
#endif
	d_step { find(me); if :: WANTS(me) -> n = me :: else fi }
	if
	:: n == NONE -> goto done
	:: else
	fi;
	d_step {
		if
		:: !token_active ->
			token_active = true;
			hand[me] = generation; origin = me
		:: else
		fi
	}
	if
	:: hand[me] != 0 -> CRITICAL; goto lap_end
	:: else -> goto done
	fi;

launch:
	if
	:: !WANTS(me) -> goto done
#ifdef BROKEN_LEFTOVER_WATCH
	:: WANTS(me) && (watch[me] != 0 || pacer[me] != 0) -> goto done
#else
	:: WANTS(me) && (watch[me] != 0 || pacer[me] != 0) && !fresh[me] -> goto done
#endif
	:: else
	fi;
ensure:
#ifdef BROKEN_TWO_WORDS
	/* The flag is taken; the generation is looked at later. */
	atomic { g = token_active; token_active = true }
	if
	:: g -> g = generation
	:: else -> g = generation; hand[me] = g
	fi;
#else
	atomic {
		if
		:: !token_active -> token_active = true; hand[me] = generation
		:: else
		fi;
		g = generation
	}
#endif
	if
	:: d_step { hand[me] != 0 ->
		pacer[me] = hand[me]; pacer_left[me] = QUANTUM;
#ifndef BROKEN_LAUNCH_NO_WATCH
		arm_watch(hand[me]);
#endif
		hand[me] = 0 }
		goto done
	:: d_step { hand[me] == 0 -> arm_watch(g) }
	fi;
#ifndef BROKEN_NO_SECOND_LOOK
	if
	:: !token_active -> CRITICAL; goto ensure /* retired between the look and the arming */
	:: else
	fi;
#endif
	goto done;

watch_fired:
	if
	:: !WANTS(me) || pacer[me] != 0 -> goto done
	:: else
	fi;
#ifndef BROKEN_NO_SINCE
	if
	:: fresh[me] -> CRITICAL; goto launch
	:: else
	fi;
#endif
#ifdef BROKEN_NO_WATCH
	goto done;
#endif
	d_step {
		if
#ifdef BROKEN_NO_GENERATION
		:: relaunches < RELAUNCHES ->
			token_active = true; hand[me] = generation; origin = me; relaunches++
#else
#ifdef UNTIMED
		:: generation == g && token_active && relaunches < RELAUNCHES ->
#else
		:: generation == g && token_active ->
#endif
			generation++; hand[me] = generation; origin = me;
			relaunches++
#endif
		:: else -> /* another one was quicker; what its token brings is done without it */
			arm_watch(generation);
#ifndef BROKEN_LOSER_WAITS
			at[me] = true; age[me] = 0
#endif
		fi
	}
	assert(relaunches <= RELAUNCHES);
	if
	:: hand[me] != 0 -> CRITICAL; goto arrived
	:: else -> CRITICAL; goto ensure
	fi;

leaving:
	if
	:: d_step { word[me] != 0 ->
		hand[me] = word[me]; origin = word_origin[me];
		word[me] = 0; word_origin[me] = 0; word_hold[me] = false }
		CRITICAL;
		goto lap_end
	:: d_step { word[me] == 0 && pacer[me] != 0 ->
		hand[me] = pacer[me]; pacer[me] = 0; pacer_left[me] = 0; origin = me }
		CRITICAL;
		goto lap_end
	:: else
	fi;

	d_step { /* off */
		n = 0; origin = 0;
		ipi[me] = false; watch[me] = 0; watch_left[me] = 0; fresh[me] = false;
		busy[me] = false
	}
	d_step { online[me] = true; busy[me] = true }
#ifndef BROKEN_ONLINE_NO_LOOK
	ipi[me] = true; /* looks at its mailbox as if it had been told */
#endif
	goto done
}

/* Threads come and go: CPUs become crowded, and cease to be; with LOADED only CPU 1. */
active proctype load()
{
end:	do
	:: d_step { ups > 0 && online[1] && !crowded[1] -> ups--; become_crowded(1) }
#ifndef STAYS_ALL
	:: d_step { crowded[1] -> crowded[1] = false; age[1] = 0 }
#endif
#ifndef LOADED
	:: d_step { ups > 0 && online[0] && !crowded[0] -> ups--; become_crowded(0) }
#ifndef STAYS
	:: d_step { crowded[0] -> crowded[0] = false; age[0] = 0 }
#endif
#if CPUS == 3
	:: d_step { ups > 0 && online[2] && !crowded[2] -> ups--; become_crowded(2) }
	:: d_step { crowded[2] -> crowded[2] = false; age[2] = 0 }
#endif
#endif
	od
}

#define UNGUARDED(c) \
	(WANTS(c) && !busy[c] && !ipi[c] && watch[c] == 0 && pacer[c] == 0)

active proctype always()
{
end:	do
	:: VALID > token_active -> assert(two_tokens)
	:: VALID < token_active -> assert(lost_token)
	:: UNGUARDED(0) || UNGUARDED(1) || UNGUARDED(CPUS - 1) -> assert(unguarded)
	od
}

#ifndef UNTIMED
#define QUIET(c) \
	(stall[c] != 0 || (!busy[c] && (!ipi[c] && (pacer[c] == 0 || pacer_left[c] != 0) && \
					(watch[c] == 0 || watch_left[c] != 0))))
#define ASLEEP(c) (!busy[c] && stall[c] == 0)

inline pass(c)
{
	assert(!ALL(ASLEEP) || online[c] || word[c] == 0);
	pacer_left[c] = (pacer_left[c] > 0 -> pacer_left[c] - 1 : 0);
	watch_left[c] = (watch_left[c] > 0 -> watch_left[c] - 1 : 0);
	if
	:: stall[c] != 0 -> stall[c]--; age[c] = 0
	:: stall[c] == 0 && WANTS(c) -> age[c]++
	:: else -> age[c] = 0
	fi;
	assert(age[c] <= BOUND)
}

active proctype clock()
{
end:	do
	:: d_step { ALL(QUIET) ->
		lap_age = (lap_age < QUANTUM -> lap_age + 1 : QUANTUM);
		pass(0);
		pass(1);
#if CPUS == 3
		pass(2);
#endif
		}
	od
}

#if STALLS > 0
active proctype fate()
{
end:	do
	:: d_step { stalls > 0 && stall[0] == 0 -> stalls--; stall[0] = STALL_TICKS }
	:: d_step { stalls > 0 && stall[1] == 0 -> stalls--; stall[1] = STALL_TICKS }
	:: stall[0] != 0 -> stall[0] = 0
	:: stall[1] != 0 -> stall[1] = 0
#if CPUS == 3
	:: d_step { stalls > 0 && stall[2] == 0 -> stalls--; stall[2] = STALL_TICKS }
	:: stall[2] != 0 -> stall[2] = 0
#endif
	od
}
#endif
#endif

#ifdef LTL
ltl visited { (<>[] WANTS(0)) -> ([]<> at[0]) }
ltl merged { <>[] (TOKENS <= 1) }
#endif
