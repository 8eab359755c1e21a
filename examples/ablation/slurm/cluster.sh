#!/bin/sh
# A Slurm cluster of one machine, for trying job arrays: munge, slurmctld and slurmd of
# this user, with everything that they write in one folder. It needs no root, no systemd
# and no control groups, but Debian's packages slurm-wlm and munge (apt-get install).
#
#	cluster.sh start FOLDER    # then: export SLURM_CONF=FOLDER/slurm.conf
#	cluster.sh stop FOLDER
set -eu
PATH=$PATH:/usr/sbin:/sbin

fail() { echo "cluster.sh: $*" >&2; exit 1; }
[ $# -eq 2 ] || fail "usage: cluster.sh start FOLDER, or cluster.sh stop FOLDER"
for tool in munged slurmctld slurmd sinfo; do
	command -v $tool >/dev/null || fail "no $tool: apt-get install slurm-wlm munge"
done
mkdir -p "$2"
folder=$(cd "$2" && pwd)

# configure writes slurm.conf for this host: as many processors and as much memory as it
# has, every part of an array on processors of its own.
configure() {
	host=$(hostname -s)
	memory=$(awk '/^MemTotal/ {print int($2 * 0.9 / 1024)}' /proc/meminfo) # MiB
	cat >"$folder/slurm.conf" <<END
ClusterName=pilot
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${SLURMCTLD_PORT:-6817}
SlurmdPort=${SLURMD_PORT:-6818}
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

start() {
	mkdir -p "$folder/state" "$folder/spool"
	configure
	export SLURM_CONF="$folder/slurm.conf"
	if [ ! -f "$folder/munge.key" ]; then
		(umask 077 && head -c 128 /dev/urandom >"$folder/munge.key")
	fi
	munged --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
		--log-file="$folder/munge.log" --seed-file="$folder/munge.seed"
	slurmctld
	slurmd
	for _ in $(seq 60); do
		[ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && return
		sleep 0.5
	done
	tail -n 5 "$folder/slurmctld.log" "$folder/slurmd.log" >&2
	fail "the node is not idle after 30 seconds"
}

# stop ends the daemons and waits until they are gone.
stop() {
	for daemon in slurmd slurmctld munge; do
		[ -f "$folder/$daemon.pid" ] || continue
		id=$(cat "$folder/$daemon.pid")
		kill "$id" 2>/dev/null || continue
		for _ in $(seq 100); do
			kill -0 "$id" 2>/dev/null || break
			sleep 0.1
		done
	done
}

case $1 in
start) start ;;
stop) stop ;;
*) fail "$1: want start or stop" ;;
esac
