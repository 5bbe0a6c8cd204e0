/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instances: made with what is predefined, taken down; the lock; what the host is told. */
#include <base/format.h>
#include <base/string.h>

#include "machine.h"

#define DEFAULT_MEMORY     (16u << 20)
#define DEFAULT_DEPTH      256
#define DEFAULT_OPERATIONS 10000000
#define DEFAULT_LOOP_MS    30000

uint64_t aml_thread(struct aml *aml)
{
	return aml->host.thread ? aml->host.thread(&aml->host) : 1;
}

static struct aml_budget *find_budget(struct aml *aml, uint64_t thread)
{
	for (struct list_node *node = list_first(&aml->budgets); node;
	     node = list_next(&aml->budgets, node)) {
		struct aml_budget *budget = container_of(node, struct aml_budget, link);

		if (budget->thread == thread)
			return budget;
	}
	return NULL;
}

void aml_lock(struct aml *aml)
{
	uint64_t thread = aml_thread(aml);

	/* Only the thread itself makes itself the holder: no other value can be mistaken for it. */
	if (__atomic_load_n(&aml->holder, __ATOMIC_RELAXED) != thread) {
		if (aml->host.lock)
			aml->host.lock(&aml->host);
		__atomic_store_n(&aml->holder, thread, __ATOMIC_RELAXED);
		aml->budget = find_budget(aml, thread);
	}
	aml->held++;
}

void aml_unlock(struct aml *aml)
{
	if (--aml->held)
		return;
	__atomic_store_n(&aml->holder, 0, __ATOMIC_RELAXED);
	if (aml->host.unlock)
		aml->host.unlock(&aml->host);
}

unsigned aml_lock_suspend(struct aml *aml)
{
	unsigned held = aml->held;

	aml->held = 1;
	aml_unlock(aml);
	return held;
}

void aml_lock_resume(struct aml *aml, unsigned held)
{
	aml_lock(aml);
	aml->held = held;
}
uint64_t aml_now(struct aml *aml)
{
	return aml->host.now_100ns ? aml->host.now_100ns(&aml->host) : 0;
}

void aml_log(struct aml *aml, enum aml_log_level level, const char *format, ...)
{
	char text[200];
	va_list arguments;

	if (!aml->host.log)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	aml->host.log(&aml->host, level, text);
}

unsigned aml_integer_bits(const struct aml *aml)
{
	return aml->narrow ? 32 : 64;
}

const char *aml_error_name(int error)
{
	static const char *const names[AML_E_COUNT] = { [AML_E_OK] = "AE_OK",
#define AML_ERROR_TEXT(name, text) [AML_E_##name] = text,
							AML_ERRORS(AML_ERROR_TEXT)
#undef AML_ERROR_TEXT
	};
	unsigned number = error < 0 ? 0u - (unsigned)error : (unsigned)error;

	return number < AML_E_COUNT ? names[number] : "AE_ERROR";
}

static void set_limits(struct aml *aml, const struct aml_limits *limits)
{
	if (limits)
		aml->limits = *limits;
	if (!aml->limits.memory)
		aml->limits.memory = DEFAULT_MEMORY;
	if (!aml->limits.depth)
		aml->limits.depth = DEFAULT_DEPTH;
	if (!aml->limits.operations)
		aml->limits.operations = DEFAULT_OPERATIONS;
	if (!aml->limits.loop_ms)
		aml->limits.loop_ms = DEFAULT_LOOP_MS;
}

int aml_create(const struct aml_host *host, const struct aml_limits *limits, struct aml **made)
{
	struct aml *aml = host->allocate(host, sizeof(*aml));
	int error;

	*made = NULL;
	if (!aml)
		return -AML_E_NO_MEMORY;
	memset(aml, 0, sizeof(*aml));
	aml->host = *host;
	set_limits(aml, limits);
	aml->next_handle = 1;
	list_init(&aml->budgets);
	list_init(&aml->tables);
	list_init(&aml->objects);
	list_init(&aml->orphans);
	list_init(&aml->own);
	aml_space_handlers_init(aml);
	aml_lock(aml);
	error = aml_predefine(aml);
	aml_unlock(aml);
	if (error) {
		aml_destroy(aml);
		return error;
	}
	*made = aml;
	return 0;
}

/* Lets go of what may lie on a cycle: elements of packages, and where references lead. */
static void break_cycle(struct aml *aml, struct aml_object *object)
{
	struct aml_object *held;

	if (object->type == AML_PACKAGE) {
		for (uint32_t i = 0; i < object->package.count; i++)
			aml_set_element(aml, object, i, NULL);
	} else if (object->type == AML_REFERENCE || object->type == AML_CELL) {
		held = object->reference.object;
		object->reference.object = NULL;
		aml_put(aml, held);
	}
}

