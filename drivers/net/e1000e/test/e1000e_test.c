/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver with a controller that is in order, and with such that are not, each in one way. */
#include "card.h"

#include <unit.h>

#include <string.h>

static struct card card;
static uint8_t frame[MOCK_NET_FRAME_MAX];
static const uint8_t own[] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

static const uint8_t *make_frame(uint32_t length, uint8_t seed)
{
	memcpy(frame, own, sizeof(own));
	for (uint32_t i = sizeof(own); i < length; i++)
		frame[i] = (uint8_t)(i + seed);
	return frame;
}

static void finish(void)
{
	card_remove(&card);
	card_finish(&card);
}

/* One frame each way. */
static void check_works(struct ddk_net *net)
{
	unsigned sent = net->sent, received = net->received;

	EXPECT_EQUAL(mock_net_send(net, make_frame(100, 1), 100, true), 0);
	mock_run_for(DDK_MILLISECOND);
	EXPECT_EQUAL(net->sent, sent + 1);
	EXPECT_BYTES(card.sent, frame, 100);
	EXPECT(card_receive(&card, make_frame(200, 2), 200));
	mock_run_for(DDK_MILLISECOND);
	EXPECT_EQUAL(net->received, received + 1);
	EXPECT_EQUAL(net->last_length, 200);
	EXPECT_BYTES(net->last, frame, 200);
}

UNIT_TEST(e1000e, sends_and_receives)
{
	for (unsigned msix = 0; msix < 2; msix++) {
		struct ddk_net *net = card_start_interface(&card, msix);

		EXPECT_BYTES(net->description.address, own, sizeof(own));
		EXPECT(net->link.up && net->link.megabits == 1000 &&
		       net->link.duplex == DDK_NET_FULL_DUPLEX);
		check_works(net);
		for (uint32_t length = DDK_NET_HEADER_LENGTH; length <= MTU + 18; length++) {
			EXPECT_EQUAL(mock_net_send(net, make_frame(length, 3), length, true), 0);
			mock_run_for(DDK_MILLISECOND);
			EXPECT_EQUAL(card.sent_length, length);
			EXPECT_BYTES(card.sent, frame, length);
			EXPECT(card_receive(&card, frame, length));
			mock_run_for(DDK_MILLISECOND);
			EXPECT_EQUAL(net->last_length, length);
			EXPECT_BYTES(net->last, frame, length);
		}
		finish();
	}
}

UNIT_TEST(e1000e, fills_the_ring)
{
	struct ddk_net *net = card_start_interface(&card, true);
	unsigned count = 0;

	while (mock_net_send(net, make_frame(60, (uint8_t)count), 60, false) == 0)
		count++;
	/* It has told the device of what it could, though no last one came. */
	EXPECT_EQUAL(count, net->description.queue_length);
	mock_run_for(100 * DDK_MILLISECOND);
	EXPECT(card.sent_count >= count - 16);
	EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, true), 0);
	mock_run_for(100 * DDK_MILLISECOND);
	EXPECT_EQUAL(card.sent_count, count + 1);
	EXPECT_EQUAL(net->sent, count + 1);
	finish();
}

UNIT_TEST(e1000e, takes_bursts)
{
	struct ddk_net *net = card_start_interface(&card, true);

	for (unsigned round = 0; round < 5; round++) {
		unsigned taken = 0;

		/* No interrupt comes in between. */
		while (card_receive(&card, make_frame(64, (uint8_t)taken), 64))
			taken++;
		EXPECT_EQUAL(taken, RING_ENTRIES - 1);
		mock_run();
		EXPECT_EQUAL(net->received, (round + 1) * taken);
	}
	mock_run_for(2 * DDK_SECOND);
	EXPECT_EQUAL(net->dropped, 5);
	check_works(net);
	finish();
}

UNIT_TEST(e1000e, drops_what_is_damaged)
{
	struct ddk_net *net = card_start_interface(&card, false);
	const uint8_t end = RECEIVE_DONE | RECEIVE_END;

	make_frame(2048, 0);
	EXPECT(card_receive_as(&card, frame, 64, end, 0x01));
	EXPECT(card_receive_as(&card, frame, 64, end, 0x80));
	EXPECT(card_receive_as(&card, frame, 13, end, 0));
	EXPECT(card_receive_as(&card, frame, 0, end, 0));
	/* Three parts of one that is too long. */
	EXPECT(card_receive_as(&card, frame, 2048, RECEIVE_DONE, 0));
	EXPECT(card_receive_as(&card, frame, 2048, RECEIVE_DONE, 0));
	EXPECT(card_receive_as(&card, frame, 100, end, 0));
	mock_run();
	EXPECT_EQUAL(net->received, 0);
	EXPECT_EQUAL(net->damaged, 5);
	/* A wrong checksum of what is inside is nobody's matter here. */
	EXPECT(card_receive_as(&card, frame, 64, end, 0x60));
	mock_run();
	EXPECT_EQUAL(net->received, 1);
	check_works(net);
	finish();
}

