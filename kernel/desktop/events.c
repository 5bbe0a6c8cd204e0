/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What windows are told: a bounded queue each. Events that only say how things are now replace the
 * one before of their kind, so that a program that never reads costs nothing and one that is slow
 * does not fall behind.
 */
#include <compositor/compositor.h>

#include "desktop_priv.h"

void window_events_init(struct window *window)
{
	spinlock_init(&window->events_lock, RANK_INPUT, "window events");
	wait_queue_init(&window->events_queue, "window events");
}

static struct orbital_event *event_at(struct window *window, unsigned position)
{
	return &window->events[(window->events_first + position) % WINDOW_EVENTS_MAX];
}

/* True if the last event, of the same kind, says all that both say. */
static bool event_merge(struct orbital_event *last, const struct orbital_event *event)
{
	if (last->code != event->code)
		return false;
	switch (event->code) {
	case ORBITAL_EVENT_MOUSE:
	case ORBITAL_EVENT_MOVE:
	case ORBITAL_EVENT_RESIZE:
	case ORBITAL_EVENT_SCREEN:
	case ORBITAL_EVENT_SCALE:
	case ORBITAL_EVENT_THEME:
	case ORBITAL_EVENT_QUIT:
	case ORBITAL_EVENT_FOCUS:
		*last = *event;
		return true;
	case ORBITAL_EVENT_SCROLL:
	case ORBITAL_EVENT_MOUSE_RELATIVE:
		last->a += event->a;
		last->b += event->b;
		return true;
	default:
		return false;
	}
}

/* Takes out the first one that a program can do without. False: there is none. */
static bool events_drop_one(struct window *window)
{
	for (unsigned i = 0; i < window->events_count; i++) {
		int64_t code = event_at(window, i)->code;

		if (code != ORBITAL_EVENT_MOUSE && code != ORBITAL_EVENT_SCROLL &&
		    code != ORBITAL_EVENT_MOUSE_RELATIVE && code != ORBITAL_EVENT_HOVER)
			continue;
		for (unsigned k = i; k + 1 < window->events_count; k++)
			*event_at(window, k) = *event_at(window, k + 1);
		window->events_count--;
		return true;
	}
	return false;
}

/* What makes no sense without others of its kind, as an up without its down, is dropped as well as
 * they are, when nobody reads: a queue that is full takes only what says how things are now. */
static bool event_is_wanted_when_full(const struct orbital_event *event)
{
	return event->code == ORBITAL_EVENT_QUIT || event->code == ORBITAL_EVENT_RESIZE ||
	       event->code == ORBITAL_EVENT_FOCUS;
}

static bool events_put(struct window *window, const struct orbital_event *event)
{
	if (window->events_count > 0 &&
	    event_merge(event_at(window, window->events_count - 1), event))
		return true;
	if (window->events_count == WINDOW_EVENTS_MAX && !events_drop_one(window)) {
		if (!event_is_wanted_when_full(event))
			return false;
		window->events_first = (window->events_first + 1) % WINDOW_EVENTS_MAX;
		window->events_count--;
	}
	*event_at(window, window->events_count) = *event;
	window->events_count++;
	return true;
}

void window_post(struct window *window, int64_t code, int64_t a, int64_t b)
{
	struct orbital_event event = { code, a, b };
	irq_state_t state = spin_lock_irqsave(&window->events_lock);
	bool put = events_put(window, &event);

	spin_unlock_irqrestore(&window->events_lock, state);
	if (put)
		wait_wake_all(&window->events_queue);
}

void window_tell_looks(struct window *window)
{
	if (!(window->flags & ORBITAL_SCALABLE))
		return;
	window_post(window, ORBITAL_EVENT_SCALE, desktop.scale, 0);
	window_post(window, ORBITAL_EVENT_THEME, desktop.dark, desktop.accent & 0xffffff);
}

size_t window_take_events(struct window *window, struct orbital_event *events, size_t count)
{
	irq_state_t state = spin_lock_irqsave(&window->events_lock);
	size_t taken = 0;

	for (; taken < count && window->events_count > 0; taken++) {
		events[taken] = *event_at(window, 0);
		window->events_first = (window->events_first + 1) % WINDOW_EVENTS_MAX;
		window->events_count--;
	}
	spin_unlock_irqrestore(&window->events_lock, state);
	return taken;
}

bool window_has_events(struct window *window)
{
	irq_state_t state = spin_lock_irqsave(&window->events_lock);
	bool any = window->events_count > 0;

	spin_unlock_irqrestore(&window->events_lock, state);
	return any;
}

struct wait_queue *window_event_queue(struct window *window)
{
	return &window->events_queue;
}
