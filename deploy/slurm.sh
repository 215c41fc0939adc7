#!/bin/bash
# Several machines under Slurm: one task a machine, which takes all its GPUs.
#
#   sbatch deploy/slurm.sh music --fit.epochs 20
#
# The folder in which it is submitted is seen by all machines, and runs stand in
# its job-NUMBER/. A job that Slurm requeues goes on with its run; so does a new
# one with FOLDER=job-NUMBER. Adapt the numbers, and where Python is (PYTHON).
#SBATCH --job-name=seqapps
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=32
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# a minute before its time is over, a training saves and ends
#SBATCH --signal=TERM@60
set -euo pipefail
task=${1:?name a task: music, sentiment or translation}
shift
folder=${FOLDER:-job-$SLURM_JOB_ID}
mkdir -p "$folder"
cd "$folder"
resume=()
if compgen -G "runs/$task/*/recipe.toml" >/dev/null; then
  resume=(--resume)
fi
# --devices.name multiworker reads what srun tells each task: its number, and
# the machines
exec srun --kill-on-bad-exit=1 "${PYTHON:-python}" -m "seqapps.tasks.$task" \
  train --devices.name multiworker "$@" ${resume[@]+"${resume[@]}"}
