/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scheduler does under load: throughput, scheduling interrupts, wake-up latency,
 * fairness, laps of the token. Prints "name<tab>value<tab>unit" lines; `cryptos bench sched` runs
 * it once with the token and once with the tick, and docs/sys-scheme.md says what each line is.
 *
 *	sched			all of it, about 6 s
 *	sched checks		what a test can check in 1.5 s
 *	sched laps COUNT SECONDS
 *				load until the token made COUNT laps, or for SECONDS
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STATISTICS_FILE "/scheme/sys/sched"

#define CPUS_MAX    64
#define THREADS_MAX (2 * CPUS_MAX + 1)
#define SAMPLES_MAX 4096
#define BUCKETS     36

/* <linux/futex.h> is not there for musl. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

#define MS 1000000ull
#define S  (1000 * MS)

static unsigned cpus;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * S + (uint64_t)time.tv_nsec;
}

static uint64_t now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void sleep_until(uint64_t deadline)
{
	struct timespec time = { .tv_sec = (time_t)(deadline / S),
				 .tv_nsec = (long)(deadline % S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

static void print(const char *name, double value, const char *unit)
{
	printf("%s\t%.2f\t%s\n", name, value, unit);
	fflush(stdout);
}

/* For QEMU with --icount: there one CPU runs until something is due, while the others stand still,
 * but lets the next one run when it pauses. */
static void let_others_run(void)
{
	__builtin_ia32_pause();
}

/* --- What the kernel counts. --- */

struct statistics {
	uint64_t time;       /* when it was read */
	uint64_t interrupts; /* for scheduling: IPI_WAKE, and timers of the scheduler's own */
	uint64_t laps, lost, donations, switches;
	uint64_t wake[BUCKETS], lap[BUCKETS];
	uint64_t lap_longest;
};

/* What follows `name` at the start of a line; NULL: no such line. */
static const char *find_line(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text) {
		if (strncmp(text, name, length) == 0 && text[length] == ' ')
			return text + length;
		text = strchr(text, '\n');
		if (text)
			text++;
		let_others_run();
	}
	return NULL;
}

/* Number `index` behind a line's name; 0 where there is none. */
static uint64_t number_in(const char *text, const char *name, unsigned index)
{
	const char *line = find_line(text, name);
	char *end;

	if (!line)
		return 0;
	for (;;) {
		uint64_t value = strtoull(line, &end, 10);

		if (end == line || index-- == 0)
			return value;
		line = end;
	}
}

static void read_buckets(const char *text, const char *name, uint64_t *buckets)
{
	const char *line = find_line(text, name);
	char *end;

	for (unsigned i = 0; line && i < BUCKETS; i++) {
		buckets[i] = strtoull(line, &end, 10);
		line = end;
		let_others_run();
	}
}

