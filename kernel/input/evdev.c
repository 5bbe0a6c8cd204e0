/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /dev/input/event*, root's: what each device reports, as Linux tells it. Every open file gets all that
 * comes since it was opened; one that reads too slowly is told that it missed something.
 */
#include "evdev.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <time/clock.h>

#define RECORDS_PER_EVENT 3 /* at most, with the one that ends the report */
#define RECORDS_AT_A_TIME 16
/* Who reads the device of one of these sees to it himself. */
#define OWN_BUTTONS (INPUT_HAS_POWER | INPUT_HAS_SLEEP | INPUT_HAS_LID)

static struct spinlock numbers_lock = SPINLOCK_INIT(RANK_LEAF, "evdev numbers");
static uint32_t numbers_used; /* numbers_lock: a bit for each device */

_Static_assert(EVDEV_DEVICES == 32, "numbers_used has a bit for each");

static void evdev_put(struct evdev *evdev)
{
	if (refcount_put(&evdev->references))
		kfree(evdev);
}

/* --- Events. --- */

/* What an event is in records; how many. */
static unsigned encode(const struct input_event *event, struct evdev_record *records)
{
	unsigned count = 0;

	switch (event->kind) {
	case INPUT_KEY:
		records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_KEY, (uint16_t)event->code,
							  event->value };
		break;
	case INPUT_MOVE:
		if (event->value)
			records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_RELATIVE,
								  EVDEV_AXIS_X, event->value };
		if (event->value2)
			records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_RELATIVE,
								  EVDEV_AXIS_Y, event->value2 };
		break;
	case INPUT_WHEEL:
		records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_RELATIVE, EVDEV_AXIS_WHEEL,
							  event->value };
		break;
	case INPUT_PLACE:
		records[count++] =
			(struct evdev_record){ 0, EVDEV_TYPE_ABSOLUTE, EVDEV_AXIS_X, event->value };
		records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_ABSOLUTE, EVDEV_AXIS_Y,
							  event->value2 };
		break;
	case INPUT_SWITCH:
		records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_SWITCH,
							  (uint16_t)event->code, event->value };
		break;
	case INPUT_LAYOUT:
		return 0;
	}
	records[count++] = (struct evdev_record){ 0, EVDEV_TYPE_SYNC, EVDEV_SYNC_REPORT, 0 };
	for (unsigned i = 0; i < count; i++)
		records[i].time_ns = event->time_ns;
	return count;
}

/* evdev->lock is held. */
static void put_records(struct evdev_reader *reader, const struct evdev_record *records,
			unsigned count)
{
	if (reader->revoked)
		return;
	if (reader->head - reader->tail + count > EVDEV_RECORDS) {
		/* What is lost is lost as a whole, up to the end of this report. */
		reader->tail = reader->head;
		reader->records[reader->head++ % EVDEV_RECORDS] =
			(struct evdev_record){ records[0].time_ns, EVDEV_TYPE_SYNC,
					       EVDEV_SYNC_DROPPED, 0 };
		records += count - 1;
		count = 1;
	}
	for (unsigned i = 0; i < count; i++)
		reader->records[reader->head++ % EVDEV_RECORDS] = records[i];
	wait_wake_all(&reader->wait);
}

bool evdev_take(struct input_device *device, const struct input_event *event)
{
	struct evdev_record records[RECORDS_PER_EVENT];
	struct evdev *evdev = device->evdev;
	struct list_node *node;
	irq_state_t state;
	unsigned count;
	bool taken;

	if (!evdev)
		return false;
	count = encode(event, records);
	state = spin_lock_irqsave(&evdev->lock);
	taken = evdev->grabber || ((evdev->kinds & OWN_BUTTONS) && !list_empty(&evdev->readers));
	list_for_each (node, &evdev->readers) {
		struct evdev_reader *reader = container_of(node, struct evdev_reader, node);

		if (!evdev->grabber || reader == evdev->grabber)
			put_records(reader, records, count);
	}
	spin_unlock_irqrestore(&evdev->lock, state);
	return taken;
}

int evdev_grab(struct evdev_reader *reader, bool on)
{
	struct evdev *evdev = reader->evdev;
	irq_state_t state;
	int error = 0;

	mutex_lock(&evdev->device_lock);
	state = spin_lock_irqsave(&evdev->lock);
	if (evdev->gone || reader->revoked)
		error = -ENODEV;
	else if (on && evdev->grabber)
		error = -EBUSY;
	else if (!on && evdev->grabber != reader)
		error = -EINVAL;
	else
		evdev->grabber = on ? reader : NULL;
	spin_unlock_irqrestore(&evdev->lock, state);
	/* Who does not see them going up would hold them for ever. */
	if (!error && on && evdev->device)
		input_forget_keys(evdev->device);
	mutex_unlock(&evdev->device_lock);
	return error;
}

void evdev_revoke(struct evdev_reader *reader)
{
	struct evdev *evdev = reader->evdev;
	irq_state_t state = spin_lock_irqsave(&evdev->lock);

	reader->revoked = true;
	reader->tail = reader->head;
	if (evdev->grabber == reader)
		evdev->grabber = NULL;
	spin_unlock_irqrestore(&evdev->lock, state);
	wait_wake_all(&reader->wait);
}

