# Every test there is. Each stage writes its output to build/test/NN-name.log; tools/dev/tally.py counts them and prints
# the last line that CI reads: "N passed, N failed, N skipped". Sourced by ./dev.

stage_number=0
stages_failed=0
stage_code=0

# Runs a command as a stage: shown live, kept in a log, a failure remembered; the next stage runs anyway. Never call it
# in `if` or before `||`: bash would then ignore errors inside the command.
stage() { # NAME COMMAND...
  local name=$1 started=$SECONDS log
  shift
  stage_number=$((stage_number + 1))
  log=build/test/$(printf '%02d-%s' "$stage_number" "$name").log
  say "test: $name"
  set +e
  (set -e; "$@") 2>&1 | tee "$log"
  stage_code=${PIPESTATUS[0]}
  set -e
  echo "$stage_code" >"$log.code"
  echo $((SECONDS - started)) >"$log.seconds"
  [ "$stage_code" -eq 0 ] || stages_failed=1
}

run_ctest() { # [FILTER]
  ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$(jobs_count)" ${1:+-R "$1"} \
    --output-junit "$PWD/build/test/ctest.xml" --test-output-size-passed 1000000 --test-output-size-failed 1000000
}

web_script() { # NAME: runs an npm script of web/ when it exists
  (cd web && npm run --silent "$1")
}

has_web_script() { # NAME
  [ -f web/package.json ] && node -e \
    "process.exit(require('./web/package.json').scripts?.['$1'] ? 0 : 1)" 2>/dev/null
}

run_test() { # [FILTER]
  local filter=${1:-}
  setup
  rm -rf build/test && mkdir -p build/test
  stage web-build web_build
  stage build build_cpp dev
  if [ "$stage_code" -eq 0 ]; then stage ctest run_ctest "$filter"; fi
  if [ -z "$filter" ]; then
    stage tidy python3 tools/tidy/tidy.py
    stage tidy-self env PYTHONPATH=tools/tidy python3 -m unittest discover -s tools/tidy/tests
    stage dev-self env PYTHONPATH=tools/dev python3 -m unittest discover -s tools/dev/tests
    stage demo-self env PYTHONPATH=tools/demo python3 -m unittest discover -s tools/demo/tests
    if has_web_script test; then stage web-unit web_script test; fi
    if [ -d tests/e2e ]; then stage browser web_script e2e; fi
    if has_web_script e2e:real; then stage browser-real web_script e2e:real; fi
  fi
  python3 tools/dev/tally.py build/test && [ "$stages_failed" -eq 0 ]
}
