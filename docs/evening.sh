#!/usr/bin/env bash
# An evening with the lab, as docs/evening.cast has it: each command as a prompt shows it, and what it says. It takes the name of a
# stack that there is not, and a student number that is free; nothing remains of the stack.
set -euo pipefail
cd "$(dirname "$0")/.."
stack=$1 student=$2
state=$(mktemp -d)
export PATH=$PWD/bin:$PATH PULUMI_BACKEND_URL=file://$state PULUMI_CONFIG_PASSPHRASE=

show() {
	printf '\n$ %s\n' "$*"
	sleep 1 # for the reader
	"$@"
}

# Also where a step fails: what cannot be destroyed keeps its state.
end() { show lab destroy --stack "$stack" --yes && rm -r "$state" "Pulumi.$stack.yaml"; }

show lab doctor --stack "$stack" --student "$student"
trap end EXIT
show lab next --stack "$stack" --student "$student" --yes
show lab up --stack "$stack" --stage policy
show lab verify --stack "$stack"
show lab traffic simple-backend -n 10 --stack "$stack"
show lab status --stack "$stack"
