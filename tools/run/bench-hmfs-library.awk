# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of what bench/hmfs.c says, lines "NAME VALUE UNIT" (tabs), with the bounds.

BEGIN {
	FS = "\t"
	bound["insert_ratio"] = 2
	bound["look_up_reads"] = 3
	bound["mount_reads"] = 20
	bound["mount_blocks"] = 20
	bound["crash_mount_reads"] = 20
	bound["empty_used"] = 0.1
	bound["make_16_tib"] = 1000
	printf "%-20s %12s %9s  %-8s %s\n", "figure", "value", "at most", "", "unit"
}

NF == 3 {
	verdict = "-"
	if ($1 in bound) {
		verdict = $2 <= bound[$1] ? "reached" : "MISSED"
		missed += verdict == "MISSED"
	}
	printf "%-20s %12s %9s  %-8s %s\n", $1, $2, $1 in bound ? bound[$1] : "-", verdict, $3
}

END { exit missed > 0 }
