/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formatted output.
 *
 * A conversion is parsed into a struct conversion; its argument becomes a body of text with
 * a prefix (sign or base) and leading zeros; then both are written with their padding.
 */
#include <base/format.h>
#include <base/string.h>

#include <limits.h>

enum conversion_length {
	LENGTH_CHAR,
	LENGTH_SHORT,
	LENGTH_INT,
	LENGTH_LONG,
	LENGTH_LONG_LONG,
	LENGTH_SIZE,
	LENGTH_MAX,
	LENGTH_POINTER_DIFFERENCE,
};

struct conversion {
	bool left;      /* '-': pad on the right */
	bool zero;      /* '0': pad numbers with zeros */
	bool plus;      /* '+': a sign always */
	bool space;     /* ' ': a space where there is no sign */
	bool alternate; /* '#': show the base */
	size_t width;
	size_t precision;
	bool has_precision;
	enum conversion_length length;
	char kind;
};

/* What a conversion writes between its padding. */
struct field {
	const char *prefix;
	size_t prefix_length;
	size_t zeros;
	const char *body;
	size_t body_length;
};

/* Counts what goes to the sink. */
struct output {
	struct format_sink *sink;
	size_t written;
};

static void output_write(struct output *output, const char *text, size_t length)
{
	if (length == 0)
		return;
	output->sink->write(output->sink, text, length);
	output->written += length;
}

static void output_repeat(struct output *output, bool zero, size_t count)
{
	static const char spaces[] = "                ";
	static const char zeros[] = "0000000000000000";

	while (count > 0) {
		size_t part = min_size(count, sizeof(spaces) - 1);

		output_write(output, zero ? zeros : spaces, part);
		count -= part;
	}
}

static void output_field(struct output *output, const struct conversion *conversion,
			 const struct field *field)
{
	size_t used = field->prefix_length + field->zeros + field->body_length;
	size_t padding = conversion->width > used ? conversion->width - used : 0;

	if (!conversion->left)
		output_repeat(output, false, padding);
	output_write(output, field->prefix, field->prefix_length);
	output_repeat(output, true, field->zeros);
	output_write(output, field->body, field->body_length);
	if (conversion->left)
		output_repeat(output, false, padding);
}

static uint64_t argument_unsigned(const struct conversion *conversion, va_list *arguments)
{
	switch (conversion->length) {
	case LENGTH_CHAR:
		return (unsigned char)va_arg(*arguments, unsigned);
	case LENGTH_SHORT:
		return (unsigned short)va_arg(*arguments, unsigned);
	case LENGTH_LONG:
		return va_arg(*arguments, unsigned long);
	case LENGTH_LONG_LONG:
		return va_arg(*arguments, unsigned long long);
	case LENGTH_SIZE:
		return va_arg(*arguments, size_t);
	case LENGTH_MAX:
		return va_arg(*arguments, uintmax_t);
	case LENGTH_POINTER_DIFFERENCE:
		return (uint64_t)va_arg(*arguments, ptrdiff_t);
	case LENGTH_INT:
		break;
	}
	return va_arg(*arguments, unsigned);
}

static int64_t argument_signed(const struct conversion *conversion, va_list *arguments)
{
	switch (conversion->length) {
	case LENGTH_CHAR:
		return (signed char)va_arg(*arguments, int);
	case LENGTH_SHORT:
		return (short)va_arg(*arguments, int);
	case LENGTH_LONG:
		return va_arg(*arguments, long);
	case LENGTH_LONG_LONG:
		return va_arg(*arguments, long long);
	case LENGTH_SIZE:
		return va_arg(*arguments, ssize_t);
	case LENGTH_MAX:
		return va_arg(*arguments, intmax_t);
	case LENGTH_POINTER_DIFFERENCE:
		return va_arg(*arguments, ptrdiff_t);
	case LENGTH_INT:
		break;
	}
	return va_arg(*arguments, int);
}

