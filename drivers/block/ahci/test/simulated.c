/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated.h"

/* For its probe and remove. */
#include "../hba.c"

#include <unit.h>

#include <stdlib.h>
#include <string.h>

#define BAR_SIZE    (0x100 + SIM_PORTS * 0x80)
#define READY       0x50u
#define READY_ERROR (READY | ATA_STATUS_ERROR)
#define LINK_TIME   (5 * DDK_MILLISECOND)
#define STOP_TIME   (100 * DDK_MICROSECOND)
#define CONNECT_BIT (1u << 26) /* of the error register: the link changed */

static bool happens(struct sim_hba *hba, unsigned chance)
{
	return chance && unit_random_below(&hba->random, 1000) < chance;
}

/* --- Interrupts ------------------------------------------------------------------------------ */

static void update_irq(struct sim_hba *hba)
{
	uint32_t before = hba->irq;

	for (unsigned i = 0; i < SIM_PORTS; i++)
		if (hba->ports[i].irq & hba->ports[i].irq_enable)
			hba->irq |= 1u << i;
	/* An edge, as an MSI is. */
	if ((hba->control & HBA_CONTROL_INTERRUPTS) && (hba->irq & ~before))
		mock_raise(0);
}

static void raise(struct sim_port *port, uint32_t irq)
{
	if (happens(port->hba, port->faults.loses_irq))
		return;
	port->irq |= irq;
	update_irq(port->hba);
	if (happens(port->hba, port->faults.doubles_irq))
		mock_raise(0);
}

/* --- Data ------------------------------------------------------------------------------------ */

static const struct command_header *header_of(const struct sim_port *port, unsigned slot)
{
	return (const struct command_header *)mock_dma(port->list, 1024) + slot;
}

/* Moves bytes between the device and the regions of a command; returns how many there is room
 * for. `bytes` NULL: only counts. */
static size_t move_data(const struct sim_port *port, unsigned slot, uint8_t *bytes, size_t length,
			bool to_memory)
{
	const struct command_header *header = header_of(port, slot);
	unsigned count = header->flags >> HEADER_COUNT_SHIFT;
	const struct command_table *table =
		mock_dma(header->table, sizeof(*table) + count * sizeof(struct memory_region));
	size_t moved = 0;

	EXPECT(header->table % 128 == 0);
	for (unsigned i = 0; i < count; i++) {
		const struct memory_region *region = &table->regions[i];
		size_t part = (size_t)region->length + 1;
		uint8_t *memory = mock_dma(region->address, part);

		EXPECT(region->address % 2 == 0 && part % 2 == 0 && part <= MEMORY_REGION_MAX);
		EXPECT((port->hba->capabilities & HBA_CAPABILITIES_64BIT) ||
		       region->address + part <= 1ull << 32);
		part = min_size(part, length - moved);
		if (bytes && to_memory)
			memcpy(memory, bytes + moved, part);
		else if (bytes)
			memcpy(bytes + moved, memory, part);
		moved += part;
	}
	return moved;
}

static void put_fis(struct sim_port *port, const struct command_fis *answer)
{
	uint8_t *area = mock_dma(port->fis, RECEIVED_FIS_SIZE);

	if (port->faults.hostile_fis) {
		for (unsigned i = 0; i < RECEIVED_FIS_SIZE; i++)
			area[i] = (uint8_t)unit_random(&port->hba->random);
		return;
	}
	memcpy(area + RECEIVED_REGISTER_FIS, answer, sizeof(*answer));
	area[RECEIVED_REGISTER_FIS] = 0x34;
}

/* --- Commands of the device ------------------------------------------------------------------ */

struct sim_command {
	unsigned slot;
	struct command_fis fis;
	bool queued, write, transfers;
	uint64_t block;
	uint32_t count;
};

static uint64_t block_of(const struct command_fis *fis)
{
	uint64_t block = 0;

	for (unsigned i = 0; i < 3; i++)
		block |= (uint64_t)fis->lba[i] << 8 * i | (uint64_t)fis->lba_high[i]
								  << (24 + 8 * i);
	return block;
}

