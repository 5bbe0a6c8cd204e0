name Text editor
icon editor
command editor
order 30
