/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: the loop and what it waits for. See app.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ui_priv.h"

#define EVENTS_MAX 64 /* read at a time */
#define POLLS_MAX  64
/* What of the display is not for a window's content: its frame and the panel; points. */
#define DISPLAY_BESIDE 16
#define DISPLAY_ABOVE  88

uint64_t ui_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void ui_fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

void *ui_allocate(size_t size)
{
	void *memory = calloc(1, size > 0 ? size : 1);

	if (!memory)
		ui_fail("no memory");
	return memory;
}

void *ui_reallocate(void *memory, size_t size)
{
	memory = realloc(memory, size > 0 ? size : 1);
	if (!memory)
		ui_fail("no memory");
	return memory;
}

char *ui_copy_text(const char *text)
{
	size_t size = strlen(text ? text : "") + 1;

	return memcpy(ui_allocate(size), text ? text : "", size);
}

void ui_limit_size(const struct ui *ui, int *width, int *height)
{
	int display_width, display_height;
	unsigned scale;

	if (window_read_display(&display_width, &display_height, &scale) < 0)
		return;
	display_width -= ui_pixels(ui, DISPLAY_BESIDE);
	display_height -= ui_pixels(ui, DISPLAY_ABOVE);
	if (*width > display_width && display_width > 0)
		*width = display_width;
	if (*height > display_height && display_height > 0)
		*height = display_height;
}

static void first_size(const struct ui *ui, const struct ui_options *options, int *width,
		       int *height)
{
	*width = ui_pixels(ui, options->width > 0 ? options->width : 640);
	*height = ui_pixels(ui, options->height > 0 ? options->height : 480);
	ui_limit_size(ui, width, height);
}

static void read_events(struct ui *ui)
{
	struct orbital_event events[EVENTS_MAX];
	int count = window_read(ui->window, events, EVENTS_MAX);

	if (count < 0)
		ui_fail("the window's events");
	for (int i = 0; i < count && !ui->quits; i++)
		ui_handle_event(ui, &events[i]);
}

/* What the desktop says first is how all is to look: nothing is drawn in other colours before. */
static void read_first_events(struct ui *ui)
{
	struct pollfd poller = { .fd = ui->window->fd, .events = POLLIN };

	if (poll(&poller, 1, 0) > 0)
		read_events(ui);
}

struct ui *ui_open(const struct ui_options *options)
{
	struct ui *ui = ui_allocate(sizeof(*ui));
	unsigned flags = ORBITAL_SCALABLE | (options->fixed ? 0 : ORBITAL_RESIZABLE);
	int width, height;

	ui->scale = (int)window_display_scale();
	ui->minimum_width = options->minimum_width;
	ui->minimum_height = options->minimum_height;
	first_size(ui, options, &width, &height);
	ui->window =
		window_open(-1, -1, width, height, options->title ? options->title : "", flags);
	if (!ui->window)
		ui_fail("no window");
	ui->active = true;
	ui->pointer_x = ui->pointer_y = -1; /* not over the window */
	ui_theme_init(ui);
	ui_layers_init(ui);
	ui_resized(ui);
	read_first_events(ui);
	return ui;
}

static void free_lists(struct ui *ui)
{
	while (ui->timers) {
		struct ui_timer *timer = ui->timers;

		ui->timers = timer->next;
		free(timer);
	}
	while (ui->watches) {
		struct ui_watch *watch = ui->watches;

		ui->watches = watch->next;
		free(watch);
	}
	while (ui->shortcuts) {
		struct ui_shortcut *shortcut = ui->shortcuts;

		ui->shortcuts = shortcut->next;
		free(shortcut);
	}
}

void ui_close(struct ui *ui)
{
	ui_widget_destroy(ui->layers);
	ui_widget_free_dead(ui);
	free_lists(ui);
	ui_theme_fini(ui);
	window_close(ui->window);
	free(ui->surface.pixels);
	free(ui);
}

/* How long nothing is due, for poll(). */
static int time_to_wait(struct ui *ui)
{
	uint64_t now = ui_now_ms(), due = UINT64_MAX;

	for (struct ui_timer *timer = ui->timers; timer; timer = timer->next)
		if (!timer->stopped && timer->due_ms < due)
			due = timer->due_ms;
	if (due == UINT64_MAX)
		return -1;
	if (due <= now)
		return 0;
	return due - now < 1000000 ? (int)(due - now) : 1000000;
}

static void run_timers(struct ui *ui)
{
	uint64_t now = ui_now_ms();

	for (struct ui_timer *timer = ui->timers; timer; timer = timer->next) {
		if (timer->stopped || timer->due_ms > now)
			continue;
		if (timer->period_ms == 0)
			timer->stopped = true;
		else if (timer->due_ms + timer->period_ms > now)
			timer->due_ms += timer->period_ms;
		else /* late: calls that were missed are not made up for */
			timer->due_ms = now + timer->period_ms;
		timer->action(timer->argument);
	}
}

static void free_stopped(struct ui *ui)
{
	for (struct ui_timer **link = &ui->timers; *link;) {
		struct ui_timer *timer = *link;

		if (timer->stopped) {
			*link = timer->next;
			free(timer);
		} else {
			link = &timer->next;
		}
	}
	for (struct ui_watch **link = &ui->watches; *link;) {
		struct ui_watch *watch = *link;

		if (watch->fd < 0) {
			*link = watch->next;
			free(watch);
		} else {
			link = &watch->next;
		}
	}
}