/* Error register, 0: done. */
static uint8_t transfer(struct sim_port *port, const struct sim_command *command)
{
	size_t length = (size_t)command->count * port->block_size;

	if (command->block >= port->block_count ||
	    command->count > port->block_count - command->block)
		return ATA_ERROR_ADDRESS;
	if (port->bad_block - command->block < command->count)
		return port->bad_error;
	EXPECT(move_data(port, command->slot, NULL, length, false) == length);
	EXPECT(!(header_of(port, command->slot)->flags & HEADER_WRITE) == !command->write);
	move_data(port, command->slot, port->bytes + command->block * port->block_size, length,
		  !command->write);
	return 0;
}

static uint8_t send_page(struct sim_port *port, const struct sim_command *command, const void *page)
{
	uint8_t copy[ATA_PAGE];

	memcpy(copy, page, ATA_PAGE);
	EXPECT(move_data(port, command->slot, copy, ATA_PAGE, true) == ATA_PAGE);
	return 0;
}

static uint8_t trim(struct sim_port *port, const struct sim_command *command)
{
	uint64_t ranges[ATA_TRIM_RANGES];

	EXPECT(command->fis.features == ATA_FEATURE_TRIM && command->fis.count == 1);
	EXPECT(move_data(port, command->slot, (uint8_t *)ranges, ATA_PAGE, false) == ATA_PAGE);
	for (unsigned i = 0; i < ATA_TRIM_RANGES; i++) {
		uint64_t block = ranges[i] & ((1ull << ATA_TRIM_COUNT_SHIFT) - 1);
		uint64_t count = ranges[i] >> ATA_TRIM_COUNT_SHIFT;

		if (count && (block >= port->block_count || count > port->block_count - block))
			return ATA_ERROR_ADDRESS;
		memset(port->bytes + block * port->block_size, 0, count * port->block_size);
		port->trimmed += count;
	}
	port->trims++;
	return 0;
}

static uint8_t send_log(struct sim_port *port, const struct sim_command *command)
{
	uint8_t page[ATA_PAGE] = { 0 }, sum = 0;

	port->logs_read++;
	if (port->faults.no_log || command->fis.lba[0] != ATA_LOG_QUEUED_ERROR ||
	    command->fis.count != 1)
		return ATA_ERROR_ABORTED;
	page[0] = (uint8_t)(port->error_tag ^ (port->faults.log_lies ? 0x1f : 0));
	page[2] = port->error_status;
	page[3] = port->error_register;
	for (unsigned i = 0; i < ATA_PAGE - 1; i++)
		sum = (uint8_t)(sum + page[i]);
	page[ATA_PAGE - 1] = (uint8_t)-sum;
	if (port->faults.log_damaged)
		page[17] ^= 1;
	port->failed = false;
	return send_page(port, command, page);
}

static uint8_t smart(struct sim_port *port, const struct sim_command *command)
{
	struct command_fis answer = command->fis;

	EXPECT(command->fis.lba[1] == 0x4f && command->fis.lba[2] == 0xc2);
	switch (command->fis.features) {
	case ATA_SMART_READ_DATA:
		return send_page(port, command, port->smart);
	case ATA_SMART_READ_THRESHOLDS:
		return send_page(port, command, port->thresholds);
	case ATA_SMART_RETURN_STATUS:
		answer.lba[1] = port->smart_failing ? 0xf4 : 0x4f;
		answer.lba[2] = port->smart_failing ? 0x2c : 0xc2;
		put_fis(port, &answer);
		return 0;
	default:
		return ATA_ERROR_ABORTED;
	}
}

