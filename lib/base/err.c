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
    if (err < OK || err >= ERR_COUNT)
        abort();
    return &infos[err];
}

void fault_clear(struct fault *fault)
{
    memset(fault, 0, sizeof(*fault));
}

/* Ends the text before a UTF-8 sequence that the buffer cut. */
static void trim_cut(char *text, size_t wanted, size_t cap)
{
    if (wanted < cap)
        return;
    size_t len = strlen(text), at = len;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
        at--;
    if (at > 0 && (unsigned char)text[at - 1] >= 0xc0)
        text[at - 1] = '\0';
}

static void format_into(char *text, size_t cap, const char *format, va_list args)
{
    int wanted = vsnprintf(text, cap, format, args);
    if (wanted < 0)
        text[0] = '\0';
    else
        trim_cut(text, (size_t)wanted, cap);
}

static void copy_into(char *text, size_t cap, struct str value)
{
    size_t len = value.len < cap ? value.len : cap - 1;
    if (len)
        memcpy(text, value.ptr, len);
    text[len] = '\0';
    trim_cut(text, value.len, cap);
}

static void set(struct fault *fault, enum err err, const char *code, const char *format,
                va_list args)
{
    fault_clear(fault);
    fault->err = err;
    fault->code = code;
    format_into(fault->sentence, sizeof(fault->sentence), format, args);
}

enum err fault_set(struct fault *fault, enum err err, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (fault)
        set(fault, err, code, format, args);
    va_end(args);
    return err;
}

enum err fault_set_field(struct fault *fault, enum err err, const char *code, struct str field,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (fault) {
        set(fault, err, code, format, args);
        copy_into(fault->field, sizeof(fault->field), field);
    }
    va_end(args);
    return err;
}

void fault_add_detail(struct fault *fault, const char *format, ...)
{
    if (!fault)
        return;
    va_list args;
    va_start(args, format);
    format_into(fault->detail, sizeof(fault->detail), format, args);
    va_end(args);
}