static struct statistics read_statistics(void)
{
	static char text[65536];
	struct statistics all = { .time = now() };
	int fd = open(STATISTICS_FILE, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (length <= 0)
		fail(STATISTICS_FILE);
	close(fd);
	text[length] = '\0';
	all.interrupts =
		number_in(text, "wake_interrupts", 0) + number_in(text, "timer_decisions", 0);
	all.laps = number_in(text, "token_laps", 0);
	all.lost = number_in(text, "token_lost", 0);
	all.donations = number_in(text, "token_donations", 0);
	all.switches = number_in(text, "switches", 0);
	all.lap_longest = number_in(text, "lap", 5);
	read_buckets(text, "wake_latency_log2_ns", all.wake);
	read_buckets(text, "lap_log2_ns", all.lap);
	return all;
}

/* The upper bound, in us, of the bucket in which `percent` of what came between lie. */
static double percentile_between(const uint64_t *before, const uint64_t *after, unsigned percent)
{
	uint64_t count = 0, seen = 0;
	unsigned i;

	for (i = 0; i < BUCKETS; i++)
		count += after[i] - before[i];
	for (i = 0; i < BUCKETS - 1; i++) {
		seen += after[i] - before[i];
		if (seen * 100 >= count * percent)
			break;
	}
	return count ? (double)((uint64_t)2 << i) / 1000 : 0;
}

/* --- Threads that compute. --- */

struct hog {
	_Atomic uint64_t loops;
	uint64_t cpu_time[2]; /* at the beginning and the end of the measured time */
	pthread_t thread;
	int pinned;   /* to this CPU; -1: to none */
	int sleep_ms; /* between computing for a moment; 0: never */
} __attribute__((aligned(64)));

static struct hog hogs[THREADS_MAX];
static unsigned hog_count;
static _Atomic int phase; /* 0: before the measured time, 1: in it, 2: after it */
static _Atomic bool stop;

static void compute(struct hog *hog)
{
	for (int i = 0; i < 100; i++)
		__asm__ volatile("" ::: "memory");
	let_others_run();
	atomic_store_explicit(&hog->loops, hog->loops + 1, memory_order_relaxed);
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

static void *run_hog(void *argument)
{
	struct hog *hog = argument;
	int seen = 0;

	if (hog->pinned >= 0)
		pin_to(hog->pinned);
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		/* A thread that waits while the phase changes uses no CPU time until it sees it. */
		int current = atomic_load_explicit(&phase, memory_order_relaxed);

		while (seen < current)
			hog->cpu_time[seen++] = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		compute(hog);
		if (hog->sleep_ms != 0 && hog->loops % 64 == 0)
			sleep_until(now() + (uint64_t)hog->sleep_ms * MS);
	}
	return NULL;
}

static void start_hog(int pinned, int sleep_ms)
{
	struct hog *hog = &hogs[hog_count++];

	*hog = (struct hog){ .pinned = pinned, .sleep_ms = sleep_ms };
	if (pthread_create(&hog->thread, NULL, run_hog, hog))
		fail("pthread_create");
}

static void start_hogs(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		start_hog(-1, 0);
}

static void stop_hogs(void)
{
	stop = true;
	for (unsigned i = 0; i < hog_count; i++)
		pthread_join(hogs[i].thread, NULL);
	hog_count = 0;
	stop = false;
	phase = 0;
}

static uint64_t all_loops(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < hog_count; i++)
		sum += hogs[i].loops;
	return sum;
}

/* --- Throughput and interrupts. --- */

/* What happens in `ns`. */
struct rates {
	uint64_t interrupts, loops, ns;
};

static struct rates measure(uint64_t ns)
{
	struct statistics before = read_statistics(), after;
	uint64_t start = now(), loops = all_loops(), end;

	sleep_until(start + ns);
	end = now();
	loops = all_loops() - loops;
	after = read_statistics();
	return (struct rates){ after.interrupts - before.interrupts, loops, end - start };
}

/* The difference of a long and a short time, without what measuring itself causes. */
static void measure_load(const char *load, uint64_t ns)
{
	char name[64];
	struct rates less, more;
	double seconds;

	sleep_until(now() + 100 * MS);
	less = measure(50 * MS);
	more = measure(50 * MS + ns);
	seconds = (double)(more.ns - less.ns) / S;
	snprintf(name, sizeof(name), "interrupts_%s", load);
	print(name,
	      more.interrupts > less.interrupts
		      ? (double)(more.interrupts - less.interrupts) / seconds
		      : 0,
	      "1/s");
	if (hog_count == 0)
		return;
	snprintf(name, sizeof(name), "throughput_%s", load);
	print(name, (double)(more.loops - less.loops) / seconds / 1000, "kloop/s");
}

static void measure_loads(uint64_t ns)
{
	measure_load("idle", ns);
	start_hogs(cpus);
	measure_load("n", ns);
	stop_hogs();
	start_hogs(2 * cpus);
	measure_load("2n", ns);
	start_hogs(1);
	measure_load("2n+1", ns);
	stop_hogs();
	start_hogs(cpus);
	for (int i = 0; i < 4; i++)
		start_hog(-1, 1 + i % 3);
	measure_load("mixed", ns);
	stop_hogs();
}

/* --- Fairness. --- */

