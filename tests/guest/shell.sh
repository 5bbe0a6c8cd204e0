#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What people do in a shell, with busybox: shell.sh [--after TEST]. Prints as the other guest
# tests do. Each test is a function that fails or prints what `expect` compares.

after=
if [ "${1:-}" = --after ]; then
	after=$2
fi
passed=0
failed=0
work=${TMPDIR:-/tmp}/shell.$$
mkdir "$work" && cd "$work" || exit 1

# check NAME WANTED COMMAND: the output of COMMAND must be WANTED.
check()
{
	if [ -n "$after" ]; then
		[ "$after" = "shell.$1" ] && after=
		return
	fi
	echo "RUN shell.$1"
	got=$(eval "$3" 2>&1)
	if [ "$got" = "$2" ]; then
		echo "PASS shell.$1"
		passed=$((passed + 1))
	else
		echo "FAIL shell.$1: \"$got\" is not \"$2\"" | tr '\n' '|' | sed 's/|$//'
		echo
		failed=$((failed + 1))
	fi
}

check echo 'a b  c' 'echo "a b  c"'
check status 3 '(exit 3); echo $?'
check signal_status 143 '(sh -c "kill -TERM \$\$"; echo $?) 2>/dev/null'
check not_found 127 'no-such-command 2>/dev/null; echo $?'
check pipeline 3 'printf "b\na\nc\n" | sort | head -n 1 | grep -c a | sed s/1/3/'
check pipeline_of_ten 1000 'seq 1000 | cat | cat | cat | cat | cat | cat | cat | cat | wc -l | tr -d " "'
check redirection 'one|two|' 'echo one >f; echo two >>f; tr "\n" "|" <f'
check error_redirection 1 'ls /no/such 2>&1 >/dev/null | wc -l | tr -d " "'
check here_document 'x 5 y' 'n=5; cat <<END
x $n y
END'
check substitution '10' 'echo $(expr $(echo 3) + $(echo 7))'
check arithmetic '42 1 255' 'echo $((6*7)) $((5>3)) $((0xff))'
check loops '1 2 3 4 5' 'i=0; while [ $i -lt 5 ]; do i=$((i+1)); printf "%s%s" "$s" $i; s=" "; done'
check functions 'hi bob' 'f() { echo "hi $1"; }; f bob'
check case yes 'case abc in a*) echo yes;; *) echo no;; esac'
check globbing 'a1 a2 a3' 'mkdir g; touch g/a1 g/a2 g/a3 g/b; cd g; echo a*'
check background 'done 0' 'sleep 0.1 & wait $!; echo done $?'
check many_background_jobs 20 'for i in $(seq 20); do (sleep 0.1; echo x) & done | wc -l | tr -d " "; wait'
check kill_background_job 143 '(sleep 100 & kill $!; wait $!; echo $?) 2>/dev/null'
check trap 'caught after' 'sh -c "trap \"printf caught\" USR1; kill -USR1 \$\$; echo \" after\""'
check exit_trap bye 'sh -c "trap \"echo bye\" EXIT; exit 0"'
check read 'second first' 'echo "first second" | { read a b; echo "$b $a"; }'
check subshell_variables 'outer' 'v=outer; (v=inner); echo $v'
check environment 'value' 'V=value sh -c "echo \$V"'
check set_e 'a' 'sh -ec "echo a; false; echo b"'
check script 'args: 2 x y' 'printf "#!/bin/sh\necho args: \$# \$@\n" >s; chmod +x s; ./s x y'
check named_pipe 'through' 'mkfifo p; echo through >p & cat p; rm p'
check seq_awk 5050 'seq 100 | awk "{ s += \$1 } END { print s }"'
check sed 'hallo welt' 'echo hello world | sed -e s/hello/hallo/ -e s/world/welt/'
check grep 'ab12' 'printf "xx\nab12\nyy\n" | grep -E "^[a-z]{2}[0-9]+$"'
check sort_numbers '1 2 10' 'printf "10\n1\n2\n" | sort -n | tr "\n" " " | sed "s/ $//"'
check cut_paste 'b' 'echo a:b:c | cut -d: -f2'
check find_exec '3' 'mkdir -p t/u; touch t/1 t/2 t/u/3; find t -type f -exec echo {} \; | wc -l | tr -d " "'
check xargs '3 2' 'echo a b c d e | xargs -n 3 sh -c "echo \$#" x | tr "\n" " " | sed "s/ $//"'
check copy_tree 'same' 'mkdir -p c/d; echo 1 >c/d/f; ln -s d/f c/l; cp -a c e; diff -r c e && echo same'
check move_and_remove 'gone' 'mkdir m; mv m n; rm -r n; [ -e n ] || echo gone'
check permissions 'rwxr-x---' 'touch q; chmod 750 q; ls -l q | cut -c2-10'
check symbolic_links 'x' 'ln -s x y; readlink y'
check hard_links 2 'echo 1 >h; ln h i; stat -c %h h'
check tar_gzip 'content' 'mkdir k; echo content >k/f; tar czf k.tgz k; rm -r k; tar xzf k.tgz; cat k/f'
check md5 'b1946ac92492d2347c6235b4d2611184' 'echo hello | md5sum | cut -d" " -f1'
check big_checksum "$(head -c 3000000 /dev/zero | md5sum)" 'dd if=/dev/zero bs=1000 count=3000 2>/dev/null | md5sum'
check dd_skip 'cde' 'echo abcdefg | dd bs=1 skip=2 count=3 2>/dev/null'
check od '0000000 61 62' 'printf ab | od -t x1 | head -n 1 | sed "s/ *$//"'
check date '1970-01-02' 'date -u -d @86400 +%Y-%m-%d'
check sleep_time 'ok' 'a=$(date +%s); sleep 1; b=$(date +%s); [ $((b-a)) -ge 1 ] && [ $((b-a)) -le 5 ] && echo ok'
check timeout 143 '(timeout 0.2 sleep 50; echo $?) 2>/dev/null'
check identity 'uid=0(root)' 'id | cut -d" " -f1'
check processes 'sleep' 'sleep 7 & ps | grep -v grep | grep -o "sleep 7" | cut -d" " -f1; kill $!'
check uname x86_64 'uname -m'
check memory_figures ok '[ "$(free | awk "/Mem/ { print (\$2 > 0) }")" = 1 ] && echo ok'
check mounts ok 'df >/dev/null && mount >/dev/null && echo ok'
check bc 1024 'echo 2^10 | bc'
check vi_is_there ok 'echo ":q" | vi -c ":q" f >/dev/null 2>&1; echo ok'
check umask '0027' 'umask 027; umask'
check nested_shells '5' 'sh -c "sh -c \"sh -c \\\"echo 5\\\"\""'
check long_line 100000 'head -c 100000 /dev/zero | tr "\0" x | wc -c | tr -d " "'
check many_files 500 'mkdir z; for i in $(seq 500); do : >z/$i; done; ls z | wc -l | tr -d " "; rm -r z'
check many_processes 200 'for i in $(seq 200); do /bin/true && echo x; done | wc -l | tr -d " "'

cd / && rm -rf "$work"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
