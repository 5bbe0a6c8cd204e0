/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls: their variables, what they own, serialization; and evaluating from outside. */
#include <base/string.h>

#include "execute.h"

/* As ACPICA: more would not fit its counter. */
#define CALLS_OF_ONE_METHOD 255

static int push_call(struct aml_run *run, enum aml_frame_kind kind, struct aml_call **made,
		     struct aml_frame **frame)
{
	struct aml_call *call;
	int error;

	if (run->calls >= run->aml->limits.depth)
		return -AML_E_STACK_OVERFLOW;
	call = aml_allocate(run->aml, sizeof(*call));
	if (!call)
		return -AML_E_NO_MEMORY;
	list_init(&call->nodes);
	error = aml_frame_push(run, kind, frame);
	if (error) {
		aml_release(run->aml, call, sizeof(*call));
		return error;
	}
	run->calls++;
	(*frame)->call = call;
	(*frame)->resume = run->at;
	(*frame)->skip = false;
	*made = call;
	return 0;
}

void aml_call_drop(struct aml_run *run, struct aml_call *call)
{
	struct aml *aml = run->aml;

	run->calls--;
	for (unsigned i = 0; i < AML_LOCALS; i++)
		aml_put(aml, call->locals[i]);
	for (unsigned i = 0; i < AML_ARGUMENTS; i++)
		aml_put(aml, call->arguments[i]);
	aml_names_remove(aml, &call->nodes);
	if (call->method) {
		call->method->method->calls--;
		if (call->entered)
			aml_method_leave(run, call->method->method);
	}
	aml_put(aml, call->method);
	aml_node_put(call->node);
	aml_table_put(call->table);
	aml_release(aml, call, sizeof(*call));
}

/* _OSI. */
static int call_interface(struct aml_run *run, struct aml_object **arguments)
{
	struct aml_object *result;
	int error;

	if (!arguments[0] || arguments[0]->type != AML_STRING)
		return -AML_E_TYPE;
	error = aml_make_result(
		run->aml, aml_interface_known(run->aml, (const char *)arguments[0]->data.bytes),
		&result);
	return error ? error : aml_deliver_object(run, result);
}

int aml_call_begin(struct aml_run *run, struct aml_node *node, struct aml_object **arguments,
		   unsigned count)
{
	struct aml_object *object = node->dead ? NULL : node->object;
	struct aml_frame *frame;
	struct aml_method *method;
	struct aml_call *call;
	int error;

	if (!object || object->type != AML_METHOD)
		return -AML_E_OPERAND_TYPE;
	method = object->method;
	if (method->interface)
		return call_interface(run, arguments);
	if (method->calls >= CALLS_OF_ONE_METHOD)
		return -AML_E_METHOD_LIMIT;
	error = push_call(run, AML_FRAME_CALL, &call, &frame);
	if (error)
		return error;
	aml_node_put(frame->scope);
	aml_node_get(node);
	frame->scope = node;
	aml_node_get(node);
	call->node = node;
	aml_get(object);
	call->method = object;
	method->calls++;
	aml_table_get(method->table);
	call->table = method->table;
	call->sync_level = run->sync_level;
	frame->end = method->end;
	for (unsigned i = 0; i < count && i < method->arguments; i++) {
		call->arguments[i] = arguments[i];
		arguments[i] = NULL;
	}
	run->at = method->start;
	if (!method->serialized)
		return 0;
	error = aml_method_enter(run, method);
	call->entered = error == 0;
	if (error)
		aml_frame_pop(run);
	return error;
}

int aml_call_table(struct aml_run *run, struct aml_table *table, struct aml_node *scope)
{
	struct aml_frame *frame;
	struct aml_call *call;
	int error = push_call(run, AML_FRAME_LOAD, &call, &frame);

	if (error)
		return error;
	aml_node_put(frame->scope);
	aml_node_get(scope);
	frame->scope = scope;
	aml_table_get(table);
	call->table = table;
	run->at = table->bytes + AML_HEADER_SIZE;
	frame->end = table->bytes + table->size;
	return 0;
}

int aml_call_return(struct aml_run *run, struct aml_object *result)
{
	aml_frame_pop(run);
	return aml_deliver_object(run, result);
}

