# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of ./cryptos bench sched, from lines "CPUS MODE NAME VALUE UNIT" (tabs). Variables:
# cpus_list, laps_wanted, quantum_us (the bound of a lap), laps_quantum_us (of the run of laps).

{
	value[$1, $2, $3] = $4
	if (!($3 in unit) && ($2 == "token" || $2 == "tick")) {
		order[++rows] = $3
	}
	unit[$3] = $5
}

function get(cpus, mode, name)
{
	return (cpus, mode, name) in value ? value[cpus, mode, name] : "-"
}

function shown(number)
{
	if (number == "-")
		return "-"
	return sprintf(number >= 1000 ? "%.0f" : number >= 100 ? "%.1f" : "%.2f", number)
}

function verdict(holds, what, evidence)
{
	printf "%-8s %s: %s\n", holds ? "holds" : "MISSED", what, evidence
}

function print_table(	i, j, name)
{
	printf "\n%-18s %-8s", "", ""
	for (j = 1; j <= counts; j++)
		printf "  %16s", cpus[j] (cpus[j] == 1 ? " CPU" : " CPUs")
	printf "\n%-18s %-8s", "figure", "unit"
	for (j = 1; j <= counts; j++)
		printf "  %8s%8s", "token", "tick"
	print ""
	for (i = 1; i <= listed; i++) {
		name = list[i]
		if (!(name in unit))
			continue
		printf "%-18s %-8s", name, unit[name]
		for (j = 1; j <= counts; j++)
			printf "  %8s%8s", shown(get(cpus[j], "token", name)),
				shown(get(cpus[j], "tick", name))
		print ""
	}
	print ""
}

# The CPUs of which `name` has the largest ratio of token to tick; sets worst_ratio.
function find_worst(name,	j, token, tick, ratio, worst)
{
	worst_ratio = -1
	for (j = 1; j <= counts; j++) {
		token = get(cpus[j], "token", name)
		tick = get(cpus[j], "tick", name)
		if (token == "-" || tick == "-")
			continue
		ratio = tick > 0 ? token / tick : token > 0 ? 1e9 : 1
		if (ratio > worst_ratio) {
			worst_ratio = ratio
			worst = cpus[j]
		}
	}
	return worst
}

function judge_throughput(	i, j, name, ratio, least, where)
{
	least = 1e9
	for (i = 1; i <= listed; i++) {
		name = list[i]
		for (j = 1; name ~ /^throughput/ && j <= counts; j++) {
			if (get(cpus[j], "tick", name) <= 0)
				continue
			ratio = get(cpus[j], "token", name) / get(cpus[j], "tick", name)
			if (ratio < least) {
				least = ratio
				where = name " on " cpus[j]
			}
		}
	}
	verdict(least >= 0.99, "throughput at least equal (within 1 %)",
		sprintf("at least %.3f of the tick's, %s CPUs", least, where))
}

function judge_interrupts(	j, n, holds, text)
{
	holds = 1
	for (j = 1; j <= counts; j++) {
		n = cpus[j]
		if (get(n, "token", "interrupts_n") > get(n, "tick", "interrupts_n") / n)
			holds = 0
		text = text sprintf("%s%s/%s", j > 1 ? ", " : "",
			shown(get(n, "token", "interrupts_n")), shown(get(n, "tick", "interrupts_n")))
	}
	verdict(holds, "interrupts with N threads on N CPUs at most 1/N of the tick's",
		"token/tick per second " text)
	holds = 1
	text = ""
	for (j = 1; j <= counts; j++) {
		if (get(cpus[j], "token", "interrupts_idle") > 0)
			holds = 0
		text = text (j > 1 ? ", " : "") shown(get(cpus[j], "token", "interrupts_idle"))
	}
	verdict(holds, "no interrupts when idle", "per second " text)
}

function judge_latency(name,	worst)
{
	worst = find_worst(name)
	verdict(worst_ratio <= 1.01, name " at most the tick's",
		sprintf("on %s CPUs %s us against %s us", worst, shown(get(worst, "token", name)),
			shown(get(worst, "tick", name))))
}

function judge_fairness(name, what,	j, most, where, tick)
{
	for (j = 1; j <= counts; j++) {
		if (get(cpus[j], "token", name) >= most + 0) {
			most = get(cpus[j], "token", name)
			where = cpus[j]
		}
		if (get(cpus[j], "tick", name) > tick)
			tick = get(cpus[j], "tick", name)
	}
	verdict(most <= 3, what " within 3 % of their share",
		sprintf("at most %s %% (on %s CPUs); tick: %s %%", shown(most), where, shown(tick)))
}

function judge_laps(	j, longest, lost)
{
	for (j = 1; j <= counts; j++) {
		if (get(cpus[j], "token", "lap_longest") > longest + 0)
			longest = get(cpus[j], "token", "lap_longest")
		lost += get(cpus[j], "token", "tokens_lost")
	}
	verdict(longest <= quantum_us && lost == 0, "a lap within a quantum under all loads",
		sprintf("longest %s us, %d tokens lost", shown(longest), lost))
	verdict(get(4, "laps", "laps") >= laps_wanted && get(4, "laps", "tokens_lost") == 0,
		laps_wanted " laps with a quantum of " laps_quantum_us " us on 4 CPUs, none lost",
		sprintf("%d laps, p50 %s us, p99 %s us, longest %s us, %d tokens lost",
			get(4, "laps", "laps"), shown(get(4, "laps", "lap_p50")),
			shown(get(4, "laps", "lap_p99")), shown(get(4, "laps", "lap_longest")),
			get(4, "laps", "tokens_lost")))
}

function judge_instructions(	key, parts)
{
	for (key in value) {
		split(key, parts, SUBSEP)
		if (parts[2] != "icount")
			continue
		if (parts[3] ~ /switch/)
			verdict(value[key] < 400, parts[3] " under 400 instructions", shown(value[key]))
		else
			verdict(value[key] < 1500, parts[3] " under 1,500 instructions",
				shown(value[key]))
	}
}

END {
	counts = split(cpus_list, cpus, " ")
	listed = split("throughput_n throughput_2n throughput_2n+1 throughput_n+1 " \
		"throughput_mixed interrupts_idle interrupts_n interrupts_n+1 interrupts_2n " \
		"interrupts_2n+1 interrupts_mixed unfairness_n+1 unfairness_pair wake_timer_p50 " \
		"wake_timer_p99 wake_timer_max wake_futex_p50 wake_futex_p99 wake_futex_max " \
		"wake_pipe_p50 wake_pipe_p99 wake_pipe_max wake_kernel_p50 wake_kernel_p99 laps " \
		"lap_p50 lap_p99 lap_longest tokens_lost failed", list, " ")
	print_table()
	judge_throughput()
	judge_interrupts()
	judge_latency("wake_timer_p99")
	judge_latency("wake_futex_p99")
	judge_latency("wake_pipe_p99")
	judge_fairness("unfairness_n+1", "N+1 equal threads on N CPUs")
	judge_fairness("unfairness_pair", "two equal threads on one CPU")
	judge_laps()
	judge_instructions()
}
