/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the interpreter share.
 *
 *	name.c       the name space: nodes, paths, owners (tables, methods under way)
 *	object.c     objects: counted, copied, taken apart without recursion; memory within the limit
 *	convert.c    conversions between types, implicit and explicit
 *	operate.c    operators on values: arithmetic, logic, strings, packages
 *	region.c     operation regions and their handlers
 *	field.c      fields: reading and writing with access types and update rules; buffer fields
 *	code.c       reading of byte code: package lengths, names, constants
 *	opcode.c     the table of opcodes: which operands each has
 *	execute.c    the machine: a stack of frames, never the C stack, by depth of terms and calls
 *	...
 *
 * Functions return 0 or -AML_E_...; those that make objects store a reference in *made.
 */
#pragma once

#include <aml/aml.h>
#include <base/list.h>

#define AML_NAME_SIZE 4

/* --- Objects --- */

enum aml_reference_kind {
	AML_REF_OBJECT, /* RefOf a local or argument: `object` is its cell */
	AML_REF_NODE,   /* RefOf a name: `node` */
	AML_REF_INDEX,  /* Index: element `index` of `object` (package, buffer or string) */
	AML_REF_NAME,   /* a name in a package, of something that is no value: `node` */
	AML_REF_PENDING, /* a name in a package that may not be there yet: `object`, its bytes of code (a
			    buffer), to be looked up from `node` */
	AML_REF_DEBUG, /* RefOf(Debug) */
};

/* Types beyond those that ObjectType knows. A cell is what a local or an argument is in once something
 * refers to it: `reference.object` (or NULL) is the value. */
#define AML_CELL 30

enum aml_object_flags {
	AML_OBJECT_PENDING = 1,  /* a package with AML_REF_PENDING elements */
	AML_OBJECT_CONSTANT = 2, /* Zero, One, Ones: storing there does nothing */
	AML_OBJECT_BYTES = 4,    /* CreateField: is read as a buffer, however short it is */
};

/* Every variable (local, argument, name, element of a package) holds a reference to an object, which is
 * immutable in type: storing puts another object there. Buffers, packages and strings can be changed in place
 * by Index and by buffer fields: who holds the same object sees that. */
struct aml_object {
	uint32_t references; /* under the lock */
	uint8_t type;        /* enum aml_type */
	uint8_t flags;       /* enum aml_object_flags */
	uint16_t reserved;
	struct list_node link; /* in the instance's list, or of those that are taken apart */
	union {
		uint64_t integer;
		struct {
			uint8_t *bytes; /* of strings: terminated by a 0 that does not count */
			uint32_t length;
		} data; /* AML_STRING, AML_BUFFER */
		struct {
			struct aml_object **elements; /* NULL: uninitialised */
			uint32_t count;
		} package;
		struct {
			enum aml_reference_kind kind;
			uint32_t index;
			struct aml_object *object; /* a reference */
			struct aml_node *node;     /* holds it by aml_node_get() */
		} reference;
		struct {
			struct aml_object *buffer; /* a reference */
			uint64_t bit_offset, bit_length;
		} buffer_field;
		struct aml_field *field;   /* AML_FIELD_UNIT; owned */
		struct aml_region *region; /* AML_REGION; owned */
		struct aml_method *method; /* AML_METHOD; owned */
		struct aml_mutex *mutex;   /* AML_MUTEX; owned */
		struct aml_event *event;   /* AML_EVENT; owned */
		struct {
			uint8_t id, length;
			uint32_t address;
		} processor;
		struct {
			uint8_t level;
			uint16_t order;
		} power;
		uint32_t table; /* AML_TABLE_HANDLE */
	};
};

/* Memory of the instance, within its limit; zeroed. NULL: none. The size is given back to free it. */
void *aml_allocate(struct aml *aml, size_t size);
void aml_release(struct aml *aml, void *memory, size_t size);

struct aml_object *aml_object_create(struct aml *aml, enum aml_type type);
/* Zeroed; `length` at most AML_DATA_MAX. */
struct aml_object *aml_object_create_data(struct aml *aml, enum aml_type type, uint64_t length);
#define AML_DATA_MAX    (1u << 20)
#define AML_PACKAGE_MAX 65536u
/* A deep copy: packages are copied with what is in them, references are shared. */
int must_check aml_object_copy(struct aml *aml, struct aml_object *from, struct aml_object **made);

/* --- The name space --- */

struct aml_node {
	char name[AML_NAME_SIZE];
	uint8_t type; /* enum aml_type of what it names; AML_UNINITIALIZED until it is there */
	bool has_ini; /* it, or something below it, has an _INI */
	bool dead;    /* its table was unloaded, or its method returned: only references are left */
	uint32_t references; /* AML_REF_NODE, frames, operands, and the tree: 1 */
	struct aml_node *parent, *first, *next; /* children in the order of making */
	struct aml_node *alias;                 /* AML_ALIAS: what it stands for */
	struct aml_object *object;              /* NULL: devices, scopes ... */
	struct aml *aml;
	struct list_node owned; /* in the list of the table or call that made it, or of the dead */
};

