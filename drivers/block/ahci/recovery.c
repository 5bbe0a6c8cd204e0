/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ports are brought up and, after errors, up again by a state machine. It is stepped by interrupts
 * in the states that last, and by the port's timer in the others, during which the port does not
 * interrupt: a device that raises interrupts without an end is slowed down by that.
 *
 * After an error of a queued command (6.2.2.2) the engine stops, and the device's log says which
 * one it was: the others end with -EAGAIN. If the log does not say it, all do, and commands are
 * issued one by one for a while: then an error is that of the only one.
 */
#include "ahci.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>

#define STEPS_MAX        16 /* at a time */
#define ATTEMPTS_MAX     5  /* resets of the link without success between them */
#define CAREFUL_COUNT    64
#define INTERFACE_ERRORS 3                      /* then the link is slowed down */
#define RESET_HOLD       (2 * DDK_MILLISECOND)  /* 10.4.2: at least 1 ms */
#define ABSENT_AFTER     (25 * DDK_MILLISECOND) /* 10.1.2: 10 ms; what is slower interrupts */

struct state_rules {
	void (*enter)(struct ahci_port *port);
	/* The next state, or the same: not yet. */
	enum port_state (*check)(struct ahci_port *port);
	/* States that do not last: how long they may, how often they are checked, and what then. */
	uint64_t limit, interval;
	enum port_state (*late)(struct ahci_port *port);
};

static uint32_t all_requests(const struct ahci_port *port)
{
	return port->waiting_queued | port->waiting_plain | port->active_queued |
	       port->active_plain | port->suspects | port->condemned;
}

static void clear_errors(struct ahci_port *port)
{
	port_write(port, PORT_ERROR, UINT32_MAX);
	port_write(port, PORT_INTERRUPTS, UINT32_MAX);
}

static uint32_t detection(const struct ahci_port *port)
{
	return port_read(port, PORT_STATUS) & PORT_STATUS_DETECTION;
}

/* --- Requests whose error is not known ------------------------------------------------------- */

static int error_of(const struct ahci_port *port, unsigned tag, uint32_t task_file)
{
	return ata_error(port->requests[tag]->operation, (uint8_t)task_file,
			 (uint8_t)(task_file >> 8));
}

/* The log does not tell: only if there is but one it is known. Nothing is under way. */
static void end_suspects(struct ahci_port *port)
{
	uint32_t suspects = port->suspects;

	if (!suspects)
		return;
	if (is_power_of_two(suspects)) {
		ahci_port_finish(port, suspects,
				 error_of(port, bit_lowest(suspects), port->suspect_status));
		return;
	}
	port->careful = CAREFUL_COUNT;
	ahci_port_finish(port, suspects, -EAGAIN);
}

/* True if the log told. */
static bool judge_suspects(struct ahci_port *port)
{
	uint8_t status, error;
	unsigned tag;

	if (!ata_queued_error((const uint8_t *)port->internal.data, &tag, &status, &error) ||
	    !(port->suspects & 1u << tag))
		return false;
	ahci_port_finish(port, 1u << tag, error_of(port, tag, status | (uint32_t)error << 8));
	ahci_port_finish(port, port->suspects, -EAGAIN);
	return true;
}

/* There is no disk any more: what waits ends. Nothing is under way. */
static void lose_disk(struct ahci_port *port)
{
	ahci_internal_cancel(port, -ENODEV);
	ahci_port_finish(port, all_requests(port), -ENODEV);
	if (port->disk_state == DISK_LIVE) {
		port->disk_state = DISK_STALE;
		ddk_work_queue(&port->work);
	}
}

/* --- Stopping -------------------------------------------------------------------------------- */

static void enter_stopping(struct ahci_port *port)
{
	port->generation++;
	port->stop_told = false;
	port_write(port, PORT_INTERRUPT_ENABLE, 0);
}

