/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controller while it runs: switched on and off, interrupts, the link, and what is done when it hangs. */
#include "e1000e.h"

#define HANDLER_FRAMES 64 /* that the handler passes on at a time; the rest is the work's */
#define TICK           DDK_SECOND
#define STALLED_TICKS  5
#define RESETS_MAX     4
#define DRAIN_TIME     (20 * DDK_MILLISECOND)
#define DRAIN_STEP     (200 * DDK_MICROSECOND)

#define RECEIVE_CAUSES (CAUSE_RECEIVED | CAUSE_RECEIVE_LOW | CAUSE_OVERRUN | CAUSE_RECEIVE_QUEUE)

/* --- Interrupts ---------------------------------------------------------------------------------- */

static void handle_received(struct e1000e *e)
{
	bool more = false;

	ddk_lock_acquire(&e->lock);
	if (e->running && !e->receive_more) {
		more = e1000e_receive(e, HANDLER_FRAMES);
		e->receive_more = more;
		if (more)
			e1000e_write(e, REGISTER_IMC, RECEIVE_CAUSES);
	}
	ddk_lock_release(&e->lock);
	if (more)
		ddk_work_queue(&e->work);
}

/* Something is left for the work, if it is open. */
static void ask_work(struct e1000e *e, bool *what)
{
	bool open;

	ddk_lock_acquire(&e->lock);
	open = e->open;
	if (open)
		*what = true;
	ddk_lock_release(&e->lock);
	if (open)
		ddk_work_queue(&e->work);
}

bool e1000e_handle(void *context)
{
	struct e1000e *e = context;
	uint32_t causes = e1000e_read(e, REGISTER_ICR);

	if (causes == 0)
		return false;
	if (causes == UINT32_MAX && e1000e_is_gone(e)) {
		ask_work(e, &e->link_changed);
		return false;
	}
	/* Before looking at the rings: what comes from here on raises it again. */
	e1000e_write(e, REGISTER_ICR, causes);
	handle_received(e);
	e1000e_finish_sent(e);
	if (causes & CAUSE_LINK)
		ask_work(e, &e->link_changed);
	return true;
}

/* Frames for which there was no buffer, or that were damaged: the device only counts them. */
static void count_lost(struct e1000e *e)
{
	uint32_t missed = e1000e_read(e, REGISTER_MPC);
	uint32_t damaged = e1000e_read(e, REGISTER_CRCERRS);

	if (e1000e_is_gone(e))
		return;
	if (missed)
		ddk_net_dropped(e->net, missed, false);
	if (damaged)
		ddk_net_dropped(e->net, damaged, true);
}

/* Once a second: has all stopped, is it still there? */
void e1000e_tick(struct ddk_timer *timer)
{
	struct e1000e *e = container_of(timer, struct e1000e, timer);
	uint32_t status = e1000e_read(e, REGISTER_STATUS);
	bool work;

	ddk_lock_acquire(&e->lock);
	if (!e->running || e->send_head == e->send_told || e->send_head != e->last_head ||
	    !(status & STATUS_LINK_UP))
		e->stalled = 0;
	else
		e->stalled++;
	e->last_head = e->send_head;
	e->hung = e->hung || e->stalled >= STALLED_TICKS;
	/* A change may have been overlooked, or the device have gone. */
	e->link_changed = e->open;
	work = e->open;
	ddk_lock_release(&e->lock);
	if (!work)
		return;
	count_lost(e);
	e1000e_finish_sent(e);
	ddk_work_queue(&e->work);
	ddk_timer_arm(&e->timer, TICK);
}

/* --- Work ---------------------------------------------------------------------------------------- */

static void report_link(struct e1000e *e)
{
	static const uint32_t speeds[] = { 10, 100, 1000, 1000 };
	uint32_t status = e1000e_read(e, REGISTER_STATUS);
	struct ddk_net_link link = { 0 };

	if (e->dead) /* only this thread says so */
		return;
	if (status != UINT32_MAX && (status & STATUS_LINK_UP)) {
		link.up = true;
		link.megabits = speeds[status >> STATUS_SPEED_SHIFT & 3];
		link.duplex =
			status & STATUS_FULL_DUPLEX ? DDK_NET_FULL_DUPLEX : DDK_NET_HALF_DUPLEX;
	}
	ddk_net_set_link(e->net, &link);
}

/* Receives what the handler left; then interrupts tell of what comes. */
static void receive_rest(struct e1000e *e)
{
	bool more;

	do {
		ddk_lock_acquire(&e->lock);
		more = e->running && e1000e_receive(e, HANDLER_FRAMES);
		if (!more) {
			e->receive_more = false;
			if (e->running)
				e1000e_write(e, REGISTER_IMS, e->causes);
		}
		ddk_lock_release(&e->lock);
	} while (more);
}

