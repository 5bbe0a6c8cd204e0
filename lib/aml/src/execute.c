/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's loop: frames, what is delivered to them, and what happens after an error. */
#include <base/string.h>

#include "execute.h"

/* Frames for a call and the terms that it is in. */
#define FRAMES_PER_LEVEL 16
/* What all evaluations may take together that initialise, to what one may take. */
#define ALLOWANCE_FACTOR 4

void aml_many_begin(struct aml *aml)
{
	if (aml->many++ == 0)
		aml->allowance = aml->limits.operations * ALLOWANCE_FACTOR;
}

void aml_many_end(struct aml *aml)
{
	aml->many--;
}

static void start_budget(struct aml *aml, struct aml_budget *budget, uint64_t thread)
{
	budget->thread = thread;
	budget->operations = aml->limits.operations;
	budget->reserve = budget->operations / 2;
	if (aml->many) {
		/* What is left over comes back at the end. */
		budget->operations = min_u64(budget->operations, aml->allowance);
		aml->allowance -= budget->operations;
	}
	list_push_back(&aml->budgets, &budget->link);
	aml->budget = budget;
}

static void end_budget(struct aml *aml, struct aml_budget *budget)
{
	list_remove(&budget->link);
	aml->budget = NULL;
	if (aml->many)
		aml->allowance += budget->operations;
}

/* Where a term of a table has used all operations up, the terms behind it get some, too, but less each time. */
static bool refill_budget(struct aml_run *run)
{
	struct aml_budget *budget = run->aml->budget;
	struct aml_frame *frame = run->top;

	while (frame && frame->kind != AML_FRAME_LOAD)
		frame = frame->below;
	if (!frame || budget->operations || !budget->reserve)
		return false;
	budget->operations = budget->reserve;
	budget->reserve /= 2;
	return true;
}

int aml_run_start(struct aml *aml, struct aml_run *run)
{
	*run = (struct aml_run){ .aml = aml };
	run->thread = aml_thread(aml);
	list_init(&run->mutexes);
	if (!aml->budget)
		start_budget(aml, &run->own, run->thread);
	/* A handler of the host may call, and be called, ... */
	if (aml->budget->nesting >= aml->limits.depth / 16 + 1)
		return -AML_E_STACK_OVERFLOW;
	aml->budget->nesting++;
	return 0;
}

void aml_run_end(struct aml_run *run)
{
	while (run->top)
		aml_frame_pop(run);
	aml_mutexes_drop(run);
	while (run->spare) {
		struct aml_frame *frame = run->spare;

		run->spare = frame->below;
		aml_release(run->aml, frame, sizeof(*frame));
	}
	if (--run->aml->budget->nesting == 0)
		end_budget(run->aml, &run->own);
}

int aml_charge(struct aml *aml, uint64_t operations)
{
	struct aml_budget *budget = aml->budget;

	aml->operations += operations;
	/* What the embedder does itself goes on for no longer than one value is large. */
	if (!budget)
		return 0;
	if (operations > budget->operations) {
		budget->operations = 0;
		return -AML_E_LIMIT;
	}
	budget->operations -= operations;
	return 0;
}

int aml_frame_push(struct aml_run *run, enum aml_frame_kind kind, struct aml_frame **made)
{
	struct aml_frame *frame = run->spare, *below = run->top;

	if (run->frames >= run->aml->limits.depth * FRAMES_PER_LEVEL)
		return -AML_E_STACK_OVERFLOW;
	if (frame)
		run->spare = frame->below;
	else
		frame = aml_allocate(run->aml, sizeof(*frame));
	if (!frame)
		return -AML_E_NO_MEMORY;
	memset(frame, 0, offsetof(struct aml_frame, operands));
	frame->kind = (uint8_t)kind;
	frame->below = below;
	if (below) {
		frame->end = below->end;
		frame->call = below->call;
		frame->scope = below->scope;
		frame->skip = below->skip;
	}
	if (frame->scope)
		aml_node_get(frame->scope);
	run->top = frame;
	run->frames++;
	*made = frame;
	return 0;
}

void aml_operand_drop(struct aml *aml, struct aml_operand *operand)
{
	if (operand->kind == AML_OPERAND_OBJECT)
		aml_put(aml, operand->object);
	else if (operand->kind == AML_OPERAND_NODE)
		aml_node_put(operand->node);
	operand->kind = AML_OPERAND_NONE;
}

static void drop_operands(struct aml_run *run, struct aml_frame *frame)
{
	for (unsigned i = 0; i < frame->count; i++)
		aml_operand_drop(run->aml, &frame->operands[i]);
	frame->count = 0;
}

