/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of magic numbers and of suffixes. The types are those of IANA's registry, and of the
 * freedesktop.org shared MIME database where that has none. */
#include "mime.h"

#include <base/string.h>
#include <hmfs/object.h>

struct magic {
	uint16_t offset;
	uint8_t length;
	const char *bytes;
	const char *type;
};

#define MAGIC(at, text, what)                    \
	{                                        \
		at, sizeof(text) - 1, text, what \
	}

/* The first one that is right counts: longer before shorter. */
static const struct magic magics[] = {
	MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
	MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
	MAGIC(0, "GIF87a", "image/gif"),
	MAGIC(0, "GIF89a", "image/gif"),
	MAGIC(8, "WEBP", "image/webp"),
	MAGIC(8, "WAVE", "audio/vnd.wave"),
	MAGIC(8, "AVI ", "video/x-msvideo"),
	MAGIC(4, "ftypavif", "image/avif"),
	MAGIC(4, "ftypheic", "image/heic"),
	MAGIC(4, "ftypqt", "video/quicktime"),
	MAGIC(4, "ftypM4A", "audio/mp4"),
	MAGIC(4, "ftyp", "video/mp4"),
	MAGIC(0, "II*\0", "image/tiff"),
	MAGIC(0, "MM\0*", "image/tiff"),
	MAGIC(0, "\0\0\1\0", "image/vnd.microsoft.icon"),
	MAGIC(0, "qoif", "image/qoi"),
	MAGIC(0, "ID3", "audio/mpeg"),
	MAGIC(0, "\xff\xfb", "audio/mpeg"),
	MAGIC(0, "fLaC", "audio/flac"),
	MAGIC(28, "OpusHead", "audio/ogg"),
	MAGIC(0, "OggS", "application/ogg"),
	MAGIC(0, "MThd", "audio/midi"),
	MAGIC(0, "\x1a\x45\xdf\xa3", "video/matroska"),
	MAGIC(0, "%PDF-", "application/pdf"),
	MAGIC(0, "%!PS", "application/postscript"),
	MAGIC(0, "{\\rtf", "application/rtf"),
	MAGIC(30, "mimetypeapplication/vnd.oasis.opendocument.text",
	      "application/vnd.oasis.opendocument.text"),
	MAGIC(30, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
	      "application/vnd.oasis.opendocument.spreadsheet"),
	MAGIC(30, "mimetypeapplication/epub+zip", "application/epub+zip"),
	MAGIC(0, "\x1f\x8b", "application/gzip"),
	MAGIC(0, "BZh", "application/x-bzip2"),
	MAGIC(0,
	      "\xfd"
	      "7zXZ\0",
	      "application/x-xz"),
	MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
	MAGIC(257, "ustar", "application/x-tar"),
	MAGIC(0, "070701", "application/x-cpio"),
	MAGIC(0, "!<arch>\ndebian", "application/vnd.debian.binary-package"),
	MAGIC(0, "!<arch>\n", "application/x-archive"),
	MAGIC(0,
	      "\x7f"
	      "ELF",
	      "application/x-elf"),
	MAGIC(0, "\0asm", "application/wasm"),
	MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"),
	MAGIC(0, "wOFF", "font/woff"),
	MAGIC(0, "wOF2", "font/woff2"),
	MAGIC(0, "OTTO", "font/otf"),
	MAGIC(0, "\0\1\0\0\0", "font/ttf"),
	MAGIC(0, "#!/bin/sh", "application/x-shellscript"),
	MAGIC(0, "#!/bin/bash", "application/x-shellscript"),
	MAGIC(0, "#!/usr/bin/env bash", "application/x-shellscript"),
	MAGIC(0, "#!/usr/bin/env python", "text/x-python"),
	MAGIC(0, "#!/usr/bin/python", "text/x-python"),
	MAGIC(0, "<?xml", "application/xml"),
	MAGIC(0, "<!DOCTYPE html", "text/html"),
	MAGIC(0, "<!doctype html", "text/html"),
	MAGIC(0, "<html", "text/html"),
};