/* The largest deviation from the mean, in percent of it. */
static double unfairness(void)
{
	double sum = 0, worst = 0;

	for (unsigned i = 0; i < hog_count; i++)
		sum += (double)(hogs[i].cpu_time[1] - hogs[i].cpu_time[0]);
	for (unsigned i = 0; i < hog_count; i++) {
		double time = (double)(hogs[i].cpu_time[1] - hogs[i].cpu_time[0]);
		double share = time * hog_count / sum;
		double deviation = share > 1 ? share - 1 : 1 - share;

		if (deviation > worst)
			worst = deviation;
	}
	return worst * 100;
}

static void measure_fairness(const char *name, uint64_t ns)
{
	sleep_until(now() + 100 * MS);
	phase = 1;
	sleep_until(now() + ns);
	phase = 2;
	/* All have seen it when each has run once more. */
	sleep_until(now() + 20 * MS * (hog_count + 1));
	print(name, unfairness(), "%");
	stop_hogs();
}

static void measure_fairness_all(uint64_t ns)
{
	start_hogs(cpus + 1);
	measure_load("n+1", 500 * MS);
	measure_fairness("unfairness_n+1", ns);
	start_hog((int)cpus - 1, 0);
	start_hog((int)cpus - 1, 0);
	measure_fairness("unfairness_pair", ns / 2);
}

/* --- Wake-up latency. --- */

struct sleeper {
	uint64_t samples[SAMPLES_MAX];
	unsigned count;
	pthread_t thread;
	unsigned period_us;
	_Atomic uint32_t word; /* futex: changes with each wake-up */
	_Atomic uint64_t sent; /* when the waker woke this one last */
	int pipe[2];
};

static struct sleeper timed[3], by_futex, by_pipe;

static void add_sample(struct sleeper *sleeper, uint64_t ns)
{
	if (sleeper->count < SAMPLES_MAX)
		sleeper->samples[sleeper->count++] = ns;
}

static void *sleep_by_timer(void *argument)
{
	struct sleeper *sleeper = argument;
	uint64_t deadline = now();

	while (!stop) {
		deadline += sleeper->period_us * 1000ull;
		sleep_until(deadline);
		add_sample(sleeper, now() - deadline);
		if (now() > deadline + sleeper->period_us * 1000ull)
			deadline = now();
	}
	return NULL;
}

/* Who wakes whom stays where it is, so that both ways are measured alike: across CPUs by futex,
 * on one CPU by pipe. Where the scheduler puts them would be chance. */