static uint8_t identify(struct sim_port *port, const struct sim_command *command)
{
	uint16_t words[ATA_WORDS];
	bool packet = command->fis.command == ATA_IDENTIFY_PACKET_DEVICE;

	if (port->faults.fails_identify || packet != (port->signature == SIGNATURE_ATAPI))
		return ATA_ERROR_ABORTED;
	memcpy(words, port->identify, sizeof(words));
	if (port->faults.garbage_identify) {
		for (unsigned i = 0; i < ATA_WORDS; i++)
			if (unit_random_below(&port->hba->random, 4) == 0)
				words[i] = (uint16_t)unit_random(&port->hba->random);
		sim_seal(words);
	}
	return send_page(port, command, words);
}

static uint8_t execute(struct sim_port *port, const struct sim_command *command)
{
	switch (command->fis.command) {
	case ATA_READ_FPDMA_QUEUED:
	case ATA_WRITE_FPDMA_QUEUED:
	case ATA_READ_DMA_EXT:
	case ATA_WRITE_DMA_EXT:
	case ATA_WRITE_DMA_FUA_EXT:
	case ATA_READ_DMA:
	case ATA_WRITE_DMA:
		return transfer(port, command);
	case ATA_FLUSH_CACHE:
	case ATA_FLUSH_CACHE_EXT:
		port->flushes++;
		return 0;
	case ATA_STANDBY_IMMEDIATE:
		port->standbys++;
		return 0;
	case ATA_DATA_SET_MANAGEMENT:
		return trim(port, command);
	case ATA_READ_LOG_EXT:
		return send_log(port, command);
	case ATA_SMART:
		return smart(port, command);
	case ATA_IDENTIFY_DEVICE:
	case ATA_IDENTIFY_PACKET_DEVICE:
		return identify(port, command);
	default:
		return ATA_ERROR_ABORTED;
	}
}

/* --- The port's engine ----------------------------------------------------------------------- */

static struct sim_command decode(struct sim_port *port, unsigned slot)
{
	const struct command_header *header = header_of(port, slot);
	const struct command_table *table = mock_dma(header->table, sizeof(*table));
	struct sim_command command = { .slot = slot, .fis = table->fis };
	uint8_t code = command.fis.command;

	EXPECT((header->flags & 0x1f) == HEADER_FIS_LENGTH);
	EXPECT(command.fis.type == FIS_COMMAND && command.fis.flags == FIS_COMMAND_UPDATE);
	command.queued = code == ATA_READ_FPDMA_QUEUED || code == ATA_WRITE_FPDMA_QUEUED;
	command.write = code == ATA_WRITE_FPDMA_QUEUED || code == ATA_WRITE_DMA_EXT ||
			code == ATA_WRITE_DMA_FUA_EXT || code == ATA_WRITE_DMA;
	command.transfers =
		command.write || command.queued || code == ATA_READ_DMA || code == ATA_READ_DMA_EXT;
	command.block = block_of(&command.fis);
	command.count = command.fis.count | (uint32_t)command.fis.count_high << 8;
	if (code == ATA_READ_DMA || code == ATA_WRITE_DMA) {
		command.block |= (uint64_t)(command.fis.device & 0xf) << 24;
		command.count = command.count ? command.count : 256;
	}
	if (command.queued) {
		EXPECT(command.fis.count >> FIS_QUEUED_TAG_SHIFT == slot);
		command.count = command.fis.features | (uint32_t)command.fis.features_high << 8;
		port->fua += (command.fis.device & FIS_DEVICE_FUA) != 0;
	}
	return command;
}

static void cancel_all(struct sim_port *port)
{
	for (unsigned i = 0; i < AHCI_SLOTS_MAX; i++)
		mock_event_cancel(&port->events[i]);
	port->started = 0;
}

/* A command failed: the engine goes no further, what is issued stays so. */
static void fail(struct sim_port *port, const struct sim_command *command, uint8_t error)
{
	port->task_file = (uint32_t)error << 8 | READY_ERROR;
	if (command->queued) {
		port->failed = true;
		port->error_tag = command->slot;
		port->error_status = READY_ERROR;
		port->error_register = error;
		port->issue &= ~(1u << command->slot);
	}
	cancel_all(port);
	raise(port, PORT_IRQ_TASK_FILE |
			    (command->queued ? PORT_IRQ_DEVICE_BITS : PORT_IRQ_REGISTER_FIS));
}

