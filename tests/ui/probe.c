/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of the desktop have in the machine: a program that opens windows, hears events, loads
 * the machine and measures, as told by lines on a port to the host. Each line gets one as an answer.
 *
 *	open NAME X Y WIDTH HEIGHT FLAGS RRGGBB	a window of one colour; (-1, -1): anywhere
 *	close NAME		where NAME          "x y width height" of it
 *	clear			closes all windows
 *	fill NAME RRGGBB	shows another colour
 *	events			what came since: "NAME:CODE:A:B ..."
 *	statistics		the compositor's: "name number ..."
 *	watch MILLISECONDS	the same after sleeping so long, as differences, and "elapsed_us"
 *	latency NAME		waits for a key in that window, changes its colour, and waits for the frame:
 *				microseconds since the keyboard's interrupt
 *	spin COUNT SECONDS	so many threads that do nothing but run
 *	stir SECONDS		the mouse moves, every few milliseconds
 *	hang NAME X Y WIDTH HEIGHT FLAGS RRGGBB	a process with a window that it never looks after
 *	quit			ends
 *	read PATH		the first line of a file
 *	run COMMAND		the shell runs it, to its end
 *	flood NAME MILLISECONDS	shows that window again and again without a pause: how often
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h> /* ours */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <window.h>

#define SET_CLOCK           _IOW('E', 0xa0, int) /* EVIOCSCLOCKID */
#define PORT                "/dev/virtio-ports/probe"
#define STATISTICS          "/scheme/sys/compositor"
#define WINDOWS_MAX         64
#define EVENTS_AT_ONCE      64
#define KEYBOARDS_MAX       8
#define NUMBERS_MAX         16
#define STIR_PERIOD_NS      4000000ull
#define STIR_PRIORITY       60
#define LATENCY_PATIENCE_NS 20000000000ull

struct probe_window {
	char name[32];
	struct window *window;
};

struct number {
	char name[32];
	unsigned long value;
};

static struct probe_window windows[WINDOWS_MAX];
static char events_text[16384];
static FILE *port;

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
}

static void sleep_ns(unsigned long long duration)
{
	struct timespec time = { (time_t)(duration / 1000000000ull),
				 (long)(duration % 1000000000ull) };

	nanosleep(&time, NULL);
}

__attribute__((format(printf, 1, 2))) static void answer(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(port, format, arguments);
	va_end(arguments);
	fputc('\n', port);
	fflush(port);
}

/* --- windows --- */

static struct probe_window *find_window(const char *name)
{
	for (size_t i = 0; i < WINDOWS_MAX; i++)
		if (windows[i].window && strcmp(windows[i].name, name) == 0)
			return &windows[i];
	return NULL;
}

static void fill(struct window *window, unsigned colour)
{
	size_t count = (size_t)window->width * (size_t)window->height;

	for (size_t i = 0; i < count; i++)
		window->pixels[i] = 0xff000000u | colour;
	window_show(window);
}

static struct window *open_window(const char *arguments, char *name)
{
	int x, y, width, height;
	unsigned flags, colour;
	struct window *window;

	if (sscanf(arguments, "%31s %d %d %d %d %u %x", name, &x, &y, &width, &height, &flags,
		   &colour) != 7)
		return NULL;
	window = window_open(x, y, width, height, name, flags | ORBITAL_ASYNC);
	if (window)
		fill(window, colour);
	return window;
}

static void command_open(const char *arguments)
{
	struct probe_window *place = windows;

	while (place < windows + WINDOWS_MAX && place->window)
		place++;
	if (place == windows + WINDOWS_MAX) {
		answer("error: too many windows");
		return;
	}
	place->window = open_window(arguments, place->name);
	if (place->window)
		answer("ok");
	else
		answer("error: %s", strerror(errno));
}

static void command_close(const char *name)
{
	struct probe_window *place = find_window(name);

	if (place) {
		window_close(place->window);
		place->window = NULL;
	}
	answer(place ? "ok" : "error: no such window");
}

static void command_clear(void)
{
	for (size_t i = 0; i < WINDOWS_MAX; i++) {
		if (windows[i].window)
			window_close(windows[i].window);
		windows[i].window = NULL;
	}
	events_text[0] = '\0';
	answer("ok");
}

