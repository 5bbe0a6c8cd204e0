# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of ./cryptos bench hmfs, from lines "ROUND SYSTEM NAME VALUE UNIT" (tabs) in which the
# values of a name and system stand together, ascending. More is better in all of them.

BEGIN { FS = "\t" }

{
	key = $2 SUBSEP $3
	values[key, ++counts[key]] = $4
	unit[$3] = $5
	systems[$2] = 1
}

function median(name_of_system, name,	key, n)
{
	key = name_of_system SUBSEP name
	n = counts[key]
	return n ? values[key, int((n + 1) / 2)] : "-"
}

function shown(number)
{
	if (number == "-")
		return number
	return sprintf(number >= 1000 ? "%.0f" : "%.1f", number)
}

function ratio(ours, theirs)
{
	return ours > 0 && theirs > 0 ? sprintf("%.2f", ours / theirs) : "-"
}

function print_line(name,	ext4, btrfs, hmfs, verdict)
{
	if (!(name in unit))
		return
	ext4 = median("ext4", name)
	btrfs = median("btrfs", name)
	hmfs = median("hmfs", name)
	verdict = "-"
	if ("ext4" in systems && "btrfs" in systems && "hmfs" in systems) {
		all++
		if (hmfs == "-" || hmfs < btrfs) {
			verdict = "MISSED: btrfs"
			missed++
		} else if (hmfs < ext4) {
			verdict = "below ext4"
			below++
		} else {
			verdict = "reached"
		}
	}
	printf "%-10s %10s %10s %10s %8s %8s  %-13s %s\n", name, shown(ext4), shown(btrfs),
		shown(hmfs), ratio(hmfs, ext4), ratio(hmfs, btrfs), verdict, unit[name]
}

END {
	printf "%-10s %10s %10s %10s %8s %8s  %-13s %s\n", "figure", "ext4", "btrfs", "HMFS", "/ ext4",
		"/ btrfs", "", "unit"
	names = split("create delete untar fsync seq_write seq_read rand_read rand_write", list, " ")
	for (i = 1; i <= names; i++)
		print_line(list[i])
	# Faster than btrfs in all, than ext4 in most.
	exit missed > 0 || 2 * below >= all && all > 0
}
