/* Files of imports: copies in the data directory, digests, locks. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_FILES_H
#define SRC_INTAKE_IMPORT_FILES_H

#include "src/intake/intake.h"

/* "…/imports/NAME", NUL-terminated, in the context's arena; the directory is made. */
MUST_CHECK enum err import_files_path(struct ctx *ctx, struct str name, struct str *ret_path);
/* ERR_NOT_FOUND, ERR_IO; the file is the caller's to close. */
MUST_CHECK enum err import_files_open(struct ctx *ctx, const struct import_file *file, int *ret_fd);
/* Size and BLAKE2b-256 in hexadecimal digits, in the arena; the place in the file is lost. */
MUST_CHECK enum err import_files_digest(struct ctx *ctx, int fd, int64_t *ret_size_bytes,
                                        struct str *ret_digest);
/* Removes copies older than a day that no import needs: those of requests that failed on the way.
 * Needs a connection. */
MUST_CHECK enum err import_files_sweep(struct ctx *ctx);
/* All of a small file. */
MUST_CHECK enum err import_files_read(struct ctx *ctx, struct str path, size_t max_bytes,
                                      struct str *ret_text);

#endif
