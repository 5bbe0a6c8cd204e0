/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine: a run is one evaluation from outside, with a stack of frames in the instance's memory.
 *
 * A frame is a term whose operands are being gathered, or a list of terms (a block). A term is read from left
 * to right: its format tells which operands it has; operands that are terms themselves become frames on top,
 * and deliver what they result in to the frame below. Names that hold
 * data are read as they are come to; other operands stay places (a local, a device) until all are there. Then
 * they are resolved to what the format says, from right to left, and the term is executed.
 *
 * Code is read at run->at; what is before frame->end may be read.
 */
#pragma once

#include "instance.h"

enum aml_operand_kind {
	AML_OPERAND_NONE,    /* what a call that returned nothing results in */
	AML_OPERAND_MISSING, /* what something that failed would have resulted in; `error` says why */
	AML_OPERAND_OBJECT,   /* `object`, a reference */
	AML_OPERAND_LOCAL,    /* number `index` */
	AML_OPERAND_ARGUMENT, /* number `index` */
	AML_OPERAND_NODE,     /* `node`, a reference */
	AML_OPERAND_DEBUG,
	AML_OPERAND_NOWHERE, /* a target that was left out; CondRefOf: a name that is not there */
	AML_OPERAND_NUMBER,  /* `number`: data, and operands that were made integers */
	AML_OPERAND_NAME,    /* `name`, in the code */
};

struct aml_operand {
	uint8_t kind;
	uint8_t index;
	union {
		struct aml_object *object;
		struct aml_node *node;
		uint64_t number;
		int error;
		struct aml_name name;
	};
};

/* Most operands that a term has: LoadTable and Match 6, calls 7. */
#define AML_OPERANDS  8
#define AML_ARGUMENTS 7
#define AML_LOCALS    8

struct aml_run;
struct aml_frame;

/*
 * Formats: a letter for each operand. In the code:
 *	K package length	1 2 4 data	B a block up to the end	D data up to the end
 *	N name to be defined	M name of what must be there
 *	S super name, as it is	G target	U the method that is called, which is there already
 * and terms, with what they are resolved to:
 *	i integer	q integer that is a condition	s string	b buffer	c integer, string or buffer
 *	t buffer or string (integers: buffer)	x string, buffer or package	p package
 *	a anything	d anything that Store takes	f argument	o as it is	r region or buffer
 * and super names, resolved likewise:
 *	m mutex		e event		n what is notified	h table handle	O as it is
 */
struct aml_opcode {
	uint16_t opcode; /* 0x5b above the second byte of two */
	const char *format;
	/* 0; or AML_STAYS where the frame is still needed or gone already; or an error. */
	int (*execute)(struct aml_run *run, struct aml_frame *frame);
};
#define AML_STAYS 1

enum aml_frame_kind {
	AML_FRAME_TERM,
	AML_FRAME_BLOCK,   /* Scope, Device ..., If, Else */
	AML_FRAME_WHILE,   /* a block that began at `start` */
	AML_FRAME_CALL,    /* a method's body */
	AML_FRAME_LOAD,    /* a table's body: errors leave out a term */
	AML_FRAME_PACKAGE, /* elements */
};

/* A call's variables. */
struct aml_call {
	struct aml_call *below;
	struct aml_object *locals[AML_LOCALS], *arguments[AML_ARGUMENTS];
	struct aml_node *node;     /* method; NULL: a table. A reference */
	struct aml_object *method; /* a reference */
	struct aml_table *table;   /* whose code it is; a use */
	struct list nodes;         /* made by it; of tables: table->nodes is used */
	bool entered;              /* the mutex of the method */
	uint8_t sync_level;        /* at its beginning */
	bool is_alone;             /* an error ends it, and nothing else */
};

struct aml_frame {
	struct aml_frame *below;
	uint8_t kind;
	uint8_t count; /* operands that are there */
	bool skip; /* something went wrong while a table is loaded: operands are read, but not used */
	const struct aml_opcode *opcode;
	const char *format; /* the next operand's letter */
	const uint8_t *start, *end;
	const uint8_t *resume;  /* of calls and loads: where to go on */
	struct aml_node *scope; /* names start here; a reference */
	struct aml_call *call;
	struct aml_object *result; /* a reference */
	uint32_t filled;           /* elements of a package */
	uint64_t began;            /* While: when, plus one */
	struct aml_operand operands[AML_OPERANDS];
};