/* The engine stands still, the device is not busy. */
static enum port_state go_on(struct ahci_port *port)
{
	clear_errors(port);
	ahci_port_start_engine(port);
	return port->suspects ? PORT_READING_LOG : PORT_RUNNING;
}

static enum port_state check_stopping(struct ahci_port *port)
{
	/* What is issued now would be issued to whatever runs then. */
	if (port->issuing)
		return PORT_STOPPING;
	if (!port->stop_told) {
		port_write(port, PORT_COMMAND, port_read(port, PORT_COMMAND) & ~PORT_COMMAND_START);
		port->stop_told = true;
	}
	if (port_read(port, PORT_COMMAND) & PORT_COMMAND_RUNNING)
		return PORT_STOPPING;
	port->finished |= port->condemned;
	port->condemned = 0;
	if (port->stop_to_reset)
		return PORT_RESETTING;
	if (!(port_read(port, PORT_TASK_FILE) & (ATA_STATUS_BUSY | ATA_STATUS_REQUEST)))
		return go_on(port);
	return port->hba->capabilities & HBA_CAPABILITIES_CLO ? PORT_OVERRIDING : PORT_RESETTING;
}

static enum port_state wait_for_hba(struct ahci_port *port)
{
	(void)port;
	return PORT_WAITING;
}

static void enter_overriding(struct ahci_port *port)
{
	port_write(port, PORT_COMMAND, port_read(port, PORT_COMMAND) | PORT_COMMAND_OVERRIDE);
}

static enum port_state check_overriding(struct ahci_port *port)
{
	if (port_read(port, PORT_COMMAND) & PORT_COMMAND_OVERRIDE)
		return PORT_OVERRIDING;
	return go_on(port);
}

/* A reset, through a stop where the engine may run. */
static enum port_state stop_to_reset(struct ahci_port *port)
{
	ahci_internal_end(port, -EIO);
	port->stop_to_reset = true;
	return PORT_STOPPING;
}

/* --- Resetting ------------------------------------------------------------------------------- */

static void enter_resetting(struct ahci_port *port)
{
	uint32_t control = PORT_CONTROL_NO_POWER_SAVING | PORT_CONTROL_RESET;

	/* The log is lost. */
	end_suspects(port);
	port->attempts++;
	if (port->interface_errors >= INTERFACE_ERRORS)
		control |= PORT_CONTROL_SLOWEST;
	port_write(port, PORT_CONTROL, control);
}

static enum port_state check_resetting(struct ahci_port *port)
{
	if (port->attempts > ATTEMPTS_MAX) {
		ahci_port_log(port, "gave up after resets", port_read(port, PORT_STATUS),
			      port_read(port, PORT_TASK_FILE));
		return PORT_IGNORED;
	}
	if (ddk_time() - port->entered < RESET_HOLD)
		return PORT_RESETTING;
	port_write(port, PORT_CONTROL, port_read(port, PORT_CONTROL) & ~PORT_CONTROL_RESET);
	return PORT_LINKING;
}

static enum port_state reset_again(struct ahci_port *port)
{
	(void)port;
	return PORT_RESETTING;
}

static enum port_state check_linking(struct ahci_port *port)
{
	uint32_t detected = detection(port);

	if (detected == PORT_STATUS_LINKED)
		return PORT_SETTLING;
	if (detected == PORT_STATUS_ABSENT && ddk_time() - port->entered > ABSENT_AFTER)
		return PORT_EMPTY;
	return PORT_LINKING;
}

static enum port_state nothing_there(struct ahci_port *port)
{
	(void)port;
	return PORT_EMPTY;
}

static void enter_settling(struct ahci_port *port)
{
	clear_errors(port);
}

static enum port_state check_settling(struct ahci_port *port)
{
	uint32_t signature;