/* Writes `value` in `base` before `end`; returns where it begins: at `end` for 0. */
static char *digits_before(char *end, uint64_t value, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value != 0; value /= base)
		*--end = digits[value % base];
	return end;
}

/* Writes a number that stands as digits in the body of `field`: adds the leading zeros that
 * precision or the flag '0' ask for. */
static void output_number(struct output *output, const struct conversion *conversion,
			  struct field *field)
{
	size_t minimum = conversion->has_precision ? conversion->precision : 1;
	size_t used;

	if (field->body_length < minimum)
		field->zeros = minimum - field->body_length;
	used = field->prefix_length + field->zeros + field->body_length;
	if (conversion->zero && !conversion->left && !conversion->has_precision &&
	    conversion->width > used)
		field->zeros += conversion->width - used;
	output_field(output, conversion, field);
}

static void convert_signed(struct output *output, const struct conversion *conversion,
			   int64_t value)
{
	char digits[24];
	char *end = digits + sizeof(digits);
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	struct field field = { 0 };

	if (value < 0)
		field.prefix = "-";
	else if (conversion->plus)
		field.prefix = "+";
	else if (conversion->space)
		field.prefix = " ";
	field.prefix_length = field.prefix ? 1 : 0;
	field.body = digits_before(end, magnitude, 10, false);
	field.body_length = (size_t)(end - field.body);
	output_number(output, conversion, &field);
}

static void convert_unsigned(struct output *output, const struct conversion *conversion,
			     uint64_t value)
{
	char digits[24];
	char *end = digits + sizeof(digits);
	bool upper = conversion->kind == 'X';
	unsigned base = conversion->kind == 'u' ? 10 : conversion->kind == 'o' ? 8 : 16;
	struct field field = { 0 };

	field.body = digits_before(end, value, base, upper);
	field.body_length = (size_t)(end - field.body);
	if (conversion->alternate && base == 16 && value != 0) {
		field.prefix = upper ? "0X" : "0x";
		field.prefix_length = 2;
	}
	/* '#' gives an octal number one leading zero, if precision gives it none. */
	if (conversion->alternate && base == 8 &&
	    (!conversion->has_precision || conversion->precision <= field.body_length) &&
	    (value != 0 || conversion->has_precision)) {
		field.prefix = "0";
		field.prefix_length = 1;
	}
	output_number(output, conversion, &field);
}

static void convert_pointer(struct output *output, const struct conversion *conversion,
			    const void *pointer)
{
	char digits[24];
	char *end = digits + sizeof(digits);
	struct field field = { .prefix = "0x", .prefix_length = 2 };

	field.body = digits_before(end, (uintptr_t)pointer, 16, false);
	field.body_length = (size_t)(end - field.body);
	output_number(output, conversion, &field);
}

static void convert_string(struct output *output, const struct conversion *conversion,
			   const char *string)
{
	struct field field = { .body = string ? string : "(null)" };

	if (conversion->has_precision)
		field.body_length = strnlen(field.body, conversion->precision);
	else
		field.body_length = strlen(field.body);
	output_field(output, conversion, &field);
}

/* Reads a number, which saturates. */
static const char *parse_number(const char *format, size_t *number)
{
	*number = 0;
	for (; *format >= '0' && *format <= '9'; format++) {
		*number = *number * 10 + (size_t)(*format - '0');
		if (*number > INT_MAX)
			*number = INT_MAX;
	}
	return format;
}

static const char *parse_flags(const char *format, struct conversion *conversion)
{
	for (;; format++) {
		switch (*format) {
		case '-':
			conversion->left = true;
			break;
		case '0':
			conversion->zero = true;
			break;
		case '+':
			conversion->plus = true;
			break;
		case ' ':
			conversion->space = true;
			break;
		case '#':
			conversion->alternate = true;
			break;
		default:
			return format;
		}
	}
}

static const char *parse_width(const char *format, struct conversion *conversion,
			       va_list *arguments)
{
	if (*format == '*') {
		int width = va_arg(*arguments, int);

		if (width < 0)
			conversion->left = true;
		conversion->width = width < 0 ? -(size_t)width : (size_t)width;
		return format + 1;
	}
	return parse_number(format, &conversion->width);
}

