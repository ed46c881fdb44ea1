#!/bin/bash
. "$(dirname "${BASH_SOURCE[0]}")/../../env-shell.sh"