void aml_node_get(struct aml_node *node);
void aml_node_put(struct aml_node *node); /* NULL is fine */
/* What an alias stands for, and what it stands for itself is. NULL: it is gone. */
struct aml_node *aml_node_resolve(struct aml_node *node);

/* Handlers of address spaces: region.c's. */
struct aml_space_handlers {
	struct list list;
	unsigned pci_nesting; /* evaluations inside of region_pci.c, one inside the other */
};
void aml_space_handlers_init(struct aml *aml);
void aml_space_handlers_fini(struct aml *aml);
struct aml_space_handlers *aml_space_handlers(struct aml *aml);

const struct aml_host *aml_host(struct aml *aml);
/* Counts operations; -AML_E_LIMIT where the evaluation has had too many. */
int must_check aml_charge(struct aml *aml, uint64_t operations);
/* For fields whose lock rule is Lock. */
int must_check aml_global_lock_acquire(struct aml *aml);
void aml_global_lock_release(struct aml *aml);
/* Lets go of the instance's lock altogether for a callback that waits, and takes it again. */
unsigned aml_lock_suspend(struct aml *aml);
void aml_lock_resume(struct aml *aml, unsigned held);

/* Bits of integers: 32 or 64; and what they are cut by. */
unsigned aml_integer_bits(const struct aml *aml);
static inline uint64_t aml_integer_mask(const struct aml *aml)
{
	return aml_integer_bits(aml) == 32 ? UINT32_MAX : UINT64_MAX;
}
/* Calls _REG of the regions of a space below `node` (NULL: all). Without the lock. */
void aml_tell_regions(struct aml *aml, struct aml_node *node, enum aml_space space, bool connect);

/* --- convert.c: `from` is an integer, string or buffer; others are -AML_E_OPERAND_TYPE (or -AML_E_TYPE where
 * ACPICA says so). What has the wanted type already is not copied: *made may be `from`, with another
 * reference. --- */

enum aml_conversion {
	AML_IMPLICIT, /* of operands and stores: strings are hexadecimal, no 0x is needed */
	AML_EXPLICIT, /* ToInteger */
};
int must_check aml_to_integer(struct aml *aml, struct aml_object *from, enum aml_conversion how,
			      uint64_t *value);
/* Implicit: integers become 8 or 16 hexadecimal digits, buffers "0x01 0x02 ...". */
int must_check aml_to_string(struct aml *aml, struct aml_object *from, struct aml_object **made);
int must_check aml_to_buffer(struct aml *aml, struct aml_object *from, struct aml_object **made);
/* Store's implicit conversion of the result; for names and elements, which keep their type, not for locals.
 * *made is a new integer, or `target` (with another reference) whose text or bytes were replaced: what refers
 * to it, such as buffer fields, sees that. Buffers keep their length, unless it is 0. -AML_E_TARGET_TYPE
 * where the target is no integer, string or buffer. */
int must_check aml_convert_for_store(struct aml *aml, struct aml_object *value,
				     struct aml_object *target, struct aml_object **made);
/* ToDecimalString, ToHexString, ToString(length; UINT64_MAX: all), ToBuffer, FromBCD, ToBCD. */
int must_check aml_to_decimal_string(struct aml *aml, struct aml_object *from,
				     struct aml_object **made);
int must_check aml_to_hex_string(struct aml *aml, struct aml_object *from,
				 struct aml_object **made);
int must_check aml_buffer_to_string(struct aml *aml, struct aml_object *from, uint64_t length,
				    struct aml_object **made);
int must_check aml_from_bcd(struct aml *aml, uint64_t bcd, uint64_t *value);
int must_check aml_to_bcd(struct aml *aml, uint64_t value, uint64_t *bcd);
/* aml_charge() for so many bytes. */
int must_check aml_charge_bytes(struct aml *aml, uint64_t bytes);
/* A string or buffer, charged for. -AML_E_STRING_LIMIT, -AML_E_BUFFER_LIMIT, -AML_E_NO_MEMORY. */
int must_check aml_make_data(struct aml *aml, enum aml_type type, uint64_t length,
			     struct aml_object **made);

/* --- operate.c: operands are values already (fields read, references followed). --- */

