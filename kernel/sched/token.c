/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The token: one scheduling interrupt that forwards itself around the CPUs.
 *
 * While some CPU is crowded (has more than one runnable thread), there is one token. It rests as
 * the armed pacer, a timer on a crowded CPU, and once per quantum makes a lap: it visits every
 * crowded CPU once, in the order of their numbers from where it started (the origin), by IPI_WAKE.
 * A visit looks whether the running thread's turn is over, hands surplus threads to CPUs with
 * fewer, sends the token on, and switches. CPUs that idle or run a single thread see nothing of
 * it. When no CPU is crowded the token is retired.
 *
 * The token is a word in the mailbox of the CPU that it is sent to. It carries a generation; only
 * a token of the current one is valid. Each crowded CPU has a watch timer that a visit puts off:
 * if no visit came for two quanta the token is lost, with a CPU that stalls or went offline, and
 * whoever raises the generation first has the new one. The old one, should it turn up, is dropped.
 *
 * Nothing here is locked: the words in the mailboxes and `standing` are atomics, and everything
 * else is the own CPU's. docs/scheduler.md tells the whole; tests/model/ has the proof.
 */
#include "sched_priv.h"

#include <base/bits.h>
#include <core/log.h>
#include <core/panic.h>
#include <trace/trace.h>

/* A token's word; 0 is none. The low half says when its lap began, in units of 2^LAP_SHIFT ns. */
#define WORD_HOLD             ((uint64_t)1 << 63) /* rest here: the lap is over */
#define WORD_GENERATION_SHIFT 40
#define WORD_GENERATION_MASK  0x7fffffu
#define WORD_ORIGIN_SHIFT     32
#define WORD_ORIGIN_MASK      0xffu

/* No more than one line in the log about lost tokens in this time. */
#define REPORT_NS (10 * NS_PER_SECOND)

#define LAP_SHIFT 10

/* Threads handed on by one visit, at most. */
#define SURPLUS_MAX 8

/* The current generation, never 0, and whether there is a token, in one word: who retires the
 * token or launches one must not do that to another generation's. */
#define STANDING_ACTIVE           1u
#define STANDING_GENERATION_SHIFT 1
static _Atomic uint32_t standing = 1u << STANDING_GENERATION_SHIFT;

static _Atomic unsigned whereabouts; /* where the token was last sent to: for reports */

static struct token_cpu {
	_Atomic uint64_t word; /* the mailbox; anyone writes */

	/* All below: own CPU, interrupts off. */
	struct timer pacer;
	uint64_t paced; /* the token that the armed pacer is; or 0 */
	bool uncrowded; /* the last visit found that the CPU is no longer crowded */
	struct timer watch;
	bool watching;
	uint64_t visits;
	uint64_t visits_at_watch; /* what that and the generation were when it was armed */
	uint32_t generation_at_watch;
} __attribute__((aligned(64))) tokens[CPU_MAX];

static void settle(struct run_queue *queue, uint64_t word);

/* The token for a lap that begins now. */
static uint64_t make_word(uint32_t of_generation, unsigned origin)
{
	uint32_t lap = (uint32_t)(clock_monotonic_ns() >> LAP_SHIFT);

	return (uint64_t)of_generation << WORD_GENERATION_SHIFT |
	       (uint64_t)origin << WORD_ORIGIN_SHIFT | lap;
}

static uint32_t word_generation(uint64_t word)
{
	return (uint32_t)(word >> WORD_GENERATION_SHIFT) & WORD_GENERATION_MASK;
}

static unsigned word_origin(uint64_t word)
{
	return (unsigned)(word >> WORD_ORIGIN_SHIFT) & WORD_ORIGIN_MASK;
}

/* What names the lap in traces. */
static uint32_t word_lap(uint64_t word)
{
	return (uint32_t)word;
}

/* How long the lap has taken, ns. A token that stalled for over an hour is an old one anyway. */
static uint64_t lap_length(uint64_t word, uint64_t now)
{
	return (uint64_t)((uint32_t)(now >> LAP_SHIFT) - word_lap(word)) << LAP_SHIFT;
}

static uint32_t current_generation(void)
{
	return atomic_load(&standing) >> STANDING_GENERATION_SHIFT;
}

static uint32_t make_standing(uint32_t generation, bool active)
{
	return generation << STANDING_GENERATION_SHIFT | (active ? STANDING_ACTIVE : 0);
}

static bool is_valid(uint64_t word)
{
	return atomic_load(&standing) == make_standing(word_generation(word), true);
}

/* Makes the standing `to` if it is `from`: one of those who try succeeds. */
static bool change_standing(uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong(&standing, &from, to);
}

static bool is_crowded(const struct run_queue *queue)
{
	return atomic_load_explicit(&queue->runnable, memory_order_relaxed) > 1;
}

