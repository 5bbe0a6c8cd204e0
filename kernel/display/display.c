/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which displays there are, who draws on them, and their modes.
 *
 * The lock of the owner is held during every change, so that an owner hears of one thing at a
 * time; the registry has a spinlock besides, for those who only look.
 */
#include <display/display.h>

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <sched/wait.h>
#include <sched/work.h>
#include <sync/spinlock.h>

#include <stdatomic.h>

#define SIDE_MAX 16384

/* Changes of the registry and of any mode, and who the owner is; held while the owner is told.
 * RANK_DISPLAY_OWNER. */
static struct mutex owner_lock;
/* Written under owner_lock. */
static const struct display_owner *_Atomic current_owner;
/* The first one ever: it hears of changes even while it is hidden, for it gets the displays in a panic. */
static const struct display_owner *first_owner;
/* Who becomes it when the work gets to run. */
static const struct display_owner *_Atomic next_owner;
static struct work owner_work;
/* Why the owner draws nothing: displays that sleep, a change of mode. Under owner_lock. */
static unsigned hide_count;

/* The list, in order of number; its changes need owner_lock too. */
static struct spinlock registry_lock = SPINLOCK_INIT(RANK_LEAF, "displays");
static struct list displays;
static unsigned count;

/* Where display_remove() waits for the last reference: not in the display, which is gone then. */
static struct wait_queue unused;

static void change_owner(struct work *work)
{
	const struct display_owner *owner = atomic_exchange(&next_owner, NULL);

	(void)work;
	if (owner)
		display_set_owner(owner);
}

void display_init(void)
{
	mutex_init(&owner_lock, RANK_DISPLAY_OWNER, "displays' owner");
	list_init(&displays);
	wait_queue_init(&unused, "unused display");
	work_init(&owner_work, change_owner);
}

/* --- the owner --- */

static void tell_changed(void)
{
	const struct display_owner *owner = current_owner;

	if (!owner)
		return;
	owner->changed();
	if (owner != first_owner)
		first_owner->changed();
}

/* Under owner_lock. */
static void hide_owner(void)
{
	if (hide_count++ == 0 && current_owner)
		current_owner->hidden();
}

static void show_owner(void)
{
	if (--hide_count == 0 && current_owner)
		current_owner->shown();
}

/* Under owner_lock. */
static void wake(struct display *display)
{
	if (display->asleep)
		show_owner();
	display->asleep = false;
}

void display_suspend(struct display *display)
{
	mutex_lock(&owner_lock);
	if (!display->asleep)
		hide_owner();
	display->asleep = true;
	mutex_unlock(&owner_lock);
}

void display_resume(struct display *display)
{
	mutex_lock(&owner_lock);
	tell_changed();
	wake(display);
	mutex_unlock(&owner_lock);
}

void display_set_owner(const struct display_owner *owner)
{
	const struct display_owner *before;

	mutex_lock(&owner_lock);
	before = current_owner;
	if (!first_owner)
		first_owner = owner;
	if (before != owner) {
		if (before && hide_count == 0)
			before->hidden();
		current_owner = owner;
		owner->changed();
		if (hide_count == 0)
			owner->shown();
	}
	mutex_unlock(&owner_lock);
}

void display_set_owner_soon(const struct display_owner *owner)
{
	atomic_store(&next_owner, owner);
	work_queue(&owner_work);
}

const struct display_owner *display_owner(void)
{
	return current_owner;
}

/* --- the registry --- */

static bool framebuffer_is_sound(const struct framebuffer *framebuffer)
{
	return framebuffer->pixels && ((uintptr_t)framebuffer->pixels & 3) == 0 &&
	       framebuffer->width > 0 && framebuffer->width <= SIDE_MAX &&
	       framebuffer->height > 0 && framebuffer->height <= SIDE_MAX &&
	       (framebuffer->stride & 3) == 0 && framebuffer->stride / 4 >= framebuffer->width;
}

static bool modes_are_sound(const struct display_mode *modes, unsigned mode_count)
{
	if (mode_count == 0 || mode_count > DISPLAY_MODES_MAX)
		return false;
	for (unsigned i = 0; i < mode_count; i++)
		if (modes[i].width == 0 || modes[i].width > SIDE_MAX || modes[i].height == 0 ||
		    modes[i].height > SIDE_MAX)
			return false;
	return true;
}

static struct display *display_of(struct list_node *node)
{
	return container_of(node, struct display, node);
}

/* Puts it behind the numbers below the first free one. False: all are taken. */
static bool insert(struct display *display)
{
	struct list_node *node;
	irq_state_t state = spin_lock_irqsave(&registry_lock);
	bool fits = count < DISPLAY_MAX;

	display->number = 0;
	for (node = displays.head.next; fits && node != &displays.head; node = node->next) {
		if (display_of(node)->number != display->number)
			break;
		display->number++;
	}
	if (fits) {
		list_insert_before(&display->node, node);
		count++;
	}
	spin_unlock_irqrestore(&registry_lock, state);
	return fits;
}

static bool is_sound(const struct display *display)
{
	return framebuffer_is_sound(&display->framebuffer) &&
	       modes_are_sound(display->modes, display->mode_count) &&
	       display->mode < display->mode_count;
}