static void complete(struct sim_port *port, const struct sim_command *command)
{
	uint32_t bit = 1u << command->slot;

	port->issue &= ~bit;
	port->started &= ~bit;
	port->active &= ~bit;
	port->task_file = READY;
	raise(port, command->queued ? PORT_IRQ_DEVICE_BITS : PORT_IRQ_REGISTER_FIS);
}

static void drop_link(struct sim_port *port)
{
	port->present = false;
	port->status = 0;
	port->task_file = 0x7f;
	port->error |= CONNECT_BIT;
	cancel_all(port);
	raise(port, PORT_IRQ_PHY | PORT_IRQ_CONNECT);
}

/* True if something went wrong that ends the command. */
static bool goes_wrong(struct sim_port *port, const struct sim_command *command)
{
	const struct sim_faults *faults = &port->faults;

	if (faults->swallows || happens(port->hba, faults->hangs))
		return true;
	if (faults->only_transfers && !command->transfers)
		return false;
	if (happens(port->hba, faults->fails)) {
		fail(port, command, ATA_ERROR_ABORTED);
	} else if (happens(port->hba, faults->breaks)) {
		cancel_all(port);
		raise(port, PORT_IRQ_INTERFACE);
	} else if (happens(port->hba, faults->drops_link)) {
		drop_link(port);
		sim_attach(port);
	} else {
		if (happens(port->hba, faults->spurious))
			raise(port, PORT_IRQ_TASK_FILE);
		return false;
	}
	return true;
}

static void do_command(struct mock_event *event)
{
	struct sim_port *port = event->context;
	struct sim_command command = decode(port, (unsigned)(event - port->events));
	uint8_t error;

	if (!port->present || !port->hba->device.bus_master || goes_wrong(port, &command))
		return;
	if (command.queued && port->failed)
		error = ATA_ERROR_ABORTED;
	else
		error = execute(port, &command);
	if (error)
		fail(port, &command, error);
	else
		complete(port, &command);
}

static void start_commands(struct sim_port *port)
{
	uint32_t fresh = port->issue & ~port->started;

	if (!(port->command & PORT_COMMAND_RUNNING) ||
	    (port->task_file & (ATA_STATUS_ERROR | ATA_STATUS_BUSY)))
		return;
	for (unsigned slot = 0; slot < AHCI_SLOTS_MAX; slot++) {
		struct sim_command command;
		uint64_t latency = port->hba->latency_ns;

		if (!(fresh >> slot & 1))
			continue;
		command = decode(port, slot);
		EXPECT(command.queued == (port->active >> slot & 1));
		/* Queued commands are never under way with others. */
		EXPECT(command.queued ? (port->issue & ~port->active) == 0
				      : port->active == 0 && port->issue == 1u << slot);
		port->commands++;
		mock_event_schedule(&port->events[slot],
				    latency ? unit_random_below(&port->hba->random, latency) : 0);
	}
	port->started |= fresh;
	port->queued_most =
		(unsigned)max_u64(port->queued_most, (uint64_t)__builtin_popcount(port->active));
}

static void stopped(struct mock_event *event)
{
	struct sim_port *port = event->context;

	port->command &= ~PORT_COMMAND_RUNNING;
	port->issue = port->active = 0;
	cancel_all(port);
}