/* --- Open files. --- */

static int evdev_open(struct node *node, struct file *file)
{
	struct evdev *evdev = node->private;
	struct evdev_reader *reader = kzalloc(sizeof(*reader));
	irq_state_t state;
	bool gone;

	if (!reader)
		return -ENOMEM;
	reader->evdev = evdev;
	reader->clock = EVDEV_CLOCK_REALTIME;
	wait_queue_init(&reader->wait, "evdev");
	state = spin_lock_irqsave(&evdev->lock);
	gone = evdev->gone;
	if (!gone)
		list_push_back(&evdev->readers, &reader->node);
	spin_unlock_irqrestore(&evdev->lock, state);
	if (gone) {
		kfree(reader);
		return -ENODEV;
	}
	refcount_get(&evdev->references);
	file->private = reader;
	return 0;
}

static void evdev_close(struct file *file)
{
	struct evdev_reader *reader = file->private;
	struct evdev *evdev = reader->evdev;
	irq_state_t state = spin_lock_irqsave(&evdev->lock);

	list_remove(&reader->node);
	if (evdev->grabber == reader)
		evdev->grabber = NULL;
	spin_unlock_irqrestore(&evdev->lock, state);
	kfree(reader);
	evdev_put(evdev);
}

/* Takes up to `count` records as programs see them; how many, or -ENODEV. */
static ssize_t take_records(struct evdev_reader *reader, struct linux_input_record *to,
			    unsigned count)
{
	struct evdev *evdev = reader->evdev;
	uint64_t since_epoch = clock_realtime_ns() - clock_monotonic_ns();
	irq_state_t state = spin_lock_irqsave(&evdev->lock);
	bool dead = evdev->gone || reader->revoked;
	unsigned taken = 0;

	for (; taken < count && reader->tail != reader->head; taken++) {
		const struct evdev_record *from = &reader->records[reader->tail++ % EVDEV_RECORDS];
		uint64_t time = from->time_ns;

		if (reader->clock == EVDEV_CLOCK_REALTIME)
			time += since_epoch;
		to[taken] = (struct linux_input_record){
			.seconds = (int64_t)(time / NS_PER_SECOND),
			.microseconds = (int64_t)(time % NS_PER_SECOND / NS_PER_MICROSECOND),
			.type = from->type,
			.code = from->code,
			.value = from->value,
		};
	}
	spin_unlock_irqrestore(&evdev->lock, state);
	return taken == 0 && dead ? -ENODEV : (ssize_t)taken;
}

static ssize_t wait_for_records(struct file *file, struct linux_input_record *to, unsigned count)
{
	struct evdev_reader *reader = file->private;
	ssize_t taken = take_records(reader, to, count);
	struct waiter waiter;
	int error = 0;

	if (taken)
		return taken;
	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&reader->wait, &waiter);
	while (!error && !(taken = take_records(reader, to, count)))
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error ? error : taken;
}

static ssize_t evdev_read(struct file *file, struct io *io, uint64_t offset)
{
	struct linux_input_record records[RECORDS_AT_A_TIME];
	size_t room = io_remaining(io) / sizeof(records[0]);
	ssize_t taken;

	(void)offset;
	if (io_remaining(io) == 0)
		return 0;
	if (room == 0)
		return -EINVAL;
	taken = wait_for_records(file, records, (unsigned)min_size(room, RECORDS_AT_A_TIME));
	return taken < 0 ? taken : io_put(io, records, (size_t)taken * sizeof(records[0]));
}

static bool may_press(const struct evdev *evdev, unsigned key)
{
	if (key == BUTTON_SIDE || key == BUTTON_EXTRA)
		return evdev->kinds & INPUT_HAS_MORE_BUTTONS;
	if (key >= BUTTON_LEFT)
		return key <= BUTTON_MIDDLE && (evdev->kinds & INPUT_HAS_BUTTONS);
	return evdev->kinds & INPUT_HAS_KEYS;
}

static void report_written(struct evdev *evdev, const struct linux_input_record *record,
			   struct evdev_written *written)
{
	struct input_device *device = evdev->device;

	if (record->type == EVDEV_TYPE_KEY && may_press(evdev, record->code)) {
		if (record->value == 0 || record->value == 1)
			input_report_key(device, record->code, record->value);
	} else if (record->type == EVDEV_TYPE_RELATIVE && (evdev->kinds & INPUT_HAS_MOVES)) {
		if (record->code == EVDEV_AXIS_X)
			written->right = record->value;
		else if (record->code == EVDEV_AXIS_Y)
			written->down = record->value;
		else if (record->code == EVDEV_AXIS_WHEEL && (evdev->kinds & INPUT_HAS_WHEEL))
			written->wheel = record->value;
	} else if (record->type == EVDEV_TYPE_ABSOLUTE && (evdev->kinds & INPUT_HAS_PLACES)) {
		written->has_place = true;
		if (record->code == EVDEV_AXIS_X)
			written->across = record->value;
		else if (record->code == EVDEV_AXIS_Y)
			written->from_top = record->value;
	} else if (record->type == EVDEV_TYPE_SYNC) {
		input_report_move(device, written->right, written->down, written->wheel);
		if (written->has_place && written->across >= 0 && written->from_top >= 0)
			input_report_place(device, (unsigned)written->across,
					   (unsigned)written->from_top);
		*written = (struct evdev_written){ 0 };
	}
}

