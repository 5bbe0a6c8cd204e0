# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of what bench/blend.c says, lines "OPERATION_WHOSE VALUE UNIT" (tabs), with the bounds of the
# ratios.

BEGIN {
	FS = "\t"
	bound["fill"] = bound["copy"] = 0.9
	bound["over"] = 2
	format = "%-15s %8s %8s %8s %8s   %-14s %7s %9s  %s\n"
	printf format, "", "scalar", "sse2", "avx2", "avx512", "beside", "times", "at least", ""
}

NF == 3 {
	at = match($1, /_[a-z0-9]+$/)
	operation = substr($1, 1, at - 1)
	whose = substr($1, at + 1)
	value[whose] = $2
	if (whose ~ /^(mem|pixman)/)
		beside = sprintf("%s %.0f", whose, $2)
	if (whose != "ratio")
		next
	verdict = ""
	if (operation in bound) {
		verdict = $2 >= bound[operation] ? "reached" : "MISSED"
		missed += verdict == "MISSED"
	}
	printf format, operation, shown("scalar"), shown("sse2"), shown("avx2"), shown("avx512"),
		beside, $2, operation in bound ? bound[operation] : "-", verdict
	delete value
}

function shown(whose)
{
	return whose in value ? sprintf("%.0f", value[whose]) : "-"
}

END { exit missed > 0 }
