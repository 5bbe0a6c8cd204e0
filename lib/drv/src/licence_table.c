/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identifiers of the SPDX License List (version 3.25, https://spdx.org/licenses), with those that it has
 * deprecated, of licences that are compatible with version 3 of the GPL.
 *
 * Source: the Free Software Foundation, "Various Licenses and Comments about Them", section "GPL-Compatible Free
 * Software Licenses" (https://www.gnu.org/licenses/license-list.html), and its table of
 * the GPL's own versions (https://www.gnu.org/licenses/gpl-faq.html#AllCompatibility). Where the FSF names a licence
 * that SPDX splits by version, only versions that the FSF names are here. Licences whose conditions are a part of
 * those of one that the FSF names are marked.
 *
 * Not here, though free: GPL-2.0-only, CDDL, EPL, EUPL, MPL-1.1, MPL-2.0-no-copyleft-exception, OpenSSL,
 * BSD-4-Clause, Apache-1.1, CC-BY-SA (by way of an adapter's licence only), QPL, PHP, MS-PL, AFL, OSL.
 */
#include "licence_table.h"

#include <base/string.h>

struct licence {
	const char *identifier;
	/* "+" may follow: as later versions are an addition to what is allowed anyway. */
	bool plus;
};

static const struct licence compatible[] = {
	/* GNU. LGPL 2.0 and 2.1 allow to go on under the GPL 2 or later (their section 3), AGPL 3.0 and GPL 3.0 allow
	 * to be combined (their section 13). The names without -only and with + are deprecated. */
	{ "GPL-3.0-or-later", false },
	{ "GPL-3.0-only", false },
	{ "GPL-3.0", true },
	{ "GPL-2.0-or-later", false },
	{ "GPL-1.0-or-later", false },
	{ "LGPL-3.0-or-later", false },
	{ "LGPL-3.0-only", false },
	{ "LGPL-3.0", true },
	{ "LGPL-2.1-or-later", false },
	{ "LGPL-2.1-only", false },
	{ "LGPL-2.1", true },
	{ "LGPL-2.0-or-later", false },
	{ "LGPL-2.0-only", false },
	{ "LGPL-2.0", true },
	{ "AGPL-3.0-or-later", false },
	{ "AGPL-3.0-only", false },
	{ "AGPL-3.0", true },
	{ "FSFAP", true },
	/* Deprecated names of a licence with its exception. */
	{ "GPL-3.0-with-GCC-exception", false },
	{ "GPL-3.0-with-autoconf-exception", false },
	{ "eCos-2.0", false },
	{ "wxWindows", false },

	/* The FSF's list, by its order. */
	{ "Apache-2.0", true },
	{ "Artistic-2.0", true },
	{ "ClArtistic", true },
	{ "Sleepycat", true },
	{ "BSL-1.0", true },
	{ "BSD-3-Clause", true },
	{ "CECILL-2.0", true },
	{ "BSD-3-Clause-Clear", true },
	{ "ECL-2.0", true },
	{ "EFL-2.0", true },
	{ "EUDatagrid", true },
	{ "MIT", true },
	{ "BSD-2-Clause", true },
	{ "FTL", true },
	{ "HPND", true },
	{ "iMatix", true },
	{ "Imlib2", true },
	{ "IJG", true },
	{ "Intel", true },
	{ "ISC", true },
	{ "MPL-2.0", true },
	{ "NCSA", true },
	{ "OLDAP-2.7", true },
	{ "CC0-1.0", true },
	{ "Python-2.0", true },
	{ "Ruby", true },
	{ "SGI-B-2.0", true },
	{ "SMLNJ", true },
	{ "StandardML-NJ", true }, /* deprecated */
	{ "Unicode-DFS-2015", true },
	{ "Unicode-DFS-2016", true },
	{ "UPL-1.0", true },
	{ "Unlicense", true },
	{ "Vim", true },
	{ "W3C", true },
	{ "WTFPL", true },
	{ "X11", true },
	{ "XFree86-1.1", true },
	{ "Zlib", true },
	{ "ZPL-2.0", true },
	{ "ZPL-2.1", true },

	/* Conditions that are a part of those of MIT, ISC or BSD-2-Clause. */
	{ "0BSD", true },
	{ "MIT-0", true },
	{ "BSD-1-Clause", true },
	{ "BSD-2-Clause-FreeBSD", true }, /* deprecated */
	{ "BSD-2-Clause-NetBSD", true },  /* deprecated */
};

/* Deprecated, and compatible only with the "+". */
static const char *const compatible_if_later[] = { "GPL-2.0", "GPL-1.0" };

/* Exceptions of SPDX's list that add permissions and take none away. */
static const char *const exceptions[] = {
	"389-exception",
	"Autoconf-exception-2.0",
	"Autoconf-exception-3.0",
	"Autoconf-exception-generic",
	"Autoconf-exception-generic-3.0",
	"Autoconf-exception-macro",
	"Bison-exception-1.24",
	"Bison-exception-2.2",
	"Bootloader-exception",
	"CLISP-exception-2.0",
	"Classpath-exception-2.0",
	"DigiRule-FOSS-exception",
	"FLTK-exception",
	"Fawkes-Runtime-exception",
	"Font-exception-2.0",
	"GCC-exception-2.0",
	"GCC-exception-3.1",
	"GNAT-exception",
	"GPL-3.0-linking-exception",
	"GPL-3.0-linking-source-exception",
	"GPL-CC-1.0",
	"GStreamer-exception-2005",
	"GStreamer-exception-2008",
	"LGPL-3.0-linking-exception",
	"LLVM-exception",
	"Libtool-exception",
	"Linux-syscall-note",
	"Nokia-Qt-exception-1.1",
	"OCaml-LGPL-linking-exception",
	"OpenJDK-assembly-exception-1.0",
	"PS-or-PDF-font-exception-20170817",
	"Qt-GPL-exception-1.0",
	"Qt-LGPL-exception-1.1",
	"Qwt-exception-1.0",
	"Swift-exception",
	"Texinfo-exception",
	"UBDL-exception",
	"Universal-FOSS-exception-1.0",
	"WxWindows-exception-3.1",
	"cryptsetup-OpenSSL-exception",
	"eCos-exception-2.0",
	"freertos-exception-2.0",
	"i2p-gpl-java-exception",
	"mif-exception",
	"openvpn-openssl-exception",
	"u-boot-exception-2.0",
	"x11vnc-openssl-exception",
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is(const char *word, size_t length, const char *name)
{
	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(word[i]) != lower(name[i]))
			return false;
	return true;
}

bool licence_table_has(const char *word, size_t length, bool later)
{
	for (size_t i = 0; i < array_length(compatible); i++)
		if (is(word, length, compatible[i].identifier))
			return !later || compatible[i].plus;
	for (size_t i = 0; i < array_length(compatible_if_later); i++)
		if (is(word, length, compatible_if_later[i]))
			return later;
	return false;
}

bool licence_table_has_exception(const char *word, size_t length)
{
	for (size_t i = 0; i < array_length(exceptions); i++)
		if (is(word, length, exceptions[i]))
			return true;
	return false;
}
