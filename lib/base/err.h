/* The one error type of the program, and what goes with an error. */
#ifndef LIB_BASE_ERR_H
#define LIB_BASE_ERR_H

#include <stdint.h>

#include "lib/base/compiler.h"
#include "lib/base/str.h"

enum err {
    OK = 0,
    ERR_INVALID,         /* the input is wrong; the sentence says where and how */
    ERR_UNAUTHENTICATED, /* nobody is signed in, or the credential is wrong */
    ERR_FORBIDDEN,       /* signed in, but this is not theirs to do */
    ERR_NOT_FOUND,       /* it does not exist, or not for this actor */
    ERR_CONFLICT,        /* the state of the thing does not allow it */
    ERR_STALE,           /* somebody else changed it since it was read (If-Match) */
    ERR_NO_VERSION,      /* an update without the version it is based on */
    ERR_TOO_LARGE,       /* over a limit of size or count */
    ERR_UNSUPPORTED,     /* a media type, encoding or engine version that is not taken */
    ERR_TOO_MANY,        /* over a limit of rate; try again later */
    ERR_TIMEOUT,         /* a deadline passed */
    ERR_CANCELLED,       /* stopped by the user or by shutdown; can be started again */
    ERR_MEMORY,          /* an arena or buffer reached its maximum */
    ERR_BUSY,            /* the database or a queue is taken for longer than we wait */
    ERR_STORAGE_FULL,    /* the disk is full; nothing was changed */
    ERR_READ_ONLY,       /* the file or file system cannot be written; nothing was changed */
    ERR_IO,              /* the operating system failed to read or write */
    ERR_CORRUPT,         /* stored data is not what it must be */
    ERR_INTERNAL,        /* our mistake */
    ERR_COUNT
};

/* Static facts of an error: an HTTP status, an exit code, a title. Never NULL. */
struct err_info {
    const char *code;  /* "not_found" */
    const char *title; /* "Not found" */
    int http_status;
    int exit_code; /* 0 ok, 1 our failure, 2 wrong input, 3 not found, 4 not allowed, 5 conflict, 6
                      busy or full */
};
const struct err_info *err_info(enum err err);

enum { FAULT_FIELD_MAX = 96, FAULT_SENTENCE_MAX = 320, FAULT_DETAIL_MAX = 320 };

/*
 * Why something failed. Plain data without pointers to free: it may outlive every arena.
 * `sentence` is for the user; `detail` is for the operator's log and never leaves the server.
 */
struct fault {
    enum err err;
    const char *code; /* machine-readable and static: "phone_invalid"; never NULL once set */
    char field[FAULT_FIELD_MAX];  /* "address.country"; empty when no field is to blame */
    char column[FAULT_FIELD_MAX]; /* of a file; empty when none */
    int64_t row;                  /* of a file, the first is 1; 0 when none */
    char sentence[FAULT_SENTENCE_MAX];
    char detail[FAULT_DETAIL_MAX];
};

void fault_clear(struct fault *fault);
/* Records it, and returns `err` so that a check can end with `return fault_set(…)`. `fault` may be
 * NULL; the arguments may point into it. Texts are cut between characters. */
MUST_CHECK enum err fault_set(struct fault *fault, enum err err, const char *code,
                              const char *format, ...) PRINTF_LIKE(4, 5);
/* The same with the field that is to blame. */
MUST_CHECK enum err fault_set_field(struct fault *fault, enum err err, const char *code,
                                    struct str field, const char *format, ...) PRINTF_LIKE(5, 6);
/* Adds the operator's text to a fault that is already set, after "; " when there is some. */
void fault_add_detail(struct fault *fault, const char *format, ...) PRINTF_LIKE(2, 3);

/* Returns early when `call` fails. */
#define TRY(call)                   \
    do {                            \
        enum err try_err_ = (call); \
        if (try_err_ != OK)         \
            return try_err_;        \
    } while (0)

#endif
