/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "card.h"

#include <base/checked.h>
#include <unit.h>

#include <string.h>

#include "../e1000e.c"

#define RESET_NS              (2 * DDK_MILLISECOND)
#define CAPABILITY_AT         0x40
#define WORD(register_offset) ((unsigned)(register_offset) / 4)

static struct card *card_of(struct device *device)
{
	return device->context;
}

static uint32_t get(const struct card *card, enum e1000e_register offset)
{
	return card->registers[WORD(offset)];
}

static void set(struct card *card, enum e1000e_register offset, uint32_t value)
{
	card->registers[WORD(offset)] = value;
}

static bool chance(struct card *card, unsigned in_thousand)
{
	return unit_random_below(&card->random, 1000) < in_thousand;
}

static uint64_t ring_of(const struct card *card, enum e1000e_register low)
{
	return get(card, low) | (uint64_t)card->registers[WORD(low) + 1] << 32;
}

/* --- Interrupts -------------------------------------------------------------------------------- */

static void update_irq(struct card *card)
{
	bool lost = card->faults.loses_irq && chance(card, card->faults.loses_irq);

	if ((get(card, REGISTER_ICR) & get(card, REGISTER_IMS)) && !lost)
		mock_raise(0);
}

static void cause(struct card *card, uint32_t causes)
{
	set(card, REGISTER_ICR, get(card, REGISTER_ICR) | causes);
	update_irq(card);
}

/* --- Reset ------------------------------------------------------------------------------------- */

static void fill_status(struct card *card)
{
	uint32_t status = STATUS_FULL_DUPLEX | 2u << STATUS_SPEED_SHIFT;

	if (card->link)
		status |= STATUS_LINK_UP;
	if (!(get(card, REGISTER_CTRL) & CTRL_MASTER_DISABLE) || card->faults.master_stuck)
		status |= STATUS_MASTER_ENABLED;
	set(card, REGISTER_STATUS, status);
}

static void come_back(struct mock_event *event)
{
	struct card *card = event->context;

	if (card->faults.reset_stuck)
		return;
	memset(card->registers, 0, sizeof(card->registers));
	if (!card->faults.never_loaded)
		set(card, REGISTER_EECD, EECD_READ_DONE);
	if (!card->faults.no_address) {
		set(card, REGISTER_RAL, CARD_ADDRESS_LOW);
		set(card, REGISTER_RAH, CARD_ADDRESS_HIGH | RAH_VALID);
	}
	fill_status(card);
}

static void reset_controller(struct card *card)
{
	card->resets++;
	mock_event_cancel(&card->send_event);
	memset(card->registers, 0, sizeof(card->registers));
	set(card, REGISTER_CTRL, CTRL_RESET);
	mock_event_schedule(&card->reset_event, RESET_NS);
}

/* --- Sending ----------------------------------------------------------------------------------- */

static void send_one(struct card *card, struct send_descriptor *descriptor)
{
	EXPECT(card->device.bus_master);
	EXPECT_EQUAL(descriptor->command, SEND_END | SEND_CHECK | SEND_REPORT);
	EXPECT(card->faults.lies || descriptor->status == 0);
	EXPECT(descriptor->length >= DDK_NET_HEADER_LENGTH);
	EXPECT(descriptor->length <= sizeof(card->sent));
	memcpy(card->sent, mock_dma(descriptor->address, descriptor->length), descriptor->length);
	card->sent_length = descriptor->length;
	card->sent_count++;
	if (card->on_sent)
		card->on_sent(card, card->sent, card->sent_length);
	descriptor->status = SEND_DONE;
}