static void command_where(const char *name)
{
	struct probe_window *place = find_window(name);
	char path[64], link[512];
	ssize_t length;

	if (!place) {
		answer("error: no such window");
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", place->window->fd);
	length = readlink(path, link, sizeof(link) - 1);
	link[length < 0 ? 0 : length] = '\0';
	answer("%s", link);
}

static void command_fill(const char *arguments)
{
	char name[32];
	unsigned colour;
	struct probe_window *place = NULL;

	if (sscanf(arguments, "%31s %x", name, &colour) == 2)
		place = find_window(name);
	if (place)
		fill(place->window, colour);
	answer(place ? "ok" : "error: no such window");
}

static void note_event(struct probe_window *place, const struct orbital_event *event)
{
	size_t length = strlen(events_text);

	snprintf(events_text + length, sizeof(events_text) - length, "%s:%lld:%lld:%lld ",
		 place->name, (long long)event->code, (long long)event->a, (long long)event->b);
	if (event->code == ORBITAL_EVENT_RESIZE)
		window_set_size(place->window, (int)event->a, (int)event->b);
}

static void read_events(struct probe_window *place)
{
	struct orbital_event events[EVENTS_AT_ONCE];
	int count;

	while ((count = window_read(place->window, events, EVENTS_AT_ONCE)) > 0)
		for (int i = 0; i < count; i++)
			note_event(place, &events[i]);
}

static void command_events(void)
{
	for (size_t i = 0; i < WINDOWS_MAX; i++)
		if (windows[i].window)
			read_events(&windows[i]);
	answer("%s", events_text);
	events_text[0] = '\0';
}

/* --- measuring --- */

static size_t read_statistics(struct number *numbers)
{
	FILE *file = fopen(STATISTICS, "r");
	size_t count = 0;

	while (file && count < NUMBERS_MAX &&
	       fscanf(file, "%31s %lu", numbers[count].name, &numbers[count].value) == 2)
		count++;
	if (file)
		fclose(file);
	return count;
}

static unsigned long count_frames(void)
{
	struct number numbers[NUMBERS_MAX];
	size_t count = read_statistics(numbers);

	for (size_t i = 0; i < count; i++)
		if (strcmp(numbers[i].name, "frames") == 0)
			return numbers[i].value;
	return 0;
}

static void answer_numbers(const struct number *numbers, const struct number *before, size_t count,
			   unsigned long long elapsed_ns)
{
	char text[1024] = "";

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(text);

		snprintf(text + length, sizeof(text) - length, "%s %lu ", numbers[i].name,
			 numbers[i].value - (before ? before[i].value : 0));
	}
	answer("%selapsed_us %llu", text, elapsed_ns / 1000);
}

static void command_watch(const char *arguments)
{
	struct number before[NUMBERS_MAX], after[NUMBERS_MAX];
	unsigned long long begin = now_ns();
	size_t count = read_statistics(before);

	sleep_ns(strtoull(arguments, NULL, 10) * 1000000ull);
	read_statistics(after);
	answer_numbers(after, before, count, now_ns() - begin);
}

static void command_statistics(void)
{
	struct number numbers[NUMBERS_MAX];
	size_t count = read_statistics(numbers);

	answer_numbers(numbers, NULL, count, now_ns());
}

/* All devices, whose times are those of the monotonic clock. */
static size_t open_devices(int *fds, int flags)
{
	size_t count = 0;

	for (int i = 0; i < KEYBOARDS_MAX; i++) {
		int clock = CLOCK_MONOTONIC;
		char path[32];

		snprintf(path, sizeof(path), "/dev/input/event%d", i);
		fds[count] = open(path, flags | O_NONBLOCK | O_CLOEXEC);
		if (fds[count] < 0)
			continue;
		if (ioctl(fds[count], SET_CLOCK, &clock) < 0)
			close(fds[count]);
		else
			count++;
	}
	return count;
}

/* When the last key went down, as the keyboards say. */
static unsigned long long read_press(const int *fds, size_t count)
{
	unsigned long long at = 0;
	struct linux_input_record record;

	for (size_t i = 0; i < count; i++)
		while (read(fds[i], &record, sizeof(record)) == sizeof(record))
			if (record.type == EVDEV_TYPE_KEY && record.value == 1)
				at = (unsigned long long)record.seconds * 1000000000ull +
				     (unsigned long long)record.microseconds * 1000ull;
	return at;
}

static bool wait_for_key(struct window *window, unsigned long long end)
{
	struct orbital_event events[EVENTS_AT_ONCE];

	while (now_ns() < end) {
		int count = window_wait(window, events, EVENTS_AT_ONCE, 100);

		for (int i = 0; i < count; i++)
			if (events[i].code == ORBITAL_EVENT_KEY && events[i].b >> 8)
				return true;
	}
	return false;
}

static void command_latency(const char *name)
{
	struct probe_window *place = find_window(name);
	unsigned long long end = now_ns() + LATENCY_PATIENCE_NS, pressed;
	int fds[KEYBOARDS_MAX];
	size_t count;
	unsigned long frames;

	if (!place) {
		answer("error: no such window");
		return;
	}
	count = open_devices(fds, O_RDONLY);
	fprintf(port, "ready\n");
	fflush(port);
	if (!wait_for_key(place->window, end)) {
		answer("error: no key came");
		goto out;
	}
	frames = count_frames();
	fill(place->window, place->window->pixels[0] ^ 0x00ff80u);
	while (count_frames() == frames && now_ns() < end)
		sleep_ns(100000);
	pressed = read_press(fds, count);
	if (!pressed)
		answer("error: %zu keyboards tell nothing", count);
	else
		answer("%llu", (now_ns() - pressed) / 1000);
out:
	while (count > 0)
		close(fds[--count]);
}