int display_add(struct display *display)
{
	bool fits;

	if (!is_sound(display))
		return -EINVAL;
	mutex_init(&display->lock, RANK_DISPLAY, "display");
	refcount_init(&display->references, 2);
	display->lost = false;
	display->asleep = false;
	mutex_lock(&owner_lock);
	fits = insert(display);
	if (fits)
		tell_changed();
	mutex_unlock(&owner_lock);
	if (!fits)
		return -ENOSPC;
	log_info("display", "%u: %s, %u x %u", display->number, display->name,
		 display->framebuffer.width, display->framebuffer.height);
	return 0;
}

/* As one that sleeps; and as one that is gone to those who look all the same, in a panic say. */
void display_park(struct display *display)
{
	display_suspend(display);
	mutex_lock(&display->lock);
	display->lost = true;
	mutex_unlock(&display->lock);
}

int display_adopt(struct display *display, const struct display *now)
{
	if (!is_sound(now))
		return -EINVAL;
	mutex_lock(&owner_lock);
	mutex_lock(&display->lock);
	display->framebuffer = now->framebuffer;
	display->mode = now->mode;
	display->mode_count = now->mode_count;
	memcpy(display->modes, now->modes, sizeof(display->modes));
	display->lost = false;
	mutex_unlock(&display->lock);
	tell_changed();
	wake(display);
	mutex_unlock(&owner_lock);
	log_info("display", "%u: %s goes on, %u x %u", display->number, display->name,
		 display->framebuffer.width, display->framebuffer.height);
	return 0;
}

static void wait_until_unused(struct display *display)
{
	struct waiter waiter;

	wait_begin(&unused, &waiter);
	while (refcount_read(&display->references) > 0)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void display_remove(struct display *display)
{
	irq_state_t state;

	mutex_lock(&owner_lock);
	mutex_lock(&display->lock);
	display->lost = true;
	mutex_unlock(&display->lock);
	state = spin_lock_irqsave(&registry_lock);
	list_remove(&display->node);
	count--;
	spin_unlock_irqrestore(&registry_lock, state);
	tell_changed();
	wake(display); /* the others are drawn again, though this one never woke */
	mutex_unlock(&owner_lock);
	display_put(display);
	display_put(display);
	wait_until_unused(display);
}

struct display *display_get(unsigned number)
{
	irq_state_t state = spin_lock_irqsave(&registry_lock);
	struct display *found = NULL;

	for (struct list_node *node = displays.head.next; node != &displays.head && !found;
	     node = node->next)
		if (display_of(node)->number == number)
			found = display_of(node);
	if (found)
		refcount_get(&found->references);
	spin_unlock_irqrestore(&registry_lock, state);
	return found;
}

void display_put(struct display *display)
{
	if (refcount_put(&display->references))
		wait_wake_all(&unused);
}

unsigned display_count(void)
{
	irq_state_t state = spin_lock_irqsave(&registry_lock);
	unsigned result = count;

	spin_unlock_irqrestore(&registry_lock, state);
	return result;
}

/* --- modes --- */

/* The owner draws nothing meanwhile. */
static int change_mode(struct display *display, unsigned index)
{
	struct framebuffer before;
	int error;

	mutex_lock(&display->lock);
	before = display->framebuffer;
	if (display->lost)
		error = -ENODEV;
	else if (index >= display->mode_count || !display->ops->set_mode)
		error = -EINVAL;
	else
		error = display->ops->set_mode(display, index);
	if (!error && !framebuffer_is_sound(&display->framebuffer)) {
		display->framebuffer = before;
		error = -EIO;
	}
	if (!error)
		display->mode = index;
	mutex_unlock(&display->lock);
	return error;
}

/* Under owner_lock. */
static int change_mode_of_owner(struct display *display, unsigned index)
{
	int error;

	hide_owner();
	error = change_mode(display, index);
	tell_changed();
	show_owner();
	if (!error)
		log_info("display", "%u: %u x %u", display->number, display->framebuffer.width,
			 display->framebuffer.height);
	return error;
}

int display_set_mode(struct display *display, unsigned index)
{
	int error = 0;

	mutex_lock(&owner_lock);
	if (index >= display->mode_count)
		error = -EINVAL;
	else if (index != display->mode && hide_count > 0)
		error = -EAGAIN;
	else if (index != display->mode)
		error = change_mode_of_owner(display, index);
	mutex_unlock(&owner_lock);
	return error;
}

/* Takes over the list, in which the present mode stays. The index of `preferred` in it. */
static unsigned replace_modes(struct display *display, const struct display_mode *modes,
			      unsigned mode_count, unsigned preferred)
{
	struct display_mode now = display->modes[display->mode];
	unsigned at = 0;

	memcpy(display->modes, modes, mode_count * sizeof(*modes));
	while (at < mode_count && (modes[at].width != now.width || modes[at].height != now.height))
		at++;
	/* A full list loses one that nobody asks for. */
	if (at == DISPLAY_MODES_MAX)
		at -= preferred == at - 1 ? 2 : 1;
	display->modes[at] = now;
	display->mode_count = at < mode_count ? mode_count : at + 1;
	display->mode = at;
	return preferred;
}

void display_modes_changed(struct display *display, const struct display_mode *modes,
			   unsigned mode_count, unsigned preferred)
{
	if (!modes_are_sound(modes, mode_count) || preferred >= mode_count)
		return;
	mutex_lock(&owner_lock);
	mutex_lock(&display->lock);
	preferred = replace_modes(display, modes, mode_count, preferred);
	mutex_unlock(&display->lock);
	if (preferred == display->mode)
		tell_changed();
	else if (change_mode_of_owner(display, preferred))
		log_warning("display", "%u: its mode cannot be changed", display->number);
	mutex_unlock(&owner_lock);
}
