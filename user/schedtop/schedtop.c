/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schedtop: what the scheduler did in the last second, live. It shows the differences between
 * readings of /scheme/sys/sched (docs/sys-scheme.md): a line per CPU, the token, and histograms
 * of wake-ups and laps. On a terminal it fills the screen until "q"; else, or with -b, it prints
 * one picture after the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define STATISTICS_FILE "/scheme/sys/sched"

#define CPUS_MAX  64
#define BUCKETS   36
#define BAR_WIDTH 16
#define NS_PER_S  1000000000.0

/* --- Reading. --- */

enum counter {
	SWITCHES,
	WAKEUPS,
	MIGRATIONS,
	WAKE_INTERRUPTS,
	TIMER_DECISIONS,
	HOPS,
	FORWARDED,
	SKIPPED,
	LAPS,
	LAUNCHED,
	RETIRED,
	LOST,
	MERGED,
	DONATIONS,
	TIMER_INTERRUPTS,
	IDLE_NS,
	RUNNABLE,
	COUNTERS,
};

static const char *const counter_names[COUNTERS] = {
	"switches",      "wakeups",         "migrations",    "wake_interrupts", "timer_decisions",
	"token_hops",    "token_forwarded", "token_skipped", "token_laps",      "token_launched",
	"token_retired", "token_lost",      "token_merged",  "token_donations", "timer_interrupts",
	"idle_ns",       "runnable",
};

enum histogram { WAKE, LAP, HISTOGRAMS };

static const char *const histogram_names[HISTOGRAMS] = { "wake_latency_log2_ns", "lap_log2_ns" };

struct reading {
	char mode[16];
	uint64_t quantum_ns, time_ns;
	unsigned cpus;
	uint64_t counters[COUNTERS][1 + CPUS_MAX]; /* the total first */
	uint64_t buckets[HISTOGRAMS][BUCKETS];
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
	}
	return NULL;
}

/* The numbers of a line, up to `count`; the rest are 0. */
static void read_numbers(const char *text, const char *name, uint64_t *numbers, unsigned count)
{
	const char *line = find_line(text, name);

	memset(numbers, 0, count * sizeof(numbers[0]));
	for (unsigned i = 0; line && i < count; i++) {
		char *end;

		while (*line == ' ')
			line++;
		if (*line < '0' || *line > '9')
			return;
		numbers[i] = strtoull(line, &end, 10);
		line = end;
	}
}