/* Objects that hold each other are left when all else is gone. Each is kept until all have let go. */
static void drop_cycles(struct aml *aml)
{
	struct aml_object *object;
	struct list kept;

	list_init(&kept);
	while (!list_empty(&aml->objects)) {
		object = container_of(list_pop_front(&aml->objects), struct aml_object, link);
		list_push_back(&kept, &object->link);
		aml_get(object);
		break_cycle(aml, object);
	}
	while (!list_empty(&kept)) {
		object = container_of(list_pop_front(&kept), struct aml_object, link);
		list_push_back(&aml->objects, &object->link);
		aml_put(aml, object);
	}
}

void aml_destroy(struct aml *aml)
{
	struct aml_host host;

	if (!aml)
		return;
	host = aml->host;
	aml_lock(aml);
	aml_space_handlers_fini(aml);
	while (!list_empty(&aml->tables))
		aml_table_unload(container_of(list_last(&aml->tables), struct aml_table, link));
	aml_names_remove(aml, &aml->own);
	aml_put(aml, aml->global_lock);
	if (aml->root)
		aml_node_attach(aml->root, NULL);
	drop_cycles(aml);
	if (aml->root)
		aml_release(aml, aml->root, sizeof(*aml->root));
	aml_unlock(aml);
	host.release(&host, aml, sizeof(*aml));
}

struct aml_space_handlers *aml_space_handlers(struct aml *aml)
{
	return &aml->handlers;
}

const struct aml_host *aml_host(struct aml *aml)
{
	return &aml->host;
}

uint64_t aml_operations(struct aml *aml)
{
	return aml->operations;
}

size_t aml_memory_used(struct aml *aml)
{
	return aml->memory;
}

/* --- What is predefined (ACPI 6.5, 5.3.1, 5.7) --- */

static int predefine(struct aml *aml, const char *name, enum aml_type type,
		     struct aml_object *object)
{
	struct aml_name path = { .segments = (const uint8_t *)name, .count = 1, .root = true };
	struct aml_node *node;
	int error = aml_name_enter(aml, aml->root, &path, type, &aml->own, &node);

	if (!error && object)
		aml_node_attach(node, object);
	aml_put(aml, object);
	return error;
}

static struct aml_object *make_interface_method(struct aml *aml)
{
	struct aml_object *object = aml_object_create(aml, AML_METHOD);

	if (!object)
		return NULL;
	object->method = aml_allocate(aml, sizeof(*object->method));
	if (!object->method) {
		object->type = AML_UNINITIALIZED;
		aml_put(aml, object);
		return NULL;
	}
	object->method->arguments = 1;
	object->method->interface = true;
	return object;
}

static struct aml_object *make_global_lock(struct aml *aml)
{
	struct aml_object *object = aml_object_create(aml, AML_MUTEX);

	if (!object)
		return NULL;
	object->mutex = aml_allocate(aml, sizeof(*object->mutex));
	if (!object->mutex) {
		aml_put(aml, object);
		return NULL;
	}
	object->mutex->global = true;
	list_node_init(&object->mutex->held);
	aml_get(object);
	aml->global_lock = object;
	return object;
}

int aml_predefine(struct aml *aml)
{
	static const struct {
		char name[5];
		uint8_t type;
	} scopes[] = { { "_GPE", AML_SCOPE },
		       { "_PR_", AML_SCOPE },
		       { "_SB_", AML_DEVICE },
		       { "_SI_", AML_SCOPE },
		       { "_TZ_", AML_DEVICE } };
	struct aml_object *objects[4];
	static const char names[4][5] = { "_REV", "_OS_", "_GL_", "_OSI" };
	int error = 0;

	aml->root = aml_allocate(aml, sizeof(*aml->root));
	if (!aml->root)
		return -AML_E_NO_MEMORY;
	memcpy(aml->root->name, "\\___", AML_NAME_SIZE);
	aml->root->type = AML_DEVICE;
	aml->root->references = 1;
	aml->root->aml = aml;
	list_node_init(&aml->root->owned);
	for (unsigned i = 0; i < array_length(scopes) && !error; i++)
		error = predefine(aml, scopes[i].name, scopes[i].type, NULL);
	objects[0] = aml_make_integer(aml, 2);
	objects[1] = aml_make_string(aml, "Microsoft Windows NT");
	objects[2] = make_global_lock(aml);
	objects[3] = make_interface_method(aml);
	for (unsigned i = 0; i < array_length(objects); i++) {
		int one = objects[i] ? predefine(aml, names[i], objects[i]->type, objects[i])
				     : -AML_E_NO_MEMORY;

		error = error ? error : one;
	}
	return error;
}
