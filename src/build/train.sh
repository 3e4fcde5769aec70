#!/bin/sh
# Makes the start-up archive of a distribution, by recording a training run with the JDK that its
# launcher finds. Without an archive the program only starts slower, so a failure is no error.
#
# usage: train.sh DISTRIBUTION TRAINING LOG
set -u
distribution=$1 training=$2 log=$3

# Those of former builds, perhaps by another JDK.
rm -f "$distribution"/lib/moesaic-*.aot "$distribution"/lib/moesaic-*.jsa

# JDK 25 would also record profiles, and compile by them as soon as a program starts. That takes more
# time from a short run than it gives; so leave them out, where the JDK knows of them.
flags='-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining'

if MOESAIC_TRAINING=1 MOESAIC_JAVA_OPTS=$flags "$distribution/bin/moesaic" "$training" >"$log" 2>&1; then
  for archive in "$distribution"/lib/moesaic-*.aot "$distribution"/lib/moesaic-*.jsa; do
    [ ! -s "$archive" ] || exit 0
  done
fi
echo "No start-up archive was made (see $log): moesaic works, and starts slower."