static void wait_and_handle(struct ui *ui)
{
	struct pollfd polls[POLLS_MAX] = { { .fd = ui->window->fd, .events = POLLIN } };
	struct ui_watch *watches[POLLS_MAX];
	nfds_t count = 1;

	for (struct ui_watch *watch = ui->watches; watch && count < POLLS_MAX;
	     watch = watch->next) {
		watches[count] = watch;
		polls[count++] = (struct pollfd){ .fd = watch->fd, .events = watch->events };
	}
	if (poll(polls, count, time_to_wait(ui)) < 0) {
		if (errno != EINTR)
			ui_fail("poll");
		return;
	}
	if (polls[0].revents & POLLIN)
		read_events(ui);
	else if (polls[0].revents) {
		errno = EPIPE;
		ui_fail("the window has gone");
	}
	for (nfds_t i = 1; i < count && !ui->quits; i++)
		if (polls[i].revents && watches[i]->fd >= 0)
			watches[i]->ready(watches[i]->argument, watches[i]->fd, polls[i].revents);
}

int ui_run(struct ui *ui)
{
	if (!ui->focus)
		ui_focus_next(ui, false);
	while (!ui->quits) {
		ui_update(ui);
		wait_and_handle(ui);
		run_timers(ui);
		free_stopped(ui);
		ui_widget_free_dead(ui);
	}
	return ui->status;
}

void ui_quit(struct ui *ui, int status)
{
	ui->quits = true;
	ui->status = status;
}

void ui_on_close(struct ui *ui, bool (*may_close)(void *argument), void *argument)
{
	ui->may_close = may_close;
	ui->close_argument = argument;
}

void ui_set_title(struct ui *ui, const char *title)
{
	window_set_title(ui->window, title);
}

void ui_set_full_screen(struct ui *ui, bool on)
{
	window_set_flag(ui->window, ORBITAL_FULLSCREEN, on);
}

void ui_set_size(struct ui *ui, int width, int height)
{
	window_set_size(ui->window, ui_pixels(ui, width), ui_pixels(ui, height));
	ui_resized(ui);
}

bool ui_is_active(const struct ui *ui)
{
	return ui->active;
}

struct window *ui_window(struct ui *ui)
{
	return ui->window;
}

int ui_scale(const struct ui *ui)
{
	return ui->scale;
}

struct ui_widget *ui_root(struct ui *ui)
{
	return ui->content;
}

struct ui_timer *ui_timer_start(struct ui *ui, unsigned ms, bool again, ui_action action,
				void *argument)
{
	struct ui_timer *timer = ui_allocate(sizeof(*timer));

	*timer = (struct ui_timer){ .next = ui->timers,
				    .ui = ui,
				    .due_ms = ui_now_ms() + ms,
				    .period_ms = again ? (ms > 0 ? ms : 1) : 0,
				    .action = action,
				    .argument = argument };
	ui->timers = timer;
	return timer;
}

void ui_timer_stop(struct ui_timer *timer)
{
	if (timer)
		timer->stopped = true;
}

struct ui_watch *ui_watch_add(struct ui *ui, int fd, short events,
			      void (*ready)(void *argument, int fd, short events), void *argument)
{
	struct ui_watch *watch = ui_allocate(sizeof(*watch));

	*watch = (struct ui_watch){ .next = ui->watches,
				    .ui = ui,
				    .fd = fd,
				    .events = events,
				    .ready = ready,
				    .argument = argument };
	ui->watches = watch;
	return watch;
}

void ui_watch_remove(struct ui_watch *watch)
{
	if (watch)
		watch->fd = -1;
}

static void add_shortcut(struct ui *ui, struct ui_shortcut shortcut)
{
	struct ui_shortcut *copy = ui_allocate(sizeof(*copy));

	*copy = shortcut;
	copy->next = ui->shortcuts;
	ui->shortcuts = copy;
}

void ui_shortcut(struct ui *ui, unsigned modifiers, unsigned key, ui_action action, void *argument)
{
	add_shortcut(ui, (struct ui_shortcut){ .modifiers = modifiers,
					       .key = key,
					       .action = action,
					       .argument = argument });
}

void ui_shortcut_letter(struct ui *ui, unsigned modifiers, char letter, ui_action action,
			void *argument)
{
	add_shortcut(ui, (struct ui_shortcut){ .modifiers = modifiers,
					       .letter = (unsigned char)letter,
					       .action = action,
					       .argument = argument });
}

char *ui_clipboard_get(struct ui *ui, size_t *length)
{
	return window_get_clipboard(ui->window, length);
}

bool ui_clipboard_set(struct ui *ui, const char *text, size_t length)
{
	return window_set_clipboard(ui->window, text, length) == 0;
}

void ui_on_theme(struct ui *ui, ui_action changed, void *argument)
{
	ui->theme_changed = changed;
	ui->theme_argument = argument;
}

int ui_start_program(const char *const arguments[])
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -1;
	if (child == 0) { /* twice, so that init is its parent and reaps it */
		pid_t grandchild = fork();

		if (grandchild == 0) {
			setsid();
			execvp(arguments[0], (char *const *)(uintptr_t)arguments);
			_exit(127);
		}
		_exit(grandchild < 0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = EAGAIN;
	return -1;
}