	if (detection(port) != PORT_STATUS_LINKED)
		return PORT_RESETTING;
	if (port_read(port, PORT_TASK_FILE) & (ATA_STATUS_BUSY | ATA_STATUS_REQUEST))
		return PORT_SETTLING;
	signature = port_read(port, PORT_SIGNATURE);
	if (signature == SIGNATURE_MULTIPLIER || signature == SIGNATURE_ENCLOSURE) {
		ahci_port_log(port, "port multipliers and enclosures are not supported", signature,
			      0);
		return PORT_IGNORED;
	}
	/* Any other may be a disk that has told it badly. */
	port->atapi = signature == SIGNATURE_ATAPI;
	return PORT_IDENTIFYING;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void enter_identifying(struct ahci_port *port)
{
	struct command_fis fis;

	ahci_port_start_engine(port);
	ahci_internal_fill(&fis, port->atapi ? ATA_IDENTIFY_PACKET_DEVICE : ATA_IDENTIFY_DEVICE, 0);
	ahci_internal_begin(port, &fis);
}

/* The device there is and the disk there was. */
static void compare_disk(struct ahci_port *port)
{
	if (port->disk_state != DISK_LIVE) {
		port->refused =
			port->refused && ata_same_device(&port->identity, &port->disk_identity);
		return;
	}
	if (!ata_same_device(&port->identity, &port->disk_identity)) {
		lose_disk(port);
	} else if (port->identity.block_count != port->disk_identity.block_count) {
		port->disk_identity.block_count = port->identity.block_count;
		port->resized = true;
	}
}

static enum port_state take_identity(struct ahci_port *port)
{
	struct device *device = port->hba->device;
	char model[DDK_DISK_MODEL_MAX];
	int error;

	if (port->atapi) {
		ata_model(port->internal.data, model);
		ddk_info(device, "port %u: %s: packet devices are not supported", port->number,
			 model);
		return PORT_IGNORED;
	}
	error = ata_identify(port->internal.data, &port->identity);
	if (error == -EIO)
		return stop_to_reset(port);
	if (error || port->identity.locked) {
		ahci_port_log(port, error ? "a device that cannot be driven" : "the disk is locked",
			      0, 0);
		return PORT_IGNORED;
	}
	if (!(port->hba->capabilities & HBA_CAPABILITIES_NCQ))
		port->identity.queue_depth = 0;
	compare_disk(port);
	return PORT_RUNNING;
}

static enum port_state check_identifying(struct ahci_port *port)
{
	int error = ahci_internal_poll(port);

	if (error == -EAGAIN)
		return PORT_IDENTIFYING;
	return error ? stop_to_reset(port) : take_identity(port);
}

static void enter_reading_log(struct ahci_port *port)
{
	struct command_fis fis;

	ahci_internal_fill(&fis, ATA_READ_LOG_EXT, 0);
	fis.lba[0] = ATA_LOG_QUEUED_ERROR;
	fis.count = 1;
	ahci_internal_begin(port, &fis);
}

static enum port_state check_reading_log(struct ahci_port *port)
{
	int error = ahci_internal_poll(port);