static void write_command(struct sim_port *port, uint32_t value)
{
	uint32_t kept = PORT_COMMAND_RUNNING | PORT_COMMAND_FIS_RUNNING;
	uint32_t before = port->command;

	port->command = (value & ~kept) | (before & kept);
	if (value & PORT_COMMAND_OVERRIDE) {
		port->task_file &= ~(ATA_STATUS_BUSY | ATA_STATUS_REQUEST);
		port->command &= ~PORT_COMMAND_OVERRIDE;
	}
	if (value & PORT_COMMAND_FIS_ENABLE)
		port->command |= PORT_COMMAND_FIS_RUNNING;
	if ((value & PORT_COMMAND_START) && !(before & PORT_COMMAND_START)) {
		EXPECT(!(before & PORT_COMMAND_RUNNING)); /* 10.3.1 */
		EXPECT(port->list % 1024 == 0 && port->fis % 256 == 0);
		(void)mock_dma(port->list, 1024);
		(void)mock_dma(port->fis, RECEIVED_FIS_SIZE);
		port->command |= PORT_COMMAND_RUNNING;
		if (port->present)
			port->task_file &= ~(0xff00u | ATA_STATUS_ERROR);
	}
	if (!(value & PORT_COMMAND_START) && (before & PORT_COMMAND_START) &&
	    !port->faults.engine_stuck)
		mock_event_schedule(&port->stop_event, STOP_TIME);
}

/* A COMRESET is answered, or a device was attached. */
static void link_up(struct mock_event *event)
{
	struct sim_port *port = event->context;

	if (!port->present || port->faults.link_dead)
		return;
	port->status = 0x123;
	port->failed = false;
	port->task_file = port->faults.never_ready ? ATA_STATUS_BUSY : READY;
	port->error |= CONNECT_BIT;
	raise(port, PORT_IRQ_CONNECT);
}

static void write_control(struct sim_port *port, uint32_t value)
{
	if (value & PORT_CONTROL_RESET) {
		EXPECT(!(port->command & PORT_COMMAND_START)); /* 10.4.2 */
		port->resets++;
		port->status = 0;
		port->task_file = 0x7f;
		cancel_all(port);
		mock_event_cancel(&port->link_event);
	} else if (port->control & PORT_CONTROL_RESET) {
		mock_event_schedule(&port->link_event, LINK_TIME);
	}
	port->control = value;
}

static void reset_port(struct sim_port *port)
{
	cancel_all(port);
	mock_event_cancel(&port->stop_event);
	port->irq = port->irq_enable = port->command = port->control = port->error = 0;
	port->active = port->issue = 0;
	port->list = port->fis = 0;
	port->task_file = 0x7f;
	port->status = port->present && !port->faults.link_dead ? 0x123 : 0;
}

/* --- Registers ------------------------------------------------------------------------------- */

static uint32_t ghosts(struct sim_port *port)
{
	return port->faults.ghosts ? (uint32_t)unit_random(&port->hba->random) : 0;
}

static uint32_t read_port(struct sim_port *port, size_t offset)
{
	switch (offset) {
	case PORT_INTERRUPTS:
		return port->irq;
	case PORT_INTERRUPT_ENABLE:
		return port->irq_enable;
	case PORT_COMMAND:
		return port->command;
	case PORT_TASK_FILE:
		return port->task_file;
	case PORT_SIGNATURE:
		return port->present ? port->signature : UINT32_MAX;
	case PORT_STATUS:
		return port->status;
	case PORT_CONTROL:
		return port->control;
	case PORT_ERROR:
		return port->error;
	case PORT_ACTIVE:
		return port->active | ghosts(port);
	case PORT_ISSUE:
		return port->issue | ghosts(port);
	default:
		return 0;
	}
}

