#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the guest (run.sh): a Linux shell and its tools on a scheme that a Rust program serves
# (programs/ram.rs), and Rust programs in its pipelines. One line per test.

check() # NAME WANTED GOT
{
	if [ "$2" = "$3" ]; then
		echo "PASS shell_$1"
	else
		echo "FAIL shell_$1: \"$3\", not \"$2\"" | tr '\n' ' '
		echo
	fi
}

ram
check starts_a_server 0 $?
ram=/scheme/ram

echo hello >$ram/f
check writes_and_reads hello "$(cat $ram/f)"
echo more >>$ram/f
check appends 'hello more' "$(tr '\n' ' ' <$ram/f | sed 's/ $//')"
check sees_attributes 'regular file 644 11' "$(stat -c '%F %a %s' $ram/f)"
check misses_what_is_not_there 1 "$(cat $ram/nothing 2>/dev/null; echo $?)"

mkdir $ram/d && cp $ram/f $ram/d/g && mv $ram/f $ram/h
check lists_directories "$(printf 'd\nh')" "$(ls $ram)"
check walks_the_tree "$(printf '%s\n' $ram/ $ram/d $ram/d/g $ram/h)" "$(find $ram/ | sort)"
check copies_into_directories 'hello' "$(head -n 1 $ram/d/g)"
check refuses_to_remove_what_is_full 1 "$(rmdir $ram/d 2>/dev/null; echo $?)"
rm $ram/d/g && rmdir $ram/d && rm $ram/h
check removes '' "$(ls $ram)"

dd if=/dev/urandom of=/tmp/random bs=1000 count=150 2>/dev/null
cp /tmp/random $ram/random
check keeps_every_byte 0 "$(cmp /tmp/random $ram/random; echo $?)"
check works_inside_of_it 150000 "$(cd $ram && wc -c <random)"

check runs_programs_in_pipelines 'arg peer-child arg show arg a b ' \
	"$(/bin/peer-child show 'a b' </dev/null | grep '^arg' | sed 's,/bin/,,' | tr '\n' ' ')"
check tells_how_programs_end 42 "$(/bin/peer-child exit 42; echo $?)"
check tells_which_signal_ended_them 138 "$(/bin/peer-child raise 10 2>/dev/null; echo $?)"
check waits_for_their_input 0 "$(echo x | /bin/peer-child wait; echo $?)"