/* Records that are written are as if the device had reported them. */
static ssize_t evdev_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct evdev_reader *reader = file->private;
	struct evdev *evdev = reader->evdev;
	ssize_t done = 0;

	(void)offset;
	if (io_remaining(io) && io_remaining(io) < sizeof(struct linux_input_record))
		return -EINVAL;
	while (io_remaining(io) >= sizeof(struct linux_input_record)) {
		struct linux_input_record record;
		ssize_t taken = io_take(io, &record, sizeof(record));

		if (taken != (ssize_t)sizeof(record))
			return done ? done : -EFAULT;
		mutex_lock(&evdev->device_lock);
		if (!evdev->device || reader->revoked) {
			mutex_unlock(&evdev->device_lock);
			return done ? done : -ENODEV;
		}
		report_written(evdev, &record, &reader->written);
		mutex_unlock(&evdev->device_lock);
		done += taken;
	}
	return done;
}

static unsigned evdev_poll(struct file *file, struct poller *poller)
{
	struct evdev_reader *reader = file->private;
	struct evdev *evdev = reader->evdev;
	unsigned ready = 0;
	irq_state_t state;

	poller_add(poller, &reader->wait);
	state = spin_lock_irqsave(&evdev->lock);
	if (reader->head != reader->tail)
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (evdev->gone || reader->revoked)
		ready |= POLL_HANGUP | POLL_ERROR;
	else
		ready |= POLL_OUT | POLL_WRITE_NORMAL;
	spin_unlock_irqrestore(&evdev->lock, state);
	return ready;
}

static const struct node_ops evdev_ops = {
	.open = evdev_open,
	.close = evdev_close,
	.read = evdev_read,
	.write = evdev_write,
	.poll = evdev_poll,
	.control = evdev_control,
};

/* --- Devices come and go. --- */

static bool take_number(unsigned *number)
{
	irq_state_t state = spin_lock_irqsave(&numbers_lock);
	bool found = false;

	for (unsigned i = 0; i < EVDEV_DEVICES && !found; i++) {
		found = !(numbers_used & 1u << i);
		*number = i;
	}
	if (found)
		numbers_used |= 1u << *number;
	spin_unlock_irqrestore(&numbers_lock, state);
	return found;
}

static void give_number(unsigned number)
{
	irq_state_t state = spin_lock_irqsave(&numbers_lock);

	numbers_used &= ~(1u << number);
	spin_unlock_irqrestore(&numbers_lock, state);
}

static struct evdev *make(struct input_device *device, unsigned number)
{
	struct evdev *evdev = kzalloc(sizeof(*evdev));

	if (!evdev)
		return NULL;
	refcount_init(&evdev->references, 1);
	evdev->number = number;
	evdev->name = device->name;
	evdev->place = device->place;
	evdev->product = device->product;
	evdev->kinds = device->kinds;
	evdev->device = device;
	mutex_init(&evdev->device_lock, RANK_INPUT_LIST, "evdev device");
	spinlock_init(&evdev->lock, RANK_INPUT, "evdev");
	list_init(&evdev->readers);
	snprintf(evdev->path, sizeof(evdev->path), "input/event%u", number);
	evdev->node = (struct device_node){
		.name = evdev->path,
		.type = MODE_CHARACTER,
		.major = EVDEV_MAJOR,
		.minor = EVDEV_MINOR_EVENT + number,
		.permissions = 0600,
		.ops = &evdev_ops,
		.private = evdev,
		.node_flags = NODE_STREAM,
	};
	return evdev;
}

void evdev_add(struct input_device *device)
{
	struct evdev *evdev;
	unsigned number;

	if (!take_number(&number))
		return;
	evdev = make(device, number);
	if (!evdev || device_node_add(&evdev->node)) {
		log_warning("input", "no node for %s", device->name);
		give_number(number);
		kfree(evdev);
		return;
	}
	device->evdev = evdev;
}

void evdev_detach(struct input_device *device)
{
	struct evdev *evdev = device->evdev;

	if (!evdev)
		return;
	mutex_lock(&evdev->device_lock);
	evdev->device = NULL;
	mutex_unlock(&evdev->device_lock);
}

void evdev_remove(struct input_device *device)
{
	struct evdev *evdev = device->evdev;
	struct list_node *node;
	irq_state_t state;

	if (!evdev)
		return;
	device_node_remove(&evdev->node);
	device->evdev = NULL;
	state = spin_lock_irqsave(&evdev->lock);
	evdev->gone = true;
	list_for_each (node, &evdev->readers)
		wait_wake_all(&container_of(node, struct evdev_reader, node)->wait);
	spin_unlock_irqrestore(&evdev->lock, state);
	give_number(evdev->number);
	evdev_put(evdev);
}