static void write_address(uint64_t *address, bool high, uint32_t value)
{
	*address = high ? (*address & UINT32_MAX) | (uint64_t)value << 32
			: (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void write_port(struct sim_port *port, size_t offset, uint32_t value)
{
	switch (offset) {
	case PORT_COMMAND_LIST:
	case PORT_COMMAND_LIST_HIGH:
		EXPECT(!(port->command & PORT_COMMAND_RUNNING));
		write_address(&port->list, offset == PORT_COMMAND_LIST_HIGH, value);
		break;
	case PORT_FIS:
	case PORT_FIS_HIGH:
		write_address(&port->fis, offset == PORT_FIS_HIGH, value);
		break;
	case PORT_INTERRUPTS:
		port->irq &= ~value;
		break;
	case PORT_INTERRUPT_ENABLE:
		port->irq_enable = value;
		update_irq(port->hba);
		break;
	case PORT_COMMAND:
		write_command(port, value);
		break;
	case PORT_CONTROL:
		write_control(port, value);
		break;
	case PORT_ERROR:
		port->error &= ~value;
		break;
	case PORT_ACTIVE:
		EXPECT(port->command & PORT_COMMAND_START);
		EXPECT((port->active & value) == 0);
		port->active |= value;
		break;
	case PORT_ISSUE:
		EXPECT(port->command & PORT_COMMAND_START);
		EXPECT((port->issue & value) == 0);
		port->issue |= value;
		start_commands(port);
		break;
	default:
		break;
	}
}

static uint32_t sim_read(struct device *device, unsigned bar, size_t offset, size_t size)
{
	struct sim_hba *hba = device->context;
	size_t port = (offset - 0x100) / PORT_REGISTERS_SIZE;

	EXPECT(bar == AHCI_BAR && size == 4 && offset % 4 == 0);
	if (device->gone)
		return UINT32_MAX;
	if (offset >= 0x100)
		return read_port(&hba->ports[port], offset % PORT_REGISTERS_SIZE);
	switch (offset) {
	case HBA_CAPABILITIES:
		return hba->capabilities;
	case HBA_CONTROL:
		return hba->control;
	case HBA_INTERRUPTS:
		return hba->irq;
	case HBA_PORTS:
		return hba->implemented;
	case HBA_VERSION:
		return 0x10301;
	case HBA_CAPABILITIES2:
		return hba->capabilities2;
	case HBA_HANDOFF:
		return hba->handoff;
	default:
		return 0;
	}
}

static void hba_reset_done(struct mock_event *event)
{
	struct sim_hba *hba = event->context;

	hba->control &= ~HBA_CONTROL_RESET;
}

static void write_hba_control(struct sim_hba *hba, uint32_t value)
{
	hba->control = value;
	if (value & HBA_CONTROL_RESET) {
		hba->resets++;
		hba->irq = 0;
		hba->control = HBA_CONTROL_RESET;
		for (unsigned i = 0; i < SIM_PORTS; i++)
			reset_port(&hba->ports[i]);
		if (!hba->reset_stuck)
			mock_event_schedule(&hba->reset_event, DDK_MILLISECOND);
	}
	update_irq(hba);
}

static void sim_write(struct device *device, unsigned bar, size_t offset, size_t size,
		      uint32_t value)
{
	struct sim_hba *hba = device->context;

	EXPECT(bar == AHCI_BAR && size == 4 && offset % 4 == 0);
	if (device->gone)
		return;
	if (offset >= 0x100) {
		write_port(&hba->ports[(offset - 0x100) / PORT_REGISTERS_SIZE],
			   offset % PORT_REGISTERS_SIZE, value);
	} else if (offset == HBA_CONTROL) {
		write_hba_control(hba, value);
	} else if (offset == HBA_INTERRUPTS) {
		hba->irq &= ~value;
		update_irq(hba);
	} else if (offset == HBA_HANDOFF) {
		hba->handoff = value | (hba->handoff & HBA_HANDOFF_FIRMWARE);
		if (!hba->handoff_stuck)
			hba->handoff &= ~HBA_HANDOFF_FIRMWARE;
	}
}

/* --- Setting up ------------------------------------------------------------------------------ */

static void put_text(uint16_t *words, const char *text, unsigned count)
{
	for (unsigned i = 0; i < count * 2; i++) {
		uint8_t byte = (uint8_t)(i < strlen(text) ? text[i] : ' ');

		words[i / 2] |= (uint16_t)(byte << (i & 1 ? 0 : 8));
	}
}

void sim_seal(uint16_t words[ATA_WORDS])
{
	const uint8_t *bytes = (const uint8_t *)words;
	uint8_t sum = 0;

	words[255] = 0xa5;
	for (unsigned i = 0; i < ATA_PAGE; i++)
		sum = (uint8_t)(sum + bytes[i]);
	words[255] |= (uint16_t)((uint8_t)-sum << 8);
}

static void make_identify(struct sim_port *port)
{
	uint16_t *words = port->identify;

	memset(words, 0, sizeof(port->identify));
	put_text(words + 10, "SERIAL-0", 10);
	put_text(words + 23, "1.2.3", 4);
	put_text(words + 27, "Simulated disk", 20);
	words[49] = 0x300;
	words[60] = (uint16_t)port->block_count;
	words[75] = 31;
	words[76] = 0x100;
	words[82] = words[85] = 0x29; /* SMART, power management, write cache */
	words[83] = words[86] = 0x7400;
	words[84] = 0x4040;
	words[87] = 0x4000;
	words[100] = (uint16_t)port->block_count;
	words[106] = 0x4000;
	words[169] = 1;
	words[217] = 7200;
	sim_seal(words);
}

void sim_attach(struct sim_port *port)
{
	port->present = true;
	port->signature = SIGNATURE_ATA;
	if (!port->bytes) {
		port->block_count = SIM_BLOCKS;
		port->block_size = 512;
		port->bytes = calloc(SIM_BLOCKS, 512);
		port->bad_block = UINT64_MAX;
		port->bad_error = ATA_ERROR_MEDIUM;
		make_identify(port);
	}
	mock_event_schedule(&port->link_event, LINK_TIME);
}

void sim_detach(struct sim_port *port)
{
	mock_event_cancel(&port->link_event);
	drop_link(port);
	free(port->bytes);
	port->bytes = NULL;
}

void sim_pull_out(struct sim_hba *hba)
{
	hba->device.gone = true;
	for (unsigned i = 0; i < SIM_PORTS; i++)
		cancel_all(&hba->ports[i]);
}

void sim_start(struct sim_hba *hba)
{
	memset(hba, 0, sizeof(*hba));
	hba->device.context = hba;
	hba->device.bar_sizes[AHCI_BAR] = BAR_SIZE;
	hba->device.read = sim_read;
	hba->device.write = sim_write;
	hba->device.irq_count = 1;
	hba->device.fail_after = -1;
	mock_start(&hba->device);
	hba->capabilities = HBA_CAPABILITIES_64BIT | HBA_CAPABILITIES_NCQ | HBA_CAPABILITIES_CLO |
			    31u << HBA_CAPABILITIES_SLOTS_SHIFT | (SIM_PORTS - 1);
	hba->implemented = (1u << SIM_PORTS) - 1;
	hba->random = 7;
	hba->latency_ns = 100 * DDK_MICROSECOND;
	hba->reset_event = (struct mock_event){ .happen = hba_reset_done, .context = hba };
	for (unsigned i = 0; i < SIM_PORTS; i++) {
		struct sim_port *port = &hba->ports[i];

		port->hba = hba;
		port->number = i;
		port->task_file = 0x7f;
		port->link_event = (struct mock_event){ .happen = link_up, .context = port };
		port->stop_event = (struct mock_event){ .happen = stopped, .context = port };
		for (unsigned slot = 0; slot < AHCI_SLOTS_MAX; slot++)
			port->events[slot] =
				(struct mock_event){ .happen = do_command, .context = port };
	}
	sim_attach(&hba->ports[0]);
}

void sim_finish(struct sim_hba *hba)
{
	mock_finish();
	for (unsigned i = 0; i < SIM_PORTS; i++)
		free(hba->ports[i].bytes);
}

int sim_probe(struct sim_hba *hba)
{
	return ahci_probe(&hba->device);
}

void sim_remove(struct sim_hba *hba)
{
	ahci_remove(&hba->device);
}
