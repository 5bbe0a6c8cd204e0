/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A simulated embedded controller: as the specification wants it, slow, or in one of many ways not in
 * order. Time goes on only while it is waited for. It notes what a host must not do.
 */
#pragma once

#include "../ec_protocol.h"

enum ec_fault {
	EC_FAULT_NONE,
	EC_FAULT_ABSENT,  /* nothing at its ports */
	EC_FAULT_DEAF,    /* never takes what is written */
	EC_FAULT_MUTE,    /* never has an answer */
	EC_FAULT_CHATTER, /* always has something to say */
	EC_FAULT_RANDOM,  /* anything at any time */
};

#define EC_MODEL_EVENTS 128

struct ec_model {
	struct ec_hardware hardware; /* first */
	uint8_t memory[256];
	uint8_t events[EC_MODEL_EVENTS]; /* that wait to be asked for */
	unsigned event_count;
	/* How it behaves. */
	enum ec_fault fault;
	uint64_t take_ns;   /* until it takes a byte */
	uint64_t answer_ns; /* until it answers */
	bool no_burst;
	bool endless_events;
	uint64_t stall_ns; /* so long the host stands still once, just before an answer */
	unsigned ignored;  /* so many transactions are not answered */
	unsigned stray;    /* so many bytes lie in its output at first */
	/* What happened. */
	uint64_t now_ns;
	unsigned
		violations; /* bytes written over others, read where none are, commands over answers */
	unsigned bursts, reads_in_burst;
	uint64_t random;
	/* Inside. */
	uint8_t status, output, command, address;
	unsigned step;
	bool taking, answering;
	uint64_t take_at, answer_at;
	uint8_t input;
	bool input_command;
};

void ec_model_init(struct ec_model *model);
void ec_model_event(struct ec_model *model, uint8_t query);