static int run_method(struct aml *aml, struct aml_node *node, struct aml_object *const *arguments,
		      unsigned count, struct aml_object **result)
{
	struct aml_object *taken[AML_ARGUMENTS] = { NULL };
	struct aml_run run;
	int error = aml_run_start(aml, &run);

	if (error)
		return error;
	for (unsigned i = 0; i < count; i++) {
		taken[i] = arguments[i];
		if (taken[i])
			aml_get(taken[i]);
	}
	error = aml_call_begin(&run, node, taken, count);
	for (unsigned i = 0; i < count; i++)
		aml_put(aml, taken[i]);
	if (!error)
		error = aml_run_go(&run);
	aml_run_end(&run);
	*result = run.result;
	if (error) {
		aml_put(aml, *result);
		*result = NULL;
	}
	return error;
}

/* Names of these hold nothing that could be read. */
static bool is_bare(const struct aml_node *node)
{
	switch (node->type) {
	case AML_UNINITIALIZED:
	case AML_SCOPE:
	case AML_DEVICE:
	case AML_EVENT:
	case AML_MUTEX:
	case AML_REGION:
	case AML_THERMAL_ZONE:
		return true;
	default:
		return false;
	}
}

static bool is_result(const struct aml_object *object)
{
	switch (object->type) {
	case AML_INTEGER:
	case AML_STRING:
	case AML_BUFFER:
	case AML_PACKAGE:
	case AML_PROCESSOR:
	case AML_POWER_RESOURCE:
	case AML_TABLE_HANDLE:
		return true;
	default:
		return false;
	}
}

/* A reference that is returned is followed once: to a package's element, or to what a name holds. There must
 * be something that is good for the caller. */
static int follow_result(struct aml *aml, struct aml_object **result)
{
	struct aml_object *reference = *result, *object = NULL;
	struct aml_node *node;
	bool good;

	if (!reference)
		return 0;
	if (reference->type != AML_REFERENCE)
		return is_result(reference) ? 0 : -AML_E_TYPE;
	switch (reference->reference.kind) {
	case AML_REF_INDEX:
		if (reference->reference.object->type != AML_PACKAGE)
			return 0;
		object = aml_element(reference->reference.object, reference->reference.index);
		/* A name in a package is shown. */
		good = object && (is_result(object) || object->type == AML_REFERENCE);
		break;
	case AML_REF_NODE:
		node = aml_node_resolve(reference->reference.node);
		object = node ? node->object : NULL;
		good = object && is_result(object);
		break;
	default:
		return reference->reference.kind == AML_REF_NAME ? -AML_E_TYPE : 0;
	}
	if (!good)
		return -AML_E_TYPE;
	aml_get(object);
	*result = object;
	aml_put(aml, reference);
	return 0;
}

/* What others hold may be changed by them: the caller gets a copy. */
static int detach(struct aml *aml, struct aml_object **result)
{
	struct aml_object *object = *result;
	int error;

	if (!object || (object->references == 1 && object->type != AML_PACKAGE))
		return 0;
	error = aml_object_copy(aml, object, result);
	aml_put(aml, object);
	return error;
}

int aml_evaluate(struct aml *aml, struct aml_node *node, struct aml_object *const *arguments,
		 unsigned count, struct aml_object **result)
{
	int error;

	*result = NULL;
	if (count > AML_ARGUMENTS)
		return -AML_E_BAD_PARAMETER;
	aml_lock(aml);
	node = aml_node_resolve(node);
	if (!node)
		error = -AML_E_NOT_FOUND;
	else if (node->type == AML_METHOD)
		error = run_method(aml, node, arguments, count, result);
	else if (is_bare(node))
		error = -AML_E_TYPE;
	else
		error = aml_node_value(aml, node, result);
	if (!error)
		error = follow_result(aml, result);
	if (!error) {
		error = detach(aml, result);
	} else {
		aml_put(aml, *result);
		*result = NULL;
	}
	aml_unlock(aml);
	return error;
}

int aml_evaluate_integer(struct aml *aml, struct aml_node *node, const char *name, uint64_t *value)
{
	struct aml_object *result;
	struct aml_node *found;
	int error;

	aml_lock(aml);
	found = aml_find(aml, node, name);
	/* Not one further up. */
	if (!found || (node && name[0] != '\\' && !strchr(name, '.') && found->parent != node))
		error = -AML_E_NOT_FOUND;
	else
		error = aml_evaluate(aml, found, NULL, 0, &result);
	if (!error && !result)
		error = -AML_E_NO_RETURN_VALUE;
	if (!error) {
		error = aml_to_integer(aml, result, AML_IMPLICIT, value);
		aml_put(aml, result);
	}
	aml_unlock(aml);
	return error;
}

unsigned aml_node_arguments(struct aml_node *node)
{
	struct aml_node *target = aml_node_resolve(node);

	return target && target->type == AML_METHOD && target->object
		       ? target->object->method->arguments
		       : 0;
}
