# The only build system. `make help` lists what there is to do.
#
#   make BUILD=/elsewhere      another build directory
#   make CC=clang CXX=clang++  another compiler
#   make SANITIZE=address,undefined   or SANITIZE=thread
#   make V=1                   show whole commands

ifeq ($(origin CC),default)
CC       := gcc
endif
ifeq ($(origin CXX),default)
CXX      := g++
endif
BUILD    ?= build
SANITIZE ?=
OPTIMIZE ?= -O2
# What runs a test program: a prefix such as `setarch -R`.
RUN      ?=
Q        := $(if $(V),,@)

# The page of web/ as it is built into the program; one for all builds.
page     := build/page

packages := libmicrohttpd sqlite3 libpq jansson libsodium libpsl libidn2 libcares icu-i18n \
            icu-uc zlib
warnings := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wformat=2 -Werror

CPPFLAGS := -I. -I$(BUILD) -I$(page) -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 \
            -D_FILE_OFFSET_BITS=64 \
            $(shell pkg-config --cflags $(packages))
CFLAGS   := -std=c17 $(OPTIMIZE) -g -pthread -fstack-protector-strong -fno-common \
            -include lib/base/banned.h $(warnings)
CXXFLAGS := -std=c++17 $(OPTIMIZE) -g -pthread -Wall -Wextra -Werror
LDFLAGS  := -pthread -Wl,-z,relro,-z,now
LDLIBS   := $(shell pkg-config --libs $(packages)) -lphonenumber -lprotobuf -lstdc++ -lm

ifneq ($(SANITIZE),)
CFLAGS   += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
CXXFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SANITIZE)
ifneq ($(findstring undefined,$(SANITIZE)),)
LDFLAGS  += -fsanitize-link-c++-runtime
endif
endif

