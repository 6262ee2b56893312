/* The table of errors, and faults. */
#include "lib/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_OURS = 1,
    EXIT_INPUT = 2,
    EXIT_ABSENT = 3,
    EXIT_DENIED = 4,
    EXIT_STATE = 5,
    EXIT_LATER = 6
};

static const struct err_info infos[ERR_COUNT] = {
    [OK] = {"ok", "OK", 200, 0},
    [ERR_INVALID] = {"invalid", "The input is wrong", 400, EXIT_INPUT},
    [ERR_UNAUTHENTICATED] = {"unauthenticated", "Not signed in", 401, EXIT_DENIED},
    [ERR_FORBIDDEN] = {"forbidden", "Not allowed", 403, EXIT_DENIED},
    [ERR_NOT_FOUND] = {"not_found", "Not found", 404, EXIT_ABSENT},
    [ERR_CONFLICT] = {"conflict", "Not possible in this state", 409, EXIT_STATE},
    [ERR_STALE] = {"stale", "Changed by somebody else", 412, EXIT_STATE},
    [ERR_NO_VERSION] = {"no_version", "Version missing", 428, EXIT_INPUT},
    [ERR_TOO_LARGE] = {"too_large", "Too large", 413, EXIT_INPUT},
    [ERR_UNSUPPORTED] = {"unsupported", "Not supported", 415, EXIT_INPUT},
    [ERR_TOO_MANY] = {"too_many", "Too many requests", 429, EXIT_LATER},
    [ERR_TIMEOUT] = {"timeout", "Too slow", 408, EXIT_LATER},
    [ERR_CANCELLED] = {"cancelled", "Stopped", 503, EXIT_LATER},
    [ERR_MEMORY] = {"memory", "Too large for one request", 503, EXIT_LATER},
    [ERR_BUSY] = {"busy", "Busy", 503, EXIT_LATER},
    [ERR_STORAGE_FULL] = {"storage_full", "The disk is full", 507, EXIT_LATER},
    [ERR_READ_ONLY] = {"read_only", "The database cannot be written", 503, EXIT_LATER},
    [ERR_IO] = {"io", "Reading or writing failed", 500, EXIT_OURS},
    [ERR_CORRUPT] = {"corrupt", "Stored data is damaged", 500, EXIT_OURS},
    [ERR_INTERNAL] = {"internal", "Internal error", 500, EXIT_OURS},
};

const struct err_info *err_info(enum err err)
{
    if ((unsigned)err >= ERR_COUNT)
        abort();
    return &infos[err];
}

/* How much of the text to keep so that at most `max` bytes and only whole characters stay. */
static size_t whole_characters(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    size_t end = max;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    return end;
}

static void copy_into(char *text, size_t cap, struct str value)
{
    size_t kept = whole_characters(value.ptr, value.len, cap - 1);
    if (kept)
        memmove(text, value.ptr, kept);
    text[kept] = '\0';
}

/* Through a larger room, so that the cut sees the bytes that follow it. */
enum { ROOM_BYTES = FAULT_SENTENCE_MAX + FAULT_DETAIL_MAX + 8 };

PRINTF_LIKE(3, 0)
static void format_into(char *text, size_t cap, const char *format, va_list args)
{
    char room[ROOM_BYTES];
    int wanted = vsnprintf(room, sizeof(room), format, args);
    copy_into(text, cap, str_from_c(wanted < 0 ? "" : room));
}

void fault_clear(struct fault *fault)
{
    if (fault)
        memset(fault, 0, sizeof(*fault));
}

/* The new fault is whole before the old one goes: the arguments may point into the old one. */
PRINTF_LIKE(3, 0)
static void set(struct fault *fault, const struct fault *start, const char *format, va_list args)
{
    struct fault made = *start;
    format_into(made.sentence, sizeof(made.sentence), format, args);
    *fault = made;
}

enum err fault_set(struct fault *fault, enum err err, const char *code, const char *format, ...)
{
    struct fault start = {.err = err, .code = code};
    va_list args;
    va_start(args, format);
    if (fault)
        set(fault, &start, format, args);
    va_end(args);
    return err;
}

enum err fault_set_field(struct fault *fault, enum err err, const char *code, struct str field,
                         const char *format, ...)
{
    struct fault start = {.err = err, .code = code};
    copy_into(start.field, sizeof(start.field), field);
    va_list args;
    va_start(args, format);
    if (fault)
        set(fault, &start, format, args);
    va_end(args);
    return err;
}

void fault_add_detail(struct fault *fault, const char *format, ...)
{
    if (!fault)
        return;
    char added[FAULT_DETAIL_MAX], joined[ROOM_BYTES];
    va_list args;
    va_start(args, format);
    format_into(added, sizeof(added), format, args);
    va_end(args);
    snprintf(joined, sizeof(joined), "%s%s%s", fault->detail, fault->detail[0] ? "; " : "", added);
    copy_into(fault->detail, sizeof(fault->detail), str_from_c(joined));
}
