/* Domains on a terminal. Private to src/domain. */
#ifndef SRC_DOMAIN_DOMAIN_PRINT_H
#define SRC_DOMAIN_DOMAIN_PRINT_H

#include "src/core/command.h"
#include "src/domain/domain.h"

/* As text, or as the API shows it; as CSV its servers. */
MUST_CHECK enum err domain_print_finding(struct ctx *ctx, struct command_run *run,
                                         const struct domain_finding *finding);
/* `finding` is that of the look for it; NULL: there was none. */
MUST_CHECK enum err domain_print_proof(struct ctx *ctx, struct command_run *run,
                                       const struct domain_proof *proof,
                                       const struct domain_finding *finding);
/* "2026-11-25T10:00:00.000Z"; empty for 0. */
struct str domain_time_text(int64_t at_ms, struct arena *arena);

#endif