static void set_running(struct e1000e *e, bool running)
{
	ddk_lock_acquire(&e->lock);
	e->running = running;
	ddk_lock_release(&e->lock);
}

static void begin(struct e1000e *e)
{
	e1000e_rings_init(e);
	e1000e_start(e);
	ddk_lock_acquire(&e->lock);
	e->hung = e->receive_more = false;
	e->running = true;
	e1000e_write(e, REGISTER_RCTL, e1000e_receive_control(e));
	e1000e_write(e, REGISTER_IMS, e->causes);
	ddk_lock_release(&e->lock);
}

/* It is of no use any more: frames are refused until it is switched off. */
static void give_up(struct e1000e *e, const char *why)
{
	ddk_error(e->device, "given up: %s", why);
	ddk_lock_acquire(&e->lock);
	e->dead = true;
	e->running = false;
	ddk_lock_release(&e->lock);
	ddk_pci_set_bus_master(e->device, false);
	e1000e_return_frames(e, -ENODEV);
	ddk_net_set_link(e->net, &(struct ddk_net_link){ 0 });
	ddk_net_ready(e->net);
}

static void reset_hung(struct e1000e *e)
{
	if (++e->resets > RESETS_MAX) {
		give_up(e, "it hangs again and again");
		return;
	}
	ddk_warning(e->device, "hangs, and is reset");
	set_running(e, false);
	if (e1000e_reset(e)) {
		give_up(e, "it does not come back");
		return;
	}
	e1000e_return_frames(e, -EIO);
	begin(e);
	ddk_net_ready(e->net);
}

void e1000e_run_work(struct ddk_work *work)
{
	struct e1000e *e = container_of(work, struct e1000e, work);
	bool link, hung, dead, more;

	ddk_lock_acquire(&e->lock);
	dead = e->dead || !e->open;
	link = e->link_changed;
	hung = e->hung;
	more = e->receive_more;
	e->link_changed = e->hung = false;
	ddk_lock_release(&e->lock);
	if (dead)
		return;
	if (e1000e_is_gone(e)) {
		give_up(e, "it has gone");
		return;
	}
	if (more)
		receive_rest(e);
	if (hung)
		reset_hung(e);
	if (link || hung)
		report_link(e);
}

/* --- The switch ---------------------------------------------------------------------------------- */

int e1000e_open(struct ddk_net *net)
{
	struct e1000e *e = ddk_net_context(net);
	int error = e1000e_reset(e);

	if (error)
		return error;
	e->dead = false;
	e->resets = 0;
	ddk_lock_acquire(&e->lock);
	e->open = true;
	e->link_changed = true;
	ddk_lock_release(&e->lock);
	begin(e);
	ddk_timer_arm(&e->timer, TICK);
	ddk_work_queue(&e->work);
	return 0;
}

/* What was given to it leaves, if it does so soon. */
static void drain(struct e1000e *e)
{
	uint64_t end = ddk_time() + DRAIN_TIME;
	bool busy = true;

	while (busy && ddk_time() < end && (e1000e_read(e, REGISTER_STATUS) & STATUS_LINK_UP)) {
		e1000e_finish_sent(e);
		ddk_lock_acquire(&e->lock);
		busy = e->running && e->send_head != e->send_told;
		ddk_lock_release(&e->lock);
		if (busy)
			ddk_sleep(DRAIN_STEP);
	}
}

void e1000e_close(struct ddk_net *net)
{
	struct e1000e *e = ddk_net_context(net);

	if (!e1000e_is_gone(e))
		drain(e);
	ddk_lock_acquire(&e->lock);
	e->open = e->running = false;
	ddk_lock_release(&e->lock);
	ddk_timer_cancel(&e->timer);
	ddk_work_flush(&e->work);
	/* Whether it answers or not, it does not reach memory any more. */
	if (e1000e_reset(e) == -ETIMEDOUT)
		ddk_warning(e->device, "does not come to rest");
	ddk_pci_set_bus_master(e->device, false);
	e1000e_return_frames(e, -EAGAIN);
	ddk_net_set_link(net, &(struct ddk_net_link){ 0 });
}

void e1000e_set_filter(struct ddk_net *net, unsigned filter)
{
	struct e1000e *e = ddk_net_context(net);

	ddk_lock_acquire(&e->lock);
	e->filter = filter;
	if (e->running)
		e1000e_write(e, REGISTER_RCTL, e1000e_receive_control(e));
	ddk_lock_release(&e->lock);
}