	if (error == -EAGAIN)
		return PORT_READING_LOG;
	/* A device that does not tell takes no queued commands again before a reset. */
	return error || !judge_suspects(port) ? stop_to_reset(port) : PORT_RUNNING;
}

/* --- States that last ------------------------------------------------------------------------ */

static void enter_running(struct ahci_port *port)
{
	port->issued = 0;
	port->stop_to_reset = false;
	port_write(port, PORT_INTERRUPT_ENABLE, PORT_IRQ_ALL);
	if ((port->disk_state == DISK_NONE && !port->refused) || port->resized)
		ddk_work_queue(&port->work);
	ddk_event_signal(&port->settled);
	ahci_port_issue(port);
}

static void enter_empty(struct ahci_port *port)
{
	port->attempts = port->interface_errors = 0;
	lose_disk(port);
	clear_errors(port);
	port_write(port, PORT_INTERRUPT_ENABLE, PORT_IRQ_HOTPLUG);
	ddk_event_signal(&port->settled);
}

/* It may have come before its coming could interrupt. */
static enum port_state check_empty(struct ahci_port *port)
{
	return detection(port) == PORT_STATUS_LINKED ? PORT_RESETTING : PORT_EMPTY;
}

static void enter_ignored(struct ahci_port *port)
{
	port_write(port, PORT_COMMAND, port_read(port, PORT_COMMAND) & ~PORT_COMMAND_START);
	lose_disk(port);
	clear_errors(port);
	port_write(port, PORT_INTERRUPT_ENABLE, PORT_IRQ_HOTPLUG);
	ddk_event_signal(&port->settled);
}

static void enter_waiting(struct ahci_port *port)
{
	ahci_hba_request_reset(port->hba);
}

static const struct state_rules rules[PORT_STATE_COUNT] = {
	[PORT_OFF] = { 0 },
	[PORT_STOPPING] = { enter_stopping, check_stopping, 500 * DDK_MILLISECOND, DDK_MILLISECOND,
			    wait_for_hba },
	[PORT_OVERRIDING] = { enter_overriding, check_overriding, DDK_SECOND, DDK_MILLISECOND,
			      reset_again },
	[PORT_RESETTING] = { enter_resetting, check_resetting, DDK_SECOND, DDK_MILLISECOND,
			     reset_again },
	[PORT_LINKING] = { NULL, check_linking, 2 * DDK_SECOND, DDK_MILLISECOND, nothing_there },
	[PORT_SETTLING] = { enter_settling, check_settling, 30 * DDK_SECOND, 10 * DDK_MILLISECOND,
			    reset_again },
	[PORT_IDENTIFYING] = { enter_identifying, check_identifying, 10 * DDK_SECOND,
			       DDK_MILLISECOND, stop_to_reset },
	[PORT_READING_LOG] = { enter_reading_log, check_reading_log, 5 * DDK_SECOND,
			       DDK_MILLISECOND, stop_to_reset },
	[PORT_RUNNING] = { .enter = enter_running },
	[PORT_EMPTY] = { .enter = enter_empty, .check = check_empty },
	[PORT_IGNORED] = { .enter = enter_ignored },
	[PORT_WAITING] = { .enter = enter_waiting },
};

/* --- Stepping -------------------------------------------------------------------------------- */

static void enter(struct ahci_port *port, enum port_state state)
{
	port->state = state;
	port->entered = ddk_time();
	port->deadline = port->entered + rules[state].limit;
	if (rules[state].enter)
		rules[state].enter(port);
}

void ahci_port_advance(struct ahci_port *port)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		const struct state_rules *now = &rules[port->state];
		enum port_state next = port->state;

		if (now->late && port_read(port, PORT_STATUS) == REGISTER_GONE)
			next = PORT_WAITING; /* where it will turn out */
		else if (now->check)
			next = now->check(port);
		if (next == port->state && now->late && ddk_time() > port->deadline)
			next = now->late(port);
		if (next == port->state)
			break;
		enter(port, next);
	}
	if (rules[port->state].late)
		ddk_timer_arm(&port->timer, rules[port->state].interval);
}

void ahci_port_expire(struct ddk_timer *timer)
{
	struct ahci_port *port = container_of(timer, struct ahci_port, timer);

	ahci_port_lock(port);
	if (!ahci_port_is_settled(port))
		ahci_port_advance(port);
	ahci_port_unlock(port);
}

bool ahci_port_is_settled(const struct ahci_port *port)
{
	return port->state == PORT_RUNNING || port->state == PORT_EMPTY ||
	       port->state == PORT_IGNORED;
}

/* --- Errors ---------------------------------------------------------------------------------- */

static void condemn_active(struct ahci_port *port, int error)
{
	ahci_internal_end(port, -EAGAIN);
	ahci_port_condemn(port, port->active_queued | port->active_plain, error);
}