struct suffix {
	const char *suffix, *type;
};

static const struct suffix suffixes[] = {
	{ "txt", "text/plain" },
	{ "md", "text/markdown" },
	{ "html", "text/html" },
	{ "htm", "text/html" },
	{ "css", "text/css" },
	{ "js", "text/javascript" },
	{ "json", "application/json" },
	{ "csv", "text/csv" },
	{ "xml", "application/xml" },
	{ "svg", "image/svg+xml" },
	{ "yaml", "application/yaml" },
	{ "yml", "application/yaml" },
	{ "toml", "application/toml" },
	{ "c", "text/x-csrc" },
	{ "h", "text/x-chdr" },
	{ "cc", "text/x-c++src" },
	{ "cpp", "text/x-c++src" },
	{ "rs", "text/rust" },
	{ "go", "text/x-go" },
	{ "py", "text/x-python" },
	{ "sh", "application/x-shellscript" },
	{ "patch", "text/x-patch" },
	{ "diff", "text/x-patch" },
	{ "tex", "text/x-tex" },
	{ "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },
	{ "png", "image/png" },
	{ "bmp", "image/bmp" },
	{ "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" },
	{ "mkv", "video/matroska" },
	{ "webm", "video/webm" },
	{ "jar", "application/java-archive" },
	{ "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	{ "zip", "application/zip" },
	{ "eml", "message/rfc822" },
	{ "ics", "text/calendar" },
	{ "vcf", "text/vcard" },
};

const char *hmfs_mime_of_kind(uint32_t kind)
{
	switch (kind) {
	case HMFS_MODE_REGULAR:
		return NULL;
	case HMFS_MODE_DIRECTORY:
		return "inode/directory";
	case HMFS_MODE_LINK:
		return "inode/symlink";
	case HMFS_MODE_FIFO:
		return "inode/fifo";
	case HMFS_MODE_SOCKET:
		return "inode/socket";
	case HMFS_MODE_CHARACTER:
		return "inode/chardevice";
	default:
		return "inode/blockdevice";
	}
}

static const char *by_magic(const uint8_t *head, size_t length)
{
	for (size_t i = 0; i < array_length(magics); i++) {
		const struct magic *magic = &magics[i];

		if (length >= (size_t)magic->offset + magic->length &&
		    memcmp(head + magic->offset, magic->bytes, magic->length) == 0)
			return magic->type;
	}
	return NULL;
}

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter | 0x20) : letter;
}

static bool ends_with(const char *name, size_t length, const char *suffix)
{
	const size_t suffix_length = strlen(suffix);

	if (length < suffix_length + 2 || name[length - suffix_length - 1] != '.')
		return false;
	name += length - suffix_length;
	for (size_t i = 0; i < suffix_length; i++) {
		if (lower(name[i]) != suffix[i])
			return false;
	}
	return true;
}

static const char *by_suffix(const char *name, size_t length)
{
	for (size_t i = 0; i < array_length(suffixes); i++) {
		if (ends_with(name, length, suffixes[i].suffix))
			return suffixes[i].type;
	}
	return NULL;
}

/* No bytes that text does not have. */
static bool is_text(const uint8_t *head, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (head[i] == 0x7f ||
		    (head[i] < 0x20 && (head[i] < '\a' || head[i] > '\r') && head[i] != 0x1b))
			return false;
	}
	return true;
}

const char *hmfs_mime_guess(const uint8_t *head, size_t length, const char *name,
			    size_t name_length)
{
	const char *type = by_magic(head, length);

	/* XML is what many things are written in. */
	if (!type || strcmp(type, "application/xml") == 0) {
		const char *named = by_suffix(name, name_length);

		type = named ? named : type;
	}
	if (type)
		return type;
	if (length == 0)
		return "application/x-zerosize";
	if (length >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		return "application/zip";
	if (length >= 2 && memcmp(head, "BM", 2) == 0)
		return "image/bmp";
	return is_text(head, length) ? "text/plain" : "application/octet-stream";
}
