# The only build system. `make help` lists what there is to do.
#
#   make BUILD=/elsewhere      another build directory
#   make CC=clang              another compiler
#   make SANITIZE=address,undefined   or SANITIZE=thread

CC      ?= gcc
CXX     ?= g++
ifeq ($(origin CC),default)
CC      := gcc
endif
BUILD   ?= build
SANITIZE ?=
OPTIMIZE ?= -O2

packages := libmicrohttpd sqlite3 jansson libsodium libpsl libidn2 icu-i18n icu-uc zlib
warnings := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror

CPPFLAGS := -I. -I$(BUILD) -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -MMD -MP \
            $(shell pkg-config --cflags $(packages))
CFLAGS   := -std=c17 $(OPTIMIZE) -g -pthread -fstack-protector-strong -fno-common -include lib/base/banned.h $(warnings)
CXXFLAGS := -std=c++17 $(OPTIMIZE) -g -pthread -Wall -Wextra -Werror
LDFLAGS  := -pthread -Wl,-z,relro,-z,now
LDLIBS   := $(shell pkg-config --libs $(packages)) -lphonenumber -lstdc++ -lm

ifneq ($(SANITIZE),)
CFLAGS   += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
CXXFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SANITIZE)
endif

sources      := $(sort $(shell find lib src -name '*.c'))
test_sources := $(filter %_test.c,$(sources)) $(sort $(wildcard tests/support/*.c))
fuzz_sources := $(filter %_fuzz.c,$(sources))
main_source  := src/app/main.c
c_sources    := $(filter-out %_test.c %_fuzz.c $(main_source),$(sources))
cc_sources   := $(sort $(shell find lib -name '*.cc'))

objects      := $(c_sources:%.c=$(BUILD)/%.o) $(cc_sources:%.cc=$(BUILD)/%.o)
test_objects := $(test_sources:%.c=$(BUILD)/%.o)

.PHONY: all check lint bench fuzz clean help
all: $(BUILD)/rapport

help:
	@echo 'make        build $(BUILD)/rapport'
	@echo 'make check  build and run the unit tests (CHECK=words runs those whose name or file contains the words)'
	@echo 'make lint   layers, banned names, lengths, format, static analysis'
	@echo 'make bench  speed and memory as ratios against bare baselines'
	@echo 'make fuzz   every fuzz target for FUZZ_SECONDS (default 30)'

$(BUILD)/librapport.a: $(objects)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/rapport: $(BUILD)/$(main_source:.c=.o) $(BUILD)/librapport.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/check: $(test_objects) $(BUILD)/librapport.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

check: $(BUILD)/check
	$(BUILD)/check $(CHECK)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c -o $@ $<

clean:
	rm -rf $(BUILD)

-include $(objects:.o=.d) $(test_objects:.o=.d) $(BUILD)/$(main_source:.c=.d)