void ahci_port_begin_reset(struct ahci_port *port)
{
	enum port_state state = port->state;

	/* Under way already, or no more. */
	if (state == PORT_OFF || state == PORT_WAITING || state == PORT_RESETTING ||
	    state == PORT_LINKING || state == PORT_SETTLING)
		return;
	condemn_active(port, -EAGAIN);
	port->stop_to_reset = true;
	if (state != PORT_STOPPING)
		enter(port, PORT_STOPPING);
	ahci_port_advance(port);
}

/* The transfer broke down: whose it was is known if there was but one. */
static void fatal_error(struct ahci_port *port)
{
	uint32_t active = port->active_queued | port->active_plain;

	port->interface_errors++;
	if (is_power_of_two(active))
		ahci_port_condemn(port, active, -EIO);
	else if (active)
		port->careful = CAREFUL_COUNT;
	ahci_port_begin_reset(port);
}

static void task_file_error(struct ahci_port *port)
{
	uint32_t task_file = port_read(port, PORT_TASK_FILE);
	bool known = port->active_queued | port->active_plain || port->internal.active;

	ahci_internal_end(port, -EIO);
	if (port->active_plain)
		ahci_port_condemn(port, port->active_plain,
				  error_of(port, bit_lowest(port->active_plain), task_file));
	if (port->active_queued) {
		uint32_t left = port->issued & port_read(port, PORT_ACTIVE);

		ahci_port_finish(port, port->issued & ~left, 0);
		port->active_queued &= ~left;
		port->suspects = left;
		/* They are being issued just now: too late. */
		ahci_port_condemn(port, port->active_queued, -EAGAIN);
		port->suspect_status = task_file;
	}
	port->stop_to_reset = !known;
	enter(port, PORT_STOPPING);
	ahci_port_advance(port);
}

void ahci_port_error(struct ahci_port *port, uint32_t interrupts)
{
	uint32_t errors = port_read(port, PORT_ERROR);

	port_write(port, PORT_ERROR, errors);
	if (port->state != PORT_RUNNING) {
		if (interrupts & PORT_IRQ_HOTPLUG) {
			if (ahci_port_is_settled(port))
				port->attempts = 0;
			ahci_port_begin_reset(port);
		}
		return;
	}
	if (interrupts & PORT_IRQ_HOTPLUG) {
		ahci_port_log(port, "the link changed", interrupts, errors);
		ahci_port_begin_reset(port);
	} else if (interrupts & PORT_IRQ_FATAL) {
		ahci_port_log(port, "a transfer failed", interrupts, errors);
		fatal_error(port);
	} else if (interrupts & PORT_IRQ_TASK_FILE) {
		ahci_port_log(port, "a command failed", interrupts,
			      port_read(port, PORT_TASK_FILE));
		task_file_error(port);
	} else {
		ahci_port_collect(port);
	}
}

void ahci_port_wait_for_hba(struct ahci_port *port)
{
	if (port->state == PORT_OFF)
		return;
	condemn_active(port, -EAGAIN);
	ahci_port_condemn(port, port->suspects, -EAGAIN);
	port->generation++;
	port_write(port, PORT_INTERRUPT_ENABLE, 0);
	port->state = PORT_WAITING;
}

void ahci_port_restart(struct ahci_port *port)
{
	if (port->state == PORT_OFF)
		return;
	port->finished |= port->condemned;
	port->condemned = 0;
	ahci_port_set_up(port);
	enter(port, PORT_RESETTING);
	ahci_port_advance(port);
}

void ahci_port_kill(struct ahci_port *port, int error)
{
	port->generation++;
	ahci_internal_end(port, error);
	ahci_internal_cancel(port, error);
	ahci_port_finish(port, all_requests(port), error);
	port->state = PORT_OFF;
	lose_disk(port);
	ddk_event_signal(&port->settled);
}
