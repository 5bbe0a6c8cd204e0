/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An 82574 for tests on the mock of the driver kit. It keeps to the datasheet unless it is told not to, and fails the test
 * where the driver does not: rings and buffers that are no DMA memory or are changed while they are used, DMA that is not
 * switched on, descriptors that are not as they have to be.
 */
#pragma once

#include "../../../../ddk/mock/net.h"
#include "../e1000e.h"

#define CARD_ADDRESS_LOW  0x12005452u
#define CARD_ADDRESS_HIGH 0x5634u

/* What it does wrong. Chances are in 1000. */
struct card_faults {
	bool reset_stuck, never_loaded; /* the reset does not end; the EEPROM is not read */
	bool master_stuck;              /* it always says that it is the bus's master */
	bool no_address;                /* neither in its registers nor in the EEPROM */
	bool eeprom_stuck;
	bool sends_nothing;
	bool lies;    /* descriptors that it gives back have any status, error and length */
	bool garbage; /* registers read as anything */
	unsigned loses_irq, spurious;
	unsigned damages; /* frames with an error */
};

struct card {
	struct device device; /* device.context is this */
	uint32_t registers[0x20000 / 4];
	struct card_faults faults;
	uint64_t random;
	uint64_t latency_ns; /* of a frame's leaving */
	bool link;
	struct mock_event reset_event, send_event;
	/* What left last, and how many. */
	uint8_t sent[MOCK_NET_FRAME_MAX];
	uint32_t sent_length;
	unsigned sent_count;
	void (*on_sent)(struct card *card, const uint8_t *frame, uint32_t length);
	unsigned resets, refused; /* frames that came while it could take none */
	uint32_t sum;             /* of the counters of registers that read clears */
};

/* Starts the mock afresh with such a controller, whose link is up. With `msix` it has that. */
void card_start(struct card *card, bool msix);
int card_probe(struct card *card);
void card_remove(struct card *card);
int card_suspend(struct card *card);
int card_resume(struct card *card);
/* Probed, and switched on. */
struct ddk_net *card_start_interface(struct card *card, bool msix);
void card_finish(struct card *card);

/* A frame comes: false if it was not taken in (no buffer, off, filtered). */
bool card_receive(struct card *card, const void *frame, uint32_t length);
/* The same with what the descriptor is to say. */
bool card_receive_as(struct card *card, const void *frame, uint32_t length, uint8_t status,
		     uint8_t errors);
void card_set_link(struct card *card, bool up);
/* It was pulled out. */
void card_vanish(struct card *card);