static void send_some(struct mock_event *event)
{
	struct card *card = event->context;
	uint32_t count = get(card, REGISTER_TDLEN) / sizeof(struct send_descriptor);
	uint32_t head = get(card, REGISTER_TDH);
	struct send_descriptor *ring;

	if (!(get(card, REGISTER_TCTL) & TCTL_ENABLE) || card->faults.sends_nothing ||
	    !card->link || head == get(card, REGISTER_TDT))
		return;
	ring = mock_dma(ring_of(card, REGISTER_TDBAL), get(card, REGISTER_TDLEN));
	send_one(card, &ring[head]);
	if (card->faults.lies)
		ring[unit_random_below(&card->random, count)].status =
			(uint8_t)unit_random(&card->random);
	set(card, REGISTER_TDH, (head + 1) % count);
	cause(card, CAUSE_SENT | CAUSE_SEND_QUEUE);
	if (get(card, REGISTER_TDH) != get(card, REGISTER_TDT))
		mock_event_schedule(&card->send_event, card->latency_ns);
}

/* --- Receiving --------------------------------------------------------------------------------- */

static bool takes(const struct card *card, const uint8_t *frame)
{
	uint32_t control = get(card, REGISTER_RCTL);
	uint32_t low = get(card, REGISTER_RAL), high = get(card, REGISTER_RAH);
	static const uint8_t all[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (!(control & RCTL_ENABLE))
		return false;
	if (control & RCTL_EVERYTHING)
		return true;
	if (memcmp(frame, all, sizeof(all)) == 0)
		return control & RCTL_BROADCAST;
	if (frame[0] & 1)
		return control & RCTL_ALL_GROUPS;
	return (high & RAH_VALID) && memcmp(frame, &low, 4) == 0 &&
	       memcmp(frame + 4, &high, 2) == 0;
}

bool card_receive_as(struct card *card, const void *frame, uint32_t length, uint8_t status,
		     uint8_t errors)
{
	uint32_t count = get(card, REGISTER_RDLEN) / sizeof(struct receive_descriptor);
	uint32_t head = get(card, REGISTER_RDH);
	struct receive_descriptor *ring;

	if (!takes(card, frame))
		return false;
	if (head == get(card, REGISTER_RDT)) {
		card->refused++;
		set(card, REGISTER_MPC, get(card, REGISTER_MPC) + 1);
		cause(card, CAUSE_OVERRUN | CAUSE_OTHER);
		return false;
	}
	EXPECT(card->device.bus_master);
	ring = mock_dma(ring_of(card, REGISTER_RDBAL), get(card, REGISTER_RDLEN));
	EXPECT_EQUAL(ring[head].status, 0);
	memcpy(mock_dma(ring[head].address, RECEIVE_BUFFER), frame, length);
	ring[head].length = (uint16_t)length;
	ring[head].errors = errors;
	ring[head].status = status;
	if (card->faults.lies) {
		uint64_t any = unit_random(&card->random);

		memcpy(&ring[head].length, &any, 8);
		ring[head].address = unit_random(&card->random);
		ring[head].status |= RECEIVE_DONE;
	}
	set(card, REGISTER_RDH, (head + 1) % count);
	cause(card, CAUSE_RECEIVED | CAUSE_RECEIVE_QUEUE);
	return true;
}

bool card_receive(struct card *card, const void *frame, uint32_t length)
{
	bool damaged = card->faults.damages && chance(card, card->faults.damages);

	return card_receive_as(card, frame, length, RECEIVE_DONE | RECEIVE_END, damaged ? 1 : 0);
}

void card_set_link(struct card *card, bool up)
{
	card->link = up;
	fill_status(card);
	cause(card, CAUSE_LINK | CAUSE_OTHER);
	if (up)
		mock_event_schedule(&card->send_event, card->latency_ns);
}

void card_vanish(struct card *card)
{
	card->device.gone = true;
	mock_event_cancel(&card->send_event);
	mock_event_cancel(&card->reset_event);
}

/* --- Registers --------------------------------------------------------------------------------- */

static uint32_t read_register(struct device *device, unsigned bar, size_t offset, size_t size)
{
	struct card *card = card_of(device);
	uint32_t value = card->registers[offset / 4];

	EXPECT(bar == 0 && size == 4 && offset % 4 == 0);
	if (device->gone)
		return UINT32_MAX;
	if (card->faults.garbage)
		return (uint32_t)unit_random(&card->random);
	if (offset == REGISTER_MPC || offset == REGISTER_CRCERRS)
		card->registers[offset / 4] = 0;
	if (card->faults.spurious && chance(card, card->faults.spurious))
		mock_raise(0);
	return value;
}

static void write_eerd(struct card *card, uint32_t value)
{
	static const uint32_t words[] = { 0x5452, 0x1200, 0x5634 };
	uint32_t word = value >> EERD_ADDRESS_SHIFT;

	EXPECT(value & EERD_START);
	if (card->faults.eeprom_stuck)
		return;
	set(card, REGISTER_EERD,
	    EERD_DONE | (word < array_length(words) && !card->faults.no_address ? words[word] : 0)
				<< EERD_DATA_SHIFT);
}

static void write_register(struct device *device, unsigned bar, size_t offset, size_t size,
			   uint32_t value)
{
	struct card *card = card_of(device);

	EXPECT(bar == 0 && size == 4 && offset % 4 == 0);
	if (device->gone || (get(card, REGISTER_CTRL) & CTRL_RESET))
		return;
	switch (offset) {
	case REGISTER_CTRL:
		set(card, REGISTER_CTRL, value);
		fill_status(card);
		if (value & CTRL_RESET)
			reset_controller(card);
		break;
	case REGISTER_ICR:
		set(card, REGISTER_ICR, get(card, REGISTER_ICR) & ~value);
		break;
	case REGISTER_IMS:
		set(card, REGISTER_IMS, get(card, REGISTER_IMS) | value);
		update_irq(card);
		break;
	case REGISTER_IMC:
		set(card, REGISTER_IMS, get(card, REGISTER_IMS) & ~value);
		break;
	case REGISTER_EERD:
		write_eerd(card, value);
		break;
	case REGISTER_RDT:
		EXPECT(value < RING_ENTRIES);
		card->registers[offset / 4] = value;
		break;
	case REGISTER_TDT:
		EXPECT(value < RING_ENTRIES);
		card->registers[offset / 4] = value;
		mock_event_schedule(&card->send_event, card->latency_ns);
		break;
	default:
		card->registers[offset / 4] = value;
	}
}

/* --- The controller as a whole ------------------------------------------------------------------- */

void card_start(struct card *card, bool msix)
{
	memset(card, 0, sizeof(*card));
	card->device.context = card;
	card->device.bar_sizes[0] = REGISTERS_LENGTH;
	card->device.read = read_register;
	card->device.write = write_register;
	card->device.fail_after = -1;
	card->device.irq_count = 1;
	if (msix) {
		card->device.config[0x34] = CAPABILITY_AT;
		card->device.config[CAPABILITY_AT] = DDK_PCI_CAPABILITY_MSIX;
	}
	card->random = 1;
	card->latency_ns = 10 * DDK_MICROSECOND;
	card->link = true;
	card->reset_event = (struct mock_event){ .happen = come_back, .context = card };
	card->send_event = (struct mock_event){ .happen = send_some, .context = card };
	come_back(&card->reset_event);
	mock_start(&card->device);
}

int card_probe(struct card *card)
{
	return driver_record_e1000e.probe(&card->device);
}

void card_remove(struct card *card)
{
	driver_record_e1000e.remove(&card->device);
}

int card_suspend(struct card *card)
{
	return driver_record_e1000e.suspend(&card->device);
}

int card_resume(struct card *card)
{
	return driver_record_e1000e.resume(&card->device);
}

struct ddk_net *card_start_interface(struct card *card, bool msix)
{
	card_start(card, msix);
	EXPECT_EQUAL(card_probe(card), 0);
	EXPECT(mock_net() != NULL);
	EXPECT_EQUAL(mock_net_open(mock_net()), 0);
	mock_run_for(DDK_MILLISECOND);
	return mock_net();
}

void card_finish(struct card *card)
{
	mock_event_cancel(&card->send_event);
	mock_event_cancel(&card->reset_event);
	mock_finish();
}
