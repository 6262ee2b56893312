/* Structured log: one JSON object a line. Only src/app writes to it; lib/ never logs. */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/time.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log {
    int fd;
    enum log_level least;
    struct clock clock;
};

struct log_field {
    const char *name;
    struct str text;
    int64_t number;
    enum { LOG_FIELD_TEXT, LOG_FIELD_NUMBER } type;
};

#define LOG_TEXT(name, value) ((struct log_field){(name), (value), 0, LOG_FIELD_TEXT})
#define LOG_NUMBER(name, value) ((struct log_field){(name), {0}, (value), LOG_FIELD_NUMBER})
/* LOG(log, LOG_INFO, "http_request", LOG_TEXT("path", path), LOG_NUMBER("status", 200)); one
 * write(2). */
#define LOG(log, level, event, ...)                                       \
    log_write((log), (level), (event), (struct log_field[]){__VA_ARGS__}, \
              sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
/* Text is cut at 1 KiB a field, escaped as JSON; fields that a line of 16 KiB cannot hold are left
 * out and it says "cut". Thread-safe. */
void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);

#endif