/* Opcodes. */
enum aml_operator {
	AML_OPERATOR_ADD = 0x72,
	AML_OPERATOR_SUBTRACT = 0x74,
	AML_OPERATOR_MULTIPLY = 0x77,
	AML_OPERATOR_SHIFT_LEFT = 0x79,
	AML_OPERATOR_SHIFT_RIGHT = 0x7a,
	AML_OPERATOR_AND = 0x7b,
	AML_OPERATOR_NAND = 0x7c,
	AML_OPERATOR_OR = 0x7d,
	AML_OPERATOR_NOR = 0x7e,
	AML_OPERATOR_XOR = 0x7f,
	AML_OPERATOR_MOD = 0x85,
	AML_OPERATOR_EQUAL = 0x93,
	AML_OPERATOR_GREATER = 0x94,
	AML_OPERATOR_LESS = 0x95,
};

/* Of Match: what an element must be to the operand. */
enum aml_match_operator {
	AML_MATCH_TRUE,
	AML_MATCH_EQUAL,
	AML_MATCH_LESS_EQUAL,
	AML_MATCH_LESS,
	AML_MATCH_GREATER_EQUAL,
	AML_MATCH_GREATER,
};

/* Two integers: Add to Mod of enum aml_operator; the result has 64 bits. -AML_E_DIVIDE_BY_ZERO. */
int must_check aml_operate(struct aml *aml, unsigned opcode, uint64_t a, uint64_t b,
			   uint64_t *result);
/* LEqual, LGreater, LLess: the second operand is converted to the type of the first. */
int must_check aml_compare(struct aml *aml, unsigned opcode, struct aml_object *a,
			   struct aml_object *b, bool *result);
/* Operands that are no data become "[Device Object]" and the like: names of such things come as references
 * of AML_REF_NAME. */
int must_check aml_concatenate(struct aml *aml, struct aml_object *a, struct aml_object *b,
			       struct aml_object **made);
int must_check aml_concatenate_resources(struct aml *aml, struct aml_object *a,
					 struct aml_object *b, struct aml_object **made);
int must_check aml_mid(struct aml *aml, struct aml_object *from, uint64_t index, uint64_t length,
		       struct aml_object **made);
/* Match; *index UINT64_MAX cut to the width: none. */
int must_check aml_match(struct aml *aml, struct aml_object *package, unsigned operator1,
			 struct aml_object *operand1, unsigned operator2,
			 struct aml_object *operand2, uint64_t start, uint64_t *index);

/* --- region.c, field.c --- */

enum aml_field_kind { AML_FIELD_REGION, AML_FIELD_BANK, AML_FIELD_INDEX };

/* A space that firmware cannot name: DataTableRegion, whose offset is where the host has the table. */
#define AML_SPACE_TABLE 256u

struct aml_region {
	struct aml_node *node; /* a reference */
	uint16_t space;
	bool known; /* offset and length were evaluated */
	bool told;  /* _REG was told that it can be used */
	uint64_t offset, length;
	bool pci_known;
	uint64_t pci; /* AML_SPACE_PCI: segment, bus, device and function of addresses */
};

struct aml_field {
	enum aml_field_kind kind;
	uint8_t flags; /* FieldFlags: access type (0-3), lock rule (4), update rule (5-6) */
	uint8_t attribute, attribute_length; /* AccessAs */
	uint64_t bit_offset, bit_length;
	struct aml_object *region; /* AML_REGION: of REGION and BANK; a reference */
	struct aml_object *bank;   /* field that is written `bank_value` first; a reference */
	uint64_t bank_value;
	struct aml_object *index, *data; /* fields of IndexField; references */
	struct aml_object
		*connection; /* descriptor of Connection, a buffer, or NULL; a reference */
	uint32_t pin;        /* GPIO: which of the connection's, from 0 on */
};

/* One transfer, through the region's handler or the host. access->space, ->region and ->address (which counts
 * from the region's beginning) are completed. The lock may be let go of. */
int must_check aml_region_access(struct aml *aml, struct aml_object *region,
				 struct aml_access *access);
/* Whether the region can be used. */
bool aml_region_is_served(struct aml *aml, const struct aml_region *region);
/* What PCI addresses of the region begin with, by _ADR, _BBN, _SEG and the bridges between. The caller has a
 * reference to the region. */
int must_check aml_region_find_pci(struct aml *aml, struct aml_region *region);

/* The value: an integer if it fits, else a buffer. Regions of GenericSerialBus and their like: a buffer. */
int must_check aml_field_read(struct aml *aml, struct aml_object *field, struct aml_object **value);
/* The bytes of `value`, an integer, string or buffer, are written; zeros behind its end. *result (may be
 * NULL): the buffer that came back where the region transfers buffers, a reference; else NULL. */
int must_check aml_field_write(struct aml *aml, struct aml_object *field, struct aml_object *value,
			       struct aml_object **result);
/* AML_OBJECT_BYTES fields are always read as buffers. */
int must_check aml_buffer_field_read(struct aml *aml, struct aml_object *field,
				     struct aml_object **value);
int must_check aml_buffer_field_write(struct aml *aml, struct aml_object *field,
				      struct aml_object *value);