static void merge(struct run_queue *queue)
{
	trace_token(TRACE_TOKEN_MERGED, queue->cpu, 0);
	count_own_event(&queue->statistics.token.merged);
}

static void arm_watch(struct run_queue *queue)
{
	struct token_cpu *token = &tokens[queue->cpu];

	token->watching = true;
	queue->looked_after = true;
	token->visits_at_watch = token->visits;
	token->generation_at_watch = current_generation();
	timer_arm(&token->watch, clock_monotonic_ns() + 2 * sched_quantum);
}

/* The token rests here. What watched for it has nothing to watch for. */
static void arm_pacer(struct run_queue *queue, uint64_t word, uint64_t deadline)
{
	struct token_cpu *token = &tokens[queue->cpu];

	if (token->watching)
		timer_cancel(&token->watch);
	token->watching = false;
	token->paced = word;
	queue->looked_after = true;
	timer_arm(&token->pacer, deadline);
}

/* Puts the token into the mailbox of CPU `cpu`. A newer one that is there already stays, and a
 * CPU that went offline meanwhile may have looked for the last time: then the token stays here. */
static void send(struct run_queue *queue, unsigned cpu, uint64_t word)
{
	struct token_cpu *receiver = &tokens[cpu];
	uint64_t there = atomic_load(&receiver->word);

	do {
		if (there != 0 && is_valid(there) && !is_valid(word)) {
			merge(queue);
			return;
		}
	} while (!atomic_compare_exchange_weak(&receiver->word, &there, word));
	atomic_store_explicit(&whereabouts, cpu, memory_order_relaxed);
	trace_token(TRACE_TOKEN_SENT, cpu, word_lap(word));
	if (atomic_load(&place_online) & cpu_bit(cpu)) {
		count_own_event(&queue->statistics.token.forwarded);
		arch_send_wake(cpu);
	} else {
		/* Whatever is there by now is in the hand of this CPU. */
		word = atomic_exchange(&receiver->word, 0);
		if (word != 0)
			settle(queue, word & ~WORD_HOLD);
	}
}

/* The first CPU of the mask after `from` in the cycle, before `origin` comes again, or CPU_MAX;
 * `origin` itself where the lap has just begun is none. */
static unsigned next_in_lap(uint64_t mask, unsigned from, unsigned origin)
{
	unsigned first = (from + 1) % CPU_MAX;
	unsigned way = (origin - first) % CPU_MAX; /* CPUs between the two */
	uint64_t turned = first ? mask >> first | mask << (CPU_MAX - first) : mask;

	turned &= ((uint64_t)1 << way) - 1;
	return turned ? (first + bit_lowest(turned)) % CPU_MAX : CPU_MAX;
}

/* The CPUs that have something to decide. */
static uint64_t crowded_cpus(void)
{
	return atomic_load(&place_crowded) & atomic_load(&place_online);
}

/* No CPU needs the token `word`. True if one did after all, and the token is there again: a CPU
 * shows that it is crowded before it looks whether there is a token, and here it is the other
 * way. */
static bool retire(struct run_queue *queue, uint64_t word)
{
	uint32_t with = make_standing(word_generation(word), true);
	uint32_t without = make_standing(word_generation(word), false);

	if (!change_standing(with, without)) {
		merge(queue);
		return false;
	}
	if (crowded_cpus() != 0 && change_standing(without, with))
		return true;
	trace_token(TRACE_TOKEN_RETIRED, queue->cpu, 0);
	count_own_event(&queue->statistics.token.retired);
	return false;
}

/* True if this CPU is crowded, or was at some time since the token last looked. */
static bool was_crowded_lately(struct run_queue *queue)
{
	struct token_cpu *token = &tokens[queue->cpu];
	bool lately;

	spin_lock(&queue->lock);
	lately = runq_show_uncrowded(queue) || token->uncrowded;
	spin_unlock(&queue->lock);
	token->uncrowded = false;
	return lately || is_crowded(queue);
}

/* The lap is over. The token rests here as long as some CPU needs it, to begin the next lap where
 * one then does; a CPU that was crowded for a moment will be so again. A CPU that goes offline
 * sends it to one that is crowded. */
static void settle(struct run_queue *queue, uint64_t word)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t length = min_u64(lap_length(word, now), sched_quantum);
	bool lately = was_crowded_lately(queue);

	do {
		uint64_t crowded = crowded_cpus();

		if (!(atomic_load(&place_online) & cpu_bit(queue->cpu))) {
			crowded &= ~cpu_bit(queue->cpu);
			if (crowded != 0) {
				send(queue, next_in_lap(crowded, queue->cpu, queue->cpu),
				     word | WORD_HOLD);
				return;
			}
		} else if (lately || crowded != 0) {
			arm_pacer(queue, word,
				  now + max_u64(sched_quantum - length, sched_quantum / 4));
			return;
		}
	} while (retire(queue, word));
}

