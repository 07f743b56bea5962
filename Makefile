# Everything a person does with a checkout. Each target sets up what it needs first, and says so.
#
#   PYTHON=python3.13   which Python to build .venv with (3.11 or newer; default: python3)
#   DESTDIR=/tree       where `make install` puts its files; default: this machine itself
#   ARGS="..."          passed on to the command behind demo, test, bench, day and eval

BIN := .venv/bin
PYTHON ?=
ARGS ?=
DESTDIR ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz soak lint model model-eval bench day hostile eval screens docs hardware circuits test-audio test-fleet fleet test-live faults enclosure carrier image image-pins image-check test-image install clean

help: ## this list
	@echo "make TARGET [ARGS=...] [PYTHON=python3.x]"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 14

setup: ## .venv with the pinned packages; quick when there is nothing to do
	@PYTHON="$(PYTHON)" ./bootstrap.sh

demo: setup ## a whole call on a simulated desk phone, explained as it happens
	@$(BIN)/pi-companion demo $(ARGS)

test: setup lint ## everything that must hold: style, types, tests
	@echo "== pytest: stories, tables, properties, replays (on all cores)"
	@$(BIN)/pytest -n auto $(ARGS)

fuzz: setup ## every reader of files with new wrong files, for MINUTES=10; `make test` has a small fixed share of it
	@$(BIN)/python -m tests.fuzz.long $(or $(MINUTES),10)

soak: setup ## HOURS=24 of working days with faults through the live shell, faster than real time; a week is HOURS=168
	@$(BIN)/python -m tests.soak $(or $(HOURS),24) $(ARGS)

lint: setup ## style and types only
	@echo "== ruff check: every rule on, the exceptions with their reasons in pyproject.toml"
	@$(BIN)/ruff check
	@echo "== ruff format: one layout, no discussion"
	@$(BIN)/ruff format --check
	@echo "== mypy: strict types, package and tests"
	@$(BIN)/mypy

