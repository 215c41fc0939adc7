#!/bin/bash
# Several machines by hand: one shell on each, each with its own number.
#
#   deploy/by-hand.sh 0 one:12345,two:12345 music --fit.epochs 20   # on one
#   deploy/by-hand.sh 1 one:12345,two:12345 music --fit.epochs 20   # on two
#
# All machines reach one another at these ports. The first writes the run; if
# the current folder is shared, any of them can go on with --resume RUN.
set -euo pipefail
usage="by-hand.sh NUMBER HOST:PORT,HOST:PORT,... TASK [FLAGS OF train]"
index=${1:?$usage} hosts=${2:?$usage} task=${3:?$usage}
shift 3
printf -v workers '"%s", ' ${hosts//,/ }
export TF_CONFIG="{\"cluster\": {\"worker\": [${workers%, }]}, \
\"task\": {\"type\": \"worker\", \"index\": $index}}"
exec "${PYTHON:-python}" -m "seqapps.tasks.$task" \
  train --devices.name multiworker "$@"