UNIT_TEST(e1000e, filters)
{
	static const struct {
		unsigned filter;
		bool group, other;
	} cases[] = {
		{ 0, false, false },
		{ DDK_NET_ALL_GROUPS, true, false },
		{ DDK_NET_EVERYTHING, true, true },
		{ 0, false, false },
	};
	struct ddk_net *net = card_start_interface(&card, true);
	uint8_t group[64] = { 0x33, 0x33 }, other[64] = { 0x52, 0x55 };

	for (size_t i = 0; i < array_length(cases); i++) {
		net->ops->set_filter(net, cases[i].filter);
		EXPECT_EQUAL(card_receive(&card, group, 64), cases[i].group);
		EXPECT_EQUAL(card_receive(&card, other, 64), cases[i].other);
		EXPECT(card_receive(&card, make_frame(64, 0), 64));
		/* It stays so when it is switched off and on. */
		mock_net_close(net);
		EXPECT(!card_receive(&card, frame, 64));
		EXPECT_EQUAL(mock_net_open(net), 0);
		EXPECT_EQUAL(card_receive(&card, group, 64), cases[i].group);
	}
	finish();
}

UNIT_TEST(e1000e, sees_the_link)
{
	struct ddk_net *net = card_start_interface(&card, true);

	card_set_link(&card, false);
	mock_run();
	EXPECT(!net->link.up);
	EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, true), 0);
	/* Nobody takes that for a hang. */
	mock_run_for(20 * DDK_SECOND);
	EXPECT_EQUAL(card.resets, 2);
	EXPECT_EQUAL(net->with_driver, 1);
	card_set_link(&card, true);
	mock_run_for(DDK_MILLISECOND);
	EXPECT(net->link.up);
	EXPECT_EQUAL(net->sent, 1);
	/* An interrupt that never came. */
	card.faults.loses_irq = 1000;
	card_set_link(&card, false);
	mock_run_for(3 * DDK_SECOND);
	EXPECT(!net->link.up);
	finish();
}

UNIT_TEST(e1000e, gives_frames_back)
{
	struct ddk_net *net = card_start_interface(&card, true);

	card.faults.sends_nothing = true;
	for (unsigned i = 0; i < 40; i++)
		EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, i % 3 == 0), 0);
	mock_net_close(net);
	EXPECT_EQUAL(net->returned, 40);
	EXPECT(!card.device.bus_master && !net->link.up);
	card.faults.sends_nothing = false;
	EXPECT_EQUAL(mock_net_open(net), 0);
	mock_run_for(DDK_MILLISECOND);
	check_works(net);
	/* What can leave does, before it is off. */
	for (unsigned i = 0; i < 40; i++)
		EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, i == 39), 0);
	mock_net_close(net);
	EXPECT_EQUAL(net->returned, 40);
	EXPECT_EQUAL(card.sent_count, 41);
	finish();
}

UNIT_TEST(e1000e, sleeps)
{
	struct ddk_net *net = card_start_interface(&card, true);

	for (unsigned on = 0; on < 2; on++) {
		if (!on)
			mock_net_close(net);
		EXPECT_EQUAL(card_suspend(&card), 0);
		EXPECT(!card.device.bus_master);
		memset(card.registers, 0, sizeof(card.registers)); /* it had no power */
		card.reset_event.happen(&card.reset_event);
		EXPECT_EQUAL(card_resume(&card), 0);
		EXPECT_EQUAL(net->on, on != 0);
		if (!on)
			EXPECT_EQUAL(mock_net_open(net), 0);
		mock_run_for(DDK_MILLISECOND);
		check_works(net);
	}
	finish();
}

/* --- Controllers that are not in order --------------------------------------------------------- */