test-audio: setup ## the tap through PortAudio on a real sound server of the test's own (installs PulseAudio)
	@command -v pulseaudio >/dev/null && command -v paplay >/dev/null && ls /usr/lib/*/alsa-lib/*_pcm_pulse.so >/dev/null 2>&1 || \
	  { echo "installing pulseaudio pulseaudio-utils libasound2-plugins"; root=; test "$$(id -u)" = 0 || root=sudo; \
	    $$root apt-get -qq update && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install -y --no-install-recommends pulseaudio pulseaudio-utils libasound2-plugins >/dev/null; }
	@$(BIN)/pytest tests/audio $(ARGS)

test-fleet: setup ## telemetry and calibrations through a real Mosquitto of the test's own, over TLS (installs mosquitto; two minutes)
	@command -v mosquitto >/dev/null || test -x /usr/sbin/mosquitto || \
	  { echo "installing mosquitto"; root=; test "$$(id -u)" = 0 || root=sudo; \
	    $$root apt-get -qq update && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install -y --no-install-recommends mosquitto >/dev/null; }
	@$(BIN)/pytest tests/broker

fleet: test-fleet ## 1000 simulated units at that broker, restarts and all; ten minutes (UNITS=1000 MINUTES=10)
	@$(BIN)/python -m tests.broker.capacity $(or $(UNITS),1000) $(or $(MINUTES),10)

test-live: setup ## the packaged service under systemd, on a kernel's own pins, panel and sound card (tests/guest; first time: long)
	@$(BIN)/python -m tests.guest.guest $(ARGS)

faults: setup ## the fault matrix: what the agent sees, how soon it is well again, what was lost (in the guest of test-live)
	@$(BIN)/python -m tests.guest.faults $(ARGS)

image: setup ## the SD-card image and its update bundle, into build/image/out (firmware/README.md; first time: long)
	@$(BIN)/python -m firmware.build $(ARGS)

image-pins: setup ## newest Debian packages for the image: writes firmware/packages.lock anew
	@$(BIN)/python -m firmware.build --renew-pins

image-check: setup ## asks the mirrors for every pinned Debian package: still there, and is there a newer one? (ten seconds)
	@$(BIN)/python -m firmware.build --check-pins

test-image: setup ## the built image in an emulated machine: boot, updates, power cuts (firmware/README.md says how long)
	@$(BIN)/python -m pytest -o python_files='emulated_*.py' $(or $(ARGS),tests/firmware)

# What making the model needs, in an environment of its own beside .venv: 1.5 GB that nothing else needs.
MODEL := build/model
$(MODEL)/ready: firmware/model/requirements.txt pyproject.toml constraints.txt
	@echo "fetching what trains into $(MODEL)/venv: about 0.5 GB down, a few minutes"
	@rm -rf $(MODEL)/venv && $(or $(PYTHON),python3) -m venv $(MODEL)/venv
	@$(MODEL)/venv/bin/python -m pip --quiet --disable-pip-version-check install -c constraints.txt -e . -r firmware/model/requirements.txt
	@touch $@

model: $(MODEL)/ready ## a small Mandarin model for Vosk, from recordings in MATERIAL=/folder (firmware/model/README.md; hours)
	@test -n "$(MATERIAL)" || { echo "make model MATERIAL=/folder: where the recordings are; firmware/model/README.md says which"; exit 1; }
	@$(MODEL)/venv/bin/python -m firmware.model.build --material $(MATERIAL) $(ARGS)

model-eval: $(MODEL)/ready ## the bundled model measured by class (MATERIAL=/folder, DRILLS=/folder; OTHERS="name=/folder ..." beside it)
	@test -n "$(MATERIAL)" -a -n "$(DRILLS)" || { echo "make model-eval MATERIAL=/folder DRILLS=/folder: firmware/model/README.md"; exit 1; }
	@test -e $(MODEL)/evaluation/zm_yunyang.tsv || $(MODEL)/venv/bin/python -m firmware.model.synthesis \
	  --voices $(MATERIAL)/voices --text firmware/model/text/helpdesk.txt --shards 0 $(MODEL)/evaluation
	@$(MODEL)/venv/bin/python -m firmware.model.evaluate $(MATERIAL) --synthetic $(MODEL)/evaluation --drills $(DRILLS) \
	  --model bundled=pi_companion/speech/companion-zh $(foreach other,$(OTHERS),--model $(other)) $(ARGS)

bench: setup ## the built-in measurements: how fast, how exact
	@$(BIN)/pi-companion bench $(ARGS)

day: setup ## a working day of sixty calls on one device, and what its arbiter made of it
	@$(BIN)/python -m pi_companion.bench.day $(ARGS)

hostile: setup ## ten thousand hostile sequences against the MUTE key: figures by kind of phone, a few minutes
	@$(BIN)/python -m pi_companion.bench.hostile $(ARGS)

eval: setup ## the long measurement: writes EVALUATION.md and evaluation.png (ARGS=--quick: prints, a minute)
	@$(BIN)/python -m pi_companion.evaluation $(ARGS)

screens: setup ## draw every screen of the OLED into build/screens
	@$(BIN)/pi-companion screens $(or $(ARGS),build/screens)

docs: setup ## write the generated parts of the README and the generated pages anew
	@$(BIN)/python tests/repo/generate.py

# The CAD kernel in an environment of its own: 1.1 GB that nothing else needs.
CAD := build/cad
$(CAD)/ready: hardware/enclosure/requirements.txt
	@echo "fetching the CAD kernel into $(CAD): about 150 MB down, 1.1 GB there, a minute or two"
	@rm -rf $(CAD) && $(or $(PYTHON),python3) -m venv $(CAD)
	@$(CAD)/bin/python -m pip --quiet --disable-pip-version-check install -r hardware/enclosure/requirements.txt
	@touch $@

enclosure: $(CAD)/ready ## the printed parts into build/enclosure, their pictures, all checks (first time: 150 MB, then a minute)
	@echo "== enclosure: clearances, parts, solids, pictures"
	@PYTHONPATH=. $(CAD)/bin/python -m hardware.enclosure

hardware: circuits enclosure carrier ## all of hardware/ anew: circuits, enclosure, carrier, one after the other (hardware/README.md says how long)
	@echo "hardware: circuits, wiring, bill, enclosure and carrier board are made anew; git status tells what changed"

circuits: setup ## simulate the circuits; their drawings, wiring, bill and pages anew (installs graphviz; a minute)
	@echo "== circuits: simulations at every corner, then drawings, wiring, bill of materials, pages"
	@command -v dot >/dev/null || { echo "installing graphviz"; root=; test "$$(id -u)" = 0 || root=sudo; \
	    $$root apt-get -qq update && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq install -y --no-install-recommends graphviz >/dev/null; }
	@$(BIN)/python -m hardware

build/kicad/ready: hardware/carrier/fetch-kicad.sh
	@hardware/carrier/fetch-kicad.sh build/kicad
	@touch $@

carrier: setup build/kicad/ready ## the board in KiCad: schematic, tracks, checks, gerbers (first time: 0.4 GB, then a few minutes)
	@echo "== carrier board: schematic, parts, tracks, KiCad's checks, gerbers, drawings"
	@$(BIN)/python -m hardware.carrier

install: ## units, users, permissions of the live device, below DESTDIR; the program goes to /opt/pi-companion (systemd/README.md)
	@install -D -m 644 -t $(DESTDIR)/usr/lib/systemd/system systemd/*.service systemd/*.timer systemd/*.path
	@install -D -m 644 -t $(DESTDIR)/usr/lib/sysusers.d systemd/sysusers.d/*.conf
	@install -D -m 644 -t $(DESTDIR)/usr/lib/tmpfiles.d systemd/tmpfiles.d/*.conf
	@install -D -m 644 -t $(DESTDIR)/usr/lib/modules-load.d systemd/modules-load.d/*.conf
	@install -D -m 644 -t $(DESTDIR)/usr/lib/udev/rules.d systemd/udev/*.rules
	@install -D -m 644 -t $(DESTDIR)/usr/share/doc/pi-companion systemd/README.md
	@install -D -m 644 -t $(DESTDIR)/usr/share/doc/pi-companion/fleet systemd/fleet/*
	@echo "install: done; next: systemd/README.md"

clean: ## remove .venv and everything else that can be made again
	@rm -rf .venv build dist tests/actual .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find pi_companion tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "clean: only what git tracks, and what you added, is left"
