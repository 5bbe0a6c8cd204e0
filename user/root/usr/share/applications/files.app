name Files
icon files
command files
order 20