UNIT_TEST(e1000e, resets_one_that_hangs)
{
	struct ddk_net *net = card_start_interface(&card, true);

	card.faults.sends_nothing = true;
	EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, true), 0);
	mock_run_for(8 * DDK_SECOND);
	EXPECT_EQUAL(card.resets, 3);
	EXPECT_EQUAL(net->errors, 1);
	EXPECT(net->readies > 0 && net->link.up);
	card.faults.sends_nothing = false;
	check_works(net);
	/* Again and again: then it is given up. */
	card.faults.sends_nothing = true;
	for (unsigned i = 0; i < 6; i++) {
		(void)mock_net_send(net, make_frame(60, 0), 60, true);
		mock_run_for(8 * DDK_SECOND);
	}
	EXPECT_EQUAL(card.resets, 7);
	EXPECT(!net->link.up && net->with_driver == 0 && !card.device.bus_master);
	EXPECT_EQUAL(mock_net_send(net, frame, 60, true), -ENODEV);
	/* Switched off and on it gets another chance. */
	mock_net_close(net);
	card.faults.sends_nothing = false;
	EXPECT_EQUAL(mock_net_open(net), 0);
	mock_run_for(DDK_MILLISECOND);
	check_works(net);
	finish();
}

UNIT_TEST(e1000e, loses_no_frame_with_its_interrupt)
{
	struct ddk_net *net = card_start_interface(&card, true);

	card.faults.loses_irq = 1000;
	EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, true), 0);
	mock_run_for(3 * DDK_SECOND);
	EXPECT_EQUAL(net->sent, 1);
	finish();
}

UNIT_TEST(e1000e, vanishes)
{
	for (unsigned when = 0; when < 3; when++) {
		struct ddk_net *net = card_start_interface(&card, true);

		card.faults.sends_nothing = true;
		EXPECT_EQUAL(mock_net_send(net, make_frame(60, 0), 60, true), 0);
		card_vanish(&card);
		if (when == 0)
			mock_raise(0);
		if (when < 2)
			mock_run_for(3 * DDK_SECOND);
		if (when < 2) {
			EXPECT(!net->link.up);
			EXPECT_EQUAL(net->errors, 1);
			EXPECT_EQUAL(mock_net_send(net, frame, 60, true), -ENODEV);
		}
		finish();
	}
}

static void absent(void)
{
	card.device.gone = true;
}

static void no_registers(void)
{
	card.device.bar_sizes[0] = 0x1000;
}

static void no_interrupt(void)
{
	card.device.handlers[0] = e1000e_handle; /* somebody's */
}

static void reset_stuck(void)
{
	card.faults.reset_stuck = true;
}

static void never_loaded(void)
{
	card.faults.never_loaded = true;
}

static void no_address(void)
{
	card.faults.no_address = true;
}

static void eeprom_stuck(void)
{
	card.faults.no_address = card.faults.eeprom_stuck = true;
}

static void garbage(void)
{
	card.faults.garbage = true;
}

UNIT_TEST(e1000e, refuses_what_cannot_be_used)
{
	static void (*const ways[])(void) = {
		absent, no_registers, reset_stuck, never_loaded, no_address, eeprom_stuck,
	};

	for (size_t i = 0; i < array_length(ways); i++) {
		card_start(&card, true);
		ways[i]();
		EXPECT(card_probe(&card) < 0);
		EXPECT(!mock_net());
		card_finish(&card);
	}
	card_start(&card, true);
	no_interrupt();
	EXPECT(card_probe(&card) < 0);
	card.device.handlers[0] = NULL;
	card_finish(&card);
}

/* Whatever it says, nothing worse happens than that it cannot be used. */
UNIT_TEST(e1000e, answers_garbage)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		card_start(&card, true);
		garbage();
		card.random = seed;
		if (card_probe(&card) == 0) {
			struct ddk_net *net = mock_net();

			if (mock_net_open(net) == 0) {
				(void)mock_net_send(net, make_frame(60, 0), 60, true);
				mock_raise(0);
				mock_run_for(10 * DDK_SECOND);
			}
			card_remove(&card);
		}
		card_finish(&card);
	}
}

UNIT_TEST(e1000e, goes_on_with_a_master_that_does_not_rest)
{
	card_start(&card, true);
	card.faults.master_stuck = true;
	EXPECT_EQUAL(card_probe(&card), 0);
	EXPECT_EQUAL(mock_net_open(mock_net()), 0);
	mock_run_for(DDK_MILLISECOND);
	check_works(mock_net());
	finish();
}

UNIT_TEST(e1000e, survives_want_of_memory)
{
	for (int i = 0;; i++) {
		int error;

		card_start(&card, true);
		card.device.fail_after = i;
		error = card_probe(&card);
		if (!error)
			card_remove(&card);
		card_finish(&card);
		if (!error)
			break;
		EXPECT(i < 20);
	}
}