static void read_statistics(struct reading *reading)
{
	static char text[1 << 17];
	int fd = open(STATISTICS_FILE, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *mode;
	uint64_t cpus;

	if (length <= 0) {
		fprintf(stderr, "schedtop: %s: %s\n", STATISTICS_FILE, strerror(errno));
		exit(1);
	}
	close(fd);
	text[length] = '\0';
	mode = find_line(text, "mode");
	if (!mode || sscanf(mode, "%15s", reading->mode) != 1)
		strcpy(reading->mode, "?");
	read_numbers(text, "quantum_ns", &reading->quantum_ns, 1);
	read_numbers(text, "time_ns", &reading->time_ns, 1);
	read_numbers(text, "cpus", &cpus, 1);
	reading->cpus = cpus < CPUS_MAX ? (unsigned)cpus : CPUS_MAX;
	for (unsigned i = 0; i < COUNTERS; i++)
		read_numbers(text, counter_names[i], reading->counters[i], 1 + CPUS_MAX);
	for (unsigned i = 0; i < HISTOGRAMS; i++)
		read_numbers(text, histogram_names[i], reading->buckets[i], BUCKETS);
}

/* --- Showing. --- */

static struct reading before, after;
static bool full_screen;
static unsigned rows = 24, columns = 80, row;

/* Prints one line, cut to the screen; a heading in reverse video. */
__attribute__((format(printf, 2, 3))) static void line(bool heading, const char *format, ...)
{
	char text[512];
	va_list arguments;

	if (full_screen && row + 1 >= rows)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (full_screen)
		printf("%s%s%.*s\033[0m\033[K", row > 0 ? "\r\n" : "", heading ? "\033[7m" : "",
		       (int)columns, text);
	else
		printf("%s\n", text);
	row++;
}

static uint64_t difference(enum counter counter, unsigned column)
{
	return after.counters[counter][column] - before.counters[counter][column];
}

static double seconds(void)
{
	return after.time_ns > before.time_ns ? (double)(after.time_ns - before.time_ns) / NS_PER_S
					      : 1;
}

static unsigned per_second(enum counter counter, unsigned column)
{
	return (unsigned)((double)difference(counter, column) / seconds() + 0.5);
}

/* How much of the time the CPUs of a column were idle, in percent. */
static double idle_percent(unsigned column)
{
	double cpus = column == 0 ? after.cpus : 1;
	double percent = 100 * (double)difference(IDLE_NS, column) / NS_PER_S / seconds() / cpus;

	return percent > 100 ? 100 : percent;
}

static void show_cpu(unsigned column)
{
	char name[16] = "all", bar[BAR_WIDTH + 1];
	double idle = idle_percent(column);
	int busy = (int)((100 - idle) * BAR_WIDTH / 100 + 0.5);

	if (column > 0)
		snprintf(name, sizeof(name), "%u", column - 1);
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)busy);
	bar[BAR_WIDTH] = '\0';
	line(false, "%3s %s %4.0f %3u %6u %6u %5u %5u %5u %5u %4u %4u", name, bar, idle,
	     (unsigned)after.counters[RUNNABLE][column], per_second(SWITCHES, column),
	     per_second(WAKEUPS, column),
	     per_second(WAKE_INTERRUPTS, column) + per_second(TIMER_DECISIONS, column),
	     per_second(HOPS, column), per_second(FORWARDED, column), per_second(SKIPPED, column),
	     per_second(DONATIONS, column), per_second(MIGRATIONS, column));
}

static void show_cpus(void)
{
	unsigned room = after.cpus;

	line(true, "%3s %-*s %4s %3s %6s %6s %5s %5s %5s %5s %4s %4s", "cpu", BAR_WIDTH, "busy",
	     "idle", "run", "switch", "wake", "intr", "hops", "forw", "skip", "give", "move");
	/* The token and a few lines of the histograms should be seen, too. */
	if (full_screen && rows > 16 && room > rows - 14)
		room = rows - 14;
	for (unsigned i = 1; i <= room; i++)
		show_cpu(i);
	if (room < after.cpus)
		line(false, "    ... and %u more", after.cpus - room);
	if (after.cpus > 1)
		show_cpu(0);
}

/* The upper bound of a bucket, readable. */
static void print_bound(char *text, size_t size, unsigned bucket)
{
	double ns = (double)((uint64_t)2 << bucket);

	if (ns < 1000)
		snprintf(text, size, "%.0f ns", ns);
	else if (ns < 1e6)
		snprintf(text, size, "%.*f us", ns < 1e4 ? 1 : 0, ns / 1e3);
	else if (ns < 1e9)
		snprintf(text, size, "%.*f ms", ns < 1e7 ? 1 : 0, ns / 1e6);
	else
		snprintf(text, size, "%.1f s", ns / 1e9);
}

static uint64_t in_bucket(enum histogram histogram, unsigned bucket)
{
	return after.buckets[histogram][bucket] - before.buckets[histogram][bucket];
}

static void print_bar(char *text, size_t size, uint64_t value, uint64_t most, unsigned width)
{
	unsigned length = most ? (unsigned)((value * width + most - 1) / most) : 0;

	snprintf(text, size, "%7llu %.*s", (unsigned long long)value, (int)length,
		 "########################################");
}