/* Sends the token on; `target` was handed a thread and needs IPI_WAKE anyway (CPU_MAX: none). */
static void forward(struct run_queue *queue, uint64_t word, unsigned target)
{
	uint64_t mask = crowded_cpus() | (target != CPU_MAX ? cpu_bit(target) : 0);
	unsigned next = next_in_lap(mask, queue->cpu, word_origin(word));

	if (target != CPU_MAX && next != CPU_MAX && next != target)
		arch_send_wake(target);
	if (next != CPU_MAX) {
		unsigned count = cpu_count();

		atomic_fetch_add_explicit(&queue->statistics.token.skipped,
					  (next + count - queue->cpu - 1) % count,
					  memory_order_relaxed);
		if (is_crowded(queue))
			arm_watch(queue);
		send(queue, next, word);
		return;
	}
	count_own_event(&queue->statistics.token.laps);
	sched_histogram_add(&queue->statistics.lap, lap_length(word, clock_monotonic_ns()));
	/* Who was handed a thread must share now and is interrupted in any case. */
	if (target != CPU_MAX)
		send(queue, target, word | WORD_HOLD);
	else
		settle(queue, word);
}

/* Under the lock: hands waiting threads to CPUs with at least two fewer, each to the next such
 * CPU in the cycle. Returns the receivers. */
static uint64_t hand_on_surplus(struct run_queue *queue, uint64_t now)
{
	uint64_t receivers = 0;

	for (unsigned i = 0; i < SURPLUS_MAX; i++) {
		unsigned target;
		struct thread *thread = place_find_surplus(queue, &target);

		if (!thread || receivers & cpu_bit(target))
			break;
		runq_remove(queue, thread, now);
		thread->moving = true;
		thread->cpu = target;
		handoff_send(target, thread);
		receivers |= cpu_bit(target);
		trace_token(TRACE_TOKEN_DONATED, target, 0);
		count_own_event(&queue->statistics.token.donations);
	}
	return receivers;
}

static void wake_receivers(uint64_t receivers)
{
	for (unsigned cpu = 0; receivers != 0; cpu++, receivers >>= 1) {
		if (!(receivers & 1))
			continue;
		handoff_check(cpu);
		arch_send_wake(cpu);
	}
}

/* What every visit decides here, whatever becomes of the token. True if the running thread has to
 * give way. */
static bool decide(struct run_queue *queue)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t receivers;
	bool over;

	spin_lock(&queue->lock);
	runq_charge(queue, now);
	over = turn_is_over(queue, now);
	receivers = hand_on_surplus(queue, now);
	tokens[queue->cpu].uncrowded = runq_show_uncrowded(queue);
	spin_unlock(&queue->lock);
	wake_receivers(receivers);
	if (over)
		atomic_store(&arch_this_cpu()->need_resched, 1);
	return over;
}

/* The scheduler's turn on this CPU. */
static void visit(struct run_queue *queue, uint64_t word)
{
	bool over;

	if (!is_valid(word)) {
		merge(queue);
		return;
	}
	trace_token(TRACE_TOKEN_RECEIVED, word_origin(word), word_lap(word));
	tokens[queue->cpu].visits++;
	count_own_event(&queue->statistics.token.hops);
	over = !(word & WORD_HOLD) && decide(queue);
	/* After the decision: what was handed on in this lap waits for the next. But before the
	 * token looks for a place to rest, which may be here because of it. */
	handoff_receive(queue);
	if (word & WORD_HOLD)
		settle(queue, word & ~WORD_HOLD);
	/* The switch follows at once and may hand on the thread that ran; only then the token is
	 * sent. But where switching is not possible now it does not wait. */
	else if (over && arch_preempt_wanted())
		queue->token_held = word;
	else
		forward(queue, word, CPU_MAX);
}

unsigned token_whereabouts(void)
{
	return atomic_load_explicit(&whereabouts, memory_order_relaxed);
}

void token_release(struct run_queue *queue, unsigned target)
{
	uint64_t word = queue->token_held;

	queue->token_held = 0;
	if (is_valid(word)) {
		forward(queue, word, target);
		return;
	}
	merge(queue);
	if (target != CPU_MAX)
		arch_send_wake(target);
}

void token_receive(struct run_queue *queue)
{
	struct token_cpu *token = &tokens[queue->cpu];

	if (atomic_load_explicit(&token->word, memory_order_relaxed) != 0)
		visit(queue, atomic_exchange(&token->word, 0));
	/* What came without the token. */
	handoff_receive(queue);
}

