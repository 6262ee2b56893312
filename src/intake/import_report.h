/* What the commands print about imports. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_REPORT_H
#define SRC_INTAKE_IMPORT_REPORT_H

#include "src/core/command.h"
#include "src/intake/intake.h"

/* Files and how they are read, what was made or (preview) would be, what was left out, what is
 * bad. With --json the import as the API shows it, with --csv the counts. */
MUST_CHECK enum err import_report_print(struct ctx *ctx, struct command_run *run,
                                        const struct import *import, bool preview);
MUST_CHECK enum err import_report_list(struct ctx *ctx, struct command_run *run,
                                       const struct import_page *page);
MUST_CHECK enum err import_report_bad(struct ctx *ctx, struct command_run *run,
                                      const struct import_bad_row *rows, size_t count);
MUST_CHECK enum err import_report_unassigned(struct ctx *ctx, struct command_run *run,
                                             const struct unassigned_row *rows, size_t count);

#endif