static void stay_on(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

static void *sleep_by_futex(void *argument)
{
	struct sleeper *sleeper = argument;
	uint32_t seen = 0;

	stay_on(cpus - 1);
	while (!stop) {
		syscall(SYS_futex, &sleeper->word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
		if (sleeper->word == seen)
			continue;
		seen = sleeper->word;
		add_sample(sleeper, now() - sleeper->sent);
	}
	return NULL;
}

static void *sleep_by_pipe(void *argument)
{
	struct sleeper *sleeper = argument;
	uint64_t sent;

	stay_on(0);
	while (read(sleeper->pipe[0], &sent, sizeof(sent)) == sizeof(sent))
		add_sample(sleeper, now() - sent);
	return NULL;
}

static void *run_waker(void *argument)
{
	uint64_t deadline = now();

	stay_on(0);
	while (!stop) {
		uint64_t time;

		deadline += 2 * MS;
		sleep_until(deadline);
		by_futex.sent = now();
		by_futex.word++;
		syscall(SYS_futex, &by_futex.word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		time = now();
		if (write(by_pipe.pipe[1], &time, sizeof(time)) != sizeof(time))
			fail("pipe");
		if (now() > deadline + 2 * MS)
			deadline = now();
	}
	by_futex.word++;
	syscall(SYS_futex, &by_futex.word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	close(by_pipe.pipe[1]);
	return argument;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_latency(const char *kind, uint64_t *samples, unsigned count)
{
	static const struct {
		const char *name;
		unsigned percent;
	} figures[] = { { "p50", 50 }, { "p99", 99 }, { "max", 100 } };

	qsort(samples, count, sizeof(samples[0]), compare);
	for (unsigned i = 0; i < 3; i++) {
		char name[64];
		unsigned index = count * figures[i].percent / 100;

		snprintf(name, sizeof(name), "wake_%s_%s", kind, figures[i].name);
		if (count > 0)
			print(name, (double)samples[index < count ? index : count - 1] / 1000,
			      "us");
	}
}

static void start_sleepers(pthread_t *waker)
{
	if (pipe(by_pipe.pipe))
		fail("pipe");
	for (unsigned i = 0; i < 3; i++) {
		timed[i].count = 0;
		timed[i].period_us = 1000 + 700 * i;
		if (pthread_create(&timed[i].thread, NULL, sleep_by_timer, &timed[i]))
			fail("pthread_create");
	}
	if (pthread_create(&by_futex.thread, NULL, sleep_by_futex, &by_futex) ||
	    pthread_create(&by_pipe.thread, NULL, sleep_by_pipe, &by_pipe) ||
	    pthread_create(waker, NULL, run_waker, NULL))
		fail("pthread_create");
}

static void join_sleepers(pthread_t waker)
{
	stop = true;
	pthread_join(waker, NULL);
	pthread_join(by_futex.thread, NULL);
	pthread_join(by_pipe.thread, NULL);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(timed[i].thread, NULL);
}

static void measure_latency(uint64_t ns)
{
	static uint64_t samples[3 * SAMPLES_MAX];
	struct statistics before, after;
	unsigned count = 0;
	pthread_t waker;

	start_hogs(cpus);
	start_sleepers(&waker);
	sleep_until(now() + 100 * MS);
	before = read_statistics();
	sleep_until(now() + ns);
	after = read_statistics();
	join_sleepers(waker);
	stop_hogs();
	for (unsigned i = 0; i < 3; i++) {
		memcpy(samples + count, timed[i].samples, timed[i].count * sizeof(samples[0]));
		count += timed[i].count;
	}
	print_latency("timer", samples, count);
	print_latency("futex", by_futex.samples, by_futex.count);
	print_latency("pipe", by_pipe.samples, by_pipe.count);
	print("wake_kernel_p50", percentile_between(before.wake, after.wake, 50), "us");
	print("wake_kernel_p99", percentile_between(before.wake, after.wake, 99), "us");
}

/* --- Laps. --- */

/* The token's laps since `before`. */
static void print_laps(const struct statistics *before)
{
	struct statistics after = read_statistics();

	print("laps", (double)(after.laps - before->laps), "");
	print("lap_p50", percentile_between(before->lap, after.lap, 50), "us");
	print("lap_p99", percentile_between(before->lap, after.lap, 99), "us");
	/* If it was before, all that is known is the bucket. */
	print("lap_longest",
	      after.lap_longest > before->lap_longest
		      ? (double)after.lap_longest / 1000
		      : percentile_between(before->lap, after.lap, 100),
	      "us");
	print("tokens_lost", (double)(after.lost - before->lost), "");
}

/* Until the token has made so many laps, or for so long. */
static void run_laps(uint64_t laps, uint64_t seconds)
{
	struct statistics before = read_statistics();
	uint64_t end = now() + seconds * S;

	start_hogs(2 * cpus);
	for (int i = 0; i < 3; i++)
		start_hog(-1, 1 + i);
	while (now() < end && read_statistics().laps - before.laps < laps)
		sleep_until(now() + 100 * MS);
	stop_hogs();
	print_laps(&before);
}

/* What must hold always, in short. */
static void run_checks(void)
{
	struct statistics before = read_statistics();

	measure_load("idle", 200 * MS);
	start_hogs(cpus);
	measure_load("n", 200 * MS);
	stop_hogs();
	start_hogs(cpus + 1);
	measure_fairness("unfairness_n+1", 2 * S);
	print_laps(&before);
}

int main(int count, char **arguments)
{
	struct statistics before = read_statistics();

	cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus == 0 || cpus > CPUS_MAX)
		fail("number of CPUs");
	if (count == 4 && strcmp(arguments[1], "laps") == 0) {
		run_laps(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10));
		return 0;
	}
	if (count == 2 && strcmp(arguments[1], "checks") == 0) {
		run_checks();
		return 0;
	}
	measure_loads(S);
	measure_fairness_all(2 * S);
	measure_latency(S);
	print_laps(&before);
	return 0;
}
