/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver at random: frames both ways, the switch, the link, sleep, lost and needless interrupts, and interrupts at every access.
 * In one half of the runs the controller's descriptors lie.
 */
#include "card.h"

#include <unit.h>

#include <string.h>

#define RUNS  40
#define STEPS 400

static struct card card;
static uint64_t random_state;
static uint8_t next_sent, next_received;
static unsigned received_in_order;

static unsigned pick(unsigned bound)
{
	return (unsigned)unit_random_below(&random_state, bound);
}

/* Byte 14 is the place of a frame in its row: what leaves leaves in order. */
static void check_sent(struct card *from, const uint8_t *frame, uint32_t length)
{
	(void)from;
	EXPECT(length >= 15);
	next_sent = frame[14];
}

static void check_received(struct ddk_net *net, const uint8_t *frame, size_t length)
{
	(void)net;
	if (card.faults.lies || length < 15)
		return;
	/* Some are damaged, and left out; none comes twice. */
	EXPECT((uint8_t)(frame[14] - next_received) < 128);
	next_received = (uint8_t)(frame[14] + 1);
	received_in_order++;
}

static void send_some(struct ddk_net *net, uint8_t *number)
{
	uint8_t frame[MTU + 14];

	memset(frame, 0x52, sizeof(frame));
	for (unsigned i = pick(40); i > 0 && net->on; i--) {
		frame[14] = *number;
		if (mock_net_send(net, frame, 15 + pick(1400), i == 1) == 0)
			++*number;
	}
}

static void receive_some(uint8_t *number)
{
	uint8_t frame[MTU + 14];

	memset(frame, 0x77, sizeof(frame));
	memset(frame, 0xff, 6);
	for (unsigned i = pick(60); i > 0; i--) {
		frame[14] = *number;
		if (card_receive(&card, frame, 15 + pick(1400)))
			++*number;
	}
}

static void step(struct ddk_net *net, uint8_t *sending, uint8_t *receiving)
{
	switch (pick(12)) {
	case 0:
		card_set_link(&card, pick(4) != 0);
		break;
	case 1:
		if (net->on)
			mock_net_close(net);
		else
			EXPECT_EQUAL(mock_net_open(net), 0);
		break;
	case 2:
		EXPECT_EQUAL(card_suspend(&card), 0);
		EXPECT_EQUAL(card_resume(&card), 0);
		break;
	case 3:
		mock_raise(0);
		break;
	case 4:
		net->ops->set_filter(net, pick(4));
		break;
	case 5:
		mock_run_for(DDK_SECOND);
		break;
	case 6:
	case 7:
	case 8:
		receive_some(receiving);
		break;
	default:
		send_some(net, sending);
	}
	mock_run_for((uint64_t)pick(3) * 100 * DDK_MICROSECOND);
}

static void run(uint64_t seed)
{
	uint8_t sending = 0, receiving = 0;
	struct ddk_net *net;

	random_state = seed;
	next_sent = next_received = 0;
	net = card_start_interface(&card, seed & 1);
	card.random = seed;
	card.device.preempt = seed;
	card.on_sent = check_sent;
	mock_net_received = check_received;
	card.faults.lies = seed % 4 >= 2;
	card.faults.loses_irq = 20;
	card.faults.spurious = 20;
	card.faults.damages = 50;
	for (unsigned i = 0; i < STEPS; i++)
		step(net, &sending, &receiving);
	EXPECT(card.faults.lies || received_in_order > 0);
	card_remove(&card);
	card_finish(&card);
}

UNIT_TEST(e1000e_random, runs)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run(seed);
}