struct aml_run {
	struct aml *aml;
	struct aml_frame *top, *spare;
	struct aml_call *call;
	const uint8_t *at;
	unsigned frames, calls;
	uint64_t thread;
	struct aml_budget own; /* the thread's, if this is its outermost run */
	uint8_t sync_level;
	struct aml_object *result;
	struct list mutexes; /* that are held, the newest last */
};

struct aml_method {
	const uint8_t *start, *end;
	struct aml_table *table; /* not counted: the table's nodes go before */
	uint8_t arguments, sync_level;
	bool serialized;
	bool interface;          /* _OSI */
	uint32_t calls;          /* under way */
	struct aml_mutex *mutex; /* of serialized ones, and those that made names; owned */
};

/* --- code.c: reading within [*at, end); 0 or an error --- */

int must_check aml_code_number(const uint8_t **at, const uint8_t *end, unsigned bytes,
			       uint64_t *number);
/* Where the package ends whose length is there. */
int must_check aml_code_package(const uint8_t **at, const uint8_t *end,
				const uint8_t **package_end);
int must_check aml_code_name(const uint8_t **at, const uint8_t *end, struct aml_name *name);
/* True if a name can begin with the byte. */
bool aml_code_starts_name(uint8_t byte);

/* --- opcode.c --- */

/* NULL: there is none. */
const struct aml_opcode *aml_opcode_find(unsigned opcode);
extern const struct aml_opcode aml_opcode_calls[AML_ARGUMENTS + 1];

/* --- execute.c --- */

int must_check aml_run_start(struct aml *aml, struct aml_run *run);
/* Until all frames are gone. */
int must_check aml_run_go(struct aml_run *run);
void aml_run_end(struct aml_run *run);
int must_check aml_frame_push(struct aml_run *run, enum aml_frame_kind kind,
			      struct aml_frame **made);
void aml_frame_pop(struct aml_run *run);
/* Gives the operand, which is taken over, to the frame on top. */
int must_check aml_deliver(struct aml_run *run, struct aml_operand operand);
int must_check aml_deliver_object(struct aml_run *run, struct aml_object *object);
/* Says that an operand is not there because of the error, which is what comes back: the frame on top can go on
 * without it, until it is used. */
int must_check aml_deliver_missing(struct aml_run *run, int error);
void aml_operand_drop(struct aml *aml, struct aml_operand *operand);
/* Makes the frame, a term, a block up to its end, with its names from `scope`. */
void aml_frame_become_block(struct aml_run *run, struct aml_frame *frame, enum aml_frame_kind kind,
			    struct aml_node *scope);
/* The list that owns what is defined now. */
struct list *aml_run_owner(struct aml_run *run);
bool aml_run_loads(const struct aml_run *run);

/* --- operand.c --- */

/* Reads the next operand of the frame on top as its format says. */
int must_check aml_operand_fetch(struct aml_run *run, struct aml_frame *frame);
/* Reads a term and begins it; what it is for is known to the frame on top. */
int must_check aml_term_begin(struct aml_run *run, struct aml_frame *frame);
/* Reads a name that is an element of the package on top. */
int must_check aml_package_name(struct aml_run *run, struct aml_frame *frame);
/* What an element of a package becomes. */
int must_check aml_package_element(struct aml_run *run, struct aml_frame *frame,
				   const struct aml_operand *operand, struct aml_object **made);

/* --- resolve.c --- */

int must_check aml_operands_resolve(struct aml_run *run, struct aml_frame *frame);
/* The value behind a place; *value is a reference. */
int must_check aml_operand_value(struct aml_run *run, const struct aml_operand *operand,
				 bool keep_index, struct aml_object **value);