static const char *parse_precision(const char *format, struct conversion *conversion,
				   va_list *arguments)
{
	if (*format != '.')
		return format;
	format++;
	conversion->has_precision = true;
	if (*format == '*') {
		int precision = va_arg(*arguments, int);

		/* A negative one is as if it were left out. */
		conversion->has_precision = precision >= 0;
		conversion->precision = precision >= 0 ? (size_t)precision : 0;
		return format + 1;
	}
	return parse_number(format, &conversion->precision);
}

static const char *parse_length(const char *format, struct conversion *conversion)
{
	conversion->length = LENGTH_INT;
	switch (*format) {
	case 'h':
		conversion->length = format[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
		return format + (format[1] == 'h' ? 2 : 1);
	case 'l':
		conversion->length = format[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
		return format + (format[1] == 'l' ? 2 : 1);
	case 'z':
		conversion->length = LENGTH_SIZE;
		return format + 1;
	case 'j':
		conversion->length = LENGTH_MAX;
		return format + 1;
	case 't':
		conversion->length = LENGTH_POINTER_DIFFERENCE;
		return format + 1;
	default:
		return format;
	}
}

/* Writes one argument. Returns false if the conversion is unknown. */
static bool convert(struct output *output, const struct conversion *conversion, va_list *arguments)
{
	char byte;

	switch (conversion->kind) {
	case 'd':
	case 'i':
		convert_signed(output, conversion, argument_signed(conversion, arguments));
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		convert_unsigned(output, conversion, argument_unsigned(conversion, arguments));
		return true;
	case 'c':
		byte = (char)va_arg(*arguments, int);
		output_field(output, conversion,
			     &(struct field){ .body = &byte, .body_length = 1 });
		return true;
	case 's':
		convert_string(output, conversion, va_arg(*arguments, const char *));
		return true;
	case 'p':
		convert_pointer(output, conversion, va_arg(*arguments, const void *));
		return true;
	case '%':
		output_write(output, "%", 1);
		return true;
	default:
		return false;
	}
}

size_t format_to_sink(struct format_sink *sink, const char *format, va_list arguments)
{
	struct output output = { .sink = sink };
	va_list rest;

	/* A va_list parameter may be an array type, whose address cannot be passed on. */
	va_copy(rest, arguments);
	while (*format != '\0') {
		const char *start = format;
		struct conversion conversion = { 0 };

		while (*format != '\0' && *format != '%')
			format++;
		output_write(&output, start, (size_t)(format - start));
		if (*format == '\0')
			break;
		start = format++;
		format = parse_flags(format, &conversion);
		format = parse_width(format, &conversion, &rest);
		format = parse_precision(format, &conversion, &rest);
		format = parse_length(format, &conversion);
		conversion.kind = *format;
		if (*format != '\0')
			format++;
		/* What is not understood is shown as it stands. */
		if (!convert(&output, &conversion, &rest))
			output_write(&output, start, (size_t)(format - start));
	}
	va_end(rest);
	return output.written;
}

/* Keeps what fits into a buffer. */
struct buffer_sink {
	struct format_sink sink;
	char *buffer;
	size_t size;
	size_t used;
};

static void buffer_sink_write(struct format_sink *sink, const char *text, size_t length)
{
	struct buffer_sink *to = container_of(sink, struct buffer_sink, sink);
	size_t part = min_size(length, to->size - to->used);

	if (part == 0)
		return;
	memcpy(to->buffer + to->used, text, part);
	to->used += part;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	struct buffer_sink to = {
		.sink = { .write = buffer_sink_write },
		.buffer = buffer,
		.size = size > 0 ? size - 1 : 0, /* room for the terminator */
	};
	size_t length = format_to_sink(&to.sink, format, arguments);

	if (size > 0)
		buffer[to.used] = '\0';
	return length > INT_MAX ? INT_MAX : (int)length;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}