/* Both histograms side by side, from the first to the last bucket that counted something. */
static void show_histograms(void)
{
	uint64_t most[HISTOGRAMS] = { 0 };
	unsigned first = BUCKETS, last = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		for (enum histogram j = 0; j < HISTOGRAMS; j++) {
			if (in_bucket(j, i) == 0)
				continue;
			first = i < first ? i : first;
			last = i;
			if (in_bucket(j, i) > most[j])
				most[j] = in_bucket(j, i);
		}
	}
	line(true, "%10s %-34s %-33s", "shorter", "    wake to run", "laps");
	for (unsigned i = first; i <= last && first < BUCKETS; i++) {
		char bound[16], wake[64], lap[64];

		print_bound(bound, sizeof(bound), i);
		print_bar(wake, sizeof(wake), in_bucket(WAKE, i), most[WAKE], 24);
		print_bar(lap, sizeof(lap), in_bucket(LAP, i), most[LAP], 24);
		line(false, "%10s %-33s %-33s", bound, wake, lap);
	}
}

static void show(void)
{
	row = 0;
	if (full_screen)
		printf("\033[H");
	line(false, "schedtop: %s, quantum %.1f ms, up %.0f s; what happened in %.2f s, per second",
	     after.mode, (double)after.quantum_ns / 1e6, (double)after.time_ns / NS_PER_S,
	     seconds());
	line(false, "%s", "");
	show_cpus();
	line(false, "%s", "");
	line(false,
	     "token: %u laps, %llu launched, %llu retired, %llu lost, %llu merged; since boot %llu "
	     "lost",
	     per_second(LAPS, 0), (unsigned long long)difference(LAUNCHED, 0),
	     (unsigned long long)difference(RETIRED, 0), (unsigned long long)difference(LOST, 0),
	     (unsigned long long)difference(MERGED, 0),
	     (unsigned long long)after.counters[LOST][0]);
	line(false, "%s", "");
	show_histograms();
	if (full_screen)
		printf("\033[J");
	else
		printf("\n");
	fflush(stdout);
}

/* --- The terminal. --- */

static struct termios saved_terminal;

static void leave_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved_terminal);
	printf("\033[?25h\r\n");
	fflush(stdout);
}

static void on_signal(int number)
{
	(void)number;
	exit(0);
}

static void enter_terminal(void)
{
	struct termios raw;

	tcgetattr(STDIN_FILENO, &saved_terminal);
	raw = saved_terminal;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(leave_terminal);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("\033[?25l\033[2J");
}

static void read_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		rows = size.ws_row;
		columns = size.ws_col;
	}
}

/* Waits for the time; true if the user wants to leave. */
static bool wait_or_quit(double delay)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec time = { .tv_sec = (time_t)delay,
				 .tv_nsec = (long)((delay - (double)(time_t)delay) * NS_PER_S) };
	char key;

	if (!full_screen) {
		nanosleep(&time, NULL);
		return false;
	}
	if (poll(&input, 1, (int)(delay * 1000)) <= 0)
		return false;
	return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
}

static void usage(void)
{
	fprintf(stderr, "usage: schedtop [-b] [-n COUNT] [-d SECONDS]\n"
			"  -b  prints one picture after the other instead of filling the screen\n"
			"  -n  ends after COUNT pictures\n"
			"  -d  the time that each is about (1)\n");
	exit(2);
}

int main(int count, char **arguments)
{
	bool batch = !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO);
	long pictures = -1;
	double delay = 1;
	int option;

	while ((option = getopt(count, arguments, "bn:d:")) != -1) {
		if (option == 'b')
			batch = true;
		else if (option == 'n')
			pictures = atol(optarg);
		else if (option == 'd')
			delay = atof(optarg);
		else
			usage();
	}
	if (optind != count || pictures == 0 || !(delay >= 0.01 && delay <= 3600))
		usage();
	full_screen = !batch;
	if (full_screen)
		enter_terminal();
	read_statistics(&before);
	while (pictures < 0 || pictures-- > 0) {
		if (wait_or_quit(delay))
			break;
		read_size();
		read_statistics(&after);
		show();
		before = after;
	}
	return 0;
}