sources       := $(sort $(shell find lib src -name '*.c'))
test_sources  := $(filter %_test.c,$(sources)) $(sort $(wildcard tests/support/*.c))
fuzz_sources  := $(filter %_fuzz.c,$(sources))
bench_sources := $(sort $(wildcard tests/bench/*.c))
main_source   := $(wildcard src/app/main.c)
c_sources     := $(filter-out %_test.c %_fuzz.c $(main_source),$(sources))
cc_sources    := $(sort $(shell find lib -name '*.cc'))
# With the folders, so that a file that was taken away counts too; `/.` because make takes a name
# that ends in brackets, such as SvelteKit's (app), for a member of an archive.
page_sources  := $(shell find web/src web/static -type d -printf '%p/.\n' -o \
                     -type f ! -name schema.d.ts -print) \
                 $(addprefix web/,package.json package-lock.json svelte.config.js vite.config.ts \
                 tsconfig.json embed.mjs) docs/openapi.json

# Files that are built into the program.
s_sources     := $(sort $(shell find src -name '*.S'))

objects       := $(c_sources:%.c=$(BUILD)/%.o) $(cc_sources:%.cc=$(BUILD)/%.o) \
                 $(s_sources:%.S=$(BUILD)/%.o)
main_object   := $(main_source:%.c=$(BUILD)/%.o)
test_objects  := $(test_sources:%.c=$(BUILD)/%.o)
fuzz_objects  := $(fuzz_sources:%.c=$(BUILD)/%.o)
bench_objects := $(bench_sources:%.c=$(BUILD)/%.o)
# Each tests/bench/*_bench.c is a program; the other files there are linked into every one of them.
bench_shared  := $(filter-out %_bench.o,$(bench_objects))

# clang for address and undefined behaviour, gcc for threads: with the plain build both compilers
# see everything. The coverage that the fuzzers need rides along, which saves a build.
address := BUILD=$(BUILD)/address CC=clang CXX=clang++ OPTIMIZE=-O1 \
           SANITIZE=address,undefined,fuzzer-no-link
thread  := BUILD=$(BUILD)/thread CC=gcc CXX=g++ OPTIMIZE=-O1 SANITIZE=thread

.PHONY: all check check-program check-address check-address-program check-thread \
        check-thread-program lint lint-test bench fuzz fuzz-programs clean help
.SECONDARY:
all: $(if $(main_source),$(BUILD)/rapport,$(BUILD)/librapport.a)

help:
	@echo 'make                build $(BUILD)/rapport'
	@echo 'make check          build and run the unit tests (CHECK=words: those whose name or file'
	@echo '                    contains the words)'
	@echo 'make check-address  the same under the address and undefined-behaviour sanitizers (clang)'
	@echo 'make check-thread   the same under the thread sanitizer (gcc)'
	@echo 'make lint           layers, lengths, SQL, globals, format, static analysis (RULES=names)'
	@echo 'make lint-test      prove that lint refuses what it should'
	@echo 'make fuzz           every fuzz target for FUZZ_SECONDS (default 30)'
	@echo 'make bench          speed and memory beside bare baselines'
	@echo 'make clean          remove $(BUILD)'

$(BUILD)/librapport.a: $(objects)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/rapport: $(main_object) $(BUILD)/librapport.a
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/check: $(test_objects) $(BUILD)/librapport.a
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

check: $(BUILD)/check
	$(Q)$(RUN) $(BUILD)/check $(CHECK)

check-program: $(BUILD)/check
# The page is made once, before builds that run side by side look for it.
check-address check-address-program check-thread check-thread-program: | $(page_files)
check-address check-address-program:
	$(Q)$(MAKE) --no-print-directory $(address) $(@:check-address%=check%)
check-thread check-thread-program:
	$(Q)$(MAKE) --no-print-directory $(thread) $(@:check-thread%=check%) \
	    RUN="$$(setarch -R true 2>/dev/null && echo setarch -R)"

# Reads the objects and their dependency files, so they are built first.
lint: $(objects) $(main_object)
	@BUILD=$(BUILD) LINT_FLAGS='$(CPPFLAGS) $(CFLAGS)' tests/support/lint $(RULES)

lint-test:
	@tests/support/lint_test

fuzz:
	$(Q)$(MAKE) --no-print-directory $(address) fuzz-programs
	$(Q)tests/support/fuzz $(or $(FUZZ_SECONDS),30) $(BUILD)/fuzz \
	    $(fuzz_sources:%.c=$(BUILD)/address/%)

fuzz-programs: $(fuzz_sources:%.c=$(BUILD)/%)

$(BUILD)/%_fuzz: $(BUILD)/%_fuzz.o $(BUILD)/librapport.a
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

bench: $(BUILD)/rapport $(patsubst %.o,%,$(filter %_bench.o,$(bench_objects)))
	$(Q)tests/bench/run $(BUILD)

$(BUILD)/tests/bench/%_bench: $(BUILD)/tests/bench/%_bench.o $(bench_shared) $(BUILD)/librapport.a
	@echo '  link $@'
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	@echo '  $(CC) $<'
	$(Q)$(CC) -I. -I$(page) -c -o $@ $<

$(BUILD)/src/app/sample_data.o: $(wildcard sample/adventureworks/*)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  $(CC) $<'
	$(Q)$(CC) $(CPPFLAGS) -MMD -MP $(CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	@echo '  $(CXX) $<'
	$(Q)$(CXX) $(CPPFLAGS) -MMD -MP $(CXXFLAGS) -c -o $@ $<

# npm writes the second file last: what is there is complete, and of this lock file.
web/node_modules/.package-lock.json: web/package-lock.json
	@echo '  npm ci'
	$(Q)npm --prefix web ci --no-audit --no-fund --loglevel=error >&2 && touch $@

page_files := $(addprefix $(page)/src/app/,page_bytes.S page_files.inc page_policy.inc)

$(page_files) &: $(page_sources) web/node_modules/.package-lock.json
	@echo '  build the page'
	$(Q)npm --prefix web run --silent build >web/build.log 2>&1 || { cat web/build.log >&2; exit 1; }
	$(Q)node web/embed.mjs web/build $(page)/src/app

$(BUILD)/src/app/page.o $(BUILD)/src/app/page_data.o: $(page_files)

# The mappings of well-known files, as C string literals in a list.
mapping_files := $(sort $(wildcard src/intake/mappings/*.json))

$(BUILD)/src/intake/mappings.inc: $(mapping_files) src/intake/mappings
	@mkdir -p $(@D)
	$(Q)for file in $(mapping_files); do \
	    echo 'STR_INIT('; \
	    sed 's/[\\"]/\\&/g; s/^ */"/; s/$$/\\n"/' "$$file" || exit 1; \
	    echo '),'; \
	done >$@

$(BUILD)/src/intake/mapping_builtin.o: $(BUILD)/src/intake/mappings.inc

clean:
	rm -rf $(BUILD) $(page) web/build web/build.log

-include $(patsubst %.o,%.d,$(objects) $(main_object) $(test_objects) $(fuzz_objects) \
    $(bench_objects))