/* Begins a lap at this CPU, or, if it is not crowded, at the next one that is. */
static void begin_lap(struct run_queue *queue, uint64_t previous)
{
	unsigned origin = queue->cpu;
	uint64_t word;

	if (!is_crowded(queue))
		origin = next_in_lap(crowded_cpus(), origin, origin);
	word = make_word(word_generation(previous), origin != CPU_MAX ? origin : queue->cpu);
	if (origin == CPU_MAX)
		settle(queue, word);
	else if (origin == queue->cpu)
		visit(queue, word);
	else
		send(queue, origin, word);
}

static void pacer_expired(struct timer *timer)
{
	struct token_cpu *token = container_of(timer, struct token_cpu, pacer);
	struct run_queue *queue = runq_this();
	uint64_t word = token->paced;

	if (word == 0)
		return;
	count_own_event(&queue->statistics.timer_decisions);
	token->paced = 0;
	queue->looked_after = queue->looked_after && token->watching;
	if (is_valid(word)) {
		begin_lap(queue, word);
		return;
	}
	merge(queue);
	sched_ensure(queue);
}

void token_ensure(struct run_queue *queue)
{
	debug_assert(!arch_irq_enabled());
	/* If the token that rests here is an old one, that is found out when the pacer expires. */
	if (tokens[queue->cpu].paced != 0) {
		queue->looked_after = true;
		return;
	}
	for (;;) {
		uint32_t seen = atomic_load(&standing);

		if (!(seen & STANDING_ACTIVE) && change_standing(seen, seen | STANDING_ACTIVE)) {
			uint32_t generation = seen >> STANDING_GENERATION_SHIFT;

			trace_token(TRACE_TOKEN_LAUNCHED, queue->cpu, 0);
			count_own_event(&queue->statistics.token.launched);
			arm_pacer(queue, make_word(generation, queue->cpu),
				  clock_monotonic_ns() + sched_quantum);
			return;
		}
		arm_watch(queue);
		/* If it was retired before the watch was armed, the watch is no use. */
		if (atomic_load(&standing) & STANDING_ACTIVE)
			return;
	}
}

/* The generation after `one`; 0 is not used, so that no token's word is 0. */
static uint32_t successor(uint32_t one)
{
	one = (one + 1) & WORD_GENERATION_MASK;
	return one != 0 ? one : 1;
}

/* Where the CPUs are virtual, and those who run them busy, a lost token is nothing special: hence
 * a line now and then. */
static void report_lost(unsigned cpu)
{
	static _Atomic uint64_t next_report;
	uint64_t now = clock_monotonic_ns();
	uint64_t due = atomic_load(&next_report);

	if (now >= due && atomic_compare_exchange_strong(&next_report, &due, now + REPORT_NS))
		log_info("sched", "the token was lost, last sent to CPU %u; CPU %u has another",
			 atomic_load_explicit(&whereabouts, memory_order_relaxed), cpu);
}

/* The token has not come for two quanta. Begins another, unless somebody else did: then only
 * this CPU's own part is done, since that token may come to grief where this one did. */
static void replace_lost(struct run_queue *queue, uint32_t lost)
{
	uint32_t next = successor(lost);

	if (!change_standing(make_standing(lost, true), make_standing(next, true))) {
		(void)decide(queue);
		token_ensure(queue);
		return;
	}
	trace_token(TRACE_TOKEN_LOST, whereabouts, 0);
	count_own_event(&queue->statistics.token.lost);
	report_lost(queue->cpu);
	begin_lap(queue, make_word(next, queue->cpu));
}

static void watch_expired(struct timer *timer)
{
	struct token_cpu *token = container_of(timer, struct token_cpu, watch);
	struct run_queue *queue = runq_this();
	/* It passes over CPUs that are not shown as crowded. */
	bool was_due =
		token->visits == token->visits_at_watch && token->paced == 0 && queue->looked_after;

	token->watching = false;
	queue->looked_after = queue->looked_after && token->paced != 0;
	count_own_event(&queue->statistics.timer_decisions);
	if (is_crowded(queue) && was_due)
		replace_lost(queue, token->generation_at_watch);
	sched_ensure(queue);
}

void token_leave(struct run_queue *queue)
{
	struct token_cpu *token = &tokens[queue->cpu];
	uint64_t word = atomic_exchange(&token->word, 0);

	timer_cancel(&token->watch);
	timer_cancel(&token->pacer);
	token->watching = false;
	if (word == 0 || !is_valid(word))
		word = token->paced ? token->paced : queue->token_held;
	token->paced = 0;
	queue->looked_after = false;
	queue->token_held = 0;
	if (word != 0 && is_valid(word))
		settle(queue, word & ~WORD_HOLD);
}

void token_init(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		timer_init(&tokens[cpu].pacer, pacer_expired);
		timer_init(&tokens[cpu].watch, watch_expired);
	}
}