void aml_frame_pop(struct aml_run *run)
{
	struct aml_frame *frame = run->top;
	bool is_call = frame->kind == AML_FRAME_CALL || frame->kind == AML_FRAME_LOAD;

	run->top = frame->below;
	run->frames--;
	drop_operands(run, frame);
	aml_put(run->aml, frame->result);
	aml_node_put(frame->scope);
	if (is_call) {
		run->at = frame->resume;
		aml_call_drop(run, frame->call);
	}
	frame->below = run->spare;
	run->spare = frame;
}

/* The next element of a package that is being made; those that are too many are dropped. */
static int deliver_element(struct aml_run *run, struct aml_frame *frame,
			   struct aml_operand *operand)
{
	struct aml_object *package = frame->result, *element = NULL;
	int error;

	if (!package || frame->filled >= package->package.count) {
		aml_operand_drop(run->aml, operand);
		return 0;
	}
	error = aml_package_element(run, frame, operand, &element);
	aml_operand_drop(run->aml, operand);
	if (!error)
		aml_set_element(run->aml, package, frame->filled++, element);
	return error;
}

int aml_deliver(struct aml_run *run, struct aml_operand operand)
{
	struct aml_frame *frame = run->top;

	if (!frame) {
		if (operand.kind == AML_OPERAND_OBJECT)
			run->result = operand.object;
		else
			aml_operand_drop(run->aml, &operand);
		return 0;
	}
	if (frame->kind == AML_FRAME_PACKAGE)
		return deliver_element(run, frame, &operand);
	if (frame->kind != AML_FRAME_TERM) {
		aml_operand_drop(run->aml, &operand);
		return 0;
	}
	frame->operands[frame->count++] = operand;
	frame->format++;
	return 0;
}

int aml_deliver_object(struct aml_run *run, struct aml_object *object)
{
	struct aml_operand operand = { .kind = object ? AML_OPERAND_OBJECT : AML_OPERAND_NONE,
				       .object = object };

	return aml_deliver(run, operand);
}

int aml_deliver_missing(struct aml_run *run, int error)
{
	struct aml_operand operand = { .kind = AML_OPERAND_MISSING, .error = error };
	int failed = aml_deliver(run, operand);

	return failed ? failed : error;
}

void aml_frame_become_block(struct aml_run *run, struct aml_frame *frame, enum aml_frame_kind kind,
			    struct aml_node *scope)
{
	drop_operands(run, frame);
	frame->kind = (uint8_t)kind;
	if (scope && scope != frame->scope) {
		aml_node_get(scope);
		aml_node_put(frame->scope);
		frame->scope = scope;
	}
}

struct list *aml_run_owner(struct aml_run *run)
{
	struct aml_call *call = run->top->call;

	return call->node ? &call->nodes : &call->table->nodes;
}

bool aml_run_loads(const struct aml_run *run)
{
	return run->top && run->top->call && !run->top->call->node;
}

/* A term that is left out: what has a length is passed over. */
static int skip_term(struct aml_run *run, struct aml_frame *frame)
{
	if (frame->start)
		run->at = frame->end;
	aml_frame_pop(run);
	return aml_deliver_object(run, NULL);
}

/* All operands of a term are there. */
static int execute_term(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;
	int error;

	if (frame->skip)
		return skip_term(run, frame);
	error = aml_operands_resolve(run, frame);
	if (!error)
		error = frame->opcode->execute(run, frame);
	if (error)
		return error == AML_STAYS ? 0 : error;
	result = frame->result;
	frame->result = NULL;
	/* Where integers have 32 bits, what comes of a term has, and not before it was stored. */
	if (result && result->type == AML_INTEGER)
		result->integer &= aml_integer_mask(run->aml);
	aml_frame_pop(run);
	return aml_deliver_object(run, result);
}

/* A While that has come to its end, or to Continue, asks again. */
static int repeat(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t limit = run->aml->limits.loop_ms * 10000;

	if (aml_now(run->aml) + 1 - frame->began > limit) {
		run->at = frame->end;
		aml_frame_pop(run);
		return -AML_E_LOOP_TIMEOUT;
	}
	frame->kind = AML_FRAME_TERM;
	frame->format = frame->opcode->format + 1;
	run->at = frame->start;
	return 0;
}

static int end_block(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;

	switch (frame->kind) {
	case AML_FRAME_WHILE:
		return repeat(run, frame);
	case AML_FRAME_CALL:
		return aml_call_return(run, NULL);
	case AML_FRAME_LOAD:
		return aml_load_finish(run);
	case AML_FRAME_PACKAGE:
		/* While a table is loaded, names may be there later than packages that hold them. */
		if (!aml_run_loads(run))
			aml_package_complete(run->aml, frame->result);
		result = frame->result;
		frame->result = NULL;
		aml_frame_pop(run);
		return aml_deliver_object(run, result);
	default:
		aml_frame_pop(run);
		return 0;
	}
}