/* --- load --- */

static unsigned long long spin_end;

static void *spin(void *unused)
{
	/* The pause is for QEMU's counted time, in which processors take turns at it. */
	while (now_ns() < spin_end)
		for (volatile int i = 0; i < 1000; i++)
			__builtin_ia32_pause();
	return unused;
}

static void command_spin(const char *arguments)
{
	unsigned count, seconds, started = 0;
	pthread_t thread;

	if (sscanf(arguments, "%u %u", &count, &seconds) != 2)
		count = seconds = 0;
	spin_end = now_ns() + seconds * 1000000000ull;
	while (started < count && pthread_create(&thread, NULL, spin, NULL) == 0) {
		pthread_detach(thread);
		started++;
	}
	answer("%u", started);
}

static unsigned long long stir_end;

/* To the right for a while, then back. All devices take it, those that are no mice ignore it. */
static void *stir(void *unused)
{
	int fds[KEYBOARDS_MAX];
	size_t count = open_devices(fds, O_WRONLY);

	for (unsigned step = 0; now_ns() < stir_end; step++) {
		struct linux_input_record records[2] = {
			{ .type = EVDEV_TYPE_RELATIVE, .code = EVDEV_AXIS_X },
			{ .type = EVDEV_TYPE_SYNC, .code = EVDEV_SYNC_REPORT },
		};

		records[0].value = step / 50 % 2 ? -4 : 4;
		for (size_t i = 0; i < count; i++)
			if (write(fds[i], records, sizeof(records)) < 0)
				continue;
		sleep_ns(STIR_PERIOD_NS);
	}
	while (count > 0)
		close(fds[--count]);
	return unused;
}

/* As an interrupt of the mouse would, before all that others do. */
static void command_stir(const char *arguments)
{
	struct sched_param priority = { .sched_priority = STIR_PRIORITY };
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	stir_end = now_ns() + strtoull(arguments, NULL, 10) * 1000000000ull;
	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_RR);
	pthread_attr_setschedparam(&attributes, &priority);
	error = pthread_create(&thread, &attributes, stir, NULL);
	if (error) {
		answer("error: no thread: %s", strerror(error));
		return;
	}
	pthread_detach(thread);
	answer("ok");
}

static void command_hang(const char *arguments)
{
	char text[256], name[32];
	pid_t child = fork();

	if (child == 0) {
		snprintf(text, sizeof(text), "%s", arguments);
		if (open_window(text, name))
			for (;;)
				pause();
		_exit(1);
	}
	sleep_ns(300000000ull);
	answer(child > 0 ? "ok" : "error: no process");
}

static void command_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256] = "";

	if (file && fgets(line, sizeof(line), file))
		line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
	answer("%s", file ? line : "error: no such file");
}

static void command_run(const char *command)
{
	int status = system(command);

	if (status)
		answer("error: status %d", status);
	else
		answer("ok");
}

static void command_flood(const char *arguments)
{
	char name[32];
	unsigned milliseconds;
	unsigned long count = 0;
	struct probe_window *place = NULL;

	if (sscanf(arguments, "%31s %u", name, &milliseconds) == 2)
		place = find_window(name);
	if (!place) {
		answer("error: no such window");
		return;
	}
	for (unsigned long long end = now_ns() + milliseconds * 1000000ull; now_ns() < end; count++)
		window_show(place->window);
	answer("%lu", count);
}

/* --- lines --- */

static const struct {
	const char *name;
	void (*run)(const char *arguments);
} commands[] = {
	{ "open", command_open },   { "close", command_close }, { "where", command_where },
	{ "fill", command_fill },   { "watch", command_watch }, { "latency", command_latency },
	{ "spin", command_spin },   { "stir", command_stir },   { "hang", command_hang },
	{ "flood", command_flood }, { "read", command_read },   { "run", command_run },
};

static void run_line(char *line)
{
	char *arguments = line + strcspn(line, " \n");

	line[strcspn(line, "\n")] = '\0';
	if (*arguments == ' ')
		*arguments++ = '\0';
	if (strcmp(line, "events") == 0) {
		command_events();
		return;
	}
	if (strcmp(line, "quit") == 0)
		exit(0);
	if (strcmp(line, "clear") == 0) {
		command_clear();
		return;
	}
	if (strcmp(line, "statistics") == 0) {
		command_statistics();
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(line, commands[i].name) == 0) {
			commands[i].run(arguments);
			return;
		}
	answer("error: what is \"%s\"?", line);
}

int main(void)
{
	char line[512];

	port = fopen(PORT, "r+");
	if (!port) {
		perror("probe: " PORT);
		return 1;
	}
	setvbuf(port, NULL, _IOLBF, 4096);
	answer("probe");
	while (fgets(line, sizeof(line), port))
		run_line(line);
	return 0;
}