int must_check aml_node_value(struct aml *aml, struct aml_node *node, struct aml_object **value);
struct aml_object **aml_operand_slot(struct aml_run *run, const struct aml_operand *operand);
int must_check aml_make_reference(struct aml *aml, enum aml_reference_kind kind,
				  struct aml_object *object, struct aml_node *node, uint32_t index,
				  struct aml_object **made);
/* RefOf. */
int must_check aml_operand_refer(struct aml_run *run, struct aml_frame *frame, unsigned number,
				 struct aml_object **made);

/* --- store.c --- */

enum aml_store_how {
	AML_STORE_TARGET, /* of an operator: converted to the type of what a name has */
	AML_STORE_FIXED,  /* of a conversion: names take the type */
	AML_STORE_STORE,  /* Store: packages, too */
	AML_STORE_COPY,   /* CopyObject: whatever it is */
};
/* *result may be replaced (fields that transfer buffers). */
int must_check aml_store(struct aml_run *run, struct aml_object *source,
			 const struct aml_operand *target, enum aml_store_how how,
			 struct aml_object **result);
/* Shows an object in the log, as Debug. */
void aml_debug(struct aml_run *run, const struct aml_object *object);

/* --- method.c --- */

/* `arguments`: references, taken over (and NULL after). Leaves a frame, or delivers the result. */
int must_check aml_call_begin(struct aml_run *run, struct aml_node *node,
			      struct aml_object **arguments, unsigned count);
/* A table's. */
int must_check aml_call_table(struct aml_run *run, struct aml_table *table, struct aml_node *scope);
/* Ends the call on top, whose frame is on top. */
int must_check aml_call_return(struct aml_run *run, struct aml_object *result);
void aml_call_drop(struct aml_run *run, struct aml_call *call);

/* --- initialize.c --- */

/* Calls _REG of a region that came after all was initialised; its errors are its own. False: there is nothing to
 * tell. */
bool aml_call_region(struct aml_run *run, struct aml_node *node);

/* --- sync.c --- */

struct aml_mutex {
	uint64_t owner; /* thread; 0: none */
	uint32_t depth;
	uint8_t level, level_before;
	bool global;
	struct aml_run *run;   /* of those that Acquire took: whose */
	struct list_node held; /* in the run's list */
};
struct aml_event {
	uint64_t count;
};
/* `timeout` in ms, 0xffff: for ever. *late: it did not come. */
int must_check aml_mutex_acquire(struct aml_run *run, struct aml_mutex *mutex, uint64_t timeout,
				 bool *late);
int must_check aml_mutex_release(struct aml_run *run, struct aml_mutex *mutex);
/* Serialized methods. */
int must_check aml_method_enter(struct aml_run *run, struct aml_method *method);
/* The method on top makes a name: other threads wait from now on until it is through, as their calls would find
 * the name there. */
int must_check aml_method_claim(struct aml_run *run);
void aml_method_leave(struct aml_run *run, struct aml_method *method);
/* Those that a run still holds at its end. */
void aml_mutexes_drop(struct aml_run *run);

/* --- load.c --- */

#define AML_HEADER_SIZE 36
int must_check aml_table_check(const void *bytes, size_t size);
int must_check aml_table_add(struct aml *aml, const void *bytes, size_t size, bool copy,
			     struct aml_table **made);
/* The table of the call on top is through. */
int must_check aml_load_finish(struct aml_run *run);
void aml_table_unload(struct aml_table *table);

/* --- execute_define.c --- */

/* Enters a name in the frame's scope, for the method that runs, or the table. */
int must_check aml_define_name(struct aml_run *run, struct aml_frame *frame,
			       const struct aml_name *name, enum aml_type type,
			       struct aml_node **made);
/* The name that is the frame's operand of that number. */
int must_check aml_define(struct aml_run *run, struct aml_frame *frame, unsigned number,
			  enum aml_type type, struct aml_node **made);
/* With an object (NULL: -AML_E_NO_MEMORY), which is taken over. */
int must_check aml_define_object(struct aml_run *run, struct aml_frame *frame, unsigned number,
				 struct aml_object *object);
struct aml_mutex *aml_mutex_create(struct aml *aml, unsigned level);