static int step(struct aml_run *run)
{
	struct aml_frame *frame = run->top;

	if (frame->kind == AML_FRAME_TERM)
		return *frame->format ? aml_operand_fetch(run, frame) : execute_term(run, frame);
	if (run->at >= frame->end)
		return end_block(run, frame);
	return aml_term_begin(run, frame);
}

static bool is_block(const struct aml_frame *frame)
{
	return frame->kind != AML_FRAME_TERM && frame->kind != AML_FRAME_PACKAGE;
}

/* After errors of the code itself, or of what would read it, nobody knows where the next term begins; but where
 * a term's operands are all there, it does not matter what is wrong with it. */
static bool is_garbled(const struct aml_frame *frame, int error)
{
	if (frame->kind == AML_FRAME_TERM && frame->format && !*frame->format)
		return false;
	return error == -AML_E_BAD_DATA || error == -AML_E_BAD_OPCODE || error == -AML_E_BAD_NAME ||
	       error == -AML_E_NO_MEMORY || error == -AML_E_STACK_OVERFLOW;
}

/* An error in a method that is called for itself, or below: it ends there. False: there is none, or a table is
 * loaded on top of it. */
static bool contain(struct aml_run *run, int error)
{
	struct aml_frame *frame = run->top;

	while (frame && frame->kind != AML_FRAME_LOAD &&
	       !(frame->kind == AML_FRAME_CALL && frame->call->is_alone))
		frame = frame->below;
	if (!frame || frame->kind == AML_FRAME_LOAD)
		return false;
	aml_log(run->aml, AML_LOG_ERROR, "AML: %.4s: %s", frame->call->node->name,
		aml_error_name(error));
	while (run->top != frame)
		aml_frame_pop(run);
	aml_frame_pop(run);
	return true;
}

/* An error while a table is loaded: leaves methods, and leaves out the term of the table that they were called
 * by, or, where the code is garbled, the rest of its block. False: nothing is being loaded. */
static bool recover(struct aml_run *run, int error)
{
	struct aml_frame *frame;
	bool called = false;

	while (run->top && run->top->call->node) {
		aml_frame_pop(run);
		called = true;
	}
	if (!run->top)
		return false;
	aml_log(run->aml, AML_LOG_ERROR, "AML: table %.4s: %s: a term is left out",
		run->top->call->table->signature, aml_error_name(error));
	if (called) {
		/* The call's own term is gone; its result is missed. */
		for (frame = run->top; frame && !is_block(frame); frame = frame->below)
			frame->skip = true;
		return aml_deliver_object(run, NULL) == 0;
	}
	if (!is_garbled(run->top, error)) {
		for (frame = run->top; frame && !is_block(frame); frame = frame->below)
			frame->skip = true;
		return true;
	}
	while (!is_block(run->top))
		aml_frame_pop(run);
	run->at = run->top->end;
	if (run->top->kind == AML_FRAME_WHILE)
		aml_frame_pop(run);
	return true;
}

/* Asks the host about an error in a method, and leaves out the term if it says so. What is left of the error. */
static int ask_host(struct aml_run *run, int error)
{
	const struct aml_host *host = &run->aml->host;
	struct aml_node *method = run->top ? run->top->call->node : NULL;

	if (!host->exception || !method || error == -AML_E_LIMIT)
		return error;
	aml_node_get(method);
	error = host->exception(host, method, error);
	aml_node_put(method);
	if (error || is_block(run->top) || *run->top->format)
		return error;
	return skip_term(run, run->top);
}

/* Leaves the loops of a table's code that are under way. */
static void leave_loops(struct aml_run *run)
{
	struct aml_frame *frame = run->top, *loop = NULL;

	for (; frame && frame->kind != AML_FRAME_LOAD; frame = frame->below)
		if (frame->kind == AML_FRAME_WHILE)
			loop = frame;
	if (!loop)
		return;
	while (run->top != loop)
		aml_frame_pop(run);
	run->at = loop->end;
	aml_frame_pop(run);
}

/* Whether something is left to do after an error. The limit of operations ends all, but for terms of tables. */
static bool go_on(struct aml_run *run, int error)
{
	if (error != -AML_E_LIMIT)
		return contain(run, error) || recover(run, error);
	if (!refill_budget(run) || !recover(run, error))
		return false;
	leave_loops(run);
	return true;
}

int aml_run_go(struct aml_run *run)
{
	int error;

	while (run->top) {
		error = step(run);
		if (error && !(run->top && is_garbled(run->top, error)))
			error = ask_host(run, error);
		if (error && !go_on(run, error))
			return error;
	}
	return 0;
}
