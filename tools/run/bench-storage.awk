# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of ./cryptos bench storage, from lines "ROUND SYSTEM DISK NAME VALUE UNIT" (tabs) in which
# the values of a name, disk and system stand together, ascending.

BEGIN { FS = "\t" }

{
	key = $2 SUBSEP $3 SUBSEP $4
	values[key, ++counts[key]] = $5
	unit[$4] = $6
	disks[$3] = 1
	systems[$2] = 1
}

function median(name_of_system, disk, name,	key, n)
{
	key = name_of_system SUBSEP disk SUBSEP name
	n = counts[key]
	return n ? values[key, int((n + 1) / 2)] : "-"
}

function shown(number)
{
	if (number == "-")
		return number
	return sprintf(number >= 1000 ? "%.0f" : "%.1f", number)
}

function print_line(disk, name, judged,	linux, cryptos, ratio, verdict)
{
	if (!(name in unit) || !(disk in disks))
		return
	linux = median("linux", disk, name)
	cryptos = median("cryptos", disk, name)
	ratio = "-"
	verdict = "-"
	if (linux > 0 && cryptos > 0)
		ratio = sprintf("%.2f", cryptos / linux)
	if (judged && "linux" in systems && "cryptos" in systems) {
		if (cryptos == "-" || linux == "-")
			verdict = "MISSED"
		else if (unit[name] == "instructions")
			verdict = cryptos < linux ? "reached" : "MISSED"
		else
			verdict = cryptos >= linux ? "reached" : "MISSED"
		if (verdict == "MISSED")
			missed++
	}
	printf "%-5s %-13s %12s %12s %7s  %-8s %s\n", disk, name, shown(linux), shown(cryptos),
		ratio, verdict, unit[name]
}

END {
	printf "%-5s %-13s %12s %12s %7s  %-8s %s\n", "disk", "figure", "Linux", "CryptOS", "ratio",
		"", "unit"
	names = split("file_write file_read raw_read random_read pread_cached pread_direct", list, " ")
	all_disks = split("ahci nvme", disk_list, " ")
	for (d = 1; d <= all_disks; d++)
		for (i = 1; i <= names; i++)
			print_line(disk_list[d], list[i], list[i] != "pread_direct")
	exit missed > 0
}
