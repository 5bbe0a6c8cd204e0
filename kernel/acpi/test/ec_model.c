/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ec_model.h"

#include <base/string.h>

#include "unit.h"

#define ACCESS_NS 1000
#define PAUSE_NS  10000

static struct ec_model *model_of(struct ec_hardware *hardware)
{
	return (struct ec_model *)hardware;
}

/* It will have `value` to say. */
static void answer(struct ec_model *model, uint8_t value)
{
	model->output = value;
	model->answering = true;
	model->answer_at = model->now_ns + model->answer_ns;
}

static uint8_t next_event(struct ec_model *model)
{
	uint8_t event;

	if (model->endless_events)
		return 0x42;
	if (model->event_count == 0)
		return 0;
	event = model->events[0];
	memmove(model->events, model->events + 1, --model->event_count);
	return event;
}

static void take_command(struct ec_model *model, uint8_t command)
{
	model->command = command;
	model->step = 0;
	if (command == 0x82 && !model->no_burst) {
		model->bursts++;
		model->status |= EC_BURST;
		answer(model, 0x90);
	} else if (command == 0x83) {
		model->status &= (uint8_t)~EC_BURST;
	} else if (command == 0x84) {
		answer(model, next_event(model));
	}
}

static void take_data(struct ec_model *model, uint8_t value)
{
	if (model->command == 0x80 && model->step == 0) {
		model->reads_in_burst += (model->status & EC_BURST) != 0;
		if (model->ignored)
			model->ignored--;
		else
			answer(model, model->memory[value]);
	} else if (model->command == 0x81 && model->step == 0) {
		model->address = value;
	} else if (model->command == 0x81 && model->step == 1) {
		model->memory[model->address] = value;
	} else {
		model->violations++;
	}
	model->step++;
}

/* What happened until now. */
static void go_on(struct ec_model *model)
{
	if (model->taking && model->now_ns >= model->take_at) {
		model->taking = false;
		model->status &= (uint8_t)~EC_INPUT_FULL;
		if (model->input_command)
			take_command(model, model->input);
		else
			take_data(model, model->input);
	}
	if (model->answering && model->now_ns >= model->answer_at) {
		model->answering = false;
		model->status |= EC_OUTPUT_FULL;
	}
	if (model->stray && !(model->status & EC_OUTPUT_FULL)) {
		model->stray--;
		model->output = 0xee;
		model->status |= EC_OUTPUT_FULL;
	}
	model->status &= (uint8_t)~EC_EVENT;
	if (model->event_count || model->endless_events)
		model->status |= EC_EVENT;
}

static uint8_t model_read(struct ec_hardware *hardware, enum ec_port port)
{
	struct ec_model *model = model_of(hardware);
	uint8_t value;

	model->now_ns += ACCESS_NS;
	if (model->fault == EC_FAULT_ABSENT)
		return 0xff;
	if (model->fault == EC_FAULT_RANDOM)
		return (uint8_t)unit_random(&model->random);
	go_on(model);
	if (port == EC_PORT_COMMAND) {
		value = model->status;
		if (model->fault == EC_FAULT_DEAF)
			value |= EC_INPUT_FULL;
		if (model->fault == EC_FAULT_MUTE)
			value &= (uint8_t)~EC_OUTPUT_FULL;
		return model->fault == EC_FAULT_CHATTER ? value | EC_OUTPUT_FULL : value;
	}
	if (model->fault == EC_FAULT_NONE && !(model->status & EC_OUTPUT_FULL))
		model->violations++;
	model->status &= (uint8_t)~EC_OUTPUT_FULL;
	return model->output;
}

static void model_write(struct ec_hardware *hardware, enum ec_port port, uint8_t value)
{
	struct ec_model *model = model_of(hardware);

	model->now_ns += ACCESS_NS;
	go_on(model);
	if (model->status & EC_INPUT_FULL)
		model->violations++;
	if (port == EC_PORT_COMMAND && (model->status & EC_OUTPUT_FULL))
		model->violations++;
	model->status |= EC_INPUT_FULL;
	model->input = value;
	model->input_command = port == EC_PORT_COMMAND;
	model->taking = true;
	model->take_at = model->now_ns + model->take_ns;
}

static uint64_t model_now(struct ec_hardware *hardware)
{
	struct ec_model *model = model_of(hardware);

	if (model->answering) {
		model->now_ns += model->stall_ns;
		model->stall_ns = 0;
	}
	return model->now_ns;
}

static void model_pause(struct ec_hardware *hardware, unsigned round)
{
	(void)round;
	model_of(hardware)->now_ns += PAUSE_NS;
}

void ec_model_init(struct ec_model *model)
{
	*model = (struct ec_model){
		.hardware = { model_read, model_write, model_now, model_pause },
		.take_ns = 5 * ACCESS_NS,
		.answer_ns = 20 * ACCESS_NS,
		.random = 1,
	};
	for (unsigned i = 0; i < sizeof(model->memory); i++)
		model->memory[i] = (uint8_t)(i * 7 + 1);
}

void ec_model_event(struct ec_model *model, uint8_t query)
{
	EXPECT(model->event_count < EC_MODEL_EVENTS);
	model->events[model->event_count++] = query;
}
